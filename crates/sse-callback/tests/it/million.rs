//! A million streams that are full of what matters, which the reader and a parser that is not ours have
//! to read alike.

use std::convert::Infallible;
use std::thread;

use eventsource_stream::EventStream;
use futures::{FutureExt as _, StreamExt as _, stream};
use kai_core::event_stream::{Event, Reader};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

const CASES: u64 = 1_000_000;
const THREADS: usize = 2;

const PIECES: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\r",
    ":",
    " ",
    ": ",
    "data",
    "data:",
    "data: x",
    "data:y\n\n",
    "data: 1\r\n\r\n",
    "data\n\n",
    "\ndata:2\r\r",
    "event:",
    "event: z",
    "id:",
    "id: 7",
    "id",
    "retry: 5",
    "retry",
    "\0",
    "\u{feff}",
    "dat",
    "\t",
    "\u{1f44d}",
    "\u{2028}",
    "é",
];

/// Writes the stream of a case, and where it is cut.
fn write(rng: &mut SmallRng, text: &mut String, cuts: &mut Vec<usize>) {
    text.clear();
    // The other parser panics on a byte order mark at the very beginning, and cannot tell what a
    // return at the very end is; so comments stand there.
    text.push_str(":\n");
    for _ in 0..rng.random_range(0..18) {
        let place = rng.random_range(0..PIECES.len() + 4);
        match PIECES.get(place) {
            Some(piece) => text.push_str(piece),
            None => text.push(rng.random()),
        }
    }
    text.push_str(":\n");
    cuts.clear();
    cuts.push(0);
    for _ in 0..rng.random_range(0..6) {
        cuts.push(rng.random_range(0..=text.len()));
    }
    cuts.push(text.len());
    cuts.sort_unstable();
}

fn ours(bytes: &[u8], cuts: &[usize]) -> Vec<Event> {
    let (mut reader, mut events) = (Reader::new(), Vec::new());
    for ends in cuts.windows(2) {
        reader.feed(&bytes[ends[0]..ends[1]], &mut events);
    }
    events
}

fn theirs(bytes: &[u8], cuts: &[usize]) -> Vec<Event> {
    let pieces = cuts
        .windows(2)
        .map(|ends| Ok::<_, Infallible>(&bytes[ends[0]..ends[1]]));
    let mut parsed = EventStream::new(stream::iter(pieces));
    let mut events = Vec::new();
    while let Some(event) = parsed.next().now_or_never().expect("all of it is there") {
        let event = event.unwrap();
        events.push(Event {
            kind: event.event,
            data: event.data,
            last_event_id: event.id,
        });
    }
    events
}

/// Compares so many cases, and tells how many events were in them.
fn compare(thread: u64) -> (u64, usize) {
    let (mut text, mut cuts) = (String::new(), Vec::new());
    let (mut cases, mut events) = (0, 0);
    for case in (thread..CASES).step_by(THREADS) {
        let mut rng = SmallRng::seed_from_u64(case);
        write(&mut rng, &mut text, &mut cuts);
        let read = ours(text.as_bytes(), &cuts);
        assert_eq!(
            read,
            theirs(text.as_bytes(), &cuts),
            "case {case}: {text:?} cut at {cuts:?}"
        );
        cases += 1;
        events += read.len();
    }
    (cases, events)
}

#[test]
fn another_parser_reads_a_million_streams_alike() {
    let threads: Vec<_> = (0..)
        .take(THREADS)
        .map(|thread| thread::spawn(move || compare(thread)))
        .collect();
    let (mut cases, mut events) = (0, 0);
    for thread in threads {
        let compared = thread.join().unwrap();
        cases += compared.0;
        events += compared.1;
    }
    assert_eq!(cases, CASES);
    // Streams without events would prove little.
    assert!(events > 500_000, "{events} events in {cases} streams");
    println!("{cases} streams with {events} events");
}
