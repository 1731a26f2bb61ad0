//! The agent: one loop for every model. A turn of the model, the tools it calls, what they return,
//! and again, until there is an answer.

use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::ids::TaskId;
use crate::language::Language;
use crate::model::{ChatModel, ChatRequest, Message, ModelError, ToolCall, ToolSpec, TurnPiece};
use crate::spans::{self, Outcome};
use crate::wire::{AgentResult, RunStatus};

pub mod chart;
mod conversation;
mod mode;
mod notices;
mod plan;
mod prompts;
mod step;
mod tags;
mod tally;
pub mod tools;

use conversation::{Conversation, Next};
pub use mode::AgentMode;
pub use notices::paused;
pub use plan::Plan;
use step::NoLog;
pub use step::{Earlier, RunLog, RunLogError, Step, ToolResult, Turn};
pub use tags::TagParser;
use tally::Tally;
use tools::{Tool, ToolContext};

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
        }
    }

    /// How many turns the model may take.
    pub fn max_turns(&self) -> usize {
        self.limits.max_turns
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
        let messages = vec![
            Message::System {
                content: prompts::system(context, language, task),
            },
            Message::User {
                content: task.prompt.clone(),
            },
        ];
        let spent = earlier.as_ref().map(|earlier| earlier.spent);
        let tally = Tally::new(Instant::now(), spent.unwrap_or_default());
        let mut conversation = Conversation::new(messages, tally, self.limits.max_turns);
        if let Some(earlier) = earlier {
            let steps = earlier.steps.len();
            for step in earlier.steps {
                conversation.apply(step);
            }
            if let Next::Turn | Next::Tool(_) = conversation.next() {
                events.emit(AgentEvent::SessionResumed {
                    message: notices::resumed(language, steps),
                    session_id: earlier.session,
                });
            }
        }
        loop {
            let step = match conversation.next() {
                Next::Turn => {
                    let span = spans::model_turn(self.model.name());
                    let turn = self.take_turn(conversation.messages(), &specs, events);
                    let turn = turn.instrument(span.clone()).await;
                    Outcome::from(&turn).note_on(&span);
                    let turn = turn?;
                    span.record("tool_calls", turn.tool_calls.len());
                    Step::Turn(turn)
                }
                Next::Tool(call) => Step::ToolResult(self.use_tool(call, context, events).await?),
                Next::Answered(_) | Next::NoData(_) | Next::TooManyTurns => break,
            };
            conversation.apply(step.clone());
            self.announce(&conversation, language, events);
            log.save(&step).await?;
        }
        Ok(self.finish(task, conversation, language))
    }

    /// Tells what follows from the last step without anyone being asked.
    fn announce(&self, conversation: &Conversation, language: Language, events: &dyn EventSink) {
        let next = conversation.next();
        match &next {
            Next::Turn => return,
            Next::Tool(call) => {
                events.emit(AgentEvent::ToolStart {
                    tool: call.name.clone(),
                    input: call.arguments.clone(),
                });
                return;
            }
            // A model that uses no tags has still answered.
            Next::Answered(turn) if !turn.answer.trim().is_empty() => return,
            Next::NoData(count) => events.emit(AgentEvent::NoDataWarning {
                message: self.answer(&next, language),
                consecutive_empty_count: *count,
            }),
            Next::Answered(_) | Next::TooManyTurns => {}
        }
        events.emit(AgentEvent::Answer {
            content: self.answer(&next, language),
        });
    }

    /// What a conversation that has come to its end answers.
    fn answer(&self, end: &Next<'_>, language: Language) -> String {
        match end {
            Next::Answered(turn) => match turn.answer.trim() {
                "" => turn.thinking.trim().to_owned(),
                answer => answer.to_owned(),
            },
            Next::NoData(count) => notices::no_data(language, *count),
            Next::TooManyTurns => notices::too_many_turns(language, self.limits.max_turns),
            Next::Turn | Next::Tool(_) => String::new(),
        }
    }

    fn finish(
        &self,
        task: &AgentTask,
        conversation: Conversation,
        language: Language,
    ) -> AgentResult {
        let end = conversation.next();
        let answer = self.answer(&end, language);
        let suggestions = match end {
            Next::Answered(turn) => Some(turn.suggestions.clone()),
            _ => None,
        };
        let mut tally = conversation.into_tally();
        let status = if suggestions.is_some() && tally.has_queried() {
            RunStatus::Completed
        } else {
            RunStatus::Partial
        };
        tally.suggest(&suggestions.unwrap_or_default());
        tally.into_result(task.id.clone(), status, answer)
    }

    /// One turn of the model, its text shown as it arrives.
    async fn take_turn(
        &self,
        messages: &[Message],
        tools: &[ToolSpec],
        events: &dyn EventSink,
    ) -> Result<Turn, ModelError> {
        let mut stream = self
            .model
            .next_turn(ChatRequest { messages, tools })
            .await?;
        let mut parser = TagParser::default();
        let mut turn = Turn::default();
        while let Some(piece) = stream.next().await {
            match piece? {
                TurnPiece::Text(text) => {
                    for event in parser.push(&text) {
                        turn.show(event, events);
                    }
                    turn.text.push_str(&text);
                }
                TurnPiece::ToolCall(call) => turn.tool_calls.push(call),
            }
        }
        for event in parser.finish() {
            turn.show(event, events);
        }
        Ok(turn)
    }

    /// Runs one tool.
    async fn use_tool(
        &self,
        call: &ToolCall,
        context: &ToolContext,
        events: &dyn EventSink,
    ) -> Result<ToolResult, DatabaseError> {
        let tool = self.tools.iter().find(|tool| tool.spec().name == call.name);
        let output = match tool {
            Some(tool) => {
                let span = spans::tool(tool.spec().name);
                let running = tool.run(context, &call.arguments);
                running.instrument(span).await?
            }
            None => tools::unknown(&call.name, &self.tools),
        };
        let content = output.content.to_string();
        events.emit(AgentEvent::ToolEnd {
            tool: call.name.clone(),
            output: content.clone(),
        });
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
        })
    }
}

impl Turn {
    /// Keeps what the event says and passes it on.
    fn show(&mut self, event: AgentEvent, events: &dyn EventSink) {
        match &event {
            AgentEvent::Thinking { content } => self.thinking.push_str(content),
            AgentEvent::Token { content } => self.answer.push_str(content),
            AgentEvent::Suggestions { content } => self.suggestions.push_str(content),
            _ => {}
        }
        events.emit(event);
    }
}
