//! The bounded, ordered sender of events to a callback URL.
//!
//! The agent only ever puts events into a queue; one task sends them, in order, over one connection.
//! A receiver that is down or slow costs the run nothing but the wait at its end. One that offers
//! numbered events gets again what it did not answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::agent::EventSink;
use crate::config::Secret;
use crate::event::AgentEvent;
use crate::http;
use crate::ids::SessionId;

mod answer;
mod backlog;
mod callback_url;
mod circuit;
mod held;
mod sender;

use answer::Offer;
pub use backlog::{Backlog, Position};
use callback_url::PublicResolver;
pub use callback_url::{CallbackUrl, CallbackUrlError};
use held::Held;
pub use held::Producer;
use sender::{Beginning, Post, Sender};

/// How long one request may take; the original's number.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// How many events wait for the sender at most. What does not fit is dropped and counted as failed.
const QUEUE_LENGTH: usize = 4096;

/// How long the end of a run waits for the events that are still queued or held.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// How long the last event, `done`, is tried.
const DONE_TIME: Duration = Duration::from_secs(4);

/// Sends the events of one run to its callback URL.
pub struct Delivery {
    queue: mpsc::Sender<AgentEvent>,
    sender: JoinHandle<Sender>,
    counts: Arc<DeliveryCounts>,
    position: Arc<Mutex<Position>>,
    /// Ends the sender, at the latest when the delivery is dropped.
    stop: DropGuard,
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

    fn add_sent(&self, events: usize) {
        self.sent.fetch_add(events as u64, Ordering::Relaxed);
    }

    fn add_failed(&self, events: usize) {
        self.failed.fetch_add(events as u64, Ordering::Relaxed);
    }
}

/// Tells how far a delivery is.
#[derive(Debug, Clone)]
pub struct PositionReader(Arc<Mutex<Position>>);

impl PositionReader {
    /// How far it is now.
    pub fn get(&self) -> Position {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery {
    /// Starts the sender of a run's events. What the producer is called matters only to receivers
    /// that offer numbered events.
    ///
    /// `token` is shown to whoever answers at the URL, so the URL must be one that may see it.
    ///
    /// # Errors
    /// When no HTTP client can be made on this machine.
    pub fn start(
        callback: CallbackUrl,
        session: SessionId,
        producer: Producer,
        token: Option<&Secret>,
    ) -> Result<Self, reqwest::Error> {
        Self::start_with(
            callback,
            session,
            producer,
            token,
            Beginning::default(),
            false,
        )
    }

    /// The same for a run that another worker may go on with, or has begun: the receiver is asked
    /// first what it offers, and what earlier attempts may not have published goes before all else.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn go_on(
        callback: CallbackUrl,
        session: SessionId,
        producer: Producer,
        token: Option<&Secret>,
        position: Option<Position>,
        backlogs: Vec<Backlog>,
    ) -> Result<Self, reqwest::Error> {
        let beginning = Beginning {
            items: backlog::items(position, backlogs, &producer).into(),
            position,
        };
        let asks = position.is_none_or(|position| !position.knows_receiver());
        let first = match position {
            Some(position) => producer.of_attempt(position.attempt),
            None => producer,
        };
        Self::start_with(callback, session, first, token, beginning, asks)
    }

    fn start_with(
        callback: CallbackUrl,
        session: SessionId,
        producer: Producer,
        token: Option<&Secret>,
        beginning: Beginning,
        asks: bool,
    ) -> Result<Self, reqwest::Error> {
        let client = http::client_builder()
            .default_headers(token.map(http::bearer).unwrap_or_default())
            .timeout(REQUEST_TIMEOUT)
            .dns_resolver(Arc::new(PublicResolver))
            .build()?;
        let counts = Arc::new(DeliveryCounts::default());
        let earlier = beginning.items.iter().filter(|item| item.is_event());
        counts
            .emitted
            .store(earlier.count() as u64, Ordering::Relaxed);
        let held = Held::new(session, producer);
        let position = beginning
            .position
            .unwrap_or_else(|| held.position(Offer::default()));
        let position = Arc::new(Mutex::new(position));
        let (queue, events) = mpsc::channel(QUEUE_LENGTH);
        let stop = CancellationToken::new();
        let sender = Sender::new(
            Post { client, callback },
            held,
            Arc::clone(&counts),
            Arc::clone(&position),
            beginning,
        );
        Ok(Self {
            queue,
            sender: tokio::spawn(sender.run(asks, events, stop.clone())),
            counts,
            position,
            stop: stop.drop_guard(),
        })
    }

    /// How far the events have been delivered, which stays readable after the end.
    pub fn position(&self) -> PositionReader {
        PositionReader(Arc::clone(&self.position))
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
            position: _,
            stop,
        } = self;
        counts
            .emitted
            .fetch_add(u64::from(last.is_some()), Ordering::Relaxed);
        drop(queue);
        let (ended, in_time) = match timeout_at(Instant::now() + DRAIN_TIME, &mut sender).await {
            Ok(ended) => (ended, true),
            Err(_elapsed) => {
                drop(stop);
                (sender.await, false)
            }
        };
        let Ok(mut sender) = ended else {
            counts.give_up();
            return;
        };
        if let Some(last) = last {
            // A receiver that was silent all the time has had its share of the run.
            if in_time || sender.has_answered() {
                sender.send_last(last, Instant::now() + DONE_TIME).await;
            } else {
                counts.add_failed(1);
            }
        }
    }
}

impl EventSink for Delivery {
    fn emit(&self, event: AgentEvent) {
        self.counts.emitted.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(event).is_err() {
            self.counts.add_failed(1);
        }
    }
}

#[cfg(test)]
mod tests;
