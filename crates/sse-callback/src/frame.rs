//! The one encoder of event-stream frames (WHATWG HTML, "Server-sent events").

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use thiserror::Error;

/// The type of an event: text that fits on one line of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType<'a>(Cow<'a, str>);

/// An event type that would break out of its line, or that parsers disagree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an event type must not contain a carriage return, a line feed or a NUL")]
pub struct InvalidEventType;

impl EventType<'static> {
    /// The type that parsers assume when a frame names none.
    pub fn message() -> Self {
        Self(Cow::Borrowed("message"))
    }
}

impl EventType<'_> {
    /// The type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this type ends a run.
    pub fn is_done(&self) -> bool {
        self.0 == "done"
    }
}

impl<'a> TryFrom<Cow<'a, str>> for EventType<'a> {
    type Error = InvalidEventType;

    fn try_from(text: Cow<'a, str>) -> Result<Self, InvalidEventType> {
        if memchr::memchr3(b'\r', b'\n', b'\0', text.as_bytes()).is_some() {
            Err(InvalidEventType)
        } else {
            Ok(Self(text))
        }
    }
}

impl TryFrom<String> for EventType<'static> {
    type Error = InvalidEventType;

    fn try_from(text: String) -> Result<Self, InvalidEventType> {
        Self::try_from(Cow::<'static, str>::Owned(text))
    }
}

/// What tells one log from the log that took its place: random, never from a clock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Epoch([u8; Self::LENGTH]);

impl Epoch {
    const LENGTH: usize = 7;
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

    /// A new epoch.
    pub fn random() -> Self {
        use rand::Rng as _;
        let mut rng = rand::rng();
        Self(std::array::from_fn(|_| {
            let digit = rng.random_range(0..Self::ALPHABET.len());
            Self::ALPHABET.get(digit).copied().unwrap_or(b'0')
        }))
    }

    /// The epoch that a text stands for, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; Self::LENGTH] = text.as_bytes().try_into().ok()?;
        let known = bytes.iter().all(|byte| Self::ALPHABET.contains(byte));
        known.then_some(Self(bytes))
    }

    /// The epoch as text.
    pub fn as_str(&self) -> &str {
        // Only characters of the alphabet get in, and those are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of an event: `{epoch}-{seq}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    /// The log that numbered it.
    pub epoch: Epoch,
    /// Its place in the log, from 1.
    pub seq: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch.as_str(), self.seq)
    }
}

/// A frame that lacks only its id, so that the bulk of it is written before the log is locked.
#[derive(Debug)]
pub struct Draft {
    /// Room for the id line, then the rest of the frame.
    buffer: Vec<u8>,
    done: bool,
}

impl Draft {
    /// The longest id line: `id: `, the epoch, `-`, 20 digits, a line feed.
    const ROOM: usize = 4 + Epoch::LENGTH + 1 + 20 + 1;

    /// Renders an event; line breaks in `data` make further `data:` lines.
    pub fn new(kind: &EventType, data: &str) -> Self {
        let mut buffer = Vec::with_capacity(Self::ROOM + event_len(kind.as_str(), data));
        buffer.resize(Self::ROOM, 0);
        write_event(&mut buffer, kind.as_str(), data);
        Self {
            buffer,
            done: kind.is_done(),
        }
    }

    /// Takes a frame up again that somebody kept: what [`Draft::rest`] gave, and whether the event
    /// ends a run.
    pub fn again(rest: &[u8], done: bool) -> Self {
        let mut buffer = Vec::with_capacity(Self::ROOM + rest.len());
        buffer.resize(Self::ROOM, 0);
        buffer.extend_from_slice(rest);
        Self { buffer, done }
    }

    /// The frame without its id.
    pub fn rest(&self) -> &[u8] {
        self.buffer.get(Self::ROOM..).unwrap_or_default()
    }

    /// Whether the event ends a run.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The size of the finished frame, a few bytes too large at most.
    pub fn len_at_most(&self) -> usize {
        self.buffer.len()
    }

    /// Puts the id in front. Copies nothing but the id.
    pub fn seal(mut self, id: EventId) -> Bytes {
        let mut line = [0; Self::ROOM];
        let mut free = line.as_mut_slice();
        // The room holds the longest line.
        let _ = writeln!(free, "id: {id}");
        let start = free.len();
        if let Some(room) = self.buffer.get_mut(start..Self::ROOM) {
            room.copy_from_slice(line.get(..Self::ROOM - start).unwrap_or_default());
        }
        let mut frame = Bytes::from(self.buffer);
        frame.advance(start);
        frame
    }
}

/// A frame of our own, beside the log: it has no id, so it moves no cursor.
pub fn unnumbered(kind: &'static str, data: &str) -> Bytes {
    let mut buffer = Vec::with_capacity(event_len(kind, data));
    write_event(&mut buffer, kind, data);
    Bytes::from(buffer)
}

/// A comment, which parsers skip and proxies take for life.
pub const fn comment() -> Bytes {
    Bytes::from_static(b": keep-alive\n\n")
}

/// How long a client is to wait before it reconnects.
pub fn retry(after: Duration) -> Bytes {
    Bytes::from(format!("retry: {}\n\n", after.as_millis()))
}

/// The length of an event that is written without an id, when its data has no line break.
fn event_len(kind: &str, data: &str) -> usize {
    kind.len() + data.len() + "event: \ndata: \n\n".len()
}

fn write_event(buffer: &mut Vec<u8>, kind: &str, data: &str) {
    buffer.extend_from_slice(b"event: ");
    buffer.extend_from_slice(kind.as_bytes());
    buffer.push(b'\n');
    let mut rest = data;
    loop {
        let (line, after) = match memchr::memchr2(b'\r', b'\n', rest.as_bytes()) {
            Some(end) => {
                let (line, breaks) = rest.split_at(end);
                let after = breaks.strip_prefix("\r\n").or_else(|| breaks.get(1..));
                (line, after)
            }
            None => (rest, None),
        };
        buffer.extend_from_slice(b"data: ");
        buffer.extend_from_slice(line.as_bytes());
        buffer.push(b'\n');
        match after {
            Some(after) => rest = after,
            None => break,
        }
    }
    buffer.push(b'\n');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::convert::Infallible;

    use eventsource_stream::{Event, EventStream};
    use futures::executor::block_on;
    use futures::{StreamExt as _, stream};
    use proptest::prelude::*;

    use super::*;

    fn kind(text: &str) -> EventType<'static> {
        EventType::try_from(text.to_owned()).unwrap()
    }

    fn id(seq: u64) -> EventId {
        EventId {
            epoch: Epoch(*b"abc1234"),
            seq,
        }
    }

    fn parse(bytes: &[u8], chunk: usize) -> Vec<Event> {
        let chunks: Vec<Result<Vec<u8>, Infallible>> = bytes
            .chunks(chunk.max(1))
            .map(|part| Ok(part.to_vec()))
            .collect();
        block_on(
            EventStream::new(stream::iter(chunks))
                .map(Result::unwrap)
                .collect(),
        )
    }

    #[test]
    fn a_frame_is_id_event_data() {
        let frame = Draft::new(&kind("token"), r#"{"a":1}"#).seal(id(12));
        assert_eq!(
            frame,
            "id: abc1234-12\nevent: token\ndata: {\"a\":1}\n\n".as_bytes()
        );
    }

    #[test]
    fn the_largest_number_fits_into_the_room() {
        let frame = Draft::new(&kind("x"), "1").seal(id(u64::MAX));
        assert!(frame.starts_with(b"id: abc1234-18446744073709551615\nevent: x\n"));
    }

    #[test]
    fn every_kind_of_line_break_starts_a_data_line() {
        let frame = unnumbered("x", "a\nb\rc\r\nd\n");
        assert_eq!(
            frame,
            "event: x\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n".as_bytes()
        );
    }

    #[test]
    fn types_that_leave_their_line_are_refused() {
        for text in ["a\nb", "a\rb", "\0"] {
            assert_eq!(EventType::try_from(text.to_owned()), Err(InvalidEventType));
        }
    }

    #[test]
    fn epochs_differ_and_are_plain() {
        let one = Epoch::random();
        assert_ne!(one, Epoch::random());
        assert!(
            one.as_str()
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
        );
    }

    proptest! {
        #[test]
        fn an_independent_parser_reads_what_was_written(
            events in prop::collection::vec(("[^\r\n\0]{1,12}", "(?s).{0,40}"), 1..6),
            chunk in 1_usize..40,
        ) {
            let mut bytes = retry(Duration::from_secs(1)).to_vec();
            let mut expected = Vec::new();
            for (seq, (name, data)) in (1..).zip(&events) {
                bytes.extend(Draft::new(&kind(name), data).seal(id(seq)));
                bytes.extend(comment());
                let data = data.replace("\r\n", "\n").replace('\r', "\n");
                expected.push((id(seq).to_string(), name.clone(), data));
            }
            let parsed: Vec<_> = parse(&bytes, chunk)
                .into_iter()
                .map(|event| (event.id, event.event, event.data))
                .collect();
            prop_assert_eq!(parsed, expected);
        }
    }
}
