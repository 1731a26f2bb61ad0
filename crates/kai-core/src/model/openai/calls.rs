//! The tool calls of a turn, put together from their pieces, however a family cuts them.

use serde_json::{Map, Value, json};

use crate::model::ToolCall;

/// The fields of a piece that are read here; the service wants the others back.
const READ: [&str; 4] = ["index", "id", "type", "function"];

/// The tool calls of a turn, as their pieces arrive.
#[derive(Default)]
pub(super) struct Calls {
    parts: Vec<CallParts>,
}

#[derive(Default)]
struct CallParts {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
    echo: Map<String, Value>,
}

/// A piece of a call.
struct Piece<'a> {
    index: Option<u64>,
    id: &'a str,
    name: &'a str,
}

impl Calls {
    /// Adds a piece.
    pub(super) fn add(&mut self, json: &Value) {
        let function = json.get("function");
        let text = |value: Option<&'_ Value>| -> Option<String> {
            value.and_then(Value::as_str).map(str::to_owned)
        };
        let id = text(json.get("id")).unwrap_or_default();
        let name = text(function.and_then(|f| f.get("name"))).unwrap_or_default();
        let piece = Piece {
            index: json.get("index").and_then(Value::as_u64),
            id: &id,
            name: &name,
        };
        let arguments = function.and_then(|f| f.get("arguments"));
        let Some(call) = self.call_of(&piece) else {
            return;
        };
        // Names come whole; some services repeat them in every piece.
        if call.name != name {
            call.name.push_str(&name);
        }
        match arguments {
            Some(Value::String(text)) => call.arguments.push_str(text),
            Some(Value::Null) | None => {}
            Some(whole) => call.arguments = whole.to_string(),
        }
        let others = json.as_object().into_iter().flatten();
        let others =
            others.filter(|(field, value)| !READ.contains(&field.as_str()) && !value.is_null());
        call.echo
            .extend(others.map(|(field, value)| (field.clone(), value.clone())));
    }

    /// The call that a piece belongs to. One with a new id begins a call, whatever its index says.
    /// One without belongs to the call of its index, or to the last one, unless it names a tool and
    /// that call is whole or another tool's.
    fn call_of(&mut self, piece: &Piece<'_>) -> Option<&mut CallParts> {
        let known = self.parts.iter().rposition(|call| {
            if piece.id.is_empty() {
                piece.index.is_none() || call.index == piece.index
            } else {
                call.id == piece.id
            }
        });
        let continued = known.filter(|at| {
            let call = self.parts.get(*at);
            call.is_some_and(|call| !piece.id.is_empty() || !call.is_followed_by(piece))
        });
        if let Some(at) = continued {
            return self.parts.get_mut(at);
        }
        self.parts.push(CallParts {
            index: piece.index,
            id: piece.id.to_owned(),
            ..CallParts::default()
        });
        self.parts.last_mut()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether the arguments of every call are JSON, or there are none.
    pub(super) fn are_whole(&self) -> bool {
        self.parts.iter().all(CallParts::is_whole)
    }

    /// The calls. One without an id gets one that is unique in its conversation, which has had so
    /// many messages.
    pub(super) fn into_calls(self, messages: usize) -> impl Iterator<Item = ToolCall> {
        let calls = self.parts.into_iter().enumerate();
        calls.map(move |(position, call)| call.into_call(&format!("call_{messages}_{position}")))
    }
}

impl CallParts {
    fn is_whole(&self) -> bool {
        self.arguments.trim().is_empty() || serde_json::from_str::<Value>(&self.arguments).is_ok()
    }

    /// Whether a piece without an id, at the same index, is another call.
    fn is_followed_by(&self, piece: &Piece<'_>) -> bool {
        let repeats = self.name == piece.name && !self.is_whole();
        !piece.name.is_empty() && !self.name.is_empty() && !repeats
    }

    fn into_call(self, id: &str) -> ToolCall {
        let id = match self.id {
            none if none.is_empty() => id.to_owned(),
            id => id,
        };
        let arguments = if self.arguments.trim().is_empty() {
            json!({})
        } else {
            match serde_json::from_str(&self.arguments) {
                // An object, written as the text of its text.
                Ok(Value::String(text)) => match serde_json::from_str::<Value>(&text) {
                    Ok(inner @ Value::Object(_)) => inner,
                    _ => Value::String(text),
                },
                Ok(arguments) => arguments,
                Err(_) => Value::String(self.arguments),
            }
        };
        ToolCall {
            id,
            name: self.name,
            arguments,
            echo: self.echo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls_of(pieces: &[Value]) -> Vec<(String, String, Value)> {
        let mut calls = Calls::default();
        for piece in pieces {
            calls.add(piece);
        }
        let calls = calls.into_calls(7);
        calls
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    fn call(id: &str, name: &str, arguments: Value) -> (String, String, Value) {
        (id.to_owned(), name.to_owned(), arguments)
    }

    #[test]
    fn calls_without_ids_are_told_apart_by_their_names() {
        for index in [json!(0), Value::Null] {
            let pieces = [
                json!({"index": index, "function": {"name": "a", "arguments": {"x": 1}}}),
                json!({"index": index, "function": {"name": "b", "arguments": "{\"y\":"}}),
                json!({"index": index, "function": {"arguments": "2}"}}),
                json!({"index": index, "function": {"name": "b", "arguments": "{}"}}),
            ];
            assert_eq!(
                calls_of(&pieces),
                [
                    call("call_7_0", "a", json!({"x": 1})),
                    call("call_7_1", "b", json!({"y": 2})),
                    call("call_7_2", "b", json!({})),
                ]
            );
        }
    }

    #[test]
    fn pieces_that_repeat_id_and_name_make_one_call() {
        let pieces = [
            json!({"index": 0, "id": "p", "function": {"name": "a", "arguments": "{\"x\":"}}),
            json!({"index": 1, "id": "q", "function": {"name": "a", "arguments": "{\"x\":"}}),
            json!({"index": 0, "id": "p", "function": {"name": "a", "arguments": "1}"}}),
            json!({"index": 1, "function": {"name": "a", "arguments": "2}"}}),
        ];
        assert_eq!(
            calls_of(&pieces),
            [
                call("p", "a", json!({"x": 1})),
                call("q", "a", json!({"x": 2}))
            ]
        );
    }

    #[test]
    fn arguments_that_are_no_json_are_kept_as_they_are() {
        let pieces = [
            json!({"id": "p", "function": {"name": "a", "arguments": "{\"x\": SELECT"}}),
            json!({"id": "q", "function": {"name": "a", "arguments": "\"{\\\"x\\\": 1}\""}}),
            json!({"id": "r", "function": {"name": "a", "arguments": " "}}),
            json!({"id": "s", "function": {"name": "a"}, "type": "function"}),
        ];
        assert_eq!(
            calls_of(&pieces),
            [
                call("p", "a", json!("{\"x\": SELECT")),
                call("q", "a", json!({"x": 1})),
                call("r", "a", json!({})),
                call("s", "a", json!({})),
            ]
        );
    }
}
