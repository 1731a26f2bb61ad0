//! `/openapi.json`: it describes all that the routes answer, and nothing else.

use kai_test_support::openapi::{Description, takes_a_worker};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::support::{Receiver, client, soon};

async fn description(receiver: &Receiver) -> Value {
    let response = soon(receiver.get("/openapi.json").send()).await.unwrap();
    soon(response.json()).await.unwrap()
}

/// Checks answers against the description.
struct Checker(Description);

impl Checker {
    async fn check(&mut self, path: &str, request: RequestBuilder) {
        let request = request.build().unwrap();
        let method = request.method().clone();
        let response = soon(client().execute(request)).await.unwrap();
        let status = response.status().as_str().to_owned();
        let headers = response.headers().clone();
        let kind = headers.get("content-type");
        // A stream may have no end.
        let endless =
            kind.is_some_and(|kind| kind.to_str().unwrap().starts_with("text/event-stream"));
        let body = if endless {
            String::new()
        } else {
            soon(response.text()).await.unwrap()
        };
        let answer = (path.to_owned(), method.as_str().to_lowercase(), status);
        self.0.see(&answer, &headers, &body);
    }

    /// Notes an answer that came without a client.
    fn note(&mut self, path: &str, method: &str, status: &str, body: &str) {
        let answer = (path.to_owned(), method.to_owned(), status.to_owned());
        self.0.see_body(&answer, Some("application/json"), body);
    }
}

const EVENTS: &str = "/events/{session_id}";
const STREAM: &str = "/stream/{session_id}";
const ASSETS: &str = "/assets/{file}";

#[tokio::test]
async fn every_answer_is_described_and_every_description_is_an_answer() {
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    let receiver = Receiver::with(&["--max-sessions", "2", "--body-timeout-seconds", "1"]).await;
    let closed = Receiver::with(&["--jwt-secret", KEY]).await;
    let mut checker = Checker(Description::new(description(&receiver).await));
    let post = |receiver: &Receiver, session: &str, body: &str| {
        let url = receiver.url(&format!("/events/{session}"));
        receiver.client.post(url).body(body.to_owned())
    };
    let done = r#"{"session_id":"s","event":{"type":"done"}}"#;
    let claims = json!({"exp": jsonwebtoken::get_current_timestamp() + 60});
    let key = jsonwebtoken::EncodingKey::from_secret(KEY.as_bytes());
    let narrow = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();

    checker.check(EVENTS, post(&receiver, "s", done)).await;
    checker.check(EVENTS, post(&receiver, "t", done)).await;
    checker.check(EVENTS, post(&receiver, "u", done)).await;
    checker.check(EVENTS, post(&receiver, "s", "{")).await;
    let large = "x".repeat(2_000_000);
    checker.check(EVENTS, post(&receiver, "s", &large)).await;
    checker.check(EVENTS, post(&closed, "s", done)).await;
    let forbidden = post(&closed, "s", done).bearer_auth(&narrow);
    checker.check(EVENTS, forbidden).await;

    let numbered = |attempt: u32, seq: u32| {
        let mut envelope: Value = serde_json::from_str(done).unwrap();
        envelope["run_id"] = "r".into();
        envelope["attempt"] = attempt.into();
        envelope["seq"] = seq.into();
        post(&receiver, "s", &envelope.to_string())
    };
    for (attempt, seq) in [(1, 1), (1, 1), (1, 3), (2, 1), (1, 2)] {
        checker.check(EVENTS, numbered(attempt, seq)).await;
    }
    let batch = post(&receiver, "s", &format!("{done}\n{done}\n"));
    let batch = batch.header("content-type", "application/x-ndjson");
    checker.check(EVENTS, batch).await;

    checker.check(STREAM, receiver.get("/stream/s")).await;
    checker
        .check(STREAM, receiver.get("/stream/s?replay=x"))
        .await;
    checker.check(STREAM, closed.get("/stream/s")).await;
    let forbidden = closed.get(&format!("/stream/s?token={narrow}"));
    checker.check(STREAM, forbidden).await;
    let end = receiver.open("/stream/t?replay=all").await.next().await;
    let again = format!("/stream/t?last_event_id={}", end.unwrap().id);
    checker.check(STREAM, receiver.get(&again)).await;

    for (path, url) in [("/", "/"), (ASSETS, "/assets/page.js")] {
        checker.check(path, receiver.get(url)).await;
        let known = receiver.get(url).header("if-none-match", "*");
        checker.check(path, known).await;
    }
    let missing = receiver.get("/assets/other.js");
    checker.check(ASSETS, missing).await;

    api(&mut checker, KEY).await;

    for path in ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"] {
        checker.check(path, receiver.get(path)).await;
    }

    // A body that does not come needs a client that does not send it.
    let mut slow = Raw::to(&receiver).await;
    slow.write("POST /events/s HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        .await;
    let answer = slow.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/json"), "{head}");
    checker.note(EVENTS, "post", "408", body);

    let crowd = Receiver::with(&["--max-connections", "1"]).await;
    let mut first = Raw::get(crowd.address, "/healthz", "").await;
    first.read_until("healthy").await;
    checker.check(EVENTS, post(&crowd, "s", done)).await;

    // While it shuts down, it answers a request that has begun.
    let leaving = Receiver::start().await;
    let mut begun = Raw::to(&leaving).await;
    begun.write("GET /readyz HTTP/1.1\r\nHost: x\r\n").await;
    let stream = leaving.open("/stream/s").await;
    leaving.stop.cancel();
    assert!(stream.rest().await.is_empty());
    begun.write("\r\n").await;
    let answer = begun.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    checker.note("/readyz", "get", "503", body);

    let mut described = checker.0.described();
    // Those need Temporal and a worker: the worker's tests of the page see them, every one.
    described.retain(|answer| !takes_a_worker(answer));
    assert_eq!(checker.0.seen(), &described);
}

/// What can be seen of the interface for asking where no Temporal is.
async fn api(checker: &mut Checker, key: &str) {
    const SESSION: &str = "/api/sessions/{session_id}";
    const TELL: &str = "/api/sessions/{session_id}/{order}";
    let watching = Receiver::start().await;
    let alone = Receiver::without_temporal(&["--body-timeout-seconds", "12"]).await;
    let closed = Receiver::without_temporal(&["--jwt-secret", key]).await;
    let claims = json!({
        "exp": jsonwebtoken::get_current_timestamp() + 60, "sessions": ["other"], "scope": "publish",
    });
    let key = jsonwebtoken::EncodingKey::from_secret(key.as_bytes());
    let narrow = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    for (path, url) in [
        ("/api/connections", "/api/connections"),
        ("/api/sessions", "/api/sessions"),
        (SESSION, "/api/sessions/s"),
    ] {
        checker.check(path, watching.get(url)).await;
        checker.check(path, alone.get(url)).await;
        let misled = alone.get(url).header("host", "evil.example");
        checker.check(path, misled).await;
        checker.check(path, closed.get(url)).await;
        checker
            .check(path, closed.get(url).bearer_auth(&narrow))
            .await;
    }
    for (path, url) in [("/", "/"), (ASSETS, "/assets/page.js")] {
        let misled = alone.get(url).header("host", "evil.example");
        checker.check(path, misled).await;
    }
    let twice = "/api/sessions/s?workflow_id=a&workflow_id=b";
    checker.check(SESSION, alone.get(twice)).await;

    let question = json!({"prompt": "How many?", "connection_id": "shop"});
    for (path, url, body) in [
        ("/api/questions", "/api/questions", question),
        (TELL, "/api/sessions/s/stop", json!({})),
    ] {
        let post = |receiver: &Receiver| receiver.client.post(receiver.url(url));
        let misled = post(&alone).header("host", "evil.example");
        checker.check(path, misled.json(&body)).await;
        checker.check(path, post(&watching).json(&body)).await;
        checker.check(path, post(&alone).json(&body)).await;
        checker.check(path, post(&closed).json(&body)).await;
        let forbidden = post(&closed).json(&body).bearer_auth(&narrow);
        checker.check(path, forbidden).await;
        // A page from elsewhere may send a form or plain text without asking, and gets nowhere.
        checker
            .check(path, post(&alone).body(body.to_string()))
            .await;
        checker.check(path, post(&alone).json(&json!([]))).await;
        let large = json!({"prompt": "x".repeat(70_000)});
        checker.check(path, post(&alone).json(&large)).await;

        let mut slow = Raw::to(&alone).await;
        slow.write(&format!(
            "POST {url} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        ))
        .await;
        let answer = slow.rest().await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
        checker.note(path, "post", "408", body);
    }
    for wrong in [
        json!({"prompt": " ", "connection_id": "shop"}),
        json!({"prompt": "x".repeat(10_001), "connection_id": "shop"}),
        json!({"prompt": "How many?", "connection_id": ""}),
        json!({"prompt": "How many?", "connection_id": "shop", "session_id": "x".repeat(201)}),
        json!({"prompt": "How many?", "connection_id": "shop", "session_id": "a\nb"}),
    ] {
        let request = alone.client.post(alone.url("/api/questions")).json(&wrong);
        let answer = soon(request.send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn other_methods_and_addresses_are_not_there() {
    let receiver = Receiver::start().await;
    let api = description(&receiver).await;
    for (path, operations) in api["paths"].as_object().unwrap() {
        let place = path.replace("{session_id}", "s");
        let place = place.replace("{order}", "stop");
        let url = receiver.url(&place.replace("{file}", "page.js"));
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let described = operations.get(method.as_str().to_lowercase()).is_some();
            let request = receiver.client.request(method.clone(), &url);
            let status = soon(request.send()).await.unwrap().status();
            let refused = status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(refused, !described, "{method} {path}");
        }
    }
    for path in [
        "/index.html",
        "/assets/",
        "/assets/page.html",
        "/events",
        "/stream/",
        "/metrics/",
        "/openapi.yaml",
    ] {
        let response = soon(receiver.get(path).send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
