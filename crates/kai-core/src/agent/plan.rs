//! The plan of a run: what the agent says it will do, before a person has agreed to it.

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::tools::ToolContext;
use super::{Agent, AgentError, Exchange, prompts, thread};
use crate::database::Table;
use crate::event::{AgentEvent, Todo, TodoStatus};
use crate::language::Language;
use crate::model::{ChatRequest, Message, ModelError, PlanRequest, TurnPiece};
use crate::offline;

/// How many tables a plan is made from.
const MAX_TABLES: usize = 40;

/// How many steps a plan has at most: it is kept in the workflow, whose state is to stay small.
const MAX_STEPS: usize = 12;

/// How many characters a step has at most.
const MAX_STEP_LENGTH: usize = 500;

/// What the agent will do, step by step, in the language of the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan {
    steps: Vec<String>,
}

impl Plan {
    /// A plan of these steps; blank ones are left out, and what is too long is cut.
    pub fn new(steps: impl IntoIterator<Item = String>) -> Self {
        let cut = |step: String| -> String { step.trim().chars().take(MAX_STEP_LENGTH).collect() };
        let steps = steps.into_iter().map(cut).filter(|step| !step.is_empty());
        Self {
            steps: steps.take(MAX_STEPS).collect(),
        }
    }

    /// The plan in what a model wrote: the lines of its list, or all of it where there is no list.
    fn read(text: &str) -> Self {
        let plan = Self::new(text.lines().filter_map(listed).map(str::to_owned));
        if plan.steps.is_empty() {
            return Self::new([text.to_owned()]);
        }
        plan
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// The to-do list of a run that waits for a person to agree to this plan.
    pub fn proposed(&self, language: Language) -> AgentEvent {
        self.todo_list(language, TodoStatus::InProgress, TodoStatus::Pending)
    }

    /// The to-do list of a run that works by this plan.
    pub fn begun(&self, language: Language) -> AgentEvent {
        self.todo_list(language, TodoStatus::Completed, TodoStatus::InProgress)
    }

    /// The to-do list of a run that has answered by this plan.
    pub fn finished(&self, language: Language) -> AgentEvent {
        self.todo_list(language, TodoStatus::Completed, TodoStatus::Completed)
    }

    fn todo_list(&self, language: Language, approval: TodoStatus, steps: TodoStatus) -> AgentEvent {
        let content = match language {
            Language::English => "Approval of this plan",
            Language::Indonesian => "Persetujuan atas rencana ini",
        };
        let approval = Todo {
            content: content.to_owned(),
            status: approval,
        };
        let steps = self.steps.iter().map(|step| Todo {
            content: step.clone(),
            status: steps,
        });
        AgentEvent::TodoUpdate {
            todos: std::iter::once(approval).chain(steps).collect(),
        }
    }

    pub(super) fn numbered(&self) -> String {
        let steps = self.steps.iter().enumerate();
        let lines: Vec<String> = steps
            .map(|(at, step)| format!("{}. {step}", at + 1))
            .collect();
        lines.join("\n")
    }
}

/// What a line of a list says; `None` for any other line.
fn listed(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix(['-', '*', '•']) {
        return rest.strip_prefix(' ');
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == line.len() {
        return None;
    }
    rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
}

/// What a model said besides thinking aloud, without tags.
fn said(text: &str) -> String {
    let after = text.rsplit("</thinking>").next().unwrap_or_default();
    let said = if after.trim().is_empty() { text } else { after };
    let tags = ["<thinking>", "</thinking>", "<answer>", "</answer>"];
    tags.iter()
        .fold(said.to_owned(), |said, tag| said.replace(tag, ""))
}

impl Agent {
    /// Plans how to answer the question, which was asked after these: from what the model understands
    /// of the tables, without running a query.
    ///
    /// # Errors
    /// When the database or the model cannot be asked, or `cancel` was cancelled.
    pub async fn plan(
        &self,
        question: &str,
        history: &[Exchange],
        context: &ToolContext,
        cancel: &CancellationToken,
    ) -> Result<Plan, AgentError> {
        cancel
            .run_until_cancelled(self.make_plan(question, history, context))
            .await
            .unwrap_or(Err(AgentError::Cancelled))
    }

    /// The language in which the run speaks to the person who asked this.
    pub fn language_of(&self, question: &str) -> Language {
        offline::language::detect(question).unwrap_or(self.limits.language)
    }

    async fn make_plan(
        &self,
        question: &str,
        history: &[Exchange],
        context: &ToolContext,
    ) -> Result<Plan, AgentError> {
        let dialect = context.database.dialect();
        let schema = context.briefing.schema();
        let tables = if schema.is_empty() {
            self.describe(context).await?
        } else {
            Vec::new()
        };
        let request = PlanRequest {
            question,
            dialect,
            tables: &tables,
        };
        if let Some(steps) = self.model.plan(request) {
            return Ok(Plan::new(steps));
        }
        let schema = if schema.is_empty() {
            prompts::tables(&tables)
        } else {
            schema.to_owned()
        };
        let rules = prompts::planning(dialect, self.language_of(question), &schema);
        let briefing = context.briefing.text();
        let guidance = if history.is_empty() {
            ""
        } else {
            thread::GUIDANCE
        };
        let parts = [rules.as_str(), guidance, briefing];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let mut messages = vec![Message::System {
            content: parts.collect::<Vec<_>>().join("\n\n"),
        }];
        messages.extend(history.iter().flat_map(Exchange::messages));
        messages.push(Message::User {
            content: question.to_owned(),
        });
        Ok(self.planned(&messages).await?)
    }

    async fn describe(&self, context: &ToolContext) -> Result<Vec<Table>, AgentError> {
        let tables = context.database.list_tables().await?;
        let names: Vec<String> = tables
            .into_iter()
            .take(MAX_TABLES)
            .map(|table| table.name)
            .collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        Ok(context.database.describe_tables(&names).await?)
    }

    /// One turn of the model, without tools.
    async fn planned(&self, messages: &[Message]) -> Result<Plan, ModelError> {
        let request = ChatRequest {
            messages,
            tools: &[],
        };
        let mut stream = self.model.next_turn(request).await?;
        let mut text = String::new();
        while let Some(piece) = stream.next().await {
            match piece? {
                TurnPiece::Text(piece) => text.push_str(&piece),
                TurnPiece::Restart => text.clear(),
                _ => {}
            }
        }
        let plan = Plan::read(&said(&text));
        if plan.steps.is_empty() {
            return Err(ModelError::Unavailable {
                model: self.model.name().to_owned(),
                reason: "it gave no plan".to_owned(),
            });
        }
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_list_that_the_model_wrote() {
        let text = "Here is my plan:\n- Read koperasi\n2. Count the rows\n  * Answer -5 °C\n-\n";
        assert_eq!(
            Plan::read(text).steps(),
            ["Read koperasi", "Count the rows", "Answer -5 °C"]
        );
        assert_eq!(Plan::read(" Count them. ").steps(), ["Count them."]);
        assert!(Plan::read(" \n").steps().is_empty());
    }

    #[test]
    fn a_plan_stays_small() {
        let plan = Plan::new(vec!["é".repeat(9999); 99]);
        assert_eq!(plan.steps().len(), MAX_STEPS);
        assert!(
            plan.steps()
                .iter()
                .all(|step| step.chars().count() == MAX_STEP_LENGTH)
        );
    }

    #[test]
    fn the_to_do_list_shows_how_far_the_plan_is() {
        use TodoStatus::{Completed, InProgress, Pending};
        let plan = Plan::new(["Count".to_owned()]);
        let states = |event| match event {
            AgentEvent::TodoUpdate { todos } => todos
                .into_iter()
                .map(|todo| todo.status)
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let english = Language::English;
        assert_eq!(states(plan.proposed(english)), [InProgress, Pending]);
        assert_eq!(states(plan.begun(english)), [Completed, InProgress]);
        assert_eq!(states(plan.finished(english)), [Completed, Completed]);
    }
}
