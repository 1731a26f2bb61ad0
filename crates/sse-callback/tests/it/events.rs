//! `POST /events/{session_id}`.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Receiver, soon};

#[tokio::test]
async fn an_event_is_passed_on_as_it_was_sent() {
    let receiver = Receiver::start().await;
    let event =
        r#"{"type":"sql_result","rows":[{"provinsi":"Jawa Barat","rata":"12500000.50"}],"a":1.0}"#;
    let body = format!(r#"{{"session_id":"s","event":{event}}}"#);
    receiver.post("s", body).await;
    let got = receiver.open("/stream/s").await.next().await.unwrap();
    assert_eq!(got.event, "sql_result");
    assert_eq!(got.data, event);
}

#[tokio::test]
async fn the_original_client_flow_works() {
    // As httpx sends what the original's activity built: spaces, escapes, no type in one event.
    let receiver = Receiver::start().await;
    let events = receiver.open("/stream/e2e-test-a1b2c3d4").await;
    for event in [
        r#"{"type": "thinking", "content": "Mencari\u2026"}"#,
        r#"{"content": "no type"}"#,
        r#"{"type": "done", "result": {"name": "x", "status": "completed"}}"#,
    ] {
        let body = format!(r#"{{"session_id": "e2e-test-a1b2c3d4", "event": {event}}}"#);
        let response = receiver.post("e2e-test-a1b2c3d4", body).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
    assert_eq!(events.rest().await, ["thinking", "message", "done x"]);
}

#[tokio::test]
async fn the_address_decides_the_session() {
    let receiver = Receiver::start().await;
    let body = r#"{"session_id":"other","event":{"type":"x"}}"#;
    receiver.post("percakapan%2F1%20%C3%A9", body).await;
    let mut events = receiver.open("/stream/percakapan%2F1%20%C3%A9").await;
    assert_eq!(events.take(1).await, ["x"]);
}

#[tokio::test]
async fn a_body_is_read_whatever_it_says_it_is() {
    let receiver = Receiver::start().await;
    let request = receiver
        .client
        .post(receiver.url("/events/s"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(r#"{"session_id":"s","event":{}}"#);
    assert_eq!(soon(request.send()).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_body_is_answered_with_what_is_wrong_and_where() {
    let receiver = Receiver::start().await;
    let cases = [
        ("", json!(["body"]), "not valid JSON"),
        ("{\"session_id\":", json!(["body"]), "not valid JSON"),
        ("[]", json!(["body"]), "must be a JSON object"),
        (
            r#"{"event":{}}"#,
            json!(["body", "session_id"]),
            "session_id is required",
        ),
        (
            r#"{"session_id":1,"event":{}}"#,
            json!(["body", "session_id"]),
            "must be a string",
        ),
        (
            r#"{"session_id":"s"}"#,
            json!(["body", "event"]),
            "event is required",
        ),
        (
            r#"{"session_id":"s","event":"x"}"#,
            json!(["body", "event"]),
            "must be an object",
        ),
        (
            r#"{"session_id":"s","event":{"type":["x"]}}"#,
            json!(["body", "event", "type"]),
            "must be a string",
        ),
        (
            r#"{"session_id":"s","event":{"type":"x\ndata: forged"}}"#,
            json!(["body", "event", "type"]),
            "line feed",
        ),
    ];
    for (body, location, message) in cases {
        let response = receiver.post("s", body).await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}"
        );
        let answer: Value = response.json().await.unwrap();
        let mistake = &answer["detail"][0];
        assert_eq!(mistake["loc"], location, "{body}");
        let text = mistake["msg"].as_str().unwrap();
        assert!(text.contains(message), "{body}: {text}");
        assert!(mistake["type"].is_string());
    }
}

#[tokio::test]
async fn the_other_addresses_answer() {
    let receiver = Receiver::start().await;
    for (path, expected) in [
        ("/docs", "<title>KAI SSE callback receiver</title>"),
        ("/healthz", r#"{"status":"healthy"}"#),
        ("/readyz", r#"{"status":"ready"}"#),
    ] {
        let response = soon(receiver.get(path).send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.text().await.unwrap().contains(expected), "{path}");
    }
    let page = soon(receiver.get("/docs").send()).await.unwrap();
    let page = page.text().await.unwrap();
    assert!(!page.contains("https://") && !page.contains("src="));

    for (method, path, status) in [
        (Method::GET, "/nowhere", StatusCode::NOT_FOUND),
        (Method::POST, "/events/", StatusCode::NOT_FOUND),
        (Method::GET, "/events/s", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let request = receiver.client.request(method, receiver.url(path));
        let response = soon(request.send()).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let answer: Value = response.json().await.unwrap();
        assert!(answer["detail"].is_string());
    }
}
