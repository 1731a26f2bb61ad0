//! `GET /stream/{session_id}`: who gets what, and how a stream ends.

use futures::StreamExt as _;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Backing, Events, Receiver, on_both_backends, soon};

on_both_backends! {
    a_frame_is_id_event_and_data_after_the_retry_hint,
    two_subscribers_both_get_everything_live,
    one_who_comes_late_gets_the_run_from_its_first_event,
    a_second_question_in_the_same_conversation_works,
    a_broken_stream_resumes_exactly_where_it_was,
    one_who_has_seen_the_end_is_told_to_stop,
    a_cursor_that_leads_nowhere_is_told_so_and_gets_the_oldest,
    a_stream_without_events_times_out,
    a_silent_stream_is_kept_alive,
    a_shutdown_ends_open_streams_and_is_over_soon,
}

/// The ids of a session's events, in order.
async fn ids(receiver: &Receiver, session: &str) -> Vec<String> {
    let mut events = receiver
        .open(&format!("/stream/{session}?replay=all"))
        .await;
    let mut ids = Vec::new();
    while let Some(event) = events.next().await {
        ids.push(event.id);
    }
    ids
}

/// The raw text of a stream up to and with `end`.
async fn text_until(response: Response, end: &str) -> String {
    let mut text = String::new();
    let mut chunks = response.bytes_stream();
    while !text.contains(end) {
        let chunk = soon(chunks.next()).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text
}

async fn a_frame_is_id_event_and_data_after_the_retry_hint(backing: Backing) {
    let receiver = backing.start().await;
    receiver.publish("s", json!({"type": "done", "n": 1})).await;
    let response = soon(receiver.get("/stream/s").send()).await.unwrap();
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-cache"),
        ("x-accel-buffering", "no"),
        ("connection", "keep-alive"),
    ] {
        assert_eq!(response.headers()[name], value);
    }
    let text = soon(response.text()).await.unwrap();
    let lines: Vec<_> = text.lines().collect();
    let [
        retry,
        "",
        id,
        "event: done",
        r#"data: {"type":"done","n":1}"#,
        "",
    ] = lines[..]
    else {
        panic!("{text}");
    };
    let milliseconds: u32 = retry.strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((1_000..=3_000).contains(&milliseconds));
    let (epoch, seq) = id.strip_prefix("id: ").unwrap().split_once('-').unwrap();
    assert!(
        epoch
            .chars()
            .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
    );
    assert_eq!(seq, "1");
}

async fn two_subscribers_both_get_everything_live(backing: Backing) {
    let receiver = backing.start().await;
    let mut one = receiver.open("/stream/s").await;
    let mut two = receiver.open("/stream/s").await;
    receiver
        .publish("s", json!({"type": "token", "content": "first"}))
        .await;
    assert_eq!(one.take(1).await, ["first"]);
    assert_eq!(two.take(1).await, ["first"]);
    receiver.publish_run("s", "a", 2).await;
    assert_eq!(one.rest().await, ["a0", "a1", "done a"]);
    assert_eq!(two.rest().await, ["a0", "a1", "done a"]);
}

async fn one_who_comes_late_gets_the_run_from_its_first_event(backing: Backing) {
    let receiver = backing.start().await;
    for content in ["a", "b"] {
        receiver
            .publish("s", json!({"type": "token", "content": content}))
            .await;
    }
    let mut middle = receiver.open("/stream/s").await;
    assert_eq!(middle.take(2).await, ["a", "b"]);
    receiver.publish_run("s", "x", 1).await;
    assert_eq!(middle.rest().await, ["x0", "done x"]);

    receiver.publish_run("over", "y", 2).await;
    let after = receiver.open("/stream/over").await;
    assert_eq!(after.rest().await, ["y0", "y1", "done y"]);
}

async fn a_second_question_in_the_same_conversation_works(backing: Backing) {
    let receiver = backing.start().await;
    let first = receiver.open("/stream/s").await;
    receiver.publish_run("s", "a", 1).await;
    assert_eq!(first.rest().await, ["a0", "done a"]);
    let second = receiver.open("/stream/s").await;
    receiver.publish_run("s", "b", 1).await;
    assert_eq!(second.rest().await, ["b0", "done b"]);
    let all = receiver.open("/stream/s?replay=all").await;
    assert_eq!(all.rest().await, ["a0", "done a", "b0", "done b"]);
}

async fn a_broken_stream_resumes_exactly_where_it_was(backing: Backing) {
    let receiver = backing.start().await;
    let mut broken = receiver.open("/stream/s").await;
    for content in ["a", "b", "c"] {
        receiver
            .publish("s", json!({"type": "token", "content": content}))
            .await;
    }
    let seen = broken.next().await.unwrap();
    drop(broken);
    let by_header = Events::of(receiver.resume("/stream/s", &seen.id).await);
    let by_query = receiver
        .open(&format!("/stream/s?last_event_id={}", seen.id))
        .await;
    // The header moves with the events, the query stays as it was, so the header counts.
    let stale = format!("/stream/s?last_event_id={}", "0000000-1");
    let by_both = Events::of(receiver.resume(&stale, &seen.id).await);
    receiver.publish_run("s", "x", 1).await;
    for events in [by_header, by_query, by_both] {
        assert_eq!(events.rest().await, ["b", "c", "x0", "done x"]);
    }
}

async fn one_who_has_seen_the_end_is_told_to_stop(backing: Backing) {
    let receiver = backing.start().await;
    receiver.publish_run("s", "a", 1).await;
    let ids = ids(&receiver, "s").await;
    let end = ids.last().unwrap();
    assert_eq!(
        receiver.resume("/stream/s", end).await.status(),
        StatusCode::NO_CONTENT
    );
    let by_query = receiver.get(&format!("/stream/s?last_event_id={end}"));
    assert_eq!(
        soon(by_query.send()).await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    // Also when the next run is there: that one is for who asks for it.
    receiver.publish_run("s", "b", 1).await;
    assert_eq!(
        receiver.resume("/stream/s", end).await.status(),
        StatusCode::NO_CONTENT
    );
    let all = Events::of(receiver.resume("/stream/s?replay=all", end).await);
    assert_eq!(all.rest().await, ["b0", "done b"]);
}

async fn a_cursor_that_leads_nowhere_is_told_so_and_gets_the_oldest(backing: Backing) {
    let receiver = backing.with(&["--max-events-per-session", "3"]).await;
    receiver.publish_run("s", "a", 4).await;
    let left = ids(&receiver, "s").await;
    // The gap of this visitor, who has the first events missing, has no id.
    let [_, oldest, _, head] = &left[..] else {
        panic!("{left:?}");
    };
    let epoch = head.split_once('-').unwrap().0;
    let expired = format!("{epoch}-1");
    let future = format!("{epoch}-6");
    for cursor in [
        expired.as_str(),
        &future,
        "0000000-4",
        "nonsense",
        "-",
        "%00",
    ] {
        let mut events = Events::of(receiver.resume("/stream/s", cursor).await);
        let gap = events.next().await.unwrap();
        assert_eq!(gap.event, "gap", "{cursor}");
        assert_eq!(
            serde_json::from_str::<Value>(&gap.data).unwrap(),
            json!({"requested": cursor, "oldest": oldest, "head": head})
        );
        assert_eq!(events.rest().await, ["a2", "a3", "done a"], "{cursor}");
    }
    // What lies just before the oldest misses nothing.
    let edge = Events::of(receiver.resume("/stream/s", &format!("{epoch}-2")).await);
    assert_eq!(edge.rest().await, ["a2", "a3", "done a"]);
}

#[tokio::test]
async fn after_a_restart_old_cursors_are_known_to_be_old() {
    let before = Receiver::start().await;
    before.publish_run("s", "a", 1).await;
    let ids = ids(&before, "s").await;
    let after = Receiver::start().await;
    let mut events = Events::of(after.resume("/stream/s", &ids[0]).await);
    let gap: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
    assert_eq!(
        gap,
        json!({"requested": ids[0], "oldest": null, "head": null})
    );
    after.publish_run("s", "b", 1).await;
    assert_eq!(events.rest().await, ["b0", "done b"]);
}

async fn a_stream_without_events_times_out(backing: Backing) {
    let receiver = backing.with(&["--idle-timeout-seconds", "1"]).await;
    let response = soon(receiver.get("/stream/s").send()).await.unwrap();
    let text = soon(response.text()).await.unwrap();
    assert!(text.ends_with("\n\nevent: timeout\ndata: {}\n\n"), "{text}");
}

async fn a_silent_stream_is_kept_alive(backing: Backing) {
    let receiver = backing.with(&["--keepalive-seconds", "1"]).await;
    let response = soon(receiver.get("/stream/s").send()).await.unwrap();
    let text = text_until(response, "\n: keep-alive\n\n").await;
    assert!(text.starts_with("retry: "));
}

#[tokio::test]
async fn wrong_questions_are_refused() {
    let receiver = Receiver::start().await;
    for path in ["/stream/s?replay=some", "/stream/s?replay=", "/stream/%ff"] {
        let response = soon(receiver.get(path).send()).await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}"
        );
    }
    let long = format!("/stream/{}", "x".repeat(1_025));
    let response = soon(receiver.get(&long).send()).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_shutdown_ends_open_streams_and_is_over_soon(backing: Backing) {
    let mut receiver = backing.start().await;
    let response = soon(receiver.get("/stream/s").send()).await.unwrap();
    receiver
        .publish("s", json!({"type": "token", "content": "a"}))
        .await;
    receiver.stop.cancel();
    let text = soon(response.text()).await.unwrap();
    let frames: Vec<_> = text.split_terminator("\n\n").collect();
    assert_eq!(frames.len(), 3, "{text}");
    assert!(frames[1].contains("event: token") && frames[2].starts_with("retry: "));
    soon(&mut receiver.running).await.unwrap();
    assert!(receiver.get("/readyz").send().await.is_err());
}
