//! What happens at each limit, to publishers and to subscribers.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Events, Receiver, soon};

fn event_of(size: usize) -> String {
    let content = "x".repeat(size);
    json!({"session_id": "s", "event": {"type": "token", "content": content}}).to_string()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let receiver = Receiver::start().await;
    let response = receiver.post("s", event_of(1_048_576)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer: Value = response.json().await.unwrap();
    let detail = answer["detail"].as_str().unwrap();
    assert!(detail.contains("SSE_MAX_BODY_BYTES"), "{detail}");
    assert_eq!(
        receiver.post("s", event_of(1_000_000)).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_event_larger_than_a_session_is_refused() {
    let receiver = Receiver::with(&["--max-bytes-per-session", "1000"]).await;
    let response = receiver.post("s", event_of(1_000)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer: Value = response.json().await.unwrap();
    let detail = answer["detail"].as_str().unwrap();
    assert!(detail.contains("SSE_MAX_BYTES_PER_SESSION"), "{detail}");
}

#[tokio::test]
async fn a_full_session_drops_its_oldest_events_and_says_so() {
    let receiver = Receiver::with(&["--max-bytes-per-session", "1000"]).await;
    receiver.publish_run("s", "b", 30).await;
    let late = receiver.open("/stream/s").await.rest().await;
    assert_eq!(late[0], "gap");
    assert_eq!(late.last().unwrap(), "done b");
    assert!(late.len() < 20, "{late:?}");
}

#[tokio::test]
async fn one_session_too_many_is_put_off() {
    let receiver = Receiver::with(&["--max-sessions", "1"]).await;
    receiver
        .publish("s", json!({"type": "token", "content": "a"}))
        .await;

    let body = json!({"session_id": "t", "event": {}}).to_string();
    let response = receiver.post("t", body).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "10");
    let answer: Value = response.json().await.unwrap();
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .contains("SSE_MAX_SESSIONS")
    );

    let response = soon(receiver.get("/stream/t").send()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = soon(response.text()).await.unwrap();
    let milliseconds = text.strip_prefix("retry: ").unwrap().trim_end();
    assert!((5_000..=15_000).contains(&milliseconds.parse::<u32>().unwrap()));

    let mut events = receiver.open("/stream/s").await;
    assert_eq!(events.take(1).await, ["a"]);
}

#[tokio::test]
async fn a_visitor_who_leaves_makes_room() {
    let receiver = Receiver::with(&["--max-sessions", "1"]).await;
    drop(receiver.open("/stream/s").await);
    let body = json!({"session_id": "t", "event": {}}).to_string();
    let refused =
        async || receiver.post("t", body.clone()).await.status() == StatusCode::TOO_MANY_REQUESTS;
    // The receiver learns of it from the network, so ask until it has.
    soon(async { while refused().await {} }).await;
}

#[tokio::test]
async fn a_slow_subscriber_holds_up_nobody_and_is_told_what_it_missed() {
    let kept = ["--max-bytes-per-session", "1000000"];
    let patient = ["--write-timeout-seconds", "600"];
    let receiver = Receiver::with(&[kept, patient].concat()).await;
    // Its answer is there, but nothing reads it until all is published.
    let slow = soon(receiver.get("/stream/s").send()).await.unwrap();
    let mut quick = receiver.open("/stream/s").await;
    for number in 0..200 {
        let content = format!("{number}{}", "x".repeat(100_000));
        receiver
            .publish("s", json!({"type": "token", "content": content}))
            .await;
        assert_eq!(quick.take(1).await, [content]);
    }
    receiver.publish_run("s", "end", 0).await;
    assert_eq!(quick.rest().await, ["done end"]);

    let mut slow = Events::of(slow);
    let (mut gaps, mut last) = (0, 0);
    while let Some(event) = slow.next().await {
        if event.event == "gap" {
            gaps += 1;
            continue;
        }
        let seq = event.id.split_once('-').unwrap().1.parse().unwrap();
        assert!(seq > last && (gaps > 0 || seq == last + 1));
        last = seq;
    }
    assert_eq!((gaps, last), (1, 201));
}
