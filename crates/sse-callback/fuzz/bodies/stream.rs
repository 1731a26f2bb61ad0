//! What the SSE writer writes the reader reads, in any pieces; and no bytes at all upset the reader.

use kai_core::event_stream::{Event, Reader};
use kai_sse_callback::frame::{self, Draft, Epoch, EventId, EventType};

/// Takes the bytes as types and data of events, each field behind a zero, and as a stream of their
/// own. Tells how many events were written.
pub(super) fn check(input: &[u8]) -> usize {
    let (&pace, text) = input.split_first().unwrap_or((&0, &[]));
    anything(text, pace);
    round_trip(&String::from_utf8_lossy(text), pace)
}

/// Where a stream is cut changes nothing.
fn anything(bytes: &[u8], pace: u8) {
    let (whole, reader) = read(bytes, bytes.len());
    let (cut, other) = read(bytes, usize::from(pace));
    assert_eq!(whole, cut);
    assert_eq!(reader.last_event_id(), other.last_event_id());
    assert_eq!(reader.reconnection_time(), other.reconnection_time());
}

fn round_trip(text: &str, pace: u8) -> usize {
    let epoch = Epoch::random();
    let mut fields = text.split('\0');
    let (mut bytes, mut written) = (Vec::new(), Vec::new());
    for seq in 1.. {
        let (Some(kind), Some(data)) = (fields.next(), fields.next()) else {
            break;
        };
        let Ok(kind) = EventType::try_from(kind.to_owned()) else {
            assert!(kind.contains(['\r', '\n']), "{kind:?} fits on a line");
            continue;
        };
        let id = EventId { epoch, seq };
        let draft = Draft::new(&kind, data);
        let room = draft.len_at_most();
        let frame = draft.seal(id);
        assert!(frame.len() <= room);
        bytes.extend_from_slice(&frame);
        bytes.extend_from_slice(&frame::comment());
        // An empty type is none, and every kind of line break is one.
        let kind = if kind.as_str().is_empty() {
            EventType::message()
        } else {
            kind
        };
        written.push(Event {
            kind: kind.as_str().to_owned(),
            data: data.replace("\r\n", "\n").replace('\r', "\n"),
            last_event_id: id.to_string(),
        });
    }
    for size in [usize::from(pace), bytes.len()] {
        assert_eq!(read(&bytes, size).0, written);
    }
    written.len()
}

/// Reads a stream in pieces of a size.
fn read(bytes: &[u8], size: usize) -> (Vec<Event>, Reader) {
    let (mut reader, mut events) = (Reader::new(), Vec::new());
    for piece in bytes.chunks(size.max(1)) {
        reader.feed(piece, &mut events);
    }
    (events, reader)
}
