//! Reads back the frames that the log and its subscriptions hand out.

use std::borrow::Cow;

/// One part of what a subscription hands out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// An event.
    Event(Event<'a>),
    /// A comment or a `retry:`, which mean the same in every vocabulary.
    Aside(&'a str),
}

/// An event as the native stream has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event<'a> {
    /// Its id; the receiver's own events, `gap` and `timeout`, have none.
    pub(super) id: Option<&'a str>,
    /// Its type.
    pub(super) kind: &'a str,
    /// Its JSON.
    pub(super) data: Cow<'a, str>,
}

/// The parts of some frames, in order.
pub(super) fn parts(frames: &[u8]) -> impl Iterator<Item = Part<'_>> {
    // Frames are written from strings.
    let text = std::str::from_utf8(frames).unwrap_or_default();
    text.split_inclusive("\n\n").map(part)
}

fn part(block: &str) -> Part<'_> {
    let mut event = Event {
        id: None,
        kind: "message",
        data: Cow::Borrowed(""),
    };
    let mut lines = 0;
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("id", id)) => event.id = Some(id),
            Some(("event", kind)) => event.kind = kind,
            Some(("data", data)) => {
                if lines == 0 {
                    event.data = Cow::Borrowed(data);
                } else {
                    let all = event.data.to_mut();
                    all.push('\n');
                    all.push_str(data);
                }
                lines += 1;
            }
            _ => {}
        }
    }
    if lines == 0 {
        Part::Aside(block)
    } else {
        Part::Event(event)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::frame;

    #[test]
    fn what_the_encoder_wrote_is_read_back() {
        let mut frames = frame::retry(Duration::from_secs(1)).to_vec();
        frames.extend(frame::unnumbered("gap", "{\"a\":\n1}"));
        frames.extend(frame::comment());
        frames.extend(b"id: abc-7\nevent: a: b\ndata: {\"c\": \"d: e\"}\n\n");
        let event = |id, kind, data| {
            Part::Event(Event {
                id,
                kind,
                data: Cow::Borrowed(data),
            })
        };
        assert_eq!(
            parts(&frames).collect::<Vec<_>>(),
            [
                Part::Aside("retry: 1000\n\n"),
                event(None, "gap", "{\"a\":\n1}"),
                Part::Aside(": keep-alive\n\n"),
                event(Some("abc-7"), "a: b", "{\"c\": \"d: e\"}"),
            ]
        );
    }
}
