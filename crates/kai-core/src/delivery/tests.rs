//! Delivery against real receivers: healthy, away, refusing, and dying in the middle.

use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
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
    Delivery::start(url, SessionId::new("s")).unwrap()
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
