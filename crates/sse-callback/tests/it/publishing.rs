//! Publishing that is safe to repeat: numbered events, fenced runs, many events in one request.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Backing, Receiver, on_both_backends, soon};

on_both_backends! {
    a_publisher_that_sends_everything_three_times_is_read_once,
    a_hole_is_refused_with_the_number_that_is_missing,
    a_worker_thought_dead_cannot_write_into_its_successors_run,
    runs_of_different_sessions_have_nothing_to_do_with_each_other,
    many_events_in_one_request_get_one_answer,
    a_bad_line_ends_its_batch_and_nothing_before_it_is_lost,
    a_batch_has_the_limits_that_one_event_has,
    every_answer_to_a_post_says_what_the_receiver_can_do,
}

/// An envelope with its place in a run.
fn stamped(run: &str, attempt: u64, seq: u64, event: &Value) -> Value {
    json!({"session_id": "s", "event": event, "run_id": run, "attempt": attempt, "seq": seq})
}

/// A numbered token that says where it stands.
fn token(run: &str, attempt: u64, seq: u64) -> String {
    let event = json!({"type": "token", "content": format!("{run}{attempt}.{seq}")});
    stamped(run, attempt, seq, &event).to_string()
}

fn done(run: &str, attempt: u64, seq: u64) -> String {
    let event = json!({"type": "done", "result": {"name": run}});
    stamped(run, attempt, seq, &event).to_string()
}

/// Posts lines; a media type is found whatever its letters and parameters.
async fn post_lines(receiver: &Receiver, session: &str, lines: &[String]) -> Response {
    let request = receiver
        .client
        .post(receiver.url(&format!("/events/{session}")))
        .header("content-type", "Application/X-NDJSON; charset=utf-8")
        .body(lines.join("\n"));
    soon(request.send()).await.unwrap()
}

async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, soon(response.json()).await.unwrap())
}

fn ok() -> (u16, Value) {
    (200, json!({"status": "ok"}))
}

fn duplicate() -> (u16, Value) {
    (200, json!({"status": "ok", "duplicate": true}))
}

async fn a_publisher_that_sends_everything_three_times_is_read_once(backing: Backing) {
    let receiver = backing.start().await;
    let watcher = receiver.open("/stream/s").await;
    for seq in 1..=20 {
        let body = if seq == 20 {
            done("a", 1, seq)
        } else {
            token("a", 1, seq)
        };
        assert_eq!(answer(receiver.post("s", body.clone()).await).await, ok());
        for _ in 0..2 {
            assert_eq!(
                answer(receiver.post("s", body.clone()).await).await,
                duplicate()
            );
        }
    }
    let mut expected: Vec<_> = (1..20).map(|seq| format!("a1.{seq}")).collect();
    expected.push("done a".to_owned());
    assert_eq!(watcher.rest().await, expected);
}

async fn a_hole_is_refused_with_the_number_that_is_missing(backing: Backing) {
    let receiver = backing.start().await;
    receiver.post("s", token("a", 1, 1)).await;
    let (status, refusal) = answer(receiver.post("s", token("a", 1, 3)).await).await;
    assert_eq!((status, &refusal["expected_seq"]), (409, &json!(2)));
    let detail = refusal["detail"].as_str().unwrap();
    assert!(detail.contains("go on with seq 2"), "{detail}");
    for seq in [2, 3] {
        assert_eq!(
            answer(receiver.post("s", token("a", 1, seq)).await).await,
            ok()
        );
    }
    let mut events = receiver.open("/stream/s").await;
    assert_eq!(events.take(3).await, ["a1.1", "a1.2", "a1.3"]);
}

async fn a_worker_thought_dead_cannot_write_into_its_successors_run(backing: Backing) {
    let receiver = backing.start().await;
    let watcher = receiver.open("/stream/s").await;
    for body in [token("a", 1, 1), token("a", 1, 2), token("a", 2, 1)] {
        assert_eq!(answer(receiver.post("s", body).await).await, ok());
    }
    for body in [token("a", 1, 3), token("a", 1, 2), done("a", 1, 3)] {
        let (status, refusal) = answer(receiver.post("s", body).await).await;
        assert_eq!(status, 403);
        let detail = refusal["detail"].as_str().unwrap();
        assert!(detail.starts_with("attempt 2 of this run has begun"));
    }
    assert_eq!(
        answer(receiver.post("s", token("b", 1, 1)).await).await,
        ok()
    );
    let (status, refusal) = answer(receiver.post("s", done("a", 2, 2)).await).await;
    assert_eq!(status, 403);
    assert!(refusal["detail"].as_str().unwrap().contains("later run"));
    let refused = |reason| format!("kai_sse_publishes_refused_total{{reason=\"{reason}\"}}");
    assert_eq!(receiver.metric(&refused("fenced")).await, 4);
    assert_eq!(receiver.metric(&refused("forbidden")).await, 0);
    receiver.post("s", done("b", 1, 2)).await;
    assert_eq!(
        watcher.rest().await,
        ["a1.1", "a1.2", "a2.1", "b1.1", "done b"]
    );
}

async fn runs_of_different_sessions_have_nothing_to_do_with_each_other(backing: Backing) {
    let receiver = backing.start().await;
    for session in ["s", "t"] {
        for seq in [1, 2] {
            let response = receiver.post(session, token("a", 1, seq)).await;
            assert_eq!(answer(response).await, ok());
        }
    }
}

#[tokio::test]
async fn after_a_restart_a_run_goes_on_from_where_it_is() {
    let before = Receiver::start().await;
    for seq in 1..=3 {
        before.post("s", token("a", 2, seq)).await;
    }
    drop(before);
    let receiver = Receiver::start().await;
    for seq in [4, 5] {
        assert_eq!(
            answer(receiver.post("s", token("a", 2, seq)).await).await,
            ok()
        );
    }
    let (status, _) = answer(receiver.post("s", token("a", 1, 9)).await).await;
    assert_eq!(status, 403);
    let mut events = receiver.open("/stream/s").await;
    assert_eq!(events.take(2).await, ["a2.4", "a2.5"]);
}

#[tokio::test]
async fn half_a_stamp_is_a_mistake() {
    let receiver = Receiver::start().await;
    for (fields, place) in [
        (json!({"seq": 1}), "run_id"),
        (json!({"attempt": 1}), "run_id"),
        (json!({"run_id": "a"}), "seq"),
        (json!({"run_id": "a", "seq": 0}), "seq"),
        (json!({"run_id": "a", "seq": 1, "attempt": "2"}), "attempt"),
    ] {
        let mut body = json!({"session_id": "s", "event": {}});
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let (status, refusal) = answer(receiver.post("s", body.to_string()).await).await;
        assert_eq!(status, 422, "{body}");
        assert_eq!(
            refusal["detail"][0]["loc"],
            json!(["body", place]),
            "{body}"
        );
    }
}

async fn many_events_in_one_request_get_one_answer(backing: Backing) {
    let receiver = backing.start().await;
    let watcher = receiver.open("/stream/s").await;
    let lines = [token("a", 1, 1), token("a", 1, 2), String::new()];
    let taken = |accepted: u64, duplicates: u64| {
        let body = json!({"status": "ok", "accepted": accepted, "duplicates": duplicates});
        (200, body)
    };
    assert_eq!(
        answer(post_lines(&receiver, "s", &lines).await).await,
        taken(2, 0)
    );
    let plain = json!({"session_id": "s", "event": {"type": "token", "content": "plain"}});
    let lines = [
        token("a", 1, 2),
        plain.to_string(),
        token("a", 1, 3),
        done("a", 1, 4),
    ];
    assert_eq!(
        answer(post_lines(&receiver, "s", &lines).await).await,
        taken(3, 1)
    );
    assert_eq!(
        watcher.rest().await,
        ["a1.1", "a1.2", "plain", "a1.3", "done a"]
    );
    assert_eq!(
        answer(post_lines(&receiver, "none", &[]).await).await,
        taken(0, 0)
    );
}

async fn a_bad_line_ends_its_batch_and_nothing_before_it_is_lost(backing: Backing) {
    let large = json!({"type": "token", "content": "x".repeat(2_000)});
    let cases = [
        (
            r#"{"session_id":"s"}"#.to_owned(),
            422,
            json!(["body", "event"]),
        ),
        ("{".to_owned(), 422, json!(["body"])),
        (token("a", 1, 4), 409, Value::Null),
        (token("a", 0, 3), 422, json!(["body", "attempt"])),
        (token("before", 1, 2), 403, Value::Null),
        (stamped("a", 1, 3, &large).to_string(), 413, Value::Null),
    ];
    for (case, (bad, status, place)) in cases.into_iter().enumerate() {
        let session = format!("s{case}");
        let receiver = backing.with(&["--max-bytes-per-session", "1500"]).await;
        receiver.post(&session, token("before", 1, 1)).await;
        receiver.post(&session, token("a", 1, 1)).await;
        let lines = [
            token("a", 1, 1),
            String::new(),
            token("a", 1, 2),
            bad.clone(),
            token("a", 1, 3),
            "not read".to_owned(),
        ];
        let (got, refusal) = answer(post_lines(&receiver, &session, &lines).await).await;
        assert_eq!(got, status, "{bad}");
        assert_eq!(refusal["line"], 4, "{bad}");
        assert_eq!(refusal["accepted"], 1, "{bad}");
        assert_eq!(refusal["duplicates"], 1, "{bad}");
        match status {
            422 => assert_eq!(refusal["detail"][0]["loc"], place, "{bad}"),
            409 => assert_eq!(refusal["expected_seq"], 3, "{bad}"),
            _ => assert!(refusal["detail"].is_string(), "{bad}"),
        }
        assert_eq!(
            answer(receiver.post(&session, done("a", 1, 3)).await).await,
            ok()
        );
        let stream = receiver.open(&format!("/stream/{session}")).await;
        assert_eq!(
            stream.rest().await,
            ["before1.1", "a1.1", "a1.2", "done a"],
            "{bad}"
        );
    }
}

async fn a_batch_has_the_limits_that_one_event_has(backing: Backing) {
    let receiver = backing
        .with(&["--max-body-bytes", "1000", "--max-sessions", "1"])
        .await;
    let lines: Vec<_> = (1..100).map(|seq| token("a", 1, seq)).collect();
    let (status, refusal) = answer(post_lines(&receiver, "s", &lines).await).await;
    assert_eq!(status, 413);
    assert_eq!(refusal.get("line"), None);

    receiver.post("s", token("a", 1, 1)).await;
    let response = post_lines(&receiver, "t", &[token("a", 1, 1)]).await;
    assert_eq!(response.headers()["retry-after"], "10");
    let (status, refusal) = answer(response).await;
    assert_eq!((status, &refusal["line"]), (429, &json!(1)));
}

async fn every_answer_to_a_post_says_what_the_receiver_can_do(backing: Backing) {
    let receiver = backing
        .with(&["--max-body-bytes", "1000", "--max-sessions", "1"])
        .await;
    for (session, body, status) in [
        ("s", token("a", 1, 1), StatusCode::OK),
        ("s", token("a", 1, 1), StatusCode::OK),
        ("s", token("a", 1, 3), StatusCode::CONFLICT),
        ("s", "nonsense".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ("%ff", token("a", 1, 1), StatusCode::UNPROCESSABLE_ENTITY),
        ("s", "x".repeat(1_001), StatusCode::PAYLOAD_TOO_LARGE),
        ("t", token("a", 1, 1), StatusCode::TOO_MANY_REQUESTS),
    ] {
        let response = receiver.post(session, body).await;
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["kai-receiver"], "ndjson, fenced");
    }
    let page = soon(receiver.get("/docs").send()).await.unwrap();
    assert!(!page.headers().contains_key("kai-receiver"));
}
