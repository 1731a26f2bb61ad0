//! What AG-UI 1.0 demands of a stream, checked by a reader that shares no code with the writer.

use std::collections::HashSet;

use serde_json::{Map, Value};

#[derive(Default)]
struct Reader {
    phase: Phase,
    thread: Option<String>,
    runs: HashSet<String>,
    messages: HashSet<String>,
    text: HashSet<String>,
    spans: HashSet<String>,
    reasoning: HashSet<String>,
    calls: HashSet<String>,
    known_calls: HashSet<String>,
    returned: HashSet<String>,
}

#[derive(Default, Debug, PartialEq)]
enum Phase {
    #[default]
    Before,
    Active(String),
    Closed,
    Failed,
}

pub(super) fn check(stream: &[&str]) -> Result<(), String> {
    let mut reader = Reader::default();
    for (index, json) in stream.iter().enumerate() {
        let event = serde_json::from_str(json).map_err(|error| error.to_string());
        let taken = event.and_then(|event| reader.take(&event));
        taken.map_err(|wrong| format!("{wrong}: frame {index}, {json}"))?;
    }
    Ok(())
}

fn demand(holds: bool, rule: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn string<'a>(event: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    let value = event.get(key).and_then(Value::as_str);
    value.ok_or_else(|| format!("{key} must be a string"))
}

impl Reader {
    fn take(&mut self, event: &Map<String, Value>) -> Result<(), String> {
        let kind = string(event, "type")?;
        let fields: &[&str] = match kind {
            "RUN_STARTED" => &["threadId", "runId"],
            "RUN_FINISHED" => &["threadId", "runId", "result"],
            "RUN_ERROR" => &["message", "code"],
            "TEXT_MESSAGE_START" | "REASONING_MESSAGE_START" => &["messageId", "role"],
            "TEXT_MESSAGE_CONTENT" | "REASONING_MESSAGE_CONTENT" => &["messageId", "delta"],
            "TEXT_MESSAGE_END" | "REASONING_MESSAGE_END" | "REASONING_START" | "REASONING_END" => {
                &["messageId"]
            }
            "TOOL_CALL_START" => &["toolCallId", "toolCallName"],
            "TOOL_CALL_ARGS" => &["toolCallId", "delta"],
            "TOOL_CALL_END" => &["toolCallId"],
            "TOOL_CALL_RESULT" => &["messageId", "toolCallId", "content", "role"],
            "CUSTOM" => &["name", "value"],
            _ => return Err("no such event".to_owned()),
        };
        for key in event.keys().filter(|key| *key != "type") {
            demand(fields.contains(&key.as_str()), "no such field")?;
        }
        match (&self.phase, kind) {
            (_, "RUN_STARTED") => {
                demand(!matches!(self.phase, Phase::Active(_)), "a run is open")?;
                return self.start(event);
            }
            (Phase::Failed, _) => return Err("after an error only a new run may come".to_owned()),
            (_, "RUN_ERROR") => {
                string(event, "message")?;
                demand(event.get("code") != Some(&Value::Null), "code is null")?;
                self.nothing_is_open()?;
                self.phase = Phase::Failed;
                return Ok(());
            }
            (Phase::Active(_), _) => {}
            (Phase::Before | Phase::Closed, _) => return Err("no run is open".to_owned()),
        }
        self.within(kind, event)
    }

    fn start(&mut self, event: &Map<String, Value>) -> Result<(), String> {
        let thread = string(event, "threadId")?;
        let known = self.thread.get_or_insert_with(|| thread.to_owned());
        demand(known == thread, "the thread changed")?;
        let run = string(event, "runId")?.to_owned();
        demand(self.runs.insert(run.clone()), "this run was there before")?;
        self.phase = Phase::Active(run);
        Ok(())
    }

    fn nothing_is_open(&self) -> Result<(), String> {
        demand(self.text.is_empty(), "a text message is open")?;
        demand(self.spans.is_empty(), "reasoning is open")?;
        demand(self.reasoning.is_empty(), "a reasoning message is open")?;
        demand(self.calls.is_empty(), "a tool call is open")
    }

    fn within(&mut self, kind: &str, event: &Map<String, Value>) -> Result<(), String> {
        let id = |key| string(event, key).map(str::to_owned);
        match kind {
            "RUN_FINISHED" => {
                string(event, "threadId")?;
                let run = Phase::Active(id("runId")?);
                demand(self.phase == run, "another run is open")?;
                self.nothing_is_open()?;
                self.phase = Phase::Closed;
                Ok(())
            }
            "TEXT_MESSAGE_START" => {
                demand(string(event, "role")? == "assistant", "role")?;
                let id = id("messageId")?;
                demand(self.messages.insert(id.clone()), "an id is used twice")?;
                demand(self.text.insert(id), "the message is open")
            }
            "TEXT_MESSAGE_CONTENT" => {
                demand(!string(event, "delta")?.is_empty(), "an empty delta")?;
                demand(self.text.contains(&id("messageId")?), "no such message")
            }
            "TEXT_MESSAGE_END" => demand(self.text.remove(&id("messageId")?), "no such message"),
            "REASONING_START" => demand(self.spans.insert(id("messageId")?), "it is open"),
            "REASONING_MESSAGE_START" => {
                demand(string(event, "role")? == "reasoning", "role")?;
                let id = id("messageId")?;
                demand(self.spans.contains(&id), "no reasoning is open")?;
                demand(self.messages.insert(id.clone()), "an id is used twice")?;
                demand(self.reasoning.insert(id), "the message is open")
            }
            "REASONING_MESSAGE_CONTENT" => {
                demand(!string(event, "delta")?.is_empty(), "an empty delta")?;
                demand(
                    self.reasoning.contains(&id("messageId")?),
                    "no such message",
                )
            }
            "REASONING_MESSAGE_END" => {
                demand(self.reasoning.remove(&id("messageId")?), "no such message")
            }
            "REASONING_END" => {
                let id = id("messageId")?;
                demand(!self.reasoning.contains(&id), "its message is open")?;
                demand(self.spans.remove(&id), "no such reasoning")
            }
            "TOOL_CALL_START" => {
                string(event, "toolCallName")?;
                let id = id("toolCallId")?;
                // A call without a parent message makes a message of its own name.
                demand(self.messages.insert(id.clone()), "an id is used twice")?;
                demand(self.known_calls.insert(id.clone()), "a call is repeated")?;
                demand(self.calls.insert(id), "the call is open")
            }
            "TOOL_CALL_ARGS" => {
                let delta = string(event, "delta")?;
                let json: Result<Value, _> = serde_json::from_str(delta);
                demand(json.is_ok(), "arguments that are no JSON")?;
                demand(self.calls.contains(&id("toolCallId")?), "no such call")
            }
            "TOOL_CALL_END" => demand(self.calls.remove(&id("toolCallId")?), "no such call"),
            "TOOL_CALL_RESULT" => {
                demand(string(event, "role")? == "tool", "role")?;
                string(event, "content")?;
                demand(
                    self.messages.insert(id("messageId")?),
                    "an id is used twice",
                )?;
                let call = id("toolCallId")?;
                demand(self.known_calls.contains(&call), "no such call")?;
                demand(!self.calls.contains(&call), "the call is open")?;
                demand(self.returned.insert(call), "a second result")
            }
            "CUSTOM" => {
                string(event, "name")?;
                demand(event.contains_key("value"), "value")
            }
            _ => Err("no such event".to_owned()),
        }
    }
}

#[test]
fn the_rules_find_what_is_wrong() {
    let start = r#"{"type":"RUN_STARTED","threadId":"t","runId":"r"}"#;
    let error = r#"{"type":"RUN_ERROR","message":"m"}"#;
    let open = r#"{"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"}"#;
    let custom = r#"{"type":"CUSTOM","name":"n","value":1}"#;
    let finish = r#"{"type":"RUN_FINISHED","threadId":"t","runId":"r"}"#;
    for good in [&[start, custom, finish][..], &[error], &[start, error], &[]] {
        assert_eq!(check(good), Ok(()));
    }
    for bad in [
        &[custom][..],
        &[start, start],
        &[start, open, finish],
        &[start, error, custom],
        &[start, finish, custom],
        &[start, open, open],
        &[
            start,
            r#"{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"d"}"#,
        ],
        &[
            start,
            open,
            r#"{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":""}"#,
        ],
        &[start, r#"{"type":"TOOL_CALL_END","toolCallId":"c"}"#],
        &[start, r#"{"type":"CUSTOM","name":"n","value":1,"more":2}"#],
    ] {
        assert!(check(bad).is_err(), "{bad:?}");
    }
}
