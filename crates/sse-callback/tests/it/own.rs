//! A receiver that asks without a token: sites that a browser visits besides cannot use it.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

use crate::raw::Raw;
use crate::support::{Receiver, soon};

/// What a request that is let through is answered, where no Temporal is.
const THROUGH: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

async fn status(request: RequestBuilder) -> StatusCode {
    soon(request.send()).await.unwrap().status()
}

fn ask(receiver: &Receiver) -> RequestBuilder {
    let question = json!({"prompt": "How many?", "connection_id": "shop"});
    receiver
        .client
        .post(receiver.url("/api/questions"))
        .json(&question)
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_gets_neither_the_page_nor_an_answer() {
    let receiver = Receiver::without_temporal(&[]).await;
    let port = receiver.address.port();
    let evil = format!("evil.example:{port}");
    for path in [
        "/",
        "/assets/page.js",
        "/api/connections",
        "/api/sessions",
        "/api/sessions/s",
    ] {
        let misled = receiver.get(path).header("host", &evil);
        assert_eq!(
            status(misled).await,
            StatusCode::MISDIRECTED_REQUEST,
            "{path}"
        );
    }
    for path in ["/api/questions", "/api/sessions/s/stop"] {
        let misled = receiver.client.post(receiver.url(path)).json(&json!({}));
        let misled = misled
            .header("host", &evil)
            .header("origin", format!("http://{evil}"));
        let answer = soon(misled.send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
        let said = soon(answer.text()).await.unwrap();
        // Whoever meant well learns what to do.
        assert!(said.contains("SSE_ALLOWED_HOSTS"), "{said}");
    }
    // A proxy's way of naming the host counts, too.
    let request = format!("GET http://{evil}/api/sessions HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut raw = Raw::to(&receiver).await;
    raw.write(&request).await;
    raw.read_until("421 Misdirected").await;

    // Events and streams stay where workers and programs look for them, by whatever name.
    let event = json!({"session_id": "s", "event": {"type": "done"}});
    let post = receiver.client.post(receiver.url("/events/s")).json(&event);
    assert_eq!(
        status(post.header("host", "receiver:8092")).await,
        StatusCode::OK
    );
    for path in ["/stream/s", "/healthz", "/metrics", "/docs"] {
        let read = receiver.get(path).header("host", "receiver:8092");
        assert_eq!(status(read).await, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn whoever_means_this_receiver_is_let_through() {
    let flags = [
        "--allowed-hosts",
        "kai.example, *.kai.svc",
        "--callback-host",
        "http://receiver:8092",
    ];
    let receiver = Receiver::without_temporal(&flags).await;
    let port = receiver.address.port();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        "10.0.0.7".to_owned(),
        "kai.example".to_owned(),
        "sse.kai.svc:80".to_owned(),
        "receiver:8092".to_owned(),
    ] {
        assert_eq!(
            status(receiver.get("/").header("host", &host)).await,
            StatusCode::OK,
            "{host}"
        );
        assert_eq!(
            status(ask(&receiver).header("host", &host)).await,
            THROUGH,
            "{host}"
        );
    }
    // A client of old that names no host is no browser.
    let mut raw = Raw::to(&receiver).await;
    raw.write("GET /api/sessions HTTP/1.0\r\n\r\n").await;
    raw.read_until("503 Service").await;
}

#[tokio::test]
async fn where_a_token_is_needed_any_name_will_do_and_where_nothing_is_asked_too() {
    let closed = Receiver::without_temporal(&["--subscribe-token", "sesame-open-3"]).await;
    let page = closed.get("/").header("host", "kai.example");
    assert_eq!(status(page).await, StatusCode::OK);
    let asked = ask(&closed)
        .header("host", "kai.example")
        .bearer_auth("sesame-open-3");
    assert_eq!(
        status(asked.header("origin", "https://chat.example")).await,
        THROUGH
    );
    let watching = Receiver::start().await;
    let page = watching.get("/").header("host", "kai.example");
    assert_eq!(status(page).await, StatusCode::OK);
}

#[tokio::test]
async fn a_page_from_elsewhere_asks_only_where_it_is_listed() {
    let flags = [
        "--cors-origins",
        "https://chat.example",
        "--allowed-hosts",
        "kai.example",
    ];
    let receiver = Receiver::without_temporal(&flags).await;
    let own = receiver.url("");
    for (fields, expected) in [
        (&[("origin", own.as_str())][..], THROUGH),
        (
            &[("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
            THROUGH,
        ),
        // Behind a proxy that puts another host into the request.
        (
            &[
                ("origin", "https://front.example"),
                ("sec-fetch-site", "same-origin"),
            ],
            THROUGH,
        ),
        (&[("origin", "http://kai.example")], THROUGH),
        (
            &[
                ("origin", "https://chat.example"),
                ("sec-fetch-site", "cross-site"),
            ],
            THROUGH,
        ),
        (
            &[
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
            ],
            StatusCode::FORBIDDEN,
        ),
        (
            &[
                ("origin", "http://localhost:3000"),
                ("sec-fetch-site", "same-site"),
            ],
            StatusCode::FORBIDDEN,
        ),
        (
            &[("origin", "http://localhost:3000")],
            StatusCode::FORBIDDEN,
        ),
        (&[("origin", "null")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
    ] {
        for path in ["/api/questions", "/api/sessions/s/stop"] {
            let question = json!({"prompt": "How many?", "connection_id": "shop"});
            let mut request = receiver.client.post(receiver.url(path)).json(&question);
            for (name, value) in fields {
                request = request.header(*name, *value);
            }
            assert_eq!(status(request).await, expected, "{path} {fields:?}");
        }
    }
}
