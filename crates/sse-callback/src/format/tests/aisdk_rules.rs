//! What the AI SDK demands of a UI message stream, checked by a reader that shares no code with the
//! writer: its strict schema, and the errors that its processing throws.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

#[derive(Default)]
struct Reader {
    started: bool,
    ended: bool,
    failed: bool,
    ids: HashSet<String>,
    text: HashSet<String>,
    reasoning: HashSet<String>,
    /// The tool calls, and whether they have their outcome.
    calls: HashMap<String, bool>,
}

pub(super) fn check(stream: &[&str]) -> Result<(), String> {
    let mut reader = Reader::default();
    for (index, json) in stream.iter().enumerate() {
        let taken = reader.take(json);
        taken.map_err(|wrong| format!("{wrong}: frame {index}, {json}"))?;
    }
    Ok(())
}

fn demand(holds: bool, rule: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn string<'a>(part: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    let value = part.get(key).and_then(Value::as_str);
    value.ok_or_else(|| format!("{key} must be a string"))
}

impl Reader {
    fn take(&mut self, json: &str) -> Result<(), String> {
        demand(!self.ended, "nothing may follow the end")?;
        if json == "[DONE]" {
            self.ended = true;
            return demand(!self.started, "a message is open");
        }
        let part: Map<String, Value> =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        let kind = string(&part, "type")?;
        let fields: &[&str] = match kind {
            "start" => &["messageId"],
            "text-start" | "text-end" | "reasoning-start" | "reasoning-end" => &["id"],
            "text-delta" | "reasoning-delta" => &["id", "delta"],
            "tool-input-available" => &["toolCallId", "toolName", "input", "providerExecuted"],
            "tool-output-available" => &["toolCallId", "output"],
            "tool-output-error" => &["toolCallId", "errorText"],
            "error" => &["errorText"],
            "finish" => &[],
            _ => &["data"],
        };
        demand(
            part.len() == fields.len() + 1,
            "a field too many or too few",
        )?;
        for field in fields {
            demand(part.contains_key(*field), field)?;
        }
        if kind == "error" {
            self.failed = true;
            string(&part, "errorText")?;
            return self.nothing_is_open();
        }
        if kind == "start" {
            demand(!self.started, "a message is open")?;
            self.started = true;
            self.failed = false;
            return self.name(string(&part, "messageId")?);
        }
        demand(self.started, "no message is open")?;
        demand(!self.failed || kind == "finish", "a failed message goes on")?;
        self.within(kind, &part)
    }

    fn name(&mut self, id: &str) -> Result<(), String> {
        // A message is named after its first event, and so may be the first thing in it.
        demand(
            self.ids.insert(format!("message {id}")),
            "an id is used twice",
        )
    }

    fn nothing_is_open(&self) -> Result<(), String> {
        demand(self.text.is_empty(), "text is open")?;
        demand(self.reasoning.is_empty(), "reasoning is open")?;
        let all = self.calls.values().all(|has_outcome| *has_outcome);
        demand(all, "a call waits for its outcome")
    }

    fn within(&mut self, kind: &str, part: &Map<String, Value>) -> Result<(), String> {
        let id = |key| string(part, key).map(str::to_owned);
        match kind {
            "finish" => {
                self.started = false;
                self.failed = false;
                self.nothing_is_open()
            }
            "text-start" => {
                demand(self.ids.insert(id("id")?), "an id is used twice")?;
                demand(self.text.insert(id("id")?), "it is open")
            }
            "text-delta" => demand(self.text.contains(string(part, "id")?), "no such text")
                .and(string(part, "delta").map(|_| ())),
            "text-end" => demand(self.text.remove(string(part, "id")?), "no such text"),
            "reasoning-start" => {
                demand(self.ids.insert(id("id")?), "an id is used twice")?;
                demand(self.reasoning.insert(id("id")?), "it is open")
            }
            "reasoning-delta" => {
                let known = self.reasoning.contains(string(part, "id")?);
                demand(known, "no such reasoning").and(string(part, "delta").map(|_| ()))
            }
            "reasoning-end" => {
                let known = self.reasoning.remove(string(part, "id")?);
                demand(known, "no such reasoning")
            }
            "tool-input-available" => {
                string(part, "toolName")?;
                let new = self.calls.insert(id("toolCallId")?, false).is_none();
                demand(new, "a call is repeated")
            }
            "tool-output-available" | "tool-output-error" => {
                let before = self.calls.insert(id("toolCallId")?, true);
                demand(before == Some(false), "no call waits for this")
            }
            data => demand(data.starts_with("data-kai-"), "no such part"),
        }
    }
}

#[test]
fn the_rules_find_what_is_wrong() {
    let start = r#"{"type":"start","messageId":"m"}"#;
    let open = r#"{"type":"text-start","id":"t"}"#;
    let finish = r#"{"type":"finish"}"#;
    let error = r#"{"type":"error","errorText":"e"}"#;
    let call = r#"{"type":"tool-input-available","toolCallId":"c","toolName":"t","input":{},"providerExecuted":true}"#;
    let output = r#"{"type":"tool-output-available","toolCallId":"c","output":1}"#;
    for good in [
        &[start, finish, "[DONE]"][..],
        &[error, "[DONE]"],
        &[start, call, output, finish],
        &[start, open],
    ] {
        assert_eq!(check(good), Ok(()));
    }
    for bad in [
        &[open][..],
        &[start, start],
        &[start, open, finish],
        &[start, call, finish],
        &[start, output],
        &[start, "[DONE]"],
        &["[DONE]", start],
        &[start, r#"{"type":"text-delta","id":"t","delta":"d"}"#],
        &[start, r#"{"type":"custom","data":1}"#],
        &[start, r#"{"type":"finish","more":1}"#],
    ] {
        assert!(check(bad).is_err(), "{bad:?}");
    }
}
