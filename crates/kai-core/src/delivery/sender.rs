//! The task that sends: what is posted when, and what follows from each answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::TryFutureExt as _;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Offer, Verdict};
use super::backlog::{Item, Position};
use super::circuit::Circuit;
use super::held::{Body, Held, Producer};
use super::pace::Pace;
use super::{CallbackUrl, DeliveryCounts};
use crate::event::AgentEvent;

/// The pause between two tries of the last event.
const DONE_PAUSE: Duration = Duration::from_millis(250);

/// How often in a row the receiver may correct the numbers.
const MAX_CORRECTIONS: u32 = 3;

/// How a request is made.
pub(super) struct Post {
    pub(super) client: reqwest::Client,
    pub(super) callback: CallbackUrl,
    /// What the last one has shown of the receiver.
    pub(super) pace: watch::Sender<Pace>,
}

impl Post {
    async fn send(&self, body: Body, stamped: bool) -> Result<Answer, reqwest::Error> {
        let events = body.events;
        let media_type = if events == 1 {
            "application/json"
        } else {
            "application/x-ndjson"
        };
        let begun = Instant::now();
        let answer = self
            .client
            .post(self.callback.as_str())
            .header(CONTENT_TYPE, media_type)
            .body(body.bytes)
            .send()
            .and_then(async |response| Ok(Answer::receive(response, events, stamped).await))
            .await;
        self.pace.send_replace(match &answer {
            Ok(answer) if answer.is_for_later() => Pace::Late,
            Ok(_) => Pace::of_answer(begun.elapsed()),
            Err(_) => Pace::Late,
        });
        answer
    }
}

/// The last event of a run.
pub(super) struct Last {
    pub(super) event: AgentEvent,
    /// Who publishes it, if not whoever has published the others.
    pub(super) producer: Option<Producer>,
}

/// What the sender is to begin with.
#[derive(Default)]
pub(super) struct Beginning {
    /// Where the one before it stopped.
    pub(super) position: Option<Position>,
    /// What is sent before what the queue holds.
    pub(super) items: VecDeque<Item>,
}

/// The task that sends.
pub(super) struct Sender {
    post: Post,
    held: Held,
    counts: Arc<DeliveryCounts>,
    /// How far it is, for whoever keeps that.
    position: watch::Sender<Position>,
    /// What is sent before what the queue holds.
    first: VecDeque<Item>,
    /// The producer that follows when nothing is held any more.
    successor: Option<Producer>,
    circuit: Circuit,
    /// What the receiver offers. Nothing until it has said so: the first post is the original's.
    offer: Offer,
    /// Whether the receiver may have what it was posted last without having said so.
    may_have_it: bool,
    /// A successor has taken over.
    shut_out: bool,
    /// How often in a row the receiver has corrected the numbers.
    corrections: u32,
    /// Whether a failure is no reason to give an event up, as with the last one.
    insists: bool,
}

impl Sender {
    pub(super) fn new(
        post: Post,
        mut held: Held,
        counts: Arc<DeliveryCounts>,
        position: watch::Sender<Position>,
        beginning: Beginning,
    ) -> Self {
        let mut offer = Offer::default();
        if let Some(before) = beginning.position {
            held.go_on_from(before.next, before.settled);
            offer = before.offer;
        }
        Self {
            post,
            held,
            counts,
            position,
            first: beginning.items,
            successor: None,
            circuit: Circuit::default(),
            offer,
            may_have_it: false,
            shut_out: false,
            corrections: 0,
            insists: false,
        }
    }

    /// Sends until the queue has ended or `stop` is cancelled. Then every event has been counted.
    ///
    /// Where it `asks`, the receiver tells what it offers before the first event: then none goes
    /// without its number, which a successor could not repeat safely.
    pub(super) async fn run(
        mut self,
        asks: bool,
        mut events: mpsc::Receiver<AgentEvent>,
        stop: CancellationToken,
    ) -> Self {
        let sending = async {
            if asks {
                self.ask().await;
            }
            self.send_all(&mut events).await;
        };
        tokio::select! {
            () = sending => {}
            () = stop.cancelled() => {}
        }
        self.give_up_held();
        events.close();
        while let Some(item) = self.next_item(&mut events).await {
            match item {
                Item::Event(_) => self.counts.add_failed(1),
                Item::As(producer) => self.successor = Some(producer),
            }
        }
        self.note_position();
        self
    }

    async fn send_all(&mut self, events: &mut mpsc::Receiver<AgentEvent>) {
        loop {
            if self.held.is_empty() {
                self.note_position();
                self.hand_over();
                let Some(item) = self.next_item(events).await else {
                    return;
                };
                self.take(item);
                continue;
            }
            if self.shut_out {
                self.give_up_held();
                continue;
            }
            if let Some(until) = self.circuit.open_until() {
                if self.offer.fenced {
                    sleep_until(until).await;
                } else if Instant::now() < until {
                    self.give_up_held();
                    continue;
                }
            }
            while self.offer.ndjson && self.held.has_room() && self.successor.is_none() {
                let Some(item) = self.ready_item(events) else {
                    break;
                };
                self.take(item);
            }
            self.send_held().await;
            self.note_position();
        }
    }

    /// Asks the receiver what it offers, by posting nothing at all.
    async fn ask(&mut self) {
        let nothing = Body {
            bytes: Vec::new(),
            events: 0,
        };
        match self.post.send(nothing, false).await {
            Ok(answer) => self.offer = answer.offer.unwrap_or_default(),
            Err(error) => self.receiver_is_away(&error.without_url(), 0),
        }
    }

    async fn next_item(&mut self, events: &mut mpsc::Receiver<AgentEvent>) -> Option<Item> {
        match self.first.pop_front() {
            Some(item) => Some(item),
            None => events.recv().await.map(Item::Event),
        }
    }

    /// The next item, if it is there already.
    fn ready_item(&mut self, events: &mut mpsc::Receiver<AgentEvent>) -> Option<Item> {
        self.first
            .pop_front()
            .or_else(|| events.try_recv().ok().map(Item::Event))
    }

    fn take(&mut self, item: Item) {
        match item {
            Item::Event(event) => self.held.push(event),
            Item::As(producer) => self.successor = Some(producer),
        }
    }

    /// Lets the producer that follows, if there is one, speak from now on.
    fn hand_over(&mut self) {
        if let Some(successor) = self.successor.take() {
            self.held.succeed(successor);
            self.shut_out = false;
            self.note_position();
        }
    }

    fn note_position(&self) {
        self.position.send_replace(self.held.position(self.offer));
    }

    /// Sends the last event until it arrives, its time is over, or the delivery is cut.
    pub(super) async fn send_last(
        &mut self,
        last: Last,
        deadline: Instant,
        cut: &CancellationToken,
    ) {
        self.hand_over();
        if let Some(producer) = last.producer {
            self.held.succeed(producer);
            self.note_position();
        }
        self.held.push(last.event);
        self.insists = true;
        let sending = timeout_at(deadline, async {
            while !self.shut_out {
                self.send_held().await;
                if self.held.is_empty() || !self.is_safe_to_repeat() {
                    return;
                }
                sleep(DONE_PAUSE).await;
            }
        });
        // However it ends, what is left is given up.
        let _ = cut.run_until_cancelled(sending).await;
        self.give_up_held();
        self.note_position();
    }

    /// Whether the receiver cannot show it twice.
    fn is_safe_to_repeat(&self) -> bool {
        self.offer.fenced || !self.may_have_it
    }

    /// Posts the first of the held events, or as many as go together, and does what the answer says.
    async fn send_held(&mut self) {
        let stamped = self.offer.fenced;
        let body = match self.held.body(self.offer) {
            Ok(body) => body,
            Err(error) => {
                let session = self.held.session();
                tracing::warn!(%session, %error, "session {session}: an event cannot be written as JSON");
                self.counts.add_failed(self.held.refused(1));
                return;
            }
        };
        let posted = body.events;
        match self.post.send(body, stamped).await {
            Ok(answer) => self.settle(&answer, posted),
            Err(error) => self.receiver_is_away(&error.without_url(), posted),
        }
    }

    fn receiver_is_away(&mut self, error: &reqwest::Error, posted: usize) {
        self.may_have_it = !error.is_connect();
        let opened = self.circuit.failed(Instant::now());
        self.note_circuit();
        if opened {
            let session = self.held.session();
            let reason = error.to_string();
            tracing::warn!(
                %session,
                reason,
                "session {session}: the receiver is away; it is left alone for a while"
            );
        }
        if !self.offer.fenced {
            self.fail(posted);
        }
    }

    fn note_circuit(&self) {
        let is_open = self.circuit.open_until().is_some();
        self.counts.circuit_open.store(is_open, Ordering::Relaxed);
    }

    fn settle(&mut self, answer: &Answer, posted: usize) {
        self.may_have_it = false;
        // An error without an offer may come from a proxy, and says nothing about the receiver.
        let from_receiver = answer.offer.is_some();
        self.offer = answer.offer.unwrap_or(self.offer);
        let taken = self.held.arrived(answer.taken);
        self.counts.add_sent(taken);
        if taken > 0 {
            self.corrections = 0;
        }
        let rest = posted.saturating_sub(taken);
        if let Verdict::Later { status, pause } = answer.verdict
            && self.offer.fenced
        {
            self.wait_for_receiver(status, pause);
            return;
        }
        self.circuit.succeeded();
        self.note_circuit();
        match answer.verdict {
            Verdict::Taken => {}
            Verdict::Later { status, .. } => self.refuse(status, rest),
            Verdict::GoOnWith(expected) => self.correct_numbers(expected, rest),
            Verdict::ShutOut => {
                let session = self.held.session();
                tracing::warn!(
                    %session,
                    "session {session}: a later attempt or run has taken over; this one publishes no more"
                );
                self.shut_out = true;
            }
            Verdict::TooMuch => self.held.halve(rest),
            Verdict::Refused { status, events } if from_receiver => self.refuse(status, events),
            Verdict::Refused { status, events } => {
                // Whoever answered, the receiver may have the events; a 409 tells if it has not.
                self.log_refusal(status, events);
                if !self.insists {
                    self.counts.add_failed(self.held.arrived(events));
                }
            }
        }
    }

    fn wait_for_receiver(&mut self, status: u16, pause: Option<Duration>) {
        let now = Instant::now();
        if self.circuit.failed(now) {
            let session = self.held.session();
            tracing::warn!(%session, status, "session {session}: the receiver takes no events now");
        }
        if let Some(pause) = pause {
            self.circuit.pause(now, pause);
        }
        self.note_circuit();
    }

    fn correct_numbers(&mut self, expected: u64, sent: usize) {
        self.corrections += 1;
        let taken = self.held.go_on_with(expected);
        self.counts.add_sent(taken);
        if self.corrections > MAX_CORRECTIONS {
            self.corrections = 0;
            self.refuse(409, sent.saturating_sub(taken));
        }
    }

    fn refuse(&mut self, status: u16, events: usize) {
        self.log_refusal(status, events);
        self.fail(events);
    }

    fn log_refusal(&self, status: u16, events: usize) {
        let session = self.held.session();
        tracing::warn!(%session, status, events, "session {session}: the receiver refused an event");
    }

    /// Counts the first of the held events as failed, unless they are insisted on.
    fn fail(&mut self, events: usize) {
        if !self.insists {
            self.counts.add_failed(self.held.refused(events));
        }
    }

    fn give_up_held(&mut self) {
        self.counts.add_failed(self.held.give_up());
    }
}
