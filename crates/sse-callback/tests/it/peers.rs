//! Peers that are slow, silent, too many, or gone.

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::raw::Raw;
use crate::support::{Receiver, soon};

fn cut(reason: &str) -> String {
    format!("kai_sse_connections_cut_total{{reason=\"{reason}\"}}")
}

#[tokio::test]
async fn a_header_that_does_not_come_to_its_end_closes_the_connection() {
    let receiver = Receiver::with(&["--header-timeout-seconds", "1"]).await;
    let silent = Raw::to(&receiver).await;
    let mut begun = Raw::to(&receiver).await;
    begun.write("GET /healthz HTTP/1.1\r\nHost:").await;
    // One that has been served before has no more time than a new one.
    let mut served = Raw::get(receiver.address, "/healthz", "").await;
    served.read_until("healthy").await;
    served.write("GET /hea").await;
    for raw in [silent, begun, served] {
        assert_eq!(raw.rest().await, "");
    }
    assert_eq!(receiver.metric(&cut("slow_header")).await, 3);
}

#[tokio::test]
async fn a_connection_may_rest_for_a_while_between_requests() {
    let flags = ["--connection-idle-seconds", "1"];
    let receiver = Receiver::with(&flags).await;
    receiver.publish_run("s", "a", 0).await;
    let mut plain = Raw::get(receiver.address, "/healthz", "").await;
    plain.read_until("healthy").await;
    let mut streamed = Raw::get(receiver.address, "/stream/s", "").await;
    streamed.read_until("\r\n0\r\n\r\n").await;
    // It may still be used, and then has another while.
    plain.ask("/healthz", "").await;
    plain.read_until("healthy").await;
    for raw in [plain, streamed] {
        assert_eq!(raw.rest().await, "");
    }
    assert!(receiver.metric(&cut("idle")).await >= 2);
}

#[tokio::test]
async fn a_silent_stream_is_neither_slow_nor_idle() {
    let flags = [
        "--header-timeout-seconds",
        "1",
        "--connection-idle-seconds",
        "1",
        "--write-timeout-seconds",
        "1",
        "--idle-timeout-seconds",
        "3",
    ];
    let receiver = Receiver::with(&flags).await;
    let stream = Raw::get(receiver.address, "/stream/s", "Connection: close\r\n").await;
    let text = stream.rest().await;
    assert!(text.contains("event: timeout"), "{text}");
}

#[tokio::test]
async fn headers_have_a_bound() {
    let receiver = Receiver::start().await;
    let many = "X-A: b\r\n".repeat(150);
    let large = format!("X-A: {}\r\n", "b".repeat(40_000));
    for headers in [many, large] {
        let refused = Raw::get(receiver.address, "/healthz", &headers).await;
        let answer = refused.rest().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_bad_request() {
    let receiver = Receiver::start().await;
    let mut nonsense = Raw::to(&receiver).await;
    nonsense.write("what is this\r\n\r\n").await;
    let mut broken = Raw::to(&receiver).await;
    let begin = "POST /events/s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    broken
        .write(&format!("{begin}5\r\n{{\"ses\r\nnot a length\r\n"))
        .await;
    for raw in [nonsense, broken] {
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(receiver.metric("kai_sse_sessions").await, 0);
}

#[tokio::test]
async fn one_who_never_reads_is_cut_and_holds_up_nobody() {
    let flags = [
        "--write-timeout-seconds",
        "1",
        "--max-bytes-per-session",
        "1000000",
    ];
    let receiver = Receiver::with(&flags).await;
    let _deaf = Raw::get(receiver.address, "/stream/s", "").await;
    let mut other = Raw::get(receiver.address, "/stream/s", "").await;
    receiver.until_metric("kai_sse_subscribers", 2).await;
    let content = "x".repeat(200_000);
    // The system's buffers take some events, and then no more.
    soon(async {
        for number in 1.. {
            if receiver.metric(&cut("stalled_write")).await > 0 {
                break;
            }
            let event = json!({"type": "token", "content": content, "end": number});
            receiver.publish("s", event).await;
            other.read_until(&format!("\"end\":{number}}}")).await;
        }
    })
    .await;
    receiver.until_metric("kai_sse_subscribers", 1).await;
}

#[tokio::test]
async fn one_who_closes_only_its_own_side_is_let_go() {
    let receiver = Receiver::start().await;
    let mut half = Raw::get(receiver.address, "/stream/s", "").await;
    half.read_until("retry: ").await;
    half.0.shutdown().await.unwrap();
    half.rest().await;
    receiver.until_metric("kai_sse_subscribers", 0).await;
    assert_eq!(receiver.metric("kai_sse_sessions").await, 0);
}

/// A post of which only the beginning of the body is there.
async fn half_a_post(receiver: &Receiver) -> Raw {
    let mut raw = Raw::to(receiver).await;
    let begin = "POST /events/s HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n";
    raw.write(begin).await;
    raw.write(r#"{"session_id":"s","event":{"type":"do"#).await;
    raw
}

#[tokio::test]
async fn a_post_that_is_cut_in_the_middle_leaves_no_trace() {
    let receiver = Receiver::start().await;
    let mut events = receiver.open("/stream/s").await;
    for _ in 0..20 {
        drop(half_a_post(&receiver).await);
    }
    let mut half_closed = half_a_post(&receiver).await;
    half_closed.0.shutdown().await.unwrap();
    half_closed.rest().await;
    receiver.publish_run("s", "a", 1).await;
    assert_eq!(events.take(2).await, ["a0", "done a"]);
    assert_eq!(receiver.metric("kai_sse_events_received_total").await, 2);
    drop(events);
    // Nobody holds on to a connection: what is left is the one that asks.
    soon(async { while receiver.metric("kai_sse_connections").await > 2 {} }).await;
}

#[tokio::test]
async fn a_post_whose_rest_does_not_come_is_given_up() {
    let receiver = Receiver::with(&["--body-timeout-seconds", "1"]).await;
    let answer = half_a_post(&receiver).await.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("SSE_BODY_TIMEOUT_SECONDS"), "{answer}");
    let refused = r#"kai_sse_publishes_refused_total{reason="timeout"}"#;
    assert_eq!(receiver.metric(refused).await, 1);
}

#[tokio::test]
async fn connections_that_are_too_many_are_told_to_come_again() {
    let flags = ["--max-connections", "1", "--cors-origins", "*"];
    let receiver = Receiver::with(&flags).await;
    let mut first = Raw::get(receiver.address, "/stream/s", "").await;
    first.read_until("retry: ").await;

    let origin = "Origin: https://a.example\r\n";
    let stream = Raw::get(receiver.address, "/stream/s", origin).await;
    let text = stream.rest().await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    assert!(
        text.contains("access-control-allow-origin: *\r\n"),
        "{text}"
    );
    assert!(text.contains("\r\nretry: "), "{text}");

    let refused = receiver.post("s", "{}").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "5");
    let healthy = soon(receiver.get("/healthz").send()).await.unwrap();
    assert_eq!(healthy.status(), StatusCode::OK);
    for kind in ["publishes", "streams"] {
        let refused = format!("kai_sse_{kind}_refused_total{{reason=\"too_many_connections\"}}");
        assert_eq!(receiver.metric(&refused).await, 1, "{kind}");
    }

    drop(first);
    let status = async || receiver.post("s", "{}").await.status();
    soon(async { while status().await == StatusCode::SERVICE_UNAVAILABLE {} }).await;
}

#[tokio::test]
async fn subscribers_that_are_too_many_are_told_to_come_again() {
    let receiver = Receiver::with(&["--max-subscribers-per-session", "2"]).await;
    let one = receiver.open("/stream/s").await;
    let _two = receiver.open("/stream/s").await;
    let put_off = async || {
        let response = soon(receiver.get("/stream/s").send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        soon(response.text()).await.unwrap()
    };
    assert!(put_off().await.starts_with("retry: "));
    // Other sessions have room, and so has this one when somebody has left.
    let _other = receiver.open("/stream/t").await;
    drop(one);
    receiver.until_metric("kai_sse_subscribers", 2).await;
    let _three = receiver.open("/stream/s").await;
    let refused = r#"kai_sse_streams_refused_total{reason="too_many_subscribers"}"#;
    assert_eq!(receiver.metric(refused).await, 1);
}
