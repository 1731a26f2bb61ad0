//! The agent: one loop for every model. A turn of the model, the tools it calls, what they return,
//! and again, until there is an answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::ids::TaskId;
use crate::language::Language;
use crate::model::{ChatModel, ModelError, ToolCall, ToolSpec};
use crate::spans;
use crate::wire::{AgentResult, RunStatus};

pub mod chart;
mod conversation;
mod ending;
pub mod grounding;
mod mode;
mod notices;
mod patience;
mod plan;
mod prompts;
mod step;
mod tags;
mod tally;
mod thread;
pub mod tools;
mod turn;
mod window;

use conversation::{Conversation, Next};
use grounding::Sources;
pub use mode::AgentMode;
pub use notices::paused;
pub use plan::Plan;
use step::NoLog;
pub use step::{Earlier, RunLog, RunLogError, Step, Summary, ToolResult, Turn};
pub use tags::TagParser;
use tally::Tally;
pub use thread::{Exchange, HistoryLimits, Thread, newest_within};
use tools::{SoFar, Tool, ToolContext, write_todos};
use turn::Audience;

/// Takes the events of a run as they happen. It must not block: the run waits for it.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn emit(&self, event: AgentEvent);
}

/// One question to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentTask {
    /// The run's id.
    pub id: TaskId,
    /// The question.
    pub prompt: String,
    /// What is wanted of the run.
    pub mode: AgentMode,
    /// The plan that was agreed on, if there had to be one.
    pub plan: Option<Plan>,
    /// Where the question stands.
    pub thread: Thread,
}

/// Why a run gave no result at all.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The target database cannot be asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The model cannot be asked.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A finished step could not be kept.
    #[error(transparent)]
    Log(#[from] RunLogError),
    /// The run was told to stop.
    #[error("the run was cancelled")]
    Cancelled,
}

impl AgentError {
    /// Whether running again later may help.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Database(error) => error.is_retryable(),
            Self::Model(error) => error.is_retryable(),
            Self::Log(RunLogError::NotKept { retryable, .. }) => *retryable,
            Self::Log(RunLogError::TakenOver) | Self::Cancelled => false,
        }
    }
}

/// An agent: a model, its tools, and how far it may go.
pub struct Agent {
    model: Arc<dyn ChatModel>,
    tools: Vec<Box<dyn Tool>>,
    limits: AgentLimits,
    /// How long a run waits for a database that went away in its middle.
    patience: Duration,
}

/// How far an agent may go.
#[derive(Debug, Clone, Copy)]
pub struct AgentLimits {
    /// How many turns the model may take.
    pub max_turns: usize,
    /// The language for questions whose own is not clear.
    pub language: Language,
}

impl Agent {
    /// An agent with every tool.
    pub fn new(model: Arc<dyn ChatModel>, limits: AgentLimits) -> Self {
        Self {
            model,
            tools: tools::all(),
            limits,
            patience: patience::PATIENCE,
        }
    }

    /// The same whose runs wait so long for a database that goes away in their middle.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How many turns the model may take.
    pub fn max_turns(&self) -> usize {
        self.limits.max_turns
    }

    /// Whether its model works by rule.
    pub fn works_by_rule(&self) -> bool {
        self.model.works_by_rule()
    }

    /// Answers the question. What happens goes to `events`; the last event, `done`, is the caller's.
    ///
    /// # Errors
    /// When the database or the model cannot be asked, or `cancel` was cancelled.
    pub async fn run(
        &self,
        task: &AgentTask,
        context: &ToolContext,
        events: &dyn EventSink,
        cancel: &CancellationToken,
    ) -> Result<AgentResult, AgentError> {
        self.go_on(task, context, None, &NoLog, events, cancel)
            .await
    }

    /// The same, keeping every finished step in `log`, and going on after the steps that an earlier
    /// attempt has left. What is certain to follow a step (its tool's result, the start of the next
    /// tool, an answer of ours) goes to `events` before that step is saved.
    ///
    /// # Errors
    /// Also when a step could not be kept.
    pub async fn go_on(
        &self,
        task: &AgentTask,
        context: &ToolContext,
        earlier: Option<Earlier>,
        log: &dyn RunLog,
        events: &dyn EventSink,
        cancel: &CancellationToken,
    ) -> Result<AgentResult, AgentError> {
        cancel
            .run_until_cancelled(self.converse(task, context, earlier, log, events))
            .await
            .unwrap_or(Err(AgentError::Cancelled))
    }

    async fn converse(
        &self,
        task: &AgentTask,
        context: &ToolContext,
        earlier: Option<Earlier>,
        log: &dyn RunLog,
        events: &dyn EventSink,
    ) -> Result<AgentResult, AgentError> {
        let language = self.language_of(&task.prompt);
        let specs: Vec<ToolSpec> = self.tools.iter().map(|tool| tool.spec()).collect();
        // A clock that was set back meanwhile makes it begin now.
        let spent = earlier
            .as_ref()
            .and_then(|earlier| (Utc::now() - earlier.begun).to_std().ok());
        let mut sources = Sources::new(&task.prompt, context.briefing.text());
        for exchange in &task.thread.history {
            sources.add_text(&exchange.question);
        }
        if let Some(plan) = &task.plan {
            sources.add_text(&plan.numbered());
        }
        let mut conversation = Conversation::new(
            prompts::system(context, language, task),
            task.thread.history.iter().flat_map(Exchange::messages),
            &task.prompt,
            Tally::new(Instant::now(), spent.unwrap_or_default()).with_sources(sources),
            self.limits.max_turns,
        )
        .with_model_by_rule(self.works_by_rule())
        .delivering_query(task.mode.delivers_query());
        if let Some(earlier) = earlier {
            let steps = earlier.steps.len();
            for step in earlier.steps {
                conversation.apply(step);
            }
            if let Next::Turn | Next::Tool(_) = conversation.next() {
                events.emit(AgentEvent::SessionResumed {
                    message: notices::resumed(language, steps, earlier.cut_by),
                    session_id: earlier.session,
                    reason: earlier.cut_by,
                });
            }
        }
        let audience = Audience {
            task,
            language,
            events,
        };
        loop {
            let step = match conversation.next() {
                Next::Turn => {
                    let offered: &[ToolSpec] = if conversation.offers_tools() {
                        &specs
                    } else {
                        &[]
                    };
                    let span = spans::model_turn(self.model.name());
                    let turn = self.take_turn(&mut conversation, offered, audience);
                    let turn = turn.instrument(span.clone()).await;
                    step::note_turn(&span, &turn);
                    turn?
                }
                Next::Tool(call) => {
                    let so_far = conversation.so_far();
                    let used = self.use_tool(call, so_far, context, audience);
                    Step::ToolResult(used.await?)
                }
                Next::Answered(_)
                | Next::Asked(_)
                | Next::Failed(_)
                | Next::NoData(_)
                | Next::TooManyTurns => break,
            };
            conversation.apply(step.clone());
            self.announce(&conversation, audience);
            log.save(&step).await?;
        }
        Ok(self.finish(conversation, audience))
    }

    /// Tells what follows from the last step without anyone being asked.
    fn announce(&self, conversation: &Conversation, audience: Audience<'_>) {
        let Audience {
            task,
            language,
            events,
        } = audience;
        let next = conversation.next();
        let is_shown = !task.mode.delivers_query();
        match &next {
            Next::Turn => {
                if let Some(numbers) = conversation.correcting() {
                    let content = notices::checking_again(language, numbers);
                    events.emit(AgentEvent::Thinking { content });
                }
                return;
            }
            // Subscribers see the list itself.
            Next::Tool(call) if call.name == write_todos::NAME => return,
            Next::Tool(call) => {
                events.emit(AgentEvent::ToolStart {
                    tool: call.name.clone(),
                    input: call.arguments.clone(),
                });
                return;
            }
            // What was streamed only lacks the note.
            Next::Answered(answer) if is_shown && !answer.turn.answer.trim().is_empty() => {
                if !answer.unverified.is_empty() {
                    let content = notices::unverified(language, &answer.unverified);
                    events.emit(AgentEvent::Token { content });
                }
                return;
            }
            Next::NoData(count) => events.emit(AgentEvent::NoDataWarning {
                message: self.answer(conversation, audience),
                consecutive_empty_count: *count,
            }),
            // A model that uses no tags has still answered.
            Next::Answered(_) | Next::Asked(_) | Next::Failed(_) | Next::TooManyTurns => {}
        }
        events.emit(AgentEvent::Answer {
            content: self.answer(conversation, audience),
        });
    }

    /// What a conversation that has come to its end answers.
    fn answer(&self, conversation: &Conversation, audience: Audience<'_>) -> String {
        let Audience { task, language, .. } = audience;
        match conversation.next() {
            Next::Answered(answer) => task
                .mode
                .deliver(conversation.last_query(), language)
                .unwrap_or_else(|| match answer.unverified.as_slice() {
                    [] => answer.turn.said(),
                    numbers => answer.turn.said() + &notices::unverified(language, numbers),
                }),
            Next::Asked(question) => question.to_owned(),
            Next::Failed(error) => notices::queries_failed(language, error),
            Next::NoData(count) => notices::no_data(language, count),
            Next::TooManyTurns => notices::too_many_turns(language, self.limits.max_turns),
            Next::Turn | Next::Tool(_) => String::new(),
        }
    }

    fn finish(&self, conversation: Conversation, audience: Audience<'_>) -> AgentResult {
        let Audience { task, .. } = audience;
        let answer = self.answer(&conversation, audience);
        let (has_answered, suggestions) = match conversation.next() {
            Next::Answered(_) if task.mode.delivers_query() => (true, String::new()),
            Next::Answered(answer) => (true, answer.turn.suggestions.clone()),
            _ => (false, String::new()),
        };
        let script = task.mode.artifact(conversation.last_query());
        let mut tally = conversation.into_tally();
        let status = if has_answered && tally.has_queried() && tally.failure().is_none() {
            RunStatus::Completed
        } else {
            RunStatus::Partial
        };
        tally.suggest(&suggestions);
        let mut result = tally.into_result(task.id.clone(), status, answer);
        result.artifacts.extend(script);
        result
    }

    /// Runs one tool.
    async fn use_tool(
        &self,
        call: &ToolCall,
        so_far: SoFar<'_>,
        context: &ToolContext,
        audience: Audience<'_>,
    ) -> Result<ToolResult, DatabaseError> {
        let events = audience.events;
        let tool = self.tools.iter().find(|tool| tool.name() == call.name);
        let began = Instant::now();
        let output = match tool {
            Some(tool) => {
                context.database.ready().await?;
                let running = self.run_tool(tool.as_ref(), call, so_far, context, audience);
                running.instrument(spans::tool(tool.name())).await?
            }
            None => tools::unknown(&call.name, &self.tools),
        };
        let content = output.content.to_string();
        if call.name != write_todos::NAME {
            events.emit(AgentEvent::ToolEnd {
                tool: call.name.clone(),
                output: content.clone(),
                execution_time_ms: u64::try_from(began.elapsed().as_millis()).ok(),
            });
        }
        let charts = chart::of_events(&output.events);
        for event in output.events {
            events.emit(event);
        }
        Ok(ToolResult {
            call_id: call.id.clone(),
            name: call.name.clone(),
            content,
            query: output.query,
            charts,
            failed_query: output.failed_query,
            asked: output.asked,
        })
    }
}
