//! Many at once: streams, clients that all come back, sessions that nobody needs any more.

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use futures::future::join_all;
use kai_sse_callback::descriptors;
use serde_json::json;

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
async fn two_thousand_five_hundred_streams_get_everything() {
    const STREAMS: usize = 2_500;
    const SESSIONS: usize = 50;
    room_for(STREAMS);
    let receiver = Receiver::start().await;
    let streams = open(&receiver, STREAMS, |number| {
        format!("s{}", number % SESSIONS)
    })
    .await;
    for session in 0..SESSIONS {
        receiver.publish_run(&format!("s{session}"), "a", 4).await;
    }
    for text in join_all(streams.into_iter().map(Raw::rest)).await {
        assert_eq!(numbers(&text), [1, 2, 3, 4, 5]);
    }
    receiver.until_metric("kai_sse_subscribers", 0).await;
    let delivered = receiver.metric("kai_sse_events_delivered_total").await;
    assert_eq!(delivered, 5 * STREAMS as u64);
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
