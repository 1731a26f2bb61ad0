//! What the receiver's page asks of it: a real receiver, Temporal and worker, by HTTP alone.

use std::sync::Mutex;

use clap::Parser as _;
use kai_core::http;
use kai_sse_callback::server::Server;
use kai_sse_callback::settings::Settings;
use kai_test_support::openapi::{Description, takes_a_worker};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::harness::{CONNECTION, QUESTION, Stack, soon};

/// A receiver that asks the workers of a stack. Each of its answers is held against its description.
struct Front {
    url: String,
    token: Option<String>,
    described: Mutex<Description>,
    _running: AbortOnDropHandle<()>,
}

impl Front {
    async fn start(stack: &Stack, flags: &[&str]) -> Self {
        let always = ["kai-sse-callback", "--port", "0"];
        let settings = Settings::parse_from(always.iter().chain(flags));
        let temporal = kai_temporal::Server::plain(&stack.temporal, &stack.queue);
        let server = Server::bind_with(&settings, Some(temporal)).await.unwrap();
        let url = format!("http://{}", server.address());
        let running = tokio::spawn(server.run(CancellationToken::new()));
        let client = http::client_builder().build().unwrap();
        let api = client.get(format!("{url}/openapi.json")).send();
        let api = soon("the description", api).await.unwrap();
        Self {
            url,
            token: None,
            described: Mutex::new(Description::new(api.json().await.unwrap())),
            _running: AbortOnDropHandle::new(running),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let client = http::client_builder().build().unwrap();
        let mut request = client.request(method.clone(), format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = soon(path, request.send()).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = soon(path, answer.text()).await.unwrap();
        let mut described = self.described.lock().unwrap();
        let answer = (
            described.path_of(path),
            method.as_str().to_lowercase(),
            status.as_str().to_owned(),
        );
        described.see(&answer, &headers, &body);
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn ask(&self, body: Value) -> (StatusCode, Value) {
        self.post("/api/questions", body).await
    }

    /// Waits until a session's run stands like this.
    async fn until(&self, session: &str, status: &str) -> Value {
        soon(status, async {
            loop {
                let (code, standing) = self.get(&format!("/api/sessions/{session}")).await;
                assert_eq!(code, StatusCode::OK, "{standing}");
                if standing["status"] == status {
                    return standing;
                }
            }
        })
        .await
    }

    /// The sessions that are listed, once this one is: listing lags behind.
    async fn listed(&self, wanted: &str) -> Vec<Value> {
        soon("the list", async {
            loop {
                let (code, list) = self.get("/api/sessions").await;
                assert_eq!(code, StatusCode::OK, "{list}");
                let sessions = list["sessions"].as_array().unwrap().clone();
                if sessions.iter().any(|one| one["session_id"] == wanted) {
                    return sessions;
                }
            }
        })
        .await
    }
}

#[tokio::test]
async fn a_question_is_asked_planned_approved_and_answered_by_http_alone() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let front = Front::start(&stack, &[]).await;

    let (code, named) = front.get("/api/connections").await;
    assert_eq!(code, StatusCode::OK, "{named}");
    assert_eq!(named["connections"][0]["alias"], CONNECTION);
    assert_eq!(named["connections"][0]["dialect"], "sqlite");
    assert!(!named.to_string().contains("sqlite://"), "{named}");

    let question = json!({
        "prompt": QUESTION, "connection_id": CONNECTION, "session_id": "s 1/é",
        "require_plan_approval": true,
    });
    let (code, begun) = front.ask(question.clone()).await;
    assert_eq!(code, StatusCode::CREATED, "{begun}");
    assert_eq!(begun["workflow_id"], "kai-s 1/é");
    let session = "s%201%2F%C3%A9";
    let standing = front.until(session, "awaiting_approval").await;
    assert_eq!(standing["prompt"], QUESTION);
    assert!(!standing["plan"].as_array().unwrap().is_empty());
    assert_eq!(standing["ended_at"], Value::Null);

    // One question at a time.
    let (code, busy) = front.ask(question).await;
    assert_eq!(code, StatusCode::CONFLICT, "{busy}");

    let order = |name: &str| format!("/api/sessions/{session}/{name}");
    let (code, _) = front.post(&order("accept_rfc"), json!({})).await;
    assert_eq!(code, StatusCode::NOT_FOUND);
    let (code, told) = front.post(&order("accept_plan"), json!({})).await;
    assert_eq!(
        (code, told),
        (StatusCode::ACCEPTED, json!({"status": "ok"}))
    );
    let standing = front.until(session, "completed").await;
    assert!(standing["ended_at"].is_string(), "{standing}");
    let (code, _) = front.post(&order("stop"), json!({})).await;
    assert_eq!(code, StatusCode::CONFLICT);

    let listed = front.listed("s 1/é").await;
    assert_eq!(listed[0]["prompt"], QUESTION);
    assert_eq!(listed[0]["connection_id"], CONNECTION);

    // The events came to this receiver.
    let client = http::client_builder().build().unwrap();
    let stream = client.get(format!("{}/stream/{session}?replay=all", front.url));
    let events = soon("the stream", stream.send()).await.unwrap().text();
    assert!(
        soon("its end", events)
            .await
            .unwrap()
            .contains("event: done")
    );

    // An end that a person brought about is told with its reason.
    let again = json!({
        "prompt": QUESTION, "connection_id": CONNECTION, "session_id": "s2",
        "require_plan_approval": true,
    });
    front.ask(again).await;
    front.until("s2", "awaiting_approval").await;
    let words = json!({"reason": "wrong question"});
    let (code, _) = front.post("/api/sessions/s2/stop", words).await;
    assert_eq!(code, StatusCode::ACCEPTED);
    let standing = front.until("s2", "cancelled").await;
    let reason = standing["reason"].as_str().unwrap();
    assert!(reason.contains("wrong question"), "{standing}");

    let (code, _) = front.get("/api/sessions/nobody").await;
    assert_eq!(code, StatusCode::NOT_FOUND);
    // The receiver's own tests see the answers that take no worker; these are all the others.
    let described = front.described.into_inner().unwrap();
    let mut unseen = described.described();
    unseen.retain(|answer| takes_a_worker(answer) && !described.seen().contains(answer));
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[tokio::test]
async fn the_next_question_can_be_asked_as_soon_as_the_answer_is_there() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let front = Front::start(&stack, &[]).await;
    let client = http::client_builder().build().unwrap();
    for _ in 0..5 {
        let question =
            json!({"prompt": QUESTION, "connection_id": CONNECTION, "session_id": "talk"});
        let (code, begun) = front.ask(question).await;
        assert_eq!(code, StatusCode::CREATED, "{begun}");
        let stream = client.get(format!("{}/stream/talk", front.url)).send();
        let events = soon("the stream", stream).await.unwrap().text();
        let events = soon("its end", events).await.unwrap();
        assert!(events.contains("event: done"), "{events}");
    }
}

#[tokio::test]
async fn runs_of_other_programs_are_listed_and_steered_by_their_workflow() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let front = Front::start(&stack, &[]).await;
    let mut input = stack.question("theirs");
    input["require_plan_approval"] = json!(true);
    let workflow = stack.submit(&input).await;
    let listed = front.listed("theirs").await;
    assert_eq!(listed[0]["workflow_id"], workflow);

    let (code, _) = front.get("/api/sessions/theirs").await;
    assert_eq!(code, StatusCode::NOT_FOUND);
    // Nor does a session give access to the run of another one.
    let path = format!("/api/sessions/mine?workflow_id={workflow}");
    let (code, _) = front.get(&path).await;
    assert_eq!(code, StatusCode::NOT_FOUND);
    let words = json!({"workflow_id": workflow});
    let (code, _) = front.post("/api/sessions/mine/stop", words.clone()).await;
    assert_eq!(code, StatusCode::NOT_FOUND);

    let (code, standing) = front
        .get(&format!("/api/sessions/theirs?workflow_id={workflow}"))
        .await;
    assert_eq!(code, StatusCode::OK, "{standing}");
    let (code, _) = front.post("/api/sessions/theirs/stop", words).await;
    assert_eq!(code, StatusCode::ACCEPTED);
    let result = stack.result(&workflow).await.unwrap();
    assert_eq!(result["status"], "cancelled");
}

#[tokio::test]
async fn a_token_asks_and_sees_what_it_names_and_nothing_else() {
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let mut front = Front::start(
        &stack,
        &["--jwt-secret", KEY, "--subscribe-token", "everything-1"],
    )
    .await;
    let sign = |scope: &str, sessions: &str| {
        let claims = json!({
            "exp": jsonwebtoken::get_current_timestamp() + 60,
            "scope": scope, "sessions": [sessions],
        });
        let key = jsonwebtoken::EncodingKey::from_secret(KEY.as_bytes());
        Some(jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap())
    };
    let question = json!({"prompt": QUESTION, "connection_id": CONNECTION});
    let mut elsewhere = question.clone();
    elsewhere["session_id"] = json!("org2-x");

    let (code, _) = front.ask(question.clone()).await;
    assert_eq!(code, StatusCode::UNAUTHORIZED);
    front.token = sign("subscribe publish", "org1-*");
    let (code, _) = front.ask(question.clone()).await;
    assert_eq!(code, StatusCode::FORBIDDEN);
    let (code, _) = front.get("/api/connections").await;
    assert_eq!(code, StatusCode::FORBIDDEN);

    front.token = sign("subscribe ask", "org1-*");
    let (code, _) = front.ask(elsewhere.clone()).await;
    assert_eq!(code, StatusCode::FORBIDDEN);
    // A new session gets a name that the token covers.
    let (code, begun) = front.ask(question).await;
    assert_eq!(code, StatusCode::CREATED, "{begun}");
    let session = begun["session_id"].as_str().unwrap().to_owned();
    assert!(session.starts_with("org1-chat-"), "{session}");
    // Its worker has no token for publishing, which the run survives.
    front.until(&session, "completed").await;

    front.token = Some("everything-1".to_owned());
    let (code, _) = front.ask(elsewhere).await;
    assert_eq!(code, StatusCode::CREATED);
    let all = front.listed("org2-x").await;
    assert_eq!(all.len(), 2);
    front.token = sign("subscribe", "org1-*");
    let mine = front.listed(&session).await;
    assert_eq!(mine.len(), 1);
    let (code, _) = front.get("/api/sessions/org2-x").await;
    assert_eq!(code, StatusCode::FORBIDDEN);
}
