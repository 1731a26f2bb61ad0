//! A receiver in process, and a client for it.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use crate::redis_server::RedisServer;
use clap::Parser as _;
use eventsource_stream::{Event, EventStreamError, Eventsource as _};
use futures::{Stream, StreamExt as _};
use kai_sse_callback::server::Server;
use kai_sse_callback::settings::Settings;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes; only a test that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that has to happen.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what)
        .await
        .expect("it should happen soon")
}

/// A client that reaches this machine only.
pub(crate) fn client() -> Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// A receiver on a free port; dropping it ends it.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) stop: CancellationToken,
    pub(crate) running: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Where a test's receivers keep their sessions.
pub(crate) enum Backing {
    /// Each in its own memory.
    Memory,
    /// All of them in one Redis.
    Redis(RedisServer),
}

impl Backing {
    /// Another receiver, without settings of its own.
    pub(crate) async fn start(&self) -> Receiver {
        self.with(&[]).await
    }

    pub(crate) async fn with(&self, flags: &[&str]) -> Receiver {
        match self {
            Self::Memory => Receiver::with(flags).await,
            Self::Redis(server) => {
                let url = server.url();
                let kept = ["--backend", "redis", "--redis-url", &url];
                Receiver::with(&[&kept, flags].concat()).await
            }
        }
    }
}

/// Makes two tests of each function: one over memory, one over Redis.
macro_rules! on_both_backends {
    ($($name:ident),* $(,)?) => {
        mod over_memory {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::Backing::Memory).await;
            })*
        }
        mod over_redis {
            $(#[tokio::test]
            async fn $name() {
                if let Some(server) = $crate::redis_server::RedisServer::start().await {
                    super::$name($crate::support::Backing::Redis(server)).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_backends;

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(flags: &[&str]) -> Self {
        let always = ["kai-sse-callback", "--host", "127.0.0.1", "--port", "0"];
        Self::over(always.iter().chain(flags), None).await
    }

    /// A receiver that asks questions, of a Temporal that is not there.
    pub(crate) async fn without_temporal(flags: &[&str]) -> Self {
        let always = ["kai-sse-callback", "--host", "127.0.0.1", "--port", "0"];
        let temporal = kai_temporal::Server::plain("127.0.0.1:1", "kai-agent-queue");
        Self::over(always.iter().chain(flags), Some(temporal)).await
    }

    async fn over<'a>(
        arguments: impl Iterator<Item = &'a &'a str>,
        temporal: Option<kai_temporal::Server>,
    ) -> Self {
        let settings = Settings::try_parse_from(arguments).unwrap();
        let server = Server::bind_with(&settings, temporal).await.unwrap();
        let stop = CancellationToken::new();
        Self {
            address: server.address(),
            client: client(),
            stop: stop.clone(),
            running: tokio::spawn(server.run(stop)),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub(crate) async fn post(&self, session: &str, body: impl Into<String>) -> Response {
        let request = self
            .client
            .post(self.url(&format!("/events/{session}")))
            .header("content-type", "application/json")
            .body(body.into());
        soon(request.send()).await.unwrap()
    }

    /// Publishes an event as the worker does.
    pub(crate) async fn publish(&self, session: &str, event: Value) {
        let body = json!({"session_id": session, "event": event}).to_string();
        let response = self.post(session, body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.text().await.unwrap(), r#"{"status":"ok"}"#);
    }

    /// Publishes a run: so many tokens, and `done`.
    pub(crate) async fn publish_run(&self, session: &str, name: &str, tokens: usize) {
        for number in 0..tokens {
            let content = format!("{name}{number}");
            self.publish(session, json!({"type": "token", "content": content}))
                .await;
        }
        self.publish(session, json!({"type": "done", "result": {"name": name}}))
            .await;
    }

    pub(crate) async fn open(&self, path: &str) -> Events {
        Events::of(soon(self.get(path).send()).await.unwrap())
    }

    /// Comes back as an `EventSource` does.
    pub(crate) async fn resume(&self, path: &str, last_event_id: &str) -> Response {
        let request = self.get(path).header("Last-Event-ID", last_event_id);
        soon(request.send()).await.unwrap()
    }
}

/// A stream's events as a parser that is not ours reads them.
pub(crate) struct Events(Pin<Box<dyn Stream<Item = Read> + Send>>);

/// An event, or how the stream broke.
type Read = Result<Event, EventStreamError<reqwest::Error>>;

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        let events = response.bytes_stream().eventsource();
        Self(Box::pin(events))
    }

    /// The next event; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        soon(self.0.next()).await.map(Result::unwrap)
    }

    /// The next event; none when the stream has ended or broken.
    pub(crate) async fn try_next(&mut self) -> Option<Event> {
        soon(self.0.next()).await?.ok()
    }

    pub(crate) async fn take(&mut self, count: usize) -> Vec<String> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.push(short(&self.next().await.unwrap()));
        }
        taken
    }

    /// All that is left, in short.
    pub(crate) async fn rest(mut self) -> Vec<String> {
        let mut rest = Vec::new();
        while let Some(event) = self.next().await {
            rest.push(short(&event));
        }
        rest
    }
}

/// An event in few letters: a token's content, `done a` for run `a`, else the type.
fn short(event: &Event) -> String {
    let data: Value = serde_json::from_str(&event.data).unwrap();
    match event.event.as_str() {
        "token" => data["content"].as_str().unwrap().to_owned(),
        "done" => format!("done {}", data["result"]["name"].as_str().unwrap()),
        other => other.to_owned(),
    }
}

impl Receiver {
    /// What `/metrics` shows for a metric; 0 when it is not there yet.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let page = soon(self.get("/metrics").send()).await.unwrap();
        metric(&soon(page.text()).await.unwrap(), name)
    }

    /// Waits until a metric has a value.
    pub(crate) async fn until_metric(&self, name: &str, value: u64) {
        soon(async { while self.metric(name).await != value {} }).await;
    }
}

/// The value of a metric on a page; 0 when it is not there.
pub(crate) fn metric(page: &str, name: &str) -> u64 {
    let value = page
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().unwrap())
}
