//! What a publisher posts: `{"session_id": …, "event": {"type": …, …}}`, checked and rendered.
//!
//! An envelope may also say where its event stands: `run_id`, `attempt` and `seq`.

use std::borrow::Cow;
use std::num::NonZeroU64;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::frame::{Draft, EventType, InvalidEventType};
use crate::producer::{InvalidRunId, Post, RunId, Stamp};

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
    /// `run_id` is no string.
    #[error("run_id must be a string")]
    RunIdNotText,
    /// `run_id` has a length that no run id has.
    #[error(transparent)]
    RunId(#[from] InvalidRunId),
    /// There is an attempt or a number, but not of which run.
    #[error("run_id is required beside attempt and seq")]
    RunIdMissing,
    /// `attempt` is no positive integer.
    #[error("attempt must be an integer from 1 on")]
    Attempt,
    /// `seq` is missing beside the others, or no positive integer.
    #[error("seq is required beside run_id and must be an integer from 1 on")]
    Seq,
}

impl EnvelopeError {
    /// The path of what is wrong, from the body inwards.
    pub fn location(&self) -> &'static [&'static str] {
        match self {
            Self::NotJson(_) | Self::NotAnObject => &["body"],
            Self::SessionId => &["body", "session_id"],
            Self::Event => &["body", "event"],
            Self::TypeNotText | Self::Type(_) => &["body", "event", "type"],
            Self::RunIdNotText | Self::RunId(_) | Self::RunIdMissing => &["body", "run_id"],
            Self::Attempt => &["body", "attempt"],
            Self::Seq => &["body", "seq"],
        }
    }

    /// The kind of mistake, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "json_invalid",
            Self::NotAnObject | Self::Event => "object_type",
            Self::SessionId | Self::TypeNotText | Self::RunIdNotText => "string_type",
            Self::Type(_) => "event_type_invalid",
            Self::RunId(_) => "run_id_invalid",
            Self::RunIdMissing => "missing",
            Self::Attempt | Self::Seq => "int_type",
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    session_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    run_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    attempt: Option<&'a RawValue>,
    #[serde(borrow, default)]
    seq: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a RawValue>,
}

/// Checks a body and renders its event. The event's JSON stays as the publisher wrote it.
///
/// `session_id` must be there, as it always had to, but the address decides where the event goes.
pub fn read(body: &[u8]) -> Result<Post, EnvelopeError> {
    // A derived struct also reads arrays, so objects are told by their first character.
    if matches!(first_byte(body), Some(byte) if byte != b'{') {
        return Err(match serde_json::from_slice::<&RawValue>(body) {
            Ok(_) => EnvelopeError::NotAnObject,
            Err(error) => EnvelopeError::NotJson(error),
        });
    }
    // Checked as a whole, text is not checked again part by part.
    let envelope: Envelope = match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    }
    .map_err(EnvelopeError::NotJson)?;
    if !envelope.session_id.is_some_and(|raw| starts(raw, '"')) {
        return Err(EnvelopeError::SessionId);
    }
    let event = envelope
        .event
        .filter(|raw| starts(raw, '{'))
        .ok_or(EnvelopeError::Event)?;
    let kind = event_type(event)?;
    let stamp = stamp(&envelope)?;
    let json = event.get();
    // Inside strings JSON allows no bare line break, so any there is lies between tokens.
    let draft = if memchr::memchr2(b'\r', b'\n', json.as_bytes()).is_some() {
        Draft::new(&kind, &json.replace(['\r', '\n'], " "))
    } else {
        Draft::new(&kind, json)
    };
    Ok(Post { draft, stamp })
}

/// The event's place in its run. All of it or nothing: half a stamp protects nobody.
fn stamp(envelope: &Envelope) -> Result<Option<Stamp>, EnvelopeError> {
    let Some(run) = envelope.run_id else {
        return match (envelope.attempt, envelope.seq) {
            (None, None) => Ok(None),
            _ => Err(EnvelopeError::RunIdMissing),
        };
    };
    let run = text(run).ok_or(EnvelopeError::RunIdNotText)?.into_owned();
    let attempt = match envelope.attempt {
        Some(attempt) => positive(attempt).ok_or(EnvelopeError::Attempt)?,
        None => NonZeroU64::MIN,
    };
    let seq = envelope.seq.and_then(positive);
    Ok(Some(Stamp {
        run: RunId::try_from(run)?,
        attempt,
        seq: seq.ok_or(EnvelopeError::Seq)?,
    }))
}

fn positive(number: &RawValue) -> Option<NonZeroU64> {
    serde_json::from_str(number.get()).ok()
}

fn event_type(event: &RawValue) -> Result<EventType<'_>, EnvelopeError> {
    let Event { kind } = serde_json::from_str(event.get()).map_err(EnvelopeError::NotJson)?;
    let Some(kind) = kind else {
        return Ok(EventType::message());
    };
    let text = text(kind).ok_or(EnvelopeError::TypeNotText)?;
    if text.is_empty() {
        return Ok(EventType::message());
    }
    Ok(EventType::try_from(text)?)
}

/// A string's text, which is copied only when it has escapes.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', quoted.as_bytes()).is_none() {
        return Some(Cow::Borrowed(quoted));
    }
    serde_json::from_str(raw.get()).ok().map(Cow::Owned)
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
        let frame = read(body.as_bytes()).unwrap().draft.seal(id);
        let text = String::from_utf8(frame.to_vec()).unwrap();
        text.split_once('\n').unwrap().1.to_owned()
    }

    fn refusal(body: &[u8]) -> String {
        let error = read(body).unwrap_err();
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
    fn a_stamp_is_read_whole_or_not_at_all() {
        let stamp = |fields: &str| {
            let body = format!(r#"{{"session_id":"s","event":{{}}{fields}}}"#);
            match read(body.as_bytes()) {
                Ok(Post { stamp, .. }) => match stamp {
                    Some(Stamp { run, attempt, seq }) => format!("{run:?} {attempt} {seq}"),
                    None => "none".to_owned(),
                },
                Err(error) => {
                    let (place, code) = (error.location().join("."), error.code());
                    format!("{place}: {code}: {error}")
                }
            }
        };
        let stamps = [
            stamp(""),
            stamp(r#","run_id":null,"attempt":null,"seq":null"#),
            stamp(r#","run_id":"r","seq":1"#),
            stamp(r#","seq":18446744073709551615,"attempt":3,"run_id":"\u00e9""#),
            stamp(r#","seq":1"#),
            stamp(r#","attempt":1"#),
            stamp(r#","run_id":"r""#),
            stamp(r#","run_id":7,"seq":1"#),
            stamp(r#","run_id":"","seq":1"#),
            stamp(r#","run_id":"r","seq":0"#),
            stamp(r#","run_id":"r","seq":"1""#),
            stamp(r#","run_id":"r","seq":1.5"#),
            stamp(r#","run_id":"r","seq":18446744073709551616"#),
            stamp(r#","run_id":"r","seq":1,"attempt":0"#),
            stamp(r#","run_id":"r","seq":1,"attempt":-1"#),
            stamp(r#","run_id":"r","run_id":"q","seq":1"#),
        ];
        insta::assert_snapshot!(stamps.join("\n"), @r#"
        none
        none
        RunId("r") 1 1
        RunId("é") 3 18446744073709551615
        body.run_id: missing: run_id is required beside attempt and seq
        body.run_id: missing: run_id is required beside attempt and seq
        body.seq: int_type: seq is required beside run_id and must be an integer from 1 on
        body.run_id: string_type: run_id must be a string
        body.run_id: run_id_invalid: run_id must have 1 to 512 bytes
        body.seq: int_type: seq is required beside run_id and must be an integer from 1 on
        body.seq: int_type: seq is required beside run_id and must be an integer from 1 on
        body.seq: int_type: seq is required beside run_id and must be an integer from 1 on
        body.seq: int_type: seq is required beside run_id and must be an integer from 1 on
        body.attempt: int_type: attempt must be an integer from 1 on
        body.attempt: int_type: attempt must be an integer from 1 on
        body: json_invalid: the body is not valid JSON: duplicate field `run_id` at line 1 column 50
        "#);
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
