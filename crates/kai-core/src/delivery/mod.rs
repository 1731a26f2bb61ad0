//! The bounded, ordered sender of events to a callback URL.
//!
//! The agent only ever puts events into a queue; one task sends them, in order, one request at a time.
//! At its end a run waits for a receiver that keeps up, and for no other: what such a one has not
//! got yet goes on as a tail. A receiver that offers numbered events gets again what it did not
//! answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument as _;

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
mod pace;
mod sender;
mod tails;
mod totals;

use answer::Offer;
pub use backlog::{Backlog, Position};
use callback_url::PublicResolver;
pub use callback_url::{CallbackUrl, CallbackUrlError};
use held::Held;
pub use held::Producer;
use pace::Pace;
use sender::{Beginning, Last, Post, Sender};
pub use tails::Tail;
use tails::Tails;
pub use totals::Totals;
use totals::Watch;

/// How long one request may take; the original's number.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// How many events wait for the sender at most. What does not fit is dropped and counted as failed.
const QUEUE_LENGTH: usize = 4096;

/// How long an open connection that is not used is kept: shorter than servers do, so that none is
/// closed by its other end just when a post begins.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// How long, after the end of a run, the events that are still queued or held are sent.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// How long the last event, `done`, is tried.
const DONE_TIME: Duration = Duration::from_secs(4);

/// Starts deliveries, and has what all of a worker's share: connections, and the tails of runs that
/// did not wait.
#[derive(Debug, Clone)]
pub struct Deliveries {
    client: reqwest::Client,
    tails: Tails,
    watch: Watch,
}

/// Sends the events of one run to its callback URL.
pub struct Delivery {
    queue: mpsc::Sender<AgentEvent>,
    sender: JoinHandle<Sender>,
    counts: Arc<DeliveryCounts>,
    position: watch::Receiver<Position>,
    callback: CallbackUrl,
    pace: watch::Receiver<Pace>,
    /// Ends the sending of what is queued.
    stop: CancellationToken,
    /// Ends everything, at the latest when the delivery is dropped.
    cut: DropGuard,
    tails: Tails,
    session: SessionId,
}

/// How many events there were, how many arrived, and how many did not.
#[derive(Debug, Default)]
pub struct DeliveryCounts {
    emitted: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
    /// Whether the receiver is left alone for a while.
    circuit_open: AtomicBool,
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

    /// Events that wait for the sender or for an answer.
    pub fn queued(&self) -> u64 {
        let emitted = self.emitted.load(Ordering::Relaxed);
        emitted.saturating_sub(self.sent().saturating_add(self.failed()))
    }

    /// Whether the receiver has failed so often that it is left alone for a while.
    pub fn is_circuit_open(&self) -> bool {
        self.circuit_open.load(Ordering::Relaxed)
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
pub struct PositionReader(watch::Receiver<Position>);

impl PositionReader {
    /// How far it is now.
    pub fn get(&self) -> Position {
        *self.0.borrow()
    }

    /// Waits until the receiver has said that it takes numbered events, which are safe to repeat.
    /// `None` when the delivery ends without that.
    pub async fn numbered(&self) -> Option<Position> {
        let mut position = self.0.clone();
        let known = position
            .wait_for(|position| position.knows_receiver())
            .await;
        known.ok().map(|position| *position)
    }
}

impl Deliveries {
    /// Deliveries that show `token` to whoever answers at a callback URL, so the URLs must be ones
    /// that may see it.
    ///
    /// # Errors
    /// When no HTTP client can be made on this machine.
    pub fn new(token: Option<&Secret>) -> Result<Self, reqwest::Error> {
        let client = http::client_builder()
            .default_headers(token.map(http::bearer).unwrap_or_default())
            .timeout(REQUEST_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .dns_resolver(Arc::new(PublicResolver))
            .build()?;
        Ok(Self {
            client,
            tails: Tails::default(),
            watch: Watch::default(),
        })
    }

    /// Starts the sender of a run's events. What the producer is called matters only to receivers
    /// that offer numbered events.
    pub fn start(&self, callback: CallbackUrl, session: SessionId, producer: Producer) -> Delivery {
        self.start_with(callback, session, producer, Beginning::default(), false)
    }

    /// The same for a run that another worker may go on with, or has begun: the receiver is asked
    /// first what it offers, and what earlier attempts may not have published goes before all else.
    pub fn go_on(
        &self,
        callback: CallbackUrl,
        session: SessionId,
        producer: Producer,
        position: Option<Position>,
        backlogs: Vec<Backlog>,
    ) -> Delivery {
        let beginning = Beginning {
            items: backlog::items(position, backlogs, &producer).into(),
            position,
        };
        let asks = position.is_none_or(|position| !position.knows_receiver());
        let first = match position {
            Some(position) => producer.of_attempt(position.attempt),
            None => producer,
        };
        self.start_with(callback, session, first, beginning, asks)
    }

    /// What all deliveries have sent, and what waits.
    pub fn totals(&self) -> Totals {
        self.watch.totals()
    }

    /// Waits, within limits, until what runs have left behind is delivered or given up. No delivery
    /// must end after that.
    pub async fn join(&self) {
        self.tails.join().await;
    }

    fn start_with(
        &self,
        callback: CallbackUrl,
        session: SessionId,
        producer: Producer,
        beginning: Beginning,
        asks: bool,
    ) -> Delivery {
        self.tails.cut(&session);
        let counts = Arc::new(DeliveryCounts::default());
        let earlier = beginning.items.iter().filter(|item| item.is_event());
        counts
            .emitted
            .store(earlier.count() as u64, Ordering::Relaxed);
        self.watch.add(Arc::clone(&counts));
        let held = Held::new(session.clone(), producer);
        let position = beginning
            .position
            .unwrap_or_else(|| held.position(Offer::default()));
        let (position, shown_position) = watch::channel(position);
        let (queue, events) = mpsc::channel(QUEUE_LENGTH);
        let (pace, shown_pace) = watch::channel(Pace::Unknown);
        let cut = CancellationToken::new();
        let stop = cut.child_token();
        let post = Post {
            client: self.client.clone(),
            callback: callback.clone(),
            pace,
        };
        let sender = Sender::new(post, held, Arc::clone(&counts), position, beginning);
        Delivery {
            queue,
            sender: tokio::spawn(
                // What it logs belongs to the run, too.
                sender.run(asks, events, stop.clone()).in_current_span(),
            ),
            counts,
            position: shown_position,
            callback,
            pace: shown_pace,
            stop,
            cut: cut.drop_guard(),
            tails: self.tails.clone(),
            session,
        }
    }
}

impl Delivery {
    /// How far the events have been delivered, which stays readable after the end.
    pub fn position(&self) -> PositionReader {
        PositionReader(self.position.clone())
    }

    /// Where the events go.
    pub fn callback(&self) -> &CallbackUrl {
        &self.callback
    }

    /// The counters, which stay readable after the end.
    pub fn counts(&self) -> Arc<DeliveryCounts> {
        Arc::clone(&self.counts)
    }

    /// Sends what is queued and then the last event, if there is one, and waits for that as long as
    /// the receiver keeps up. One that has not answered at all yet is given so much `patience`.
    ///
    /// What such a receiver had no time for is left, to be delivered beside or to be given up.
    pub async fn finish(self, last: Option<AgentEvent>, patience: Duration) -> Option<Tail> {
        let last = last.map(|event| Last {
            event,
            producer: None,
        });
        self.finish_with(last, patience).await
    }

    /// The same, with a last event that somebody else publishes: a later attempt, so that its number
    /// is the first one whatever became of the events before it.
    pub async fn finish_as(
        self,
        producer: Producer,
        event: AgentEvent,
        patience: Duration,
    ) -> Option<Tail> {
        let last = Last {
            event,
            producer: Some(producer),
        };
        self.finish_with(Some(last), patience).await
    }

    async fn finish_with(self, last: Option<Last>, patience: Duration) -> Option<Tail> {
        let until = Instant::now() + patience;
        let Self {
            queue,
            sender,
            counts,
            position: _,
            callback: _,
            pace,
            stop,
            cut,
            tails,
            session,
        } = self;
        counts
            .emitted
            .fetch_add(u64::from(last.is_some()), Ordering::Relaxed);
        drop(queue);
        let cutting = cut.token().clone();
        let all = Rest {
            sender,
            stop,
            cut,
            counts: Arc::clone(&counts),
            last,
        };
        let mut rest = all.deliver().boxed();
        tokio::select! {
            biased;
            () = &mut rest => None,
            () = pace::is_late(pace, until) => Some(Tail {
                tails,
                session,
                counts,
                rest,
                cut: cutting,
            }),
        }
    }
}

/// What is still to be done when a run has said its last.
struct Rest {
    sender: JoinHandle<Sender>,
    stop: CancellationToken,
    cut: DropGuard,
    counts: Arc<DeliveryCounts>,
    last: Option<Last>,
}

impl Rest {
    /// Waits, within limits, until what is queued was sent, then sends the last event, trying again
    /// for a few seconds. When it is dropped or cut, it gives up what is left.
    async fn deliver(mut self) {
        let in_time = timeout_at(Instant::now() + DRAIN_TIME, &mut self.sender).await;
        let ended = match in_time {
            Ok(ended) => ended,
            Err(_elapsed) => {
                self.stop.cancel();
                self.sender.await
            }
        };
        let Ok(mut sender) = ended else {
            self.counts.give_up();
            return;
        };
        if let Some(last) = self.last {
            let deadline = Instant::now() + DONE_TIME;
            sender.send_last(last, deadline, self.cut.token()).await;
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
