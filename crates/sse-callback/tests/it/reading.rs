//! The reader of event streams: the cases of the web-platform tests `eventsource/format-*` as
//! vectors, and streams that are cut anywhere.

use std::convert::Infallible;
use std::time::Duration;

use eventsource_stream::EventStream;
use futures::executor::block_on;
use futures::{StreamExt as _, stream};
use kai_core::event_stream::{Event, Reader};
use kai_sse_callback::frame::{self, Draft, Epoch, EventId, EventType};
use proptest::prelude::*;

/// A stream, and its events: type, data, last id.
type Vector = (
    &'static str,
    &'static [u8],
    &'static [(&'static str, &'static str, &'static str)],
);

#[rustfmt::skip]
const VECTORS: &[Vector] = &[
    ("one byte order mark is skipped",
        b"\xef\xbb\xbfdata:1\n\ndata:2\n\n", &[("message", "1", ""), ("message", "2", "")]),
    ("the second is a part of the field's name",
        b"\xef\xbb\xbf\xef\xbb\xbfdata:1\n\ndata:2\n\n", &[("message", "2", "")]),
    ("a byte order mark later on is a part of the name, too",
        b"data:1\n\n\xef\xbb\xbfdata:2\n\ndata:3\n\n", &[("message", "1", ""), ("message", "3", "")]),
    ("comments of any length are skipped",
        b"data:1\r:\0\n:\r\ndata:2\n:long long long long long long\rdata:3\n\n",
        &[("message", "1\n2\n3", "")]),
    ("a data line without an end is no event",
        b"data:test\n\ndata:lost", &[("message", "test", "")]),
    ("nor is one without an empty line behind it",
        b"data:test\r\ndata:more\n\ndata:lost\n", &[("message", "test\nmore", "")]),
    ("data may be empty",
        b"data:\n\ndata\ndata\n\ndata:test\n\n",
        &[("message", "", ""), ("message", "\n", ""), ("message", "test", "")]),
    ("data keeps the zeros in it",
        b"data:\0\n\ndata:a\0b\n\n", &[("message", "\0", ""), ("message", "a\0b", "")]),
    ("an event has its type",
        b"event:test\ndata:x\n\ndata:x\n\n", &[("test", "x", ""), ("message", "x", "")]),
    ("the last of two types counts, and an empty one is none",
        b"event:test\nevent:other\ndata:x\n\nevent:test\nevent\ndata:y\n\nevent: \ndata:z\n\n",
        &[("other", "x", ""), ("message", "y", ""), ("message", "z", "")]),
    ("a type without data is forgotten at the empty line",
        b"event:lost\n\ndata:x\n\n", &[("message", "x", "")]),
    ("names are told by every letter",
        b"data:ok\n data:1\ndata :2\nData:3\nDATA:4\nda-ta:5\n\xef\xbc\xa4ata:6\ndata\t:7\n\0data:8\n\n",
        &[("message", "ok", "")]),
    ("the first space behind the colon is left out, and no other",
        b"data:\ttest\rdata: \ndata:test\n\ndata:  x \n\n",
        &[("message", "\ttest\n\ntest", ""), ("message", " x ", "")]),
    ("only the first colon is one",
        b"data:a:b: c\ndata::\n\n", &[("message", "a:b: c\n:", "")]),
    ("an id stays until there is another",
        b"id:1\ndata:a\n\ndata:b\n\nid:2\n\ndata:c\n\nid\ndata:d\n\n",
        &[("message", "a", "1"), ("message", "b", "1"), ("message", "c", "2"), ("message", "d", "")]),
    ("an id with a zero is none",
        b"id:1\ndata:a\n\nid:2\0\ndata:b\n\nid:\0\ndata:c\n\n",
        &[("message", "a", "1"), ("message", "b", "1"), ("message", "c", "1")]),
    ("every line break is one, and CR with LF is one together",
        b"data:a\ndata:b\r\ndata:c\rdata:d\r\n\r\ndata:e\r\rdata:f\n\r\ndata:g\r\n\n",
        &[("message", "a\nb\nc\nd", ""), ("message", "e", ""), ("message", "f", ""), ("message", "g", "")]),
    ("unknown fields and lines without a colon are skipped",
        b"foo:bar\nx\ndata:a\nretry\nunknown: data:b\n\n", &[("message", "a", "")]),
    ("retry is no event",
        b"retry:1000\n\ndata:x\nretry:x\n\n", &[("message", "x", "")]),
    ("other characters than ASCII come through",
        "data:ok\u{2026}\u{1f44d}\nevent:\u{e9}\n\n".as_bytes(), &[("\u{e9}", "ok\u{2026}\u{1f44d}", "")]),
    ("what is not UTF-8 is replaced",
        b"data:a\xffb\n\ndata:\xe2\x82\n\n", &[("message", "a\u{fffd}b", ""), ("message", "\u{fffd}", "")]),
    ("a line separator that is none of the three is text",
        "data:a\u{2028}b\u{85}c\u{b}d\n\n".as_bytes(), &[("message", "a\u{2028}b\u{85}c\u{b}d", "")]),
];

/// Reads a stream in pieces that end where they are told to.
fn read(bytes: &[u8], cuts: &[usize]) -> (Vec<Event>, Reader) {
    let (mut reader, mut events) = (Reader::new(), Vec::new());
    for piece in pieces(bytes, cuts) {
        reader.feed(piece, &mut events);
    }
    (events, reader)
}

fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|ends| &bytes[ends[0]..ends[1]])
        .collect()
}

#[test]
fn the_cases_of_the_web_platform_tests_hold_however_they_are_cut() {
    for (case, bytes, expected) in VECTORS {
        let expected: Vec<_> = expected
            .iter()
            .map(|(kind, data, id)| Event {
                kind: (*kind).to_owned(),
                data: (*data).to_owned(),
                last_event_id: (*id).to_owned(),
            })
            .collect();
        assert_eq!(read(bytes, &[]).0, expected, "{case}");
        for cut in 0..=bytes.len() {
            assert_eq!(read(bytes, &[cut]).0, expected, "{case}, cut at {cut}");
        }
        let every: Vec<_> = (0..bytes.len()).collect();
        assert_eq!(read(bytes, &every).0, expected, "{case}, byte by byte");
    }
}

/// What the encoder makes of the vectors' events is read back by both readers.
#[test]
fn the_encoder_can_say_what_the_cases_say() {
    let mut bytes = Vec::new();
    let mut expected = Vec::new();
    let epoch = Epoch::random();
    for (seq, (kind, data, _)) in (1..).zip(VECTORS.iter().flat_map(|(_, _, events)| *events)) {
        let id = EventId { epoch, seq };
        let kind = EventType::try_from((*kind).to_owned()).unwrap();
        bytes.extend(Draft::new(&kind, data).seal(id));
        bytes.extend(frame::comment());
        expected.push(Event {
            kind: kind.as_str().to_owned(),
            data: (*data).to_owned(),
            last_event_id: id.to_string(),
        });
    }
    assert_eq!(read(&bytes, &[]).0, expected);
    assert_eq!(theirs(&bytes, &[]), expected);
}

#[test]
fn the_time_to_come_back_is_the_last_that_was_a_number() {
    for (stream, expected) in [
        ("data:x\n\n", None),
        ("retry:3000\n", Some(3_000)),
        ("retry:3000", None),
        (
            "retry: 03000\nretry:3000x\nretry:-1\nretry:+5\nretry:1.5\nretry:\nretry\n",
            Some(3_000),
        ),
        ("retry:1\nretry:2\n\n", Some(2)),
        ("retry:7\nretry:99999999999999999999\n", Some(7)),
    ] {
        let (_, reader) = read(stream.as_bytes(), &[]);
        let expected = expected.map(Duration::from_millis);
        assert_eq!(reader.reconnection_time(), expected, "{stream:?}");
    }
    let (_, reader) = read(&frame::retry(Duration::from_secs(2)), &[]);
    assert_eq!(reader.reconnection_time(), Some(Duration::from_secs(2)));
}

#[test]
fn an_id_counts_from_the_empty_line_on() {
    let (events, reader) = read(b"id:1\ndata:x\n\nid:2\n\nid:3\n", &[]);
    assert_eq!(events.len(), 1);
    assert_eq!(reader.last_event_id(), "2");
}

/// What a parser that is not ours reads.
fn theirs(bytes: &[u8], cuts: &[usize]) -> Vec<Event> {
    let pieces = pieces(bytes, cuts).into_iter().map(Ok::<_, Infallible>);
    let events = EventStream::new(stream::iter(pieces)).map(|event| {
        let event = event.unwrap();
        Event {
            kind: event.event,
            data: event.data,
            last_event_id: event.id,
        }
    });
    block_on(events.collect())
}

/// Text that is full of what matters.
fn stream_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "\n", "\r", "\r\n", "\n\n", ":", " ", ": ", "data", "data:", "data: x", "event:",
            "event: y", "id:", "id: 7", "id", "retry: 5", "\0", "\u{feff}", "dat", "\u{1f44d}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5_000) })]

    #[test]
    fn cutting_changes_nothing(
        bytes in prop_oneof![
            stream_text().prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..60),
        ],
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        prop_assert_eq!(read(&bytes, &cuts).0, read(&bytes, &[]).0);
    }
}
