//! `/openapi.json`: it describes all that the routes answer, and nothing else.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::support::{Receiver, client, soon};

async fn description(receiver: &Receiver) -> Value {
    let response = soon(receiver.get("/openapi.json").send()).await.unwrap();
    soon(response.json()).await.unwrap()
}

/// Follows `$ref`.
fn resolved<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap();
            api.pointer(pointer)
                .unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => value,
    }
}

/// Whether a value is what a schema says; knows the words that ours use.
fn conforms(api: &Value, schema: &Value, value: &Value) -> bool {
    let schema = resolved(api, schema);
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("{other} is a type that this check does not know"),
    };
    let of_type = match &schema["type"] {
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    };
    let listed = |word: &str| schema[word].as_array().cloned();
    let required = listed("required").unwrap_or_default();
    let known = |name: &Value| value.get(name.as_str().unwrap()).is_some();
    let allowed = listed("enum").is_none_or(|values| values.contains(value));
    let constant = schema.get("const").is_none_or(|only| only == value);
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut inner = properties.filter_map(|(name, schema)| Some((schema, value.get(name)?)));
    let mut items = value.as_array().into_iter().flatten();
    of_type
        && allowed
        && constant
        && required.iter().all(known)
        && inner.all(|(schema, value)| conforms(api, schema, value))
        && items.all(|item| conforms(api, &schema["items"], item))
}

/// Checks an answer against the description, and notes that it was seen.
struct Checker {
    api: Value,
    seen: BTreeSet<(String, String, String)>,
}

impl Checker {
    async fn check(&mut self, path: &str, request: RequestBuilder) {
        let request = request.build().unwrap();
        let method = request.method().as_str().to_lowercase();
        let response = soon(client().execute(request)).await.unwrap();
        let status = response.status().as_str().to_owned();
        let headers = response.headers().clone();
        let kind = headers.get("content-type").map(|kind| {
            let kind = kind.to_str().unwrap();
            kind.split(';').next().unwrap().to_owned()
        });
        // A stream may have no end.
        let endless = kind.as_deref() == Some("text/event-stream");
        let body = if endless {
            String::new()
        } else {
            soon(response.text()).await.unwrap()
        };
        self.note(path, &method, &status, kind.as_deref(), &body);
        let described = self.described(path, &method, &status);
        for (name, header) in described["headers"].as_object().into_iter().flatten() {
            assert_eq!(header["required"], true);
            assert!(
                headers.contains_key(name),
                "{method} {path} {status}: {name}"
            );
        }
    }

    fn described(&self, path: &str, method: &str, status: &str) -> &Value {
        let responses = &self.api["paths"][path][method]["responses"];
        let described = responses.get(status);
        resolved(
            &self.api,
            described.unwrap_or_else(|| panic!("{method} {path} {status} is not described")),
        )
    }

    fn note(&mut self, path: &str, method: &str, status: &str, kind: Option<&str>, body: &str) {
        let content = &self.described(path, method, status)["content"];
        match kind {
            None => assert!(content.is_null(), "{method} {path} {status}"),
            Some(kind) => {
                let content = content.get(kind).unwrap_or_else(|| {
                    panic!("{method} {path} {status} answers {kind}, which is not described")
                });
                if kind == "application/json" {
                    let body = serde_json::from_str(body).unwrap();
                    assert!(conforms(&self.api, &content["schema"], &body), "{body}");
                }
            }
        }
        self.seen
            .insert((path.to_owned(), method.to_owned(), status.to_owned()));
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
    let mut checker = Checker {
        api: description(&receiver).await,
        seen: BTreeSet::new(),
    };
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
    checker.note(EVENTS, "post", "408", Some("application/json"), body);

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
    checker.note("/readyz", "get", "503", Some("application/json"), body);

    let mut described = BTreeSet::new();
    for (path, operations) in checker.api["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let responses = operation["responses"].as_object();
            for status in responses.into_iter().flat_map(serde_json::Map::keys) {
                // Those need Temporal and a worker, whose tests see them.
                let needs_worker = ["200", "201", "202", "404", "409"];
                if path.starts_with("/api/") && needs_worker.contains(&status.as_str()) {
                    continue;
                }
                described.insert((path.clone(), method.clone(), status.clone()));
            }
        }
    }
    assert_eq!(checker.seen, described);
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
        checker.note(path, "post", "408", Some("application/json"), body);
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
