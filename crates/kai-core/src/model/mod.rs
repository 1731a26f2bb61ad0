//! Chat models: what the agent asks for its next turn, whichever model answers.

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::database::{Dialect, Table};

pub mod openai;

/// A model that, given the conversation so far, streams its next turn.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// The model's family and name, for logs and for people.
    fn name(&self) -> &str;

    /// Begins the next turn. Text and tool calls arrive on the stream; the turn is over when the
    /// stream ends. Dropping the stream stops the turn.
    async fn next_turn(&self, request: ChatRequest<'_>) -> Result<TurnStream, ModelError>;

    /// Whether it works by rule: it finds its tables itself, and cannot be asked to correct itself.
    fn works_by_rule(&self) -> bool {
        false
    }

    /// The steps it would take to answer, when it knows them without taking a turn.
    fn plan(&self, _request: PlanRequest<'_>) -> Option<Vec<String>> {
        None
    }
}

/// What a model is asked to plan for.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The question.
    pub question: &'a str,
    /// The SQL of the database.
    pub dialect: Dialect,
    /// Its tables.
    pub tables: &'a [Table],
}

/// The pieces of a turn, as they arrive.
pub type TurnStream = BoxStream<'static, Result<TurnPiece, ModelError>>;

/// What a model is asked.
#[derive(Debug, Clone, Copy)]
pub struct ChatRequest<'a> {
    /// The conversation so far, oldest first.
    pub messages: &'a [Message],
    /// The tools that the model may call.
    pub tools: &'a [ToolSpec],
}

/// One message of the conversation between the agent and the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Message {
    /// What the model is told about its task.
    System {
        /// The text.
        content: String,
    },
    /// What the person asked.
    User {
        /// The text.
        content: String,
    },
    /// An earlier turn of the model.
    Assistant {
        /// Its text, tags included.
        content: String,
        /// The tools it called.
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool returned.
    Tool {
        /// The call that this answers.
        call_id: String,
        /// The tool's name.
        name: String,
        /// Its output: JSON, as text.
        content: String,
    },
}

/// How many bytes of text make a token, at least: words have more of them, figures and JSON hardly.
const BYTES_PER_TOKEN: usize = 3;

/// How many tokens a model reads for a text, estimated rather too high.
pub fn tokens_of(text: &str) -> usize {
    text.len().div_ceil(BYTES_PER_TOKEN)
}

/// A model's wish to run a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Unique within the conversation.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments. Where a model sent what is not JSON, its text as a JSON string.
    pub arguments: Value,
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnPiece {
    /// Text, cut anywhere.
    Text(String),
    /// A whole tool call.
    ToolCall(ToolCall),
}

/// What a model is told about a tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolSpec {
    /// Its name.
    pub name: &'static str,
    /// When and how to use it.
    pub description: &'static str,
    /// The JSON Schema of its arguments.
    pub parameters: Value,
}

/// Why a model gave no turn.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A setting is missing. The message is the original's.
    #[error("Missing required config value '{0}'")]
    MissingSetting(&'static str),
    /// The model's service refused the key.
    #[error("{model} refused the key; check {setting}")]
    WrongKey {
        /// The model.
        model: String,
        /// The setting that holds the key.
        setting: &'static str,
    },
    /// The model's service refused the request: asking again would not help.
    #[error("{model} refused the request: {reason}")]
    Refused {
        /// The model.
        model: String,
        /// What the service said.
        reason: String,
    },
    /// The model's service is away or overloaded: asking again later may help.
    #[error("{model} is not available: {reason}")]
    Unavailable {
        /// The model.
        model: String,
        /// What happened.
        reason: String,
    },
}

impl ModelError {
    /// Whether asking again later may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
