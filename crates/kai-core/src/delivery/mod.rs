//! The bounded, ordered sender of events to a callback URL.
//!
//! The agent only ever puts events into a queue; one task sends them, in order, over one connection.
//! A receiver that is down or slow costs the run nothing but the wait for the last event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::agent::EventSink;
use crate::event::AgentEvent;
use crate::http;
use crate::ids::SessionId;
use crate::wire::CallbackEvent;

mod callback_url;
mod circuit;

use callback_url::PublicResolver;
pub use callback_url::{CallbackUrl, CallbackUrlError};
use circuit::Circuit;

/// How long one request may take; the original's number.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// How many events wait for the sender at most. What does not fit is dropped and counted as failed.
const QUEUE_LENGTH: usize = 4096;

/// How long the end of a run waits for the events that are still queued.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// How long the last event, `done`, is tried.
const DONE_TIME: Duration = Duration::from_secs(4);

/// The pause between two tries of `done`.
const DONE_PAUSE: Duration = Duration::from_millis(250);

/// Sends the events of one run to its callback URL.
pub struct Delivery {
    queue: mpsc::Sender<AgentEvent>,
    sender: JoinHandle<Sender>,
    counts: Arc<DeliveryCounts>,
}

/// How many events there were, how many arrived, and how many did not.
#[derive(Debug, Default)]
pub struct DeliveryCounts {
    emitted: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
}

impl DeliveryCounts {
    /// Events that the receiver took.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Events that it did not take.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Counts every event that is not known to have arrived as failed.
    fn give_up(&self) {
        let lost = self
            .emitted
            .load(Ordering::Relaxed)
            .saturating_sub(self.sent());
        self.failed.store(lost, Ordering::Relaxed);
    }

    fn count(&self, arrived: bool) {
        let counter = if arrived { &self.sent } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Delivery {
    /// Starts the sender of a run's events.
    ///
    /// # Errors
    /// When no HTTP client can be made on this machine.
    pub fn start(callback: CallbackUrl, session: SessionId) -> Result<Self, reqwest::Error> {
        let client = http::client_builder()
            .timeout(REQUEST_TIMEOUT)
            .dns_resolver(Arc::new(PublicResolver))
            .build()?;
        let counts = Arc::new(DeliveryCounts::default());
        let (queue, events) = mpsc::channel(QUEUE_LENGTH);
        let sender = Sender {
            client,
            callback,
            session,
            counts: Arc::clone(&counts),
            circuit: Circuit::default(),
        };
        Ok(Self {
            queue,
            sender: tokio::spawn(sender.run(events)),
            counts,
        })
    }

    /// The counters, which stay readable after the end.
    pub fn counts(&self) -> Arc<DeliveryCounts> {
        Arc::clone(&self.counts)
    }

    /// Waits, within limits, until what is queued was sent, then sends the last event, if there is
    /// one, trying again for a few seconds.
    pub async fn finish(self, last: Option<AgentEvent>) {
        let Self {
            queue,
            mut sender,
            counts,
        } = self;
        counts
            .emitted
            .fetch_add(u64::from(last.is_some()), Ordering::Relaxed);
        drop(queue);
        let Ok(Ok(mut sender)) = timeout_at(Instant::now() + DRAIN_TIME, &mut sender).await else {
            sender.abort();
            // Awaited so that the sender counts nothing any more.
            let _ = sender.await;
            counts.give_up();
            return;
        };
        if let Some(last) = last {
            sender.send_last(last).await;
        }
    }
}

impl EventSink for Delivery {
    fn emit(&self, event: AgentEvent) {
        self.counts.emitted.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(event).is_err() {
            self.counts.count(false);
        }
    }
}

/// Why one request failed.
enum Failure {
    /// The receiver is away or silent.
    Away(String),
    /// The receiver answered with an error status.
    Status(u16),
}

/// The task that sends.
struct Sender {
    client: reqwest::Client,
    callback: CallbackUrl,
    session: SessionId,
    counts: Arc<DeliveryCounts>,
    circuit: Circuit,
}

impl Sender {
    async fn run(mut self, mut events: mpsc::Receiver<AgentEvent>) -> Self {
        while let Some(event) = events.recv().await {
            let arrived = if self.circuit.is_open(Instant::now()) {
                false
            } else {
                let body = self.envelope(event);
                self.post(&body).await.is_ok()
            };
            self.counts.count(arrived);
        }
        self
    }

    fn envelope(&self, event: AgentEvent) -> CallbackEvent {
        CallbackEvent {
            session_id: self.session.clone(),
            event,
        }
    }

    /// Sends the last event until it arrives or its time is over.
    async fn send_last(&mut self, event: AgentEvent) {
        let body = self.envelope(event);
        let deadline = Instant::now() + DONE_TIME;
        let mut arrived = self.post(&body).await.is_ok();
        // A receiver that was away before is given one try, not four seconds of every run.
        while !arrived && !self.circuit.is_open(Instant::now()) && Instant::now() < deadline {
            tokio::time::sleep(DONE_PAUSE).await;
            arrived = self.post(&body).await.is_ok();
        }
        self.counts.count(arrived);
    }

    async fn post(&mut self, body: &CallbackEvent) -> Result<(), Failure> {
        let outcome = match self
            .client
            .post(self.callback.as_str())
            .json(body)
            .send()
            .await
        {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(Failure::Status(response.status().as_u16())),
            Err(error) => Err(Failure::Away(error.without_url().to_string())),
        };
        let session = &self.session;
        match &outcome {
            Ok(()) => self.circuit.succeeded(),
            Err(Failure::Status(status)) => {
                self.circuit.succeeded();
                tracing::warn!(%session, status, "session {session}: the receiver refused an event");
            }
            Err(Failure::Away(reason)) => {
                let opened = self.circuit.failed(Instant::now());
                if opened {
                    tracing::warn!(
                        %session,
                        reason,
                        "session {session}: the receiver is away; its events are dropped for a while"
                    );
                }
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
