//! Many at once: streams, clients that all come back, sessions that nobody needs any more.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use futures::future::join_all;
use kai_sse_callback::descriptors;
use serde_json::json;
use tokio::process::Command;

use crate::program::Program;
use crate::raw::Raw;
use crate::support::{Receiver, client, metric, soon};

/// Room for both ends of so many connections in this process.
fn room_for(connections: usize) {
    let allowed = descriptors::raise().and_then(NonZeroUsize::new);
    let enough = allowed.is_none_or(|allowed| allowed.get() >= 2 * connections + 200);
    assert!(
        enough,
        "this test needs a higher limit on open files (ulimit -n)"
    );
}

/// The numbers of the events in a stream's text, in order.
fn numbers(text: &str) -> Vec<u64> {
    let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
    ids.map(|id| id.split_once('-').unwrap().1.parse().unwrap())
        .collect()
}

async fn open(receiver: &Receiver, count: usize, session: impl Fn(usize) -> String) -> Vec<Raw> {
    let streams = (0..count).map(async |number| {
        let path = format!("/stream/{}", session(number));
        Raw::get(receiver.address, &path, "Connection: close\r\n").await
    });
    let streams = join_all(streams).await;
    receiver
        .until_metric("kai_sse_subscribers", count as u64)
        .await;
    streams
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_streams_get_everything() {
    const STREAMS: usize = 10_000;
    const SESSIONS: usize = 50;
    // One end of each is here, and other tests run beside this one.
    room_for(STREAMS * 2 / 3);
    // The program begins with a low limit on open files, and raises it by itself.
    let mut command = Command::new("sh");
    let start = "ulimit -Sn 300; exec \"$0\" --port 0";
    command.args(["-c", start, env!("CARGO_BIN_EXE_kai-sse-callback")]);
    command.env("RUST_LOG", "warn");
    let mut program = Program::of(command);
    let url = program.url().await;
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let client = client();
    let metric_of = async |name| {
        let page = soon(client.get(format!("{url}/metrics")).send())
            .await
            .unwrap();
        metric(&soon(page.text()).await.unwrap(), name)
    };
    let before = program.resident_kib();
    let mut streams = Vec::new();
    // No more at once than the system lets wait for being accepted.
    for first in (0..STREAMS).step_by(500) {
        let some = (first..first + 500).map(async |number| {
            let path = format!("/stream/s{}", number % SESSIONS);
            let mut raw = Raw::get(address, &path, "Connection: close\r\n").await;
            raw.read_until("retry: ").await;
            raw
        });
        streams.extend(join_all(some).await);
    }
    assert_eq!(metric_of("kai_sse_subscribers").await, STREAMS as u64);
    let open = program.resident_kib();
    for session in 0..SESSIONS {
        let kinds = ["token", "token", "token", "token", "done"];
        let lines =
            kinds.map(|kind| json!({"session_id": "s", "event": {"type": kind}}).to_string());
        let lines = lines.join("\n");
        let post = client.post(format!("{url}/events/s{session}"));
        let post = post
            .header("content-type", "application/x-ndjson")
            .body(lines);
        assert!(soon(post.send()).await.unwrap().status().is_success());
    }
    for raw in streams {
        assert_eq!(numbers(&raw.rest().await), [1, 2, 3, 4, 5]);
    }
    soon(async { while metric_of("kai_sse_subscribers").await != 0 {} }).await;
    let delivered = metric_of("kai_sse_events_delivered_total").await;
    assert_eq!(delivered, 5 * STREAMS as u64);
    println!("resident: {before} KiB at first, {open} with {STREAMS} streams");
}

/// So many envelopes from a number on, a line each.
fn envelopes(first: usize, count: usize) -> String {
    let content = "x".repeat(100);
    let mut lines = String::new();
    for number in first..first + count {
        let event = format!(r#"{{"type":"token","content":"{content}","n":{number}}}"#);
        writeln!(lines, r#"{{"session_id":"s","event":{event}}}"#).unwrap();
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_never_reads_costs_no_memory_and_holds_up_nobody() {
    const EVENTS: usize = 100_000;
    const BATCH: usize = 1_000;
    // The deaf one is not to be cut, as this is about what it costs while it is there.
    let settings = [("SSE_WRITE_TIMEOUT_SECONDS", "600"), ("RUST_LOG", "error")];
    let mut program = Program::start(&settings, &["--port", "0"]);
    let url = program.url().await;
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let client = client();
    let mut deaf = Raw::get(address, "/stream/s", "").await;
    deaf.read_until("retry: ").await;
    let before = program.resident_kib();
    let mut reader = Raw::get(address, "/stream/s", "").await;
    reader.read_until("retry: ").await;
    let (mut next, mut slowest) = (1, Duration::ZERO);
    for first in (0..EVENTS).step_by(BATCH) {
        let begun = Instant::now();
        let post = client.post(format!("{url}/events/s"));
        let post = post.header("content-type", "application/x-ndjson");
        let post = post.body(envelopes(first, BATCH)).send();
        let last = format!("\"n\":{}}}\n\n", first + BATCH - 1);
        // The other reader gets every event, and gets it while the batch is new.
        let (answer, text) = tokio::join!(soon(post), reader.read_until(&last));
        assert!(answer.unwrap().status().is_success());
        for number in numbers(&text) {
            assert_eq!(number, next);
            next += 1;
        }
        slowest = slowest.max(begun.elapsed());
    }
    assert_eq!(next, EVENTS as u64 + 1);
    let page = soon(client.get(format!("{url}/metrics")).send())
        .await
        .unwrap();
    let page = soon(page.text()).await.unwrap();
    assert_eq!(metric(&page, "kai_sse_subscribers"), 2);
    // A session keeps 10,000 events, here 2 MB; what was sent are 20.
    let grown = program.peak_kib() - before;
    assert!(grown < 12 * 1_024, "it grew by {grown} KiB");
    println!("grew by {grown} KiB; the slowest batch took {slowest:?}");

    // When it reads at last it is told of everything that it missed, and of nothing else.
    let late = deaf
        .read_until(&format!("\"n\":{}}}\n\n", EVENTS - 1))
        .await;
    let mut last = 0;
    let parts: Vec<_> = late.split("event: gap\n").map(numbers).collect();
    for part in &parts {
        assert!(part[0] > last + u64::from(last > 0));
        assert!(part.windows(2).all(|pair| pair[1] == pair[0] + 1));
        last = part[part.len() - 1];
    }
    assert!(parts.len() > 1);
    assert_eq!((parts[0][0], last), (1, EVENTS as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_that_come_back_at_once_miss_nothing() {
    const CLIENTS: usize = 1_000;
    room_for(CLIENTS);
    let receiver = Receiver::start().await;
    let token = json!({"type": "token", "content": "x"});
    for _ in 0..5 {
        receiver.publish("s", token.clone()).await;
    }
    let streams = open(&receiver, CLIENTS, |_| "s".to_owned()).await;
    let seen = join_all(streams.into_iter().map(async |mut raw| {
        // Each breaks off somewhere else.
        let text = raw.read_until("-5\n").await;
        let ids: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("id: "))
            .collect();
        let local = raw.0.local_addr().unwrap().port();
        ids[usize::from(local) % ids.len()].to_owned()
    }))
    .await;
    // All connections are closed, and all clients come back while the run goes on.
    let back = seen.iter().map(async |last| {
        let header = format!("Last-Event-ID: {last}\r\nConnection: close\r\n");
        let raw = Raw::get(receiver.address, "/stream/s", &header).await;
        let after: u64 = last.split_once('-').unwrap().1.parse().unwrap();
        (after, raw.rest().await)
    });
    let run = receiver.publish_run("s", "a", 20);
    let (back, ()) = tokio::join!(join_all(back), run);
    for (after, text) in back {
        let expected: Vec<_> = (after + 1..=26).collect();
        assert_eq!(numbers(&text), expected, "{text}");
        assert!(!text.contains("event: gap"));
    }
    receiver.until_metric("kai_sse_subscribers", 0).await;
}

/// Publishes an event of 2 KiB to each of so many new sessions, many requests at a time.
async fn fill(address: std::net::SocketAddr, round: &str, sessions: usize) {
    let content = "x".repeat(2_048);
    let mut raw = Raw::connect(address).await;
    for first in (0..sessions).step_by(100) {
        let mut requests = String::new();
        for number in first..first + 100 {
            let body =
                format!(r#"{{"session_id":"s","event":{{"type":"token","content":"{content}"}}}}"#);
            let length = body.len();
            write!(
                requests,
                "POST /events/{round}{number} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
            )
            .unwrap();
        }
        raw.write(&requests).await;
        let mut answers = 0;
        while answers < 100 {
            answers += raw.read_until("\"ok\"}").await.matches("\"ok\"}").count();
        }
    }
}

#[tokio::test]
async fn ten_thousand_sessions_that_nobody_needs_give_their_memory_back() {
    const SESSIONS: usize = 10_000;
    let mut program = Program::start(
        &[("SSE_RETENTION_SECONDS", "5"), ("RUST_LOG", "warn")],
        &["--port", "0"],
    );
    let url = program.url().await;
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let client = client();
    let page = async || {
        let response = soon(client.get(format!("{url}/metrics")).send()).await;
        soon(response.unwrap().text()).await.unwrap()
    };
    let before = program.resident_kib();
    let mut after = Vec::new();
    let mut peak = 0;
    for round in ["a", "b"] {
        let parts = ["1-", "2-"].map(|part| format!("{round}{part}"));
        let fill = parts.iter().map(|part| fill(address, part, SESSIONS / 2));
        join_all(fill).await;
        peak = peak.max(program.resident_kib());
        soon(async { while metric(&page().await, "kai_sse_sessions") != 0 {} }).await;
        // What is free is given back right after that, in the background.
        let enough = before + (peak - before) / 3;
        soon(async {
            while program.resident_kib() > enough {
                page().await;
            }
        })
        .await;
        after.push(program.resident_kib());
    }
    let received = metric(&page().await, "kai_sse_events_received_total");
    assert_eq!(received, 2 * SESSIONS as u64);
    println!("resident: {before} KiB at first, {peak} with all sessions, {after:?} without");
}
