//! The agent: one loop for every model. A turn of the model, the tools it calls, what they return,
//! and again, until there is an answer.

use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::ids::TaskId;
use crate::language::Language;
use crate::model::{ChatModel, ChatRequest, Message, ModelError, ToolCall, ToolSpec, TurnPiece};
use crate::offline;
use crate::wire::{AgentResult, RunStatus};

pub mod chart;
mod notices;
mod plan;
mod prompts;
mod tags;
mod tally;
pub mod tools;

pub use plan::Plan;
pub use tags::TagParser;
use tally::Tally;
use tools::{Tool, ToolContext};

/// After so many queries in a row without a row, the agent stops looking.
const MAX_EMPTY_RESULTS: u32 = 5;

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
            Self::Cancelled => false,
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

/// What one turn of the model came to.
struct Turn {
    text: String,
    thinking: String,
    answer: String,
    suggestions: String,
    tool_calls: Vec<ToolCall>,
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

    /// Answers the question. Every step goes to `events`; the last event, `done`, is the caller's.
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
        cancel
            .run_until_cancelled(self.converse(task, context, events))
            .await
            .unwrap_or(Err(AgentError::Cancelled))
    }

    async fn converse(
        &self,
        task: &AgentTask,
        context: &ToolContext,
        events: &dyn EventSink,
    ) -> Result<AgentResult, AgentError> {
        let language = offline::language::detect(&task.prompt).unwrap_or(self.limits.language);
        let specs: Vec<ToolSpec> = self.tools.iter().map(|tool| tool.spec()).collect();
        let mut messages = vec![
            Message::System {
                content: prompts::system(context.database.dialect(), language, task.plan.as_ref()),
            },
            Message::User {
                content: task.prompt.clone(),
            },
        ];
        let mut tally = Tally::new(Instant::now());
        for _ in 0..self.limits.max_turns {
            let turn = self.take_turn(&messages, &specs, events).await?;
            if turn.tool_calls.is_empty() {
                return Ok(finish(task, &turn, tally, events));
            }
            messages.push(Message::Assistant {
                content: turn.text,
                tool_calls: turn.tool_calls.clone(),
            });
            for call in turn.tool_calls {
                messages.push(self.use_tool(call, context, events, &mut tally).await?);
            }
            if tally.empty_in_a_row() >= MAX_EMPTY_RESULTS {
                let answer = notices::no_data(language, tally.empty_in_a_row());
                events.emit(AgentEvent::NoDataWarning {
                    message: answer.clone(),
                    consecutive_empty_count: tally.empty_in_a_row(),
                });
                events.emit(AgentEvent::Answer {
                    content: answer.clone(),
                });
                return Ok(tally.into_result(task.id.clone(), RunStatus::Partial, answer));
            }
        }
        let answer = notices::too_many_turns(language, self.limits.max_turns);
        events.emit(AgentEvent::Answer {
            content: answer.clone(),
        });
        Ok(tally.into_result(task.id.clone(), RunStatus::Partial, answer))
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
        let mut turn = Turn {
            text: String::new(),
            thinking: String::new(),
            answer: String::new(),
            suggestions: String::new(),
            tool_calls: Vec::new(),
        };
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

    /// Runs one tool and gives the message that tells the model what came of it.
    async fn use_tool(
        &self,
        call: ToolCall,
        context: &ToolContext,
        events: &dyn EventSink,
        tally: &mut Tally,
    ) -> Result<Message, DatabaseError> {
        events.emit(AgentEvent::ToolStart {
            tool: call.name.clone(),
            input: call.arguments.clone(),
        });
        let tool = self.tools.iter().find(|tool| tool.spec().name == call.name);
        let output = match tool {
            Some(tool) => tool.run(context, &call.arguments).await?,
            None => tools::unknown(&call.name, &self.tools),
        };
        let content = output.content.to_string();
        events.emit(AgentEvent::ToolEnd {
            tool: call.name.clone(),
            output: content.clone(),
        });
        tally.count(&output);
        for event in output.events {
            events.emit(event);
        }
        Ok(Message::Tool {
            call_id: call.id,
            name: call.name,
            content,
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

/// Ends the run with the model's last turn.
fn finish(task: &AgentTask, turn: &Turn, mut tally: Tally, events: &dyn EventSink) -> AgentResult {
    let mut answer = turn.answer.trim().to_owned();
    if answer.is_empty() {
        // A model that uses no tags has still answered.
        turn.thinking.trim().clone_into(&mut answer);
        events.emit(AgentEvent::Answer {
            content: answer.clone(),
        });
    }
    tally.suggest(&turn.suggestions);
    let status = if tally.has_queried() {
        RunStatus::Completed
    } else {
        RunStatus::Partial
    };
    tally.into_result(task.id.clone(), status, answer)
}
