//! The chunks of a turn, read as they arrive, whichever family wrote them.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::calls::Calls;
use super::refusal::{Failure, Service};
use super::transport::{BROKEN, ENDED};
use crate::model::{TurnPiece, Usage};

/// Fields of a turn that are texts in pieces, and that its service wants back.
const REASONING: [&str; 2] = ["reasoning_content", "reasoning"];

/// The same, as a list of parts.
const REASONING_DETAILS: &str = "reasoning_details";

/// Reads one turn.
pub(super) struct TurnReader {
    /// How many messages its conversation had.
    messages: usize,
    calls: Calls,
    echo: Map<String, Value>,
    usage: Option<Usage>,
    /// Whether it was said that the turn is over.
    is_finished: bool,
    /// Whether the stream ended without being said to.
    is_cut: bool,
    is_filtered: bool,
    has_text: bool,
}

impl TurnReader {
    pub(super) fn new(messages: usize) -> Self {
        Self {
            messages,
            calls: Calls::default(),
            echo: Map::new(),
            usage: None,
            is_finished: false,
            is_cut: false,
            is_filtered: false,
            has_text: false,
        }
    }

    /// Reads a chunk: its text comes at once, its pieces of tool calls are kept until the turn ends.
    pub(super) fn read(
        &mut self,
        chunk: &Value,
        pieces: &mut VecDeque<TurnPiece>,
        service: &Service,
    ) -> Result<(), Failure> {
        let chunk = chunk.get(0).unwrap_or(chunk);
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(service.error_inside(chunk));
        }
        if let Some(reason) = chunk.get(BROKEN).and_then(Value::as_str) {
            return Err(service.unavailable(format!("the stream broke: {reason}")));
        }
        self.is_cut |= chunk.get(ENDED).is_some();
        self.read_usage(chunk);
        let Some(choice) = chunk.pointer("/choices/0") else {
            return Ok(());
        };
        if choice.get("error").is_some_and(|error| !error.is_null()) {
            return Err(service.error_inside(choice));
        }
        // What the turn ended for says nothing about calls: some services write `stop` after them.
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.is_finished = true;
            self.is_filtered |= reason == "content_filter";
        }
        // A service that does not stream sends the whole message.
        if let Some(delta) = choice.get("delta").or_else(|| choice.get("message")) {
            self.read_delta(delta, pieces);
        }
        Ok(())
    }

    fn read_delta(&mut self, delta: &Value, pieces: &mut VecDeque<TurnPiece>) {
        self.read_reasoning(delta, pieces);
        for text in [delta.get("content"), delta.get("refusal")] {
            for piece in texts(text) {
                self.has_text |= !piece.trim().is_empty();
                pieces.push_back(TurnPiece::Text(piece.to_owned()));
            }
        }
        let calls = delta.get("tool_calls").and_then(Value::as_array);
        for piece in calls.into_iter().flatten() {
            self.calls.add(piece);
        }
        if let Some(extra) = delta.get("extra_content").filter(|extra| !extra.is_null()) {
            self.echo.insert("extra_content".to_owned(), extra.clone());
        }
    }

    fn read_reasoning(&mut self, delta: &Value, pieces: &mut VecDeque<TurnPiece>) {
        let mut is_shown = false;
        for name in REASONING {
            let Some(text) = delta
                .get(name)
                .and_then(Value::as_str)
                .filter(|t| !t.is_empty())
            else {
                continue;
            };
            append(&mut self.echo, name, text);
            // A service may write the same thoughts under both names.
            if !std::mem::replace(&mut is_shown, true) {
                pieces.push_back(TurnPiece::Reasoning(text.to_owned()));
            }
        }
        let details = delta.get(REASONING_DETAILS).and_then(Value::as_array);
        for part in details.into_iter().flatten() {
            self.add_detail(part);
        }
    }

    /// Adds a part of the reasoning, in the order in which the service wants them back: pieces of one
    /// text become one part.
    fn add_detail(&mut self, part: &Value) {
        let kept = self
            .echo
            .entry(REASONING_DETAILS)
            .or_insert_with(|| Value::Array(Vec::new()));
        let Some(kept) = kept.as_array_mut() else {
            return;
        };
        let is_piece = |last: &Value| {
            let same = |field| last.get(field) == part.get(field);
            part.get("index").is_some()
                && same("index")
                && same("type")
                && part.get("data").is_none()
        };
        let last = kept.last_mut().filter(|last| is_piece(last));
        let (Some(last), Some(part)) = (last.and_then(Value::as_object_mut), part.as_object())
        else {
            kept.push(part.clone());
            return;
        };
        for (field, value) in part {
            match (field.as_str(), value.as_str()) {
                ("text" | "summary", Some(text)) => append(last, field, text),
                _ if value.is_null() => {}
                _ => {
                    last.insert(field.clone(), value.clone());
                }
            }
        }
    }

    /// Usage stands in a chunk of its own or in every chunk; the last one counts.
    fn read_usage(&mut self, chunk: &Value) {
        let places = ["/usage", "/x_groq/usage"];
        let Some(usage) = places.iter().find_map(|place| chunk.pointer(place)) else {
            return;
        };
        let count = |place: &str| usage.pointer(place).and_then(Value::as_u64);
        if let (Some(input_tokens), output_tokens) =
            (count("/prompt_tokens"), count("/completion_tokens"))
        {
            self.usage = Some(Usage {
                input_tokens,
                output_tokens: output_tokens.unwrap_or_default(),
                cached_tokens: count("/prompt_tokens_details/cached_tokens").unwrap_or_default(),
            });
        }
    }

    /// Ends the turn.
    ///
    /// # Errors
    /// When the stream was cut before the turn was over, or said nothing at all.
    pub(super) fn finish(
        &mut self,
        pieces: &mut VecDeque<TurnPiece>,
        service: &Service,
    ) -> Result<(), Failure> {
        let is_told = self.is_finished || !self.is_cut;
        let is_whole = is_told || (!self.calls.is_empty() && self.calls.are_whole());
        if !is_whole {
            return Err(service.unavailable("the stream ended in the middle of a turn"));
        }
        if self.calls.is_empty() && !self.has_text {
            return Err(if self.is_filtered {
                service.filtered()
            } else {
                service.unavailable("it said nothing")
            });
        }
        let calls = std::mem::take(&mut self.calls).into_calls(self.messages);
        pieces.extend(calls.map(TurnPiece::ToolCall));
        let mut echo = std::mem::take(&mut self.echo);
        // The parts say all that the text does.
        if echo.contains_key(REASONING_DETAILS) {
            REASONING.iter().for_each(|name| drop(echo.remove(*name)));
        }
        if !echo.is_empty() {
            pieces.push_back(TurnPiece::Echo(echo));
        }
        pieces.extend(self.usage.map(TurnPiece::Usage));
        Ok(())
    }
}

/// The texts of a content: itself, or those of its parts.
fn texts(content: Option<&Value>) -> Vec<&str> {
    let texts = match content {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Array(parts)) => {
            let parts = parts.iter();
            parts
                .filter_map(|part| part.get("text").and_then(Value::as_str))
                .collect()
        }
        _ => Vec::new(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// Adds to the text in a field.
fn append(fields: &mut Map<String, Value>, name: &str, text: &str) {
    match fields.get_mut(name) {
        Some(Value::String(before)) => before.push_str(text),
        _ => {
            fields.insert(name.to_owned(), text.into());
        }
    }
}
