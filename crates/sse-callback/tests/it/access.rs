//! Tokens, and pages of other origins.

use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Events, Receiver, soon};

const KEY: &str = "an example of a signing key, long enough";

fn signed(sessions: &str, scope: &str) -> String {
    let exp = get_current_timestamp() + 600;
    let claims = json!({"exp": exp, "sessions": [sessions], "scope": scope});
    encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(KEY.as_bytes()),
    )
    .unwrap()
}

async fn send(request: RequestBuilder) -> Response {
    soon(request.send()).await.unwrap()
}

fn publish(receiver: &Receiver, session: &str) -> RequestBuilder {
    let body = json!({"session_id": session, "event": {"type": "done", "result": {"name": "x"}}});
    receiver
        .client
        .post(receiver.url(&format!("/events/{session}")))
        .body(body.to_string())
}

async fn refused(request: RequestBuilder, status: StatusCode, challenge: &str) {
    let response = send(request).await;
    assert_eq!(response.status(), status);
    let challenge = format!("Bearer realm=\"kai\"{challenge}");
    assert_eq!(response.headers()["www-authenticate"], challenge);
    let answer: Value = response.json().await.unwrap();
    assert!(answer["detail"].as_str().unwrap().contains("token"));
}

const WRONG: &str = ", error=\"invalid_token\"";
const TOO_NARROW: &str = ", error=\"insufficient_scope\"";

#[tokio::test]
async fn fixed_tokens_open_the_doors_they_close() {
    let tokens = ["--publish-token", "pub", "--subscribe-token", "sub"];
    let receiver = Receiver::with(&tokens).await;
    let unauthorized = StatusCode::UNAUTHORIZED;
    refused(publish(&receiver, "s"), unauthorized, "").await;
    refused(
        publish(&receiver, "s").bearer_auth("sub"),
        unauthorized,
        WRONG,
    )
    .await;
    // The query is for those only who cannot set headers.
    let in_query = publish(&receiver, "s").query(&[("token", "pub")]);
    refused(in_query, unauthorized, "").await;
    let accepted = send(publish(&receiver, "s").bearer_auth("pub")).await;
    assert_eq!(accepted.status(), StatusCode::OK);

    refused(receiver.get("/stream/s"), unauthorized, "").await;
    refused(receiver.get("/stream/s?token=pub"), unauthorized, WRONG).await;
    let by_header = send(receiver.get("/stream/s?token=pub").bearer_auth("sub")).await;
    assert_eq!(Events::of(by_header).rest().await, ["done x"]);
    let by_query = receiver.open("/stream/s?replay=all&token=sub").await;
    assert_eq!(by_query.rest().await, ["done x"]);

    for path in ["/healthz", "/readyz", "/docs", "/openapi.json", "/metrics"] {
        assert_eq!(send(receiver.get(path)).await.status(), StatusCode::OK);
    }
    let reason = r#"{reason="unauthorized"}"#;
    let publishes = format!("kai_sse_publishes_refused_total{reason}");
    assert_eq!(receiver.metric(&publishes).await, 3);
    let streams = format!("kai_sse_streams_refused_total{reason}");
    assert_eq!(receiver.metric(&streams).await, 2);
}

#[tokio::test]
async fn one_fixed_token_leaves_the_other_door_open() {
    let receiver = Receiver::with(&["--publish-token", "pub"]).await;
    send(publish(&receiver, "s").bearer_auth("pub")).await;
    assert_eq!(receiver.open("/stream/s").await.rest().await, ["done x"]);
}

#[tokio::test]
async fn a_signed_token_opens_the_sessions_it_names() {
    let receiver = Receiver::with(&["--jwt-secret", KEY]).await;
    let publisher = signed("org1-*", "publish");
    let subscriber = signed("org1-*", "subscribe");
    refused(publish(&receiver, "org1-a"), StatusCode::UNAUTHORIZED, "").await;
    let accepted = send(publish(&receiver, "org1-a").bearer_auth(&publisher)).await;
    assert_eq!(accepted.status(), StatusCode::OK);
    for (session, token) in [("org2-a", &publisher), ("org1-a", &subscriber)] {
        let request = publish(&receiver, session).bearer_auth(token);
        refused(request, StatusCode::FORBIDDEN, TOO_NARROW).await;
    }
    let forbidden = r#"kai_sse_publishes_refused_total{reason="forbidden"}"#;
    assert_eq!(receiver.metric(forbidden).await, 2);
    // The pattern covers the id as it is, not as the address spells it.
    let spelled = format!("/stream/%6Frg1-a?token={subscriber}");
    assert_eq!(receiver.open(&spelled).await.rest().await, ["done x"]);
    for (session, token) in [("org2-a", &subscriber), ("org1-a", &publisher)] {
        let request = receiver.get(&format!("/stream/{session}?token={token}"));
        refused(request, StatusCode::FORBIDDEN, TOO_NARROW).await;
    }
}

#[tokio::test]
async fn pages_of_listed_origins_are_let_in() {
    let flags = [
        "--cors-origins",
        "https://chat.example,http://localhost:3000",
        "--subscribe-token",
        "sub",
    ];
    let receiver = Receiver::with(&flags).await;
    let preflight = receiver
        .client
        .request(Method::OPTIONS, receiver.url("/stream/s"))
        .header("origin", "https://chat.example")
        .header("access-control-request-method", "GET")
        .header(
            "access-control-request-headers",
            "authorization,last-event-id",
        );
    let response = send(preflight).await;
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(
        headers["access-control-allow-origin"],
        "https://chat.example"
    );
    let allowed = |name: &str| headers[name].to_str().unwrap().to_lowercase();
    assert!(allowed("access-control-allow-methods").contains("post"));
    for header in ["authorization", "content-type", "last-event-id"] {
        assert!(allowed("access-control-allow-headers").contains(header));
    }

    // A page can read why it was refused, too.
    let request = receiver
        .get("/stream/s")
        .header("origin", "http://localhost:3000");
    let response = send(request).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let allowed = &response.headers()["access-control-allow-origin"];
    assert_eq!(allowed, "http://localhost:3000");

    let request = receiver
        .get("/healthz")
        .header("origin", "https://else.example");
    let response = send(request).await;
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn all_origins_or_none() {
    let any = Receiver::with(&["--cors-origins", "*"]).await;
    let none = Receiver::start().await;
    for (receiver, allowed) in [(any, Some("*")), (none, None)] {
        let request = receiver
            .get("/healthz")
            .header("origin", "https://a.example");
        let response = send(request).await;
        let header = response.headers().get("access-control-allow-origin");
        assert_eq!(header.map(|value| value.to_str().unwrap()), allowed);
    }
}
