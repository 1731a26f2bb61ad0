//! What a service is sent for a turn.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::family::Family;
use crate::knowledge::fence::{Fence, fenced};
use crate::model::{ChatRequest, Message, ModelError, ToolCall, ToolSpec};

/// The body of the request.
pub(super) fn body(family: Family, model: &str, request: ChatRequest<'_>) -> Value {
    let messages = request.messages.iter();
    let messages: Vec<Value> = messages
        .map(|message| message_json(family, message))
        .collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    if let Some(body) = body.as_object_mut() {
        if family.takes_seed() {
            body.insert("seed".to_owned(), 0.into());
        }
        // Services refuse an empty list.
        if !request.tools.is_empty() {
            let tools = request.tools.iter().map(|tool| tool_json(family, tool));
            body.insert("tools".to_owned(), tools.collect());
        }
    }
    body
}

fn tool_json(family: Family, tool: &ToolSpec) -> Value {
    let mut function = json!(tool);
    if family.has_plain_schemas()
        && let Some(parameters) = function.get_mut("parameters")
    {
        leave_plain(parameters);
    }
    json!({"type": "function", "function": function})
}

/// Takes out of a schema what some services do not know, and which only forbids.
fn leave_plain(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            // A property may have such a name, too; its schema is an object.
            for name in ["additionalProperties", "$schema"] {
                if fields.get(name).is_some_and(|value| !value.is_object()) {
                    fields.remove(name);
                }
            }
            fields.values_mut().for_each(leave_plain);
        }
        Value::Array(values) => values.iter_mut().for_each(leave_plain),
        _ => {}
    }
}

fn message_json(family: Family, message: &Message) -> Value {
    match message {
        Message::System { content } => json!({"role": "system", "content": content}),
        Message::User { content } => json!({"role": "user", "content": content}),
        Message::Assistant {
            content,
            tool_calls,
            echo,
        } => {
            let mut turn = echo.clone();
            turn.insert("role".to_owned(), "assistant".into());
            // Some services refuse a text that is empty, and all refuse an empty list of calls.
            let content = match content.as_str() {
                "" if !tool_calls.is_empty() => Value::Null,
                content => content.into(),
            };
            turn.insert("content".to_owned(), content);
            if !tool_calls.is_empty() {
                let calls = tool_calls.iter().map(call_json);
                turn.insert("tool_calls".to_owned(), calls.collect());
            }
            Value::Object(turn)
        }
        Message::Tool {
            call_id,
            name,
            content,
        } => {
            let content = fenced(Fence::ToolResult, "", content);
            let mut result = json!({"role": "tool", "tool_call_id": call_id, "content": content});
            if family.names_tool_results()
                && let Some(result) = result.as_object_mut()
            {
                result.insert("name".to_owned(), name.as_str().into());
            }
            result
        }
    }
}

fn call_json(call: &ToolCall) -> Value {
    let arguments = match &call.arguments {
        // Services that read the arguments of earlier calls refuse what is not JSON.
        Value::String(text) => json!({"not_json": text}).to_string(),
        arguments => arguments.to_string(),
    };
    let mut json: Map<String, Value> = call.echo.clone();
    json.insert("id".to_owned(), call.id.as_str().into());
    json.insert("type".to_owned(), "function".into());
    json.insert(
        "function".to_owned(),
        json!({"name": call.name, "arguments": arguments}),
    );
    Value::Object(json)
}

/// Fields that a turn can do without: of the request, and of an earlier turn in it.
const DISPENSABLE: [&str; 5] = [
    "stream_options",
    "seed",
    "reasoning_content",
    "reasoning_details",
    "reasoning",
];

/// The fields that a service has refused, and which it is not sent any more.
#[derive(Default)]
pub(super) struct LeftOut(Mutex<Vec<&'static str>>);

impl LeftOut {
    /// Takes the fields out of a request.
    pub(super) fn apply(&self, body: &mut Value) {
        let fields = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for field in fields.iter() {
            if let Some(body) = body.as_object_mut() {
                body.remove(*field);
            }
            let messages = body.get_mut("messages").and_then(Value::as_array_mut);
            for message in messages.into_iter().flatten() {
                if let Some(message) = message.as_object_mut() {
                    message.remove(*field);
                }
            }
        }
    }

    /// Learns from a refusal. Tells whether the same request without a field is worth a try.
    pub(super) fn learn(&self, error: &ModelError, body: &Value) -> bool {
        let ModelError::Refused { reason, .. } = error else {
            return false;
        };
        let is_sent = |field: &str| {
            let messages = body.get("messages").and_then(Value::as_array);
            let mut messages = messages.into_iter().flatten();
            body.get(field).is_some() || messages.any(|message| message.get(field).is_some())
        };
        let mut fields = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = DISPENSABLE
            .into_iter()
            .find(|field| reason.contains(field) && is_sent(field) && !fields.contains(field));
        fields.extend(refused);
        refused.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_loses_what_is_not_plain_and_no_property() {
        let mut schema = json!({
            "$schema": "x", "type": "object", "additionalProperties": false,
            "properties": {"additionalProperties": {"type": "array", "items": {
                "type": "object", "additionalProperties": true}}},
        });
        leave_plain(&mut schema);
        let plain = json!({
            "type": "object",
            "properties": {"additionalProperties": {"type": "array", "items": {"type": "object"}}},
        });
        assert_eq!(schema, plain);
    }

    #[test]
    fn a_field_that_was_refused_is_not_sent_again() {
        let left_out = LeftOut::default();
        let refused = |reason: &str| ModelError::Refused {
            model: "m".to_owned(),
            reason: reason.to_owned(),
        };
        let mut body = json!({
            "stream_options": {}, "stream": true,
            "messages": [{"role": "assistant", "content": "x", "reasoning_content": "y"}],
        });
        assert!(!left_out.learn(&refused("bad request"), &body));
        assert!(
            !left_out.learn(&refused("unknown seed"), &body),
            "it was not sent"
        );
        assert!(left_out.learn(&refused("stream_options: extra inputs"), &body));
        assert!(left_out.learn(&refused("'reasoning_content' is unsupported"), &body));
        left_out.apply(&mut body);
        assert_eq!(
            body,
            json!({"stream": true, "messages": [{"role": "assistant", "content": "x"}]})
        );
        assert!(
            !left_out.learn(&refused("stream_options"), &body),
            "only once"
        );
    }
}
