//! Whatever bytes a publisher posts, they are refused or become one frame that says what they say.

use std::convert::Infallible;

use eventsource_stream::{Event, EventStream};
use futures::executor::block_on;
use futures::{StreamExt as _, stream};
use kai_sse_callback::frame::{Epoch, EventId};
use kai_sse_callback::{batch, envelope};
use proptest::prelude::*;
use serde_json::Value;

/// Pieces that envelopes are made of, whole and broken.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "\r\n",
        " ",
        "\0",
        "\u{feff}",
        "null",
        "1",
        "0",
        "-1",
        "1e400",
        "18446744073709551616",
        "\"\"",
        "\"s\"",
        "\"session_id\":",
        "\"session_id\":\"s\",",
        "\"event\":",
        "\"event\":{},",
        "\"event\":{\"type\":\"x\"}",
        "\"type\":",
        "\"done\"",
        "\"\\r\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"run_id\":\"r\",",
        "\"attempt\":",
        "\"seq\":",
        "\"data: \\n\"",
    ]);
    prop_oneof![
        8 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ]
}

/// An envelope that may be taken, with anything in the places that a publisher fills.
fn envelope_like() -> impl Strategy<Value = Vec<u8>> {
    let member = prop_oneof![
        Just("\"content\":\"\\n\\r\"".to_owned()),
        any::<String>().prop_map(|text| format!("\"type\":{}", Value::from(text))),
        any::<String>().prop_map(|text| format!("{}: 1.50", Value::from(text))),
    ];
    let stamp = prop_oneof![
        Just(String::new()),
        (any::<String>(), any::<u64>()).prop_map(|(run, seq)| {
            format!(",\n\"run_id\": {},\"seq\": {seq}", Value::from(run))
        }),
    ];
    let members = prop::collection::vec(member, 0..4);
    let breaks = prop::sample::select(vec!["", "\n", "\r", "\r\n", " \n\n"]);
    (members, stamp, breaks).prop_map(|(members, stamp, pause)| {
        let members = members.join(&format!(",{pause}"));
        format!("{{{pause}\"session_id\":\"s\",\"event\":{{{members}{pause}}}{stamp}}}")
            .into_bytes()
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat()),
        envelope_like(),
        (envelope_like(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
            |(mut body, place, byte)| {
                let place = place.index(body.len());
                body[place] = byte;
                body
            }
        ),
    ]
}

/// What a parser that is not ours makes of a stream.
fn parse(bytes: &[u8]) -> Vec<Event> {
    let chunk = Ok::<_, Infallible>(bytes.to_vec());
    let events = EventStream::new(stream::iter([chunk]));
    block_on(events.map(Result::unwrap).collect())
}

/// Reads a body, and looks closely at what was accepted.
fn check(body: &[u8]) -> bool {
    let Ok(post) = envelope::read(body) else {
        return false;
    };
    let id = EventId {
        epoch: Epoch::random(),
        seq: 7,
    };
    let done = post.draft.is_done();
    let frame = post.draft.seal(id);
    let events = parse(&frame);
    let [event] = events.as_slice() else {
        panic!("{} events in {frame:?}", events.len());
    };
    assert_eq!(event.id, id.to_string());
    assert_eq!(event.event == "done", done);

    // A second opinion on what the body says, from a reader that keeps no text.
    let body: Value = serde_json::from_slice(body).expect("only JSON is accepted");
    let sent = &body["event"];
    let named = sent["type"].as_str().filter(|kind| !kind.is_empty());
    assert_eq!(event.event, named.unwrap_or("message"));
    assert_eq!(&serde_json::from_str::<Value>(&event.data).unwrap(), sent);
    assert_eq!(post.stamp.is_some(), body["run_id"].is_string());
    assert!(
        post.stamp
            .is_none_or(|stamp| Some(stamp.seq.get()) == body["seq"].as_u64())
    );
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_is_refused_or_becomes_one_frame(body in body()) {
        check(&body);
    }

    #[test]
    fn any_bytes_at_all_are_refused_or_become_one_frame(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&body);
    }

    /// A batch is what its lines are one by one, up to the first that is wrong.
    #[test]
    fn a_batch_is_its_lines(bodies in prop::collection::vec(body(), 0..6)) {
        let body = bodies.join(&b'\n');
        let batch = batch::read(&body);
        let mut taken = Vec::new();
        let mut wrong = None;
        for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if !check(line) {
                wrong = Some(number);
                break;
            }
            taken.push(number);
        }
        prop_assert_eq!(batch.posts.len(), taken.len());
        prop_assert_eq!(batch.lines, taken);
        prop_assert_eq!(batch.wrong.map(|(line, _)| line), wrong);
    }
}

#[test]
fn the_generated_envelopes_are_not_all_refused() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let taken = (0..200)
        .filter(|_| {
            let tree = envelope_like().new_tree(&mut runner).unwrap();
            check(&proptest::strategy::ValueTree::current(&tree))
        })
        .count();
    assert!(taken > 50, "{taken} of 200");
}
