//! Delivery against real receivers: healthy, away, refusing, and dying in the middle.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

use super::*;

#[derive(Default)]
struct Inbox {
    bodies: Mutex<Vec<Value>>,
    refuse: bool,
}

async fn receive(
    State(inbox): State<Arc<Inbox>>,
    axum::Json(body): axum::Json<Value>,
) -> StatusCode {
    inbox.bodies.lock().unwrap().push(body);
    if inbox.refuse {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    }
}

async fn receiver(refuse: bool) -> (SocketAddr, Arc<Inbox>) {
    let inbox = Arc::new(Inbox {
        refuse,
        ..Inbox::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/events/s", post(receive))
        .with_state(Arc::clone(&inbox));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, inbox)
}

fn delivery_to(address: SocketAddr) -> Delivery {
    let url = CallbackUrl::parse(&format!("http://{address}/events/s"), &[]).unwrap();
    Delivery::start(url, SessionId::new("s"), Producer::new("wf/run/1", 1), None).unwrap()
}

fn token(number: usize) -> AgentEvent {
    AgentEvent::Token {
        content: number.to_string(),
    }
}

#[tokio::test]
async fn events_arrive_in_order_in_their_envelope_and_the_last_one_last() {
    let (address, inbox) = receiver(false).await;
    let delivery = delivery_to(address);
    let counts = delivery.counts();
    for number in 0..200 {
        delivery.emit(token(number));
    }
    delivery.finish(Some(token(200))).await;
    let bodies = inbox.bodies.lock().unwrap();
    let contents: Vec<String> = bodies
        .iter()
        .map(|body| body["event"]["content"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<String> = (0..=200).map(|number: usize| number.to_string()).collect();
    assert_eq!(contents, expected);
    assert_eq!(
        bodies[0],
        serde_json::json!({"session_id": "s", "event": {"type": "token", "content": "0"}})
    );
    assert_eq!((counts.sent(), counts.failed()), (201, 0));
}

#[tokio::test]
async fn a_receiver_that_is_away_costs_next_to_nothing_and_every_event_is_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let delivery = delivery_to(address);
    let counts = delivery.counts();
    for number in 0..200 {
        delivery.emit(token(number));
    }
    delivery.finish(Some(token(200))).await;
    assert_eq!((counts.sent(), counts.failed()), (0, 201));
}

#[tokio::test]
async fn refusals_are_counted_and_every_event_is_still_tried() {
    let (address, inbox) = receiver(true).await;
    let delivery = delivery_to(address);
    let counts = delivery.counts();
    for number in 0..10 {
        delivery.emit(token(number));
    }
    delivery.finish(None).await;
    assert_eq!(inbox.bodies.lock().unwrap().len(), 10);
    assert_eq!((counts.sent(), counts.failed()), (0, 10));
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let delivery = delivery_to(address);
    let counts = delivery.counts();
    for number in 0..50 {
        delivery.emit(token(number));
    }
    tokio::time::timeout(
        DRAIN_TIME + DONE_TIME + REQUEST_TIMEOUT,
        delivery.finish(Some(token(50))),
    )
    .await
    .unwrap();
    assert_eq!((counts.sent(), counts.failed()), (0, 51));
    drop(listener);
}

/// The next answers of a receiver, and what it was posted.
struct Script {
    answers: Mutex<VecDeque<(u16, bool, &'static str)>>,
    posted: Mutex<Vec<(String, Option<u64>)>>,
}

async fn play(
    State(script): State<Arc<Script>>,
    axum::Json(body): axum::Json<Value>,
) -> (StatusCode, HeaderMap, &'static str) {
    let content = body["event"]["content"].as_str().unwrap().to_owned();
    let posted = (content, body["seq"].as_u64());
    script.posted.lock().unwrap().push(posted);
    let answer = script.answers.lock().unwrap().pop_front();
    let (status, offers, text) = answer.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "0".parse().unwrap());
    if offers {
        headers.insert("kai-receiver", "fenced".parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers, text)
}

#[tokio::test]
async fn numbers_follow_the_answers_and_every_event_is_counted_once() {
    let (answers, expected): (VecDeque<_>, Vec<_>) = [
        ((200, true, ""), ("0", None)),
        ((503, true, ""), ("1", Some(1))),
        ((200, true, ""), ("1", Some(1))),
        ((422, true, ""), ("2", Some(2))),
        ((409, true, r#"{"expected_seq":1}"#), ("3", Some(2))),
        ((200, true, ""), ("3", Some(1))),
        // Nobody knows whether the receiver had it before the proxy failed.
        ((500, false, ""), ("4", Some(2))),
        ((409, true, r#"{"expected_seq":2}"#), ("5", Some(3))),
        ((502, false, ""), ("5", Some(2))),
        ((200, true, ""), ("5", Some(2))),
        ((403, true, ""), ("6", Some(3))),
    ]
    .map(|(answer, (content, seq))| (answer, (content.to_owned(), seq)))
    .into_iter()
    .unzip();
    let script = Arc::new(Script {
        answers: Mutex::new(answers),
        posted: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let delivery = delivery_to(listener.local_addr().unwrap());
    let app = Router::new()
        .route("/events/s", post(play))
        .with_state(Arc::clone(&script));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let counts = delivery.counts();
    for number in 0..8 {
        delivery.emit(token(number));
    }
    delivery.finish(Some(token(8))).await;
    assert_eq!(*script.posted.lock().unwrap(), expected);
    assert_eq!((counts.sent(), counts.failed()), (4, 5));
}
