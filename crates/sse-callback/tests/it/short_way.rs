//! The two plain requests have a way of their own through the receiver; nobody can tell from outside.
//!
//! A connection whose first request is another one is served by hyper to its end, so what follows a
//! `GET /healthz` shows what hyper and the routes would have said.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

use crate::raw::Raw;
use crate::support::{Receiver, soon};

/// Stands for the epoch of the session that is read.
const EPOCH: &str = "EPOCH";

/// Ends every conversation.
const LAST: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// A body and what is wrong with it, if anything.
fn body() -> impl Strategy<Value = String> {
    let event = prop::sample::select(vec![
        r#"{"type":"token","content":"a"}"#,
        r#"{"type":"done"}"#,
        r#"{"type":7}"#,
        "{}",
        "[]",
        "{\r\n}",
        "{",
    ]);
    let more = prop::sample::select(vec![
        "",
        "",
        r#","run_id":"r","seq":1"#,
        r#","run_id":"r","seq":2"#,
        r#","run_id":"r","seq":9"#,
        r#","run_id":"q","attempt":2,"seq":1"#,
        r#","seq":1"#,
    ]);
    (event, more).prop_map(|(event, more)| format!(r#"{{"session_id":"s","event":{event}{more}}}"#))
}

/// Fields that mean nothing here, something, or trouble.
fn fields(publishing: bool) -> impl Strategy<Value = String> {
    let mut known = vec![
        "Accept: */*",
        "connection: Keep-Alive",
        "Connection: keep-alive, x",
        "Content-Type: application/json",
        "Content-Type: application/json; charset=utf-8",
        "Content-Type: text/plain",
        "Content-Type: application/x-ndjson",
        "Origin: https://a.example",
        "Authorization: Bearer x",
        "Authorization: x",
        "X-Ümlaut: é",
        "Te: trailers",
        "Upgrade: websocket",
    ];
    if !publishing {
        known.extend([
            "Last-Event-ID: EPOCH-1",
            "Last-Event-ID: EPOCH-2",
            "Last-Event-ID: EPOCH-3",
            "Last-Event-ID: EPOCH-99",
            "Last-Event-ID: é",
            "Last-Event-ID:  EPOCH-1 ",
        ]);
    }
    prop::collection::vec(prop::sample::select(known), 0..4).prop_map(|fields| {
        let mut text = String::new();
        for field in fields {
            write!(text, "{field}\r\n").unwrap();
        }
        text
    })
}

/// All to places where bodies are read: hyper may close a connection whose body nobody reads, or not.
fn publishing() -> impl Strategy<Value = String> {
    let path = prop::sample::select(vec![
        "/events/p",
        "/events/p",
        "/events/p-1.~:@",
        "/events/p%20q",
        "/events/p?x",
    ]);
    let length = prop::sample::select(vec![
        "Content-Length: N\r\n",
        "Content-Length: N\r\n",
        "content-length:N\r\n",
        "Content-Length: N\r\nContent-Length: N\r\n",
        "Content-Length: 0N\r\n",
        "Content-Length: +N\r\n",
        "Content-Length: N, N\r\n",
        "Content-Length: N\r\nContent-Length: 1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: N\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: N\r\nTransfer-Encoding: identity\r\n",
        "Content-Length: N\r\nExpect: 100-continue\r\n",
        "",
    ]);
    (path, length, fields(true), body()).prop_map(|(path, length, fields, body)| {
        let chunked = length.contains("chunked");
        let size = body.len();
        let length = length.replace('N', &size.to_string());
        let body = if chunked {
            format!("{size:x}\r\n{body}\r\n0\r\n\r\n")
        } else {
            body
        };
        format!("POST {path} HTTP/1.1\r\nHost: x\r\n{fields}{length}\r\n{body}")
    })
}

/// Asks for a stream that ends by itself.
fn reading() -> impl Strategy<Value = String> {
    let query = prop::sample::select(vec![
        "?replay=all",
        "?replay=all",
        "?replay=all&last_event_id=EPOCH-1",
        "?last_event_id=EPOCH-3&replay=all",
        "?last_event_id=EPOCH-4&replay=all",
        "?last_event_id=nonsense&replay=all",
        "?replay=all&replay=all",
        "?replay=some",
        "?replay=all&format=agui",
        "?replay=all&token=x",
        "?replay=all&",
    ]);
    let version = prop::sample::select(vec!["1.1", "1.1", "1.1", "1.0"]);
    (query, fields(false), version).prop_map(|(query, fields, version)| {
        format!("GET /stream/r{query} HTTP/{version}\r\nHost: x\r\n{fields}\r\n")
    })
}

fn request() -> impl Strategy<Value = String> {
    let others = prop::sample::select(vec![
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /events/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /events/p/q HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /stream/r HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "GET  /stream/r HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /stream/r HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET /stream/r HTTP/1.1\r\nHost : x\r\n\r\n",
        "\r\n",
        "\0",
    ]);
    prop_oneof![
        5 => publishing(),
        4 => reading(),
        1 => others.prop_map(str::to_owned),
    ]
}

/// A receiver with a run in session `r`, and the epoch of that.
async fn receiver() -> (Receiver, String) {
    let receiver = Receiver::start().await;
    receiver.publish_run("r", "a", 3).await;
    let mut events = receiver.open("/stream/r?replay=all").await;
    let id = events.next().await.unwrap().id;
    let epoch = id.split_once('-').unwrap().0.to_owned();
    while events.next().await.is_some() {}
    (receiver, epoch)
}

/// Says all of it, in parts that end at `cuts`; returns all that is answered, as far as it does not depend
/// on chance.
async fn answers(by_hyper: bool, said: &str, cuts: &[prop::sample::Index]) -> String {
    let (receiver, epoch) = receiver().await;
    let mut raw = Raw::to(&receiver).await;
    raw.0.set_nodelay(true).unwrap();
    if by_hyper {
        raw.ask("/healthz", "").await;
        raw.read_until("healthy\"}").await;
    }
    let said = said.replace(EPOCH, &epoch);
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(said.len())).collect();
    cuts.extend([0, said.len()]);
    cuts.sort_unstable();
    for part in cuts.windows(2) {
        // It may have closed the connection already.
        let part = &said.as_bytes()[part[0]..part[1]];
        if soon(raw.0.write_all(part)).await.is_err() {
            break;
        }
    }
    let text = raw.rest().await;
    let events = receiver.metric("kai_sse_events_received_total").await;
    let posts = receiver
        .metric("kai_sse_publish_duration_seconds_count")
        .await;
    let refused = receiver
        .metric(r#"kai_sse_publishes_refused_total{reason="invalid"}"#)
        .await;
    let plain = plain(&unchunked(&text).replace(&epoch, EPOCH));
    format!("{plain}\n{events} events, {posts} posts, {refused} invalid")
}

/// Takes the framing of chunks away, which may be cut elsewhere.
fn unchunked(mut text: &str) -> String {
    const MARK: &str = "transfer-encoding: chunked";
    let mut plain = String::new();
    while let Some(head) = text.find(MARK) {
        let body = head + text[head..].find("\r\n\r\n").unwrap() + 4;
        plain.push_str(&text[..body]);
        text = &text[body..];
        while let Some((size, rest)) = text.split_once("\r\n") {
            let size = usize::from_str_radix(size, 16).unwrap();
            let (chunk, rest) = rest.split_at(size);
            plain.push_str(chunk);
            text = rest.strip_prefix("\r\n").unwrap();
            if size == 0 {
                break;
            }
        }
    }
    plain + text
}

fn plain(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(": ") {
        Some((name @ ("date" | "retry"), _)) => format!("{name}: …"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_answers_what_hyper_and_the_routes_would(
        requests in prop::collection::vec(request(), 1..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let said = requests.concat() + LAST;
        let runtime = Runtime::new().unwrap();
        let (ours, theirs) = runtime.block_on(async {
            tokio::join!(answers(false, &said, &cuts), answers(true, &said, &cuts))
        });
        prop_assert_eq!(ours, theirs, "{}", said);
    }
}

#[tokio::test]
async fn other_requests_in_between_change_nothing() {
    let receiver = Receiver::start().await;
    let mut raw = Raw::to(&receiver).await;
    let body = json!({"session_id": "s", "event": {"type": "done"}}).to_string();
    let length = body.len();
    let post =
        format!("POST /events/s HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}");
    for _ in 0..2 {
        raw.write(&post).await;
        raw.read_until(r#"{"status":"ok"}"#).await;
        raw.ask("/stream/s", "").await;
        let text = raw.read_until("\r\n0\r\n\r\n").await;
        assert!(text.contains("event: done"), "{text}");
        raw.ask("/stream/s?format=agui", "Last-Event-ID: x\r\n")
            .await;
        raw.read_until("\r\n0\r\n\r\n").await;
        raw.ask("/readyz", "").await;
        raw.read_until("ready\"}").await;
    }
    assert_eq!(receiver.metric("kai_sse_events_received_total").await, 2);
}

#[tokio::test]
async fn a_visitor_may_ask_the_next_thing_before_its_stream_is_over() {
    let receiver = Receiver::start().await;
    let mut raw = Raw::get(receiver.address, "/stream/s", "").await;
    raw.read_until("retry: ").await;
    raw.ask("/stream/t", "").await;
    receiver.publish_run("t", "b", 0).await;
    receiver.publish_run("s", "a", 0).await;
    let text = raw.read_until("\"b\"}}\n\n\r\n0\r\n\r\n").await;
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 1, "{text}");
    assert!(text.contains("\"a\"}}\n\n\r\n0\r\n\r\nHTTP/1.1"), "{text}");
    // Talking without end is no way to fill the receiver's memory, nor to keep it from sending.
    let mut chatty = Raw::get(receiver.address, "/stream/u", "").await;
    let mut said = vec![b'x'; 16 * 1_024 * 1_024];
    said[..2].copy_from_slice(b"\r\n");
    let (mut reader, mut writer) = chatty.0.split();
    tokio::select! {
        () = async {
            // It ends at the latest when the receiver has sent its stream and closes.
            let _ = writer.write_all(&said).await;
            std::future::pending::<()>().await;
        } => {}
        () = async {
            receiver.until_metric("kai_sse_subscribers", 1).await;
            receiver.publish_run("u", "c", 0).await;
            let mut text = Vec::new();
            while !String::from_utf8_lossy(&text).contains("\r\n0\r\n\r\n") {
                let count = soon(reader.read_buf(&mut text)).await.unwrap();
                assert!(count > 0, "the stream has no end");
            }
        } => {}
    }
}
