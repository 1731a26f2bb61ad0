//! Models behind an OpenAI-compatible chat completions address, whichever family serves it.
//!
//! Requests and chunks are JSON values rather than the client library's types: families differ in
//! what they leave out, and a chunk that lacks a field must not end a turn.

use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_trait::async_trait;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::{
    ChatModel, ChatRequest, Message, ModelError, ToolCall, ToolSpec, TurnPiece, TurnStream,
};
use crate::config::Secret;
use crate::http;
use crate::knowledge::fence::{Fence, fenced};

/// How long the service may be silent before the turn counts as lost.
const READ_TIMEOUT: Duration = Duration::from_mins(2);

/// A key, and the setting it came from.
pub struct Key {
    /// The key itself.
    pub secret: Secret,
    /// The setting's name, for messages.
    pub setting: &'static str,
}

/// A model of an OpenAI-compatible service.
pub struct OpenAiModel {
    name: String,
    model: String,
    key_setting: &'static str,
    client: Client<OpenAIConfig>,
}

impl OpenAiModel {
    /// The model `model` of `family`, served at `base_url`. Nothing is asked yet.
    pub fn new(
        family: &str,
        model: &str,
        base_url: &str,
        key: Option<&Key>,
    ) -> Result<Self, ModelError> {
        let (secret, key_setting) = match key {
            Some(key) => (key.secret.expose(), key.setting),
            None => ("", "CHAT_BASE_URL"),
        };
        let config = OpenAIConfig::new()
            .with_api_base(base_url.trim_end_matches('/'))
            .with_api_key(secret);
        let name = format!("{family}/{model}");
        let client = http::client_builder()
            .read_timeout(READ_TIMEOUT)
            .build()
            .map_err(|error| ModelError::Unavailable {
                model: name.clone(),
                reason: describe(&error),
            })?;
        Ok(Self {
            name,
            model: model.to_owned(),
            key_setting,
            client: Client::with_config(config).with_http_client(client),
        })
    }

    fn error(&self, error: OpenAIError) -> ModelError {
        let unavailable = |reason: String| ModelError::Unavailable {
            model: self.name.clone(),
            reason,
        };
        match error {
            OpenAIError::ApiError(response) => {
                let status = response.status_code.as_u16();
                let reason = response.api_error.message;
                match status {
                    401 | 403 => ModelError::WrongKey {
                        model: self.name.clone(),
                        setting: self.key_setting,
                    },
                    408 | 409 | 425 | 429 | 500.. => unavailable(format!("{status} {reason}")),
                    _ => ModelError::Refused {
                        model: self.name.clone(),
                        reason: format!("{status} {reason}"),
                    },
                }
            }
            // The address that is part of reqwest's text is a setting and no secret, but long.
            OpenAIError::Reqwest(error) => unavailable(describe(&error.without_url())),
            other => unavailable(other.to_string()),
        }
    }
}

/// The error with what caused it.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[async_trait]
impl ChatModel for OpenAiModel {
    fn name(&self) -> &str {
        &self.name
    }

    async fn next_turn(&self, request: ChatRequest<'_>) -> Result<TurnStream, ModelError> {
        let body = request_body(&self.model, request);
        let chunks = self
            .client
            .chat()
            .create_stream_byot::<Value, Value>(body)
            .await
            .map_err(|error| self.error(error))?;
        let name = self.name.clone();
        let turn = stream::unfold(Some((chunks, Calls::default())), move |state| {
            let name = name.clone();
            async move {
                let (mut chunks, mut calls) = state?;
                match chunks.next().await {
                    Some(Ok(chunk)) => {
                        let pieces = read_chunk(&chunk, &mut calls, &name);
                        Some((pieces, Some((chunks, calls))))
                    }
                    Some(Err(error)) => {
                        let lost = ModelError::Unavailable {
                            model: name,
                            reason: format!("the stream broke: {error}"),
                        };
                        Some((vec![Err(lost)], None))
                    }
                    None => Some((calls.into_pieces(), None)),
                }
            }
        });
        Ok(turn.flat_map(stream::iter).boxed())
    }
}

fn request_body(model: &str, request: ChatRequest<'_>) -> Value {
    let messages: Vec<Value> = request.messages.iter().map(message_json).collect();
    let mut body = json!({"model": model, "messages": messages, "stream": true, "seed": 0});
    // Services refuse an empty list.
    if let (false, Some(body)) = (request.tools.is_empty(), body.as_object_mut()) {
        let tools: Vec<Value> = request.tools.iter().map(tool_json).collect();
        body.insert("tools".to_owned(), tools.into());
    }
    body
}

fn tool_json(tool: &ToolSpec) -> Value {
    json!({"type": "function", "function": tool})
}

fn message_json(message: &Message) -> Value {
    match message {
        Message::System { content } => json!({"role": "system", "content": content}),
        Message::User { content } => json!({"role": "user", "content": content}),
        Message::Assistant {
            content,
            tool_calls,
        } => {
            let calls: Vec<Value> = tool_calls
                .iter()
                .map(|call| {
                    let arguments = match &call.arguments {
                        Value::String(text) => text.clone(),
                        arguments => arguments.to_string(),
                    };
                    json!({"id": call.id, "type": "function",
                           "function": {"name": call.name, "arguments": arguments}})
                })
                .collect();
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
        Message::Tool {
            call_id, content, ..
        } => {
            let content = fenced(Fence::ToolResult, "", content);
            json!({"role": "tool", "tool_call_id": call_id, "content": content})
        }
    }
}

/// The tool calls of a turn, as their pieces arrive.
#[derive(Default)]
struct Calls {
    parts: Vec<CallParts>,
}

#[derive(Default)]
struct CallParts {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Calls {
    /// Adds a piece. A piece with a new id begins a new call, whatever its index says; one without
    /// belongs to the call of its index, or to the last one.
    fn add(&mut self, piece: &Value) {
        let index = piece.get("index").and_then(Value::as_u64);
        let id = piece.get("id").and_then(Value::as_str).unwrap_or_default();
        let function = piece.get("function");
        let name = function
            .and_then(|f| f.get("name"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = self.parts.iter().rposition(|call| {
            if id.is_empty() {
                index.is_none() || call.index == index
            } else {
                call.id == id
            }
        });
        let begins = known.is_none() || (id.is_empty() && index.is_none() && !name.is_empty());
        if begins {
            self.parts.push(CallParts {
                index,
                id: id.to_owned(),
                ..CallParts::default()
            });
        }
        let call = match known {
            Some(at) if !begins => self.parts.get_mut(at),
            _ => self.parts.last_mut(),
        };
        let Some(call) = call else { return };
        call.name.push_str(name);
        match function.and_then(|f| f.get("arguments")) {
            Some(Value::String(text)) => call.arguments.push_str(text),
            Some(Value::Null) | None => {}
            Some(whole) => call.arguments = whole.to_string(),
        }
    }

    fn into_pieces(self) -> Vec<Result<TurnPiece, ModelError>> {
        let calls = self.parts.into_iter().enumerate();
        calls
            .map(|(position, call)| Ok(TurnPiece::ToolCall(call.into_call(position))))
            .collect()
    }
}

impl CallParts {
    fn into_call(self, position: usize) -> ToolCall {
        let id = if self.id.is_empty() {
            format!("call_{position}")
        } else {
            self.id
        };
        let arguments = if self.arguments.trim().is_empty() {
            json!({})
        } else {
            serde_json::from_str(&self.arguments).unwrap_or(Value::String(self.arguments))
        };
        ToolCall {
            id,
            name: self.name,
            arguments,
        }
    }
}

/// Reads one chunk: its text comes at once, its pieces of tool calls are kept until the turn ends.
fn read_chunk(chunk: &Value, calls: &mut Calls, name: &str) -> Vec<Result<TurnPiece, ModelError>> {
    if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
        let reason = error
            .get("message")
            .and_then(Value::as_str)
            .map_or_else(|| error.to_string(), str::to_owned);
        return vec![Err(ModelError::Unavailable {
            model: name.to_owned(),
            reason,
        })];
    }
    let Some(delta) = chunk.pointer("/choices/0/delta") else {
        return Vec::new();
    };
    if let Some(pieces) = delta.get("tool_calls").and_then(Value::as_array) {
        for piece in pieces {
            calls.add(piece);
        }
    }
    match delta.get("content").and_then(Value::as_str) {
        Some(text) if !text.is_empty() => vec![Ok(TurnPiece::Text(text.to_owned()))],
        _ => Vec::new(),
    }
}
