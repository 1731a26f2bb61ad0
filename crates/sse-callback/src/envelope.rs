//! What a publisher posts: `{"session_id": …, "event": {"type": …, …}}`, checked and rendered.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::frame::{Draft, EventType, InvalidEventType};

/// Why a body was refused.
#[derive(Debug, Error)]
pub enum EnvelopeError {
    /// It is not JSON.
    #[error("the body is not valid JSON: {0}")]
    NotJson(serde_json::Error),
    /// It is JSON, but no object.
    #[error("the body must be a JSON object with session_id and event")]
    NotAnObject,
    /// `session_id` is missing or no string.
    #[error("session_id is required and must be a string")]
    SessionId,
    /// `event` is missing or no object.
    #[error("event is required and must be an object")]
    Event,
    /// The type is there, but no string.
    #[error("the type of an event must be a string")]
    TypeNotText,
    /// The type does not fit on a line.
    #[error(transparent)]
    Type(#[from] InvalidEventType),
}

impl EnvelopeError {
    /// The path of what is wrong, from the body inwards.
    pub fn location(&self) -> &'static [&'static str] {
        match self {
            Self::NotJson(_) | Self::NotAnObject => &["body"],
            Self::SessionId => &["body", "session_id"],
            Self::Event => &["body", "event"],
            Self::TypeNotText | Self::Type(_) => &["body", "event", "type"],
        }
    }

    /// The kind of mistake, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "json_invalid",
            Self::NotAnObject | Self::Event => "object_type",
            Self::SessionId | Self::TypeNotText => "string_type",
            Self::Type(_) => "event_type_invalid",
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    session_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a RawValue>,
}

/// Checks a body and renders its event. The event's JSON stays as the publisher wrote it.
///
/// `session_id` must be there, as it always had to, but the address decides where the event goes.
pub fn read(body: &Bytes) -> Result<Draft, EnvelopeError> {
    // A derived struct also reads arrays, so objects are told by their first character.
    if matches!(first_byte(body), Some(byte) if byte != b'{') {
        return Err(match serde_json::from_slice::<&RawValue>(body) {
            Ok(_) => EnvelopeError::NotAnObject,
            Err(error) => EnvelopeError::NotJson(error),
        });
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(EnvelopeError::NotJson)?;
    if !envelope.session_id.is_some_and(|raw| starts(raw, '"')) {
        return Err(EnvelopeError::SessionId);
    }
    let event = envelope
        .event
        .filter(|raw| starts(raw, '{'))
        .ok_or(EnvelopeError::Event)?;
    let kind = event_type(event)?;
    let json = event.get();
    // Inside strings JSON allows no bare line break, so any there is lies between tokens.
    if json.contains(['\r', '\n']) {
        Ok(Draft::new(&kind, &json.replace(['\r', '\n'], " ")))
    } else {
        Ok(Draft::new(&kind, json))
    }
}

fn event_type(event: &RawValue) -> Result<EventType, EnvelopeError> {
    let Event { kind } = serde_json::from_str(event.get()).map_err(EnvelopeError::NotJson)?;
    let Some(kind) = kind else {
        return Ok(EventType::message());
    };
    let text: String = serde_json::from_str(kind.get()).map_err(|_| EnvelopeError::TypeNotText)?;
    if text.is_empty() {
        return Ok(EventType::message());
    }
    Ok(EventType::try_from(text)?)
}

fn first_byte(body: &[u8]) -> Option<u8> {
    body.iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace())
}

fn starts(raw: &RawValue, with: char) -> bool {
    raw.get().starts_with(with)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::frame::{Epoch, EventId};

    fn frame(body: &str) -> String {
        let id = EventId {
            epoch: Epoch::random(),
            seq: 1,
        };
        let frame = read(&Bytes::from(body.to_owned())).unwrap().seal(id);
        let text = String::from_utf8(frame.to_vec()).unwrap();
        text.split_once('\n').unwrap().1.to_owned()
    }

    fn refusal(body: &[u8]) -> String {
        let error = read(&Bytes::copy_from_slice(body)).unwrap_err();
        format!("{}: {error}", error.location().join("."))
    }

    #[test]
    fn the_event_stays_as_it_was_written() {
        let body = r#"{"event":{"zebra":1.50,"type":"token","a":"\u00e9\n","big":123456789012345678901},"session_id":"s","more":[1]}"#;
        assert_eq!(
            frame(body),
            "event: token\ndata: {\"zebra\":1.50,\"type\":\"token\",\"a\":\"\\u00e9\\n\",\"big\":123456789012345678901}\n\n"
        );
    }

    #[test]
    fn pretty_printed_events_become_one_line() {
        assert_eq!(
            frame("{\"session_id\":\"s\",\r\n \"event\": {\r\n\"type\":\"x\"\n}}"),
            "event: x\ndata: {  \"type\":\"x\" }\n\n"
        );
    }

    #[test]
    fn an_event_without_a_type_is_a_message() {
        for event in ["{}", r#"{"type":null}"#, r#"{"type":""}"#] {
            let body = format!(r#"{{"session_id":"s","event":{event}}}"#);
            assert_eq!(frame(&body), format!("event: message\ndata: {event}\n\n"));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refusals = [
            refusal(b""),
            refusal(b"{\"session_id\": \"s\", "),
            refusal(b"nonsense"),
            refusal(b"{\"session_id\":\"s\",\"event\":{\"a\":\"\xff\"}}"),
            refusal(br#"["s",{"type":"x"}]"#),
            refusal(b"null"),
            refusal(br#"{"event":{"type":"x"}}"#),
            refusal(br#"{"session_id":7,"event":{"type":"x"}}"#),
            refusal(br#"{"session_id":"s"}"#),
            refusal(br#"{"session_id":"s","event":["type","x"]}"#),
            refusal(br#"{"session_id":"s","event":{"type":7}}"#),
            refusal(br#"{"session_id":"s","event":{"type":"a\r\nb"}}"#),
            refusal(br#"{"session_id":"s","event":{"type":"a\u0000"}}"#),
        ];
        insta::assert_snapshot!(refusals.join("\n"), @r"
        body: the body is not valid JSON: EOF while parsing a value at line 1 column 0
        body: the body is not valid JSON: EOF while parsing a value at line 1 column 20
        body: the body is not valid JSON: expected ident at line 1 column 2
        body: the body is not valid JSON: invalid unicode code point at line 1 column 33
        body: the body must be a JSON object with session_id and event
        body: the body must be a JSON object with session_id and event
        body.session_id: session_id is required and must be a string
        body.session_id: session_id is required and must be a string
        body.event: event is required and must be an object
        body.event: event is required and must be an object
        body.event.type: the type of an event must be a string
        body.event.type: an event type must not contain a carriage return, a line feed or a NUL
        body.event.type: an event type must not contain a carriage return, a line feed or a NUL
        ");
    }
}
