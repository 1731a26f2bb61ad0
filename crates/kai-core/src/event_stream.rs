//! Reads an event stream (WHATWG HTML, "Server-sent events") as a browser does.

use std::time::Duration;

/// An event as a browser would hand it to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The type; `message` when the stream named none.
    pub kind: String,
    /// The data, its lines joined by line feeds.
    pub data: String,
    /// The last id that the stream has given, in this event or before; empty when there was none.
    pub last_event_id: String,
}

/// A reader that is fed with a stream as it arrives, in pieces of any size.
#[derive(Debug, Default)]
pub struct Reader {
    /// A line that has not ended yet.
    line: Vec<u8>,
    /// The last byte was a carriage return, so that a line feed now belongs to it.
    after_return: bool,
    /// The first line, which may begin with a byte order mark, has been read.
    past_first_line: bool,
    kind: String,
    data: String,
    id: String,
    last_event_id: String,
    reconnection_time: Option<Duration>,
}

impl Reader {
    /// A reader at the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the stream, and adds the events that end in it.
    pub fn feed(&mut self, piece: &[u8], events: &mut Vec<Event>) {
        let mut rest = piece;
        while let Some((&first, after)) = rest.split_first() {
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                rest = after;
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let Some((line, end)) = end.and_then(|end| rest.split_at_checked(end)) else {
                self.line.extend_from_slice(rest);
                return;
            };
            self.line.extend_from_slice(line);
            self.after_return = end.starts_with(b"\r");
            rest = end.get(1..).unwrap_or_default();
            self.end_of_line(events);
        }
    }

    /// The last id that the stream has given: what to come back with.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// How long to wait before coming back, if the stream has said so.
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    fn end_of_line(&mut self, events: &mut Vec<Event>) {
        let mut bytes = std::mem::take(&mut self.line);
        let mut line = bytes.as_slice();
        if !std::mem::replace(&mut self.past_first_line, true) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            events.extend(self.dispatch());
        } else {
            // A line break is never part of a longer character, so lines decode one by one.
            let text = String::from_utf8_lossy(line);
            let (name, value) = text.split_once(':').unwrap_or((&text, ""));
            self.field(name, value.strip_prefix(' ').unwrap_or(value));
        }
        bytes.clear();
        self.line = bytes;
    }

    /// Takes a field; a comment is one without a name.
    fn field(&mut self, name: &str, value: &str) {
        match name {
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                // Nothing, or more than a number can hold, says nothing.
                if let Ok(milliseconds) = value.parse() {
                    self.reconnection_time = Some(Duration::from_millis(milliseconds));
                }
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        self.id.clone_into(&mut self.last_event_id);
        let kind = std::mem::take(&mut self.kind);
        let mut data = std::mem::take(&mut self.data);
        // Every data line has left a line feed; the last is none of the data's own.
        data.pop()?;
        Some(Event {
            kind: if kind.is_empty() {
                "message".to_owned()
            } else {
                kind
            },
            data,
            last_event_id: self.last_event_id.clone(),
        })
    }
}
