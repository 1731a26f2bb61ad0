//! Delivery to the real receiver: in order, once, over a restart, and shut out by a successor.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use kai_core::agent::EventSink as _;
use kai_core::config::Secret;
use kai_core::delivery::{CallbackUrl, Deliveries, Delivery, DeliveryCounts, Producer};
use kai_core::event::AgentEvent;
use kai_core::ids::SessionId;
use kai_sse_callback::server::Server;
use kai_sse_callback::settings::Settings;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Receiver {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Receiver {
    async fn start(port: u16, flags: &[&str]) -> Self {
        let port = port.to_string();
        let mut arguments = vec!["kai-sse-callback", "--host", "127.0.0.1", "--port", &port];
        arguments.extend(flags);
        let server = Server::bind(&Settings::parse_from(arguments))
            .await
            .unwrap();
        let address = server.address();
        let task = tokio::spawn(server.run(CancellationToken::new()));
        Self { address, task }
    }

    /// Ends as a crash would: at once, with everything that it remembered.
    async fn crash(self) -> u16 {
        self.task.abort();
        let _ = self.task.await;
        self.address.port()
    }

    fn delivery(&self, run: &str, attempt: u32) -> Delivery {
        let url = format!("http://{}/events/s", self.address);
        let url = CallbackUrl::parse(&url, &[]).unwrap();
        let deliveries = Deliveries::new(None).unwrap();
        deliveries.start(url, SessionId::new("s"), Producer::new(run, attempt))
    }

    /// The session's stream from its oldest event.
    async fn stream(&self) -> Stream {
        let url = format!("http://{}/stream/s?replay=all", self.address);
        let client = kai_core::http::client_builder().build().unwrap();
        Stream {
            response: client.get(url).send().await.unwrap(),
            text: String::new(),
        }
    }
}

/// A stream of events, read as text.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    /// The contents of the next tokens up to this one, or up to the end of the stream.
    async fn tokens_until(&mut self, last: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let frame: String = self.text.drain(..end + 2).collect();
                let data = frame.lines().find_map(|line| line.strip_prefix("data: "));
                let Some(data) = data else { continue };
                let data: Value = serde_json::from_str(data).unwrap();
                if let Some(content) = data["content"].as_str() {
                    tokens.push(content.to_owned());
                    if content == last {
                        return tokens;
                    }
                }
            }
            match self.response.chunk().await {
                Ok(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return tokens,
            }
        }
    }
}

fn token(content: &str) -> AgentEvent {
    AgentEvent::Token {
        content: content.to_owned(),
    }
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

fn emit(delivery: &Delivery, range: std::ops::Range<usize>) {
    for content in numbers(range) {
        delivery.emit(token(&content));
    }
}

/// Ends the delivery, and waits for what the run itself does not wait for.
async fn to_the_end(delivery: Delivery, last: AgentEvent) {
    if let Some(tail) = delivery.finish(Some(last), Duration::ZERO).await {
        let (told, telling) = tokio::sync::oneshot::channel();
        tail.go_on(async {}, async move { told.send(()).unwrap() });
        telling.await.unwrap();
    }
}

async fn until(what: impl Fn() -> bool) {
    tokio::time::timeout(Duration::from_secs(20), async {
        while !what() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

fn counted(counts: &Arc<DeliveryCounts>) -> (u64, u64) {
    (counts.sent(), counts.failed())
}

#[tokio::test]
async fn many_events_arrive_in_order_and_once() {
    let receiver = Receiver::start(0, &[]).await;
    let delivery = receiver.delivery("run", 1);
    let counts = delivery.counts();
    emit(&delivery, 0..2000);
    to_the_end(delivery, token("2000")).await;
    assert_eq!(counted(&counts), (2001, 0));
    let seen = receiver.stream().await.tokens_until("2000").await;
    assert_eq!(seen, numbers(0..2001));
}

#[tokio::test]
async fn a_receiver_that_takes_small_bodies_only_gets_small_bodies() {
    let receiver = Receiver::start(0, &["--max-body-bytes", "300"]).await;
    let delivery = receiver.delivery("run", 1);
    let counts = delivery.counts();
    emit(&delivery, 0..40);
    delivery.emit(token(&"x".repeat(400)));
    emit(&delivery, 40..80);
    to_the_end(delivery, token("80")).await;
    assert_eq!(counted(&counts), (81, 1));
    let seen = receiver.stream().await.tokens_until("80").await;
    assert_eq!(seen, numbers(0..81));
}

#[tokio::test]
async fn one_event_that_is_too_large_costs_no_other() {
    let receiver = Receiver::start(0, &["--max-bytes-per-session", "20000"]).await;
    let delivery = receiver.delivery("run", 1);
    let counts = delivery.counts();
    emit(&delivery, 0..40);
    delivery.emit(token(&"x".repeat(30_000)));
    emit(&delivery, 40..80);
    to_the_end(delivery, token("80")).await;
    assert_eq!(counted(&counts), (81, 1));
    let seen = receiver.stream().await.tokens_until("80").await;
    assert_eq!(seen, numbers(0..81));
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_what_it_missed_once() {
    let receiver = Receiver::start(0, &[]).await;
    let delivery = receiver.delivery("run", 1);
    let counts = delivery.counts();
    emit(&delivery, 0..500);
    until(|| counts.sent() == 500).await;
    let port = receiver.crash().await;
    emit(&delivery, 500..1000);
    let receiver = Receiver::start(port, &[]).await;
    emit(&delivery, 1000..1500);
    to_the_end(delivery, token("1500")).await;
    assert_eq!(counted(&counts), (1501, 0));
    let seen = receiver.stream().await.tokens_until("1500").await;
    assert_eq!(seen, numbers(500..1501));
}

#[tokio::test]
async fn a_crash_while_events_flow_shows_none_twice() {
    let receiver = Receiver::start(0, &[]).await;
    let delivery = receiver.delivery("run", 1);
    let counts = delivery.counts();
    emit(&delivery, 0..3000);
    until(|| counts.sent() > 300).await;
    let port = receiver.crash().await;
    let receiver = Receiver::start(port, &[]).await;
    to_the_end(delivery, token("3000")).await;
    assert_eq!(counted(&counts), (3001, 0));
    let seen = receiver.stream().await.tokens_until("3000").await;
    let first = 3001 - seen.len();
    assert_eq!(seen, numbers(first..3001));
}

#[tokio::test]
async fn a_later_attempt_shuts_the_earlier_one_out() {
    let receiver = Receiver::start(0, &[]).await;
    let old = receiver.delivery("run", 1);
    let old_counts = old.counts();
    emit(&old, 0..10);
    until(|| old_counts.sent() == 10).await;
    let new = receiver.delivery("run", 2);
    let new_counts = new.counts();
    emit(&new, 10..20);
    until(|| new_counts.sent() == 10).await;
    for _ in 0..10 {
        old.emit(token("late"));
    }
    to_the_end(old, token("late")).await;
    to_the_end(new, token("20")).await;
    assert_eq!(counted(&old_counts), (10, 11));
    assert_eq!(counted(&new_counts), (11, 0));
    let seen = receiver.stream().await.tokens_until("20").await;
    assert_eq!(seen, numbers(0..21));
}

#[tokio::test]
async fn a_receiver_that_does_not_come_back_ends_the_run_in_time() {
    let receiver = Receiver::start(0, &[]).await;
    let delivery = receiver.delivery("run", 1);
    let counts = delivery.counts();
    emit(&delivery, 0..10);
    until(|| counts.sent() == 10).await;
    receiver.crash().await;
    emit(&delivery, 10..6000);
    let end = to_the_end(delivery, token("6000"));
    tokio::time::timeout(Duration::from_secs(10), end)
        .await
        .unwrap();
    assert_eq!(counted(&counts), (10, 5991));
}

#[tokio::test]
async fn a_receiver_that_asks_for_a_token_takes_events_with_it_and_no_others() {
    let settings = [
        "kai-sse-callback",
        "--port",
        "0",
        "--publish-token",
        "let-me-in",
    ];
    let server = Server::bind(&Settings::parse_from(settings)).await.unwrap();
    let url = format!("http://{}/events/s", server.address());
    tokio::spawn(server.run(CancellationToken::new()));
    let right = Secret::from("let-me-in".to_owned());
    for (token, sent, failed) in [(None, 0, 2), (Some(&right), 2, 0)] {
        let url = CallbackUrl::parse(&url, &[]).unwrap();
        let producer = Producer::new("wf/run/1", 1);
        let deliveries = Deliveries::new(token).unwrap();
        let delivery = deliveries.start(url, SessionId::new("s"), producer);
        let counts = delivery.counts();
        let event = || AgentEvent::Token {
            content: "a".to_owned(),
        };
        delivery.emit(event());
        to_the_end(delivery, event()).await;
        assert_eq!((counts.sent(), counts.failed()), (sent, failed));
    }
}
