//! Chat models: what the agent asks for its next turn, whichever model answers.

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::database::{Dialect, Table};

mod error;
pub mod openai;

pub use error::ModelError;

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

    /// How many tokens the model reads at most, prompt and answer together, where that is known.
    fn context_tokens(&self) -> Option<usize> {
        None
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
        /// Fields beside them that its service wants back, such as its reasoning.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        echo: Map<String, Value>,
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

/// What a message costs besides its text.
const TOKENS_PER_MESSAGE: usize = 8;

/// How many tokens a model reads for a text, estimated rather too high.
pub fn tokens_of(text: &str) -> usize {
    text.len().div_ceil(BYTES_PER_TOKEN)
}

impl Message {
    /// How many tokens a model reads for the message, estimated rather too high.
    pub fn tokens(&self) -> usize {
        let text = match self {
            Self::System { content } | Self::User { content } | Self::Tool { content, .. } => {
                tokens_of(content)
            }
            Self::Assistant {
                content,
                tool_calls,
                echo,
            } => {
                let calls = tool_calls.iter();
                let calls: usize = calls
                    .map(|call| tokens_of(&call.name) + tokens_of_json(&call.arguments))
                    .sum();
                tokens_of(content) + calls + echo.values().map(tokens_of_json).sum::<usize>()
            }
        };
        TOKENS_PER_MESSAGE + text
    }
}

impl ToolSpec {
    /// How many tokens a model reads for the tool, estimated rather too high.
    pub fn tokens(&self) -> usize {
        TOKENS_PER_MESSAGE
            + tokens_of(self.name)
            + tokens_of(self.description)
            + tokens_of_json(&self.parameters)
    }
}

/// The same as for the value's text, without writing it.
fn tokens_of_json(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + tokens_of(text),
        Value::Array(values) => 1 + values.iter().map(tokens_of_json).sum::<usize>(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| 2 + tokens_of(name) + tokens_of_json(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 2,
    }
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
    /// Fields of the call that the model's service wants back, such as a signature of its thoughts.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub echo: Map<String, Value>,
}

impl ToolCall {
    /// A call that nothing else belongs to.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: Value) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            arguments,
            echo: Map::new(),
        }
    }
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnPiece {
    /// Text, cut anywhere.
    Text(String),
    /// What the model thinks before it writes, where its service tells that apart; cut anywhere.
    Reasoning(String),
    /// A whole tool call.
    ToolCall(ToolCall),
    /// Fields of the whole turn that the service wants back with it.
    Echo(Map<String, Value>),
    /// What the turn cost.
    Usage(Usage),
    /// The turn was lost in its middle and begins again: nothing that came before counts.
    Restart,
}

/// What a turn of a model cost, in the model's own tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens that it read.
    pub input_tokens: u64,
    /// Tokens that it wrote, those of its reasoning included.
    pub output_tokens: u64,
    /// Of those that it read, the ones that its service had kept from an earlier request.
    #[serde(default)]
    pub cached_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cached_tokens += other.cached_tokens;
    }
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
