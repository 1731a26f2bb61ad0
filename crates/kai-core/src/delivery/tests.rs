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

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

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
    delivery_of(&Deliveries::new(None).unwrap(), address)
}

fn delivery_of(deliveries: &Deliveries, address: SocketAddr) -> Delivery {
    let url = CallbackUrl::parse(&format!("http://{address}/events/s"), &[]).unwrap();
    deliveries.start(url, SessionId::new("s"), Producer::new("wf/run/1", 1))
}

/// Ends the delivery and waits for its tail, if it leaves one.
async fn to_the_end(delivery: Delivery, last: Option<AgentEvent>) {
    if let Some(tail) = delivery.finish(last, Duration::ZERO).await {
        tail.rest.await;
    }
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
    // It keeps up, so there is nothing left.
    let finished = delivery.finish(Some(token(200)), PATIENCE).await;
    assert!(finished.is_none());
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
    to_the_end(delivery, Some(token(200))).await;
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
    to_the_end(delivery, None).await;
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
        to_the_end(delivery, Some(token(50))),
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
    to_the_end(delivery, Some(token(8))).await;
    assert_eq!(*script.posted.lock().unwrap(), expected);
    assert_eq!((counts.sent(), counts.failed()), (4, 5));
}

/// A receiver that answers nothing until it is let.
struct Withholding {
    inbox: Mutex<Vec<String>>,
    may_answer: CancellationToken,
}

impl Withholding {
    async fn start() -> (SocketAddr, Arc<Self>) {
        let withholding = Arc::new(Self {
            inbox: Mutex::default(),
            may_answer: CancellationToken::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/events/s", post(withhold))
            .with_state(Arc::clone(&withholding));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (address, withholding)
    }

    fn contents(&self) -> Vec<String> {
        self.inbox.lock().unwrap().clone()
    }
}

async fn withhold(State(this): State<Arc<Withholding>>, axum::Json(body): axum::Json<Value>) {
    let content = body["event"]["content"].as_str().unwrap().to_owned();
    this.inbox.lock().unwrap().push(content);
    this.may_answer.cancelled().await;
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn a_run_does_not_wait_for_a_receiver_that_has_not_answered_and_its_events_arrive_yet() {
    let (address, receiver) = Withholding::start().await;
    let deliveries = Deliveries::new(None).unwrap();
    let delivery = delivery_of(&deliveries, address);
    let counts = delivery.counts();
    for number in 0..20 {
        delivery.emit(token(number));
    }
    // The receiver has not answered anything, and yet this ends.
    let left = delivery.finish(Some(token(20)), Duration::ZERO).await;
    let (closed, closing) = tokio::sync::oneshot::channel();
    left.unwrap()
        .go_on(async {}, async move { closed.send(()).unwrap() });
    assert_eq!(counts.sent(), 0);

    receiver.may_answer.cancel();
    closing.await.unwrap();
    assert_eq!(receiver.contents(), numbers(0..21));
    assert_eq!((counts.sent(), counts.failed()), (21, 0));
    deliveries.join().await;
}

#[tokio::test]
async fn a_worker_that_ends_waits_for_what_is_left() {
    let (address, receiver) = Withholding::start().await;
    let deliveries = Deliveries::new(None).unwrap();
    let delivery = delivery_of(&deliveries, address);
    delivery.emit(token(0));
    let left = delivery.finish(Some(token(1)), Duration::ZERO).await;
    left.unwrap().go_on(async {}, async {});
    let joining = deliveries.join();
    tokio::pin!(joining);
    assert!(futures::poll!(&mut joining).is_pending());
    receiver.may_answer.cancel();
    joining.await;
    assert_eq!(receiver.contents(), numbers(0..2));
}

#[tokio::test]
async fn what_is_left_does_not_come_among_the_events_of_a_later_run() {
    let (address, receiver) = Withholding::start().await;
    let deliveries = Deliveries::new(None).unwrap();
    let first = delivery_of(&deliveries, address);
    let counts = first.counts();
    for number in 0..3 {
        first.emit(token(number));
    }
    let left = first.finish(Some(token(3)), Duration::ZERO).await;
    left.unwrap().go_on(async {}, async {});
    let second = delivery_of(&deliveries, address);
    second.emit(token(4));
    receiver.may_answer.cancel();
    to_the_end(second, Some(token(5))).await;
    deliveries.join().await;
    assert_eq!((counts.sent(), counts.failed()), (0, 4));
    let seen = receiver.contents();
    // The first event may have been on its way.
    let seen = seen.strip_prefix(&numbers(0..1)[..]).unwrap_or(&seen);
    assert_eq!(seen, numbers(4..6));
}

#[tokio::test]
async fn what_is_cut_is_given_up_at_once_and_counted() {
    let (address, _receiver) = Withholding::start().await;
    let delivery = delivery_to(address);
    let counts = delivery.counts();
    for number in 0..3 {
        delivery.emit(token(number));
    }
    let left = delivery.finish(Some(token(3)), Duration::ZERO).await;
    left.unwrap().cut().await;
    assert_eq!((counts.sent(), counts.failed()), (0, 4));
}

#[tokio::test]
async fn the_last_event_reaches_a_receiver_that_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let delivery = delivery_to(address);
    let counts = delivery.counts();
    delivery.emit(token(0));
    let left = delivery.finish(Some(token(1)), PATIENCE).await.unwrap();
    // It was tried, and the receiver was away. Now it is there.
    let listener = TcpListener::bind(address).await.unwrap();
    let inbox = Arc::new(Inbox::default());
    let app = Router::new()
        .route("/events/s", post(receive))
        .with_state(Arc::clone(&inbox));
    tokio::spawn(async move { axum::serve(listener, app).await });
    left.rest.await;
    assert_eq!((counts.sent(), counts.failed()), (1, 1));
    let bodies = inbox.bodies.lock().unwrap();
    assert_eq!(bodies.last().unwrap()["event"]["content"], "1");
}
