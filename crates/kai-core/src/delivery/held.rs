//! The events that the sender holds until it knows what became of them, and their numbers.

use std::collections::VecDeque;

use super::answer::Offer;
use super::backlog::Position;
use crate::event::AgentEvent;
use crate::ids::SessionId;
use crate::wire::{CallbackEvent, Stamp};

/// How many events are held, and go together, at most.
const MAX_EVENTS: usize = 256;

/// A body is full when it has so many bytes.
const MAX_BYTES: usize = 512 * 1024;

/// Receivers take no longer name of a run.
const MAX_RUN_ID_BYTES: usize = 512;

/// Who sends: one attempt at one run. A later attempt shuts the earlier ones out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    run_id: String,
    attempt: u32,
}

impl Producer {
    /// The attempt, counted from 1, at the run. Of a very long name its end tells runs apart.
    pub fn new(run_id: impl Into<String>, attempt: u32) -> Self {
        let mut run_id = run_id.into();
        let mut cut = run_id.len().saturating_sub(MAX_RUN_ID_BYTES);
        while !run_id.is_char_boundary(cut) {
            cut += 1;
        }
        run_id.drain(..cut);
        Self { run_id, attempt }
    }

    pub(super) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Another attempt at the same run.
    pub(super) fn of_attempt(&self, attempt: u32) -> Self {
        Self {
            run_id: self.run_id.clone(),
            attempt,
        }
    }
}

/// What one request carries.
pub(super) struct Body {
    /// One envelope, or one on each line.
    pub(super) bytes: Vec<u8>,
    /// How many.
    pub(super) events: usize,
}

/// Events in their order. The front one has the number `next`, those behind it the following
/// numbers, so what is sent again has the number that it had. An event has its stamp from when it
/// is sent under its number until it is known not to have arrived.
pub(super) struct Held {
    session: SessionId,
    producer: Producer,
    events: VecDeque<CallbackEvent>,
    next: u64,
    /// How many of the producer's events are done with.
    settled: u64,
    /// How many go together at most.
    together: usize,
}

impl Held {
    pub(super) fn new(session: SessionId, producer: Producer) -> Self {
        Self {
            session,
            producer,
            events: VecDeque::new(),
            next: 1,
            settled: 0,
            together: MAX_EVENTS,
        }
    }

    /// Goes on in the place of a producer that got this far.
    pub(super) fn go_on_from(&mut self, next: u64, settled: u64) {
        (self.next, self.settled) = (next, settled);
    }

    /// Sends as another producer from now on. What was held for the one before is done with.
    pub(super) fn succeed(&mut self, producer: Producer) {
        self.producer = producer;
        self.go_on_from(1, 0);
    }

    /// How far the producer is.
    pub(super) fn position(&self, offer: Offer) -> Position {
        Position {
            attempt: self.producer.attempt,
            settled: self.settled,
            next: self.next,
            offer,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The session that they belong to.
    pub(super) fn session(&self) -> &SessionId {
        &self.session
    }

    /// Whether another event could go together with those that are here.
    pub(super) fn has_room(&self) -> bool {
        self.events.len() < self.together
    }

    pub(super) fn push(&mut self, event: AgentEvent) {
        self.events.push_back(CallbackEvent {
            session_id: self.session.clone(),
            event,
            stamp: None,
        });
    }

    /// Writes the first event, or as many as the receiver takes together, stamped if it wants that.
    pub(super) fn body(&mut self, offer: Offer) -> Result<Body, serde_json::Error> {
        let most = if offer.ndjson { self.together } else { 1 };
        let mut bytes = Vec::new();
        let mut events = 0;
        for (seq, envelope) in (self.next..).zip(self.events.iter_mut().take(most)) {
            envelope.stamp = offer.fenced.then(|| Stamp {
                run_id: self.producer.run_id.clone(),
                attempt: self.producer.attempt,
                seq,
            });
            let line = serde_json::to_vec(envelope)?;
            if events > 0 {
                if bytes.len() + line.len() > MAX_BYTES {
                    break;
                }
                bytes.push(b'\n');
            }
            bytes.extend(line);
            events += 1;
        }
        Ok(Body { bytes, events })
    }

    /// Takes the first events out, since they arrived or may have: their numbers are used up.
    pub(super) fn arrived(&mut self, events: usize) -> usize {
        let events = events.min(self.events.len());
        let gone = self.events.drain(..events);
        let numbers = gone.filter(|envelope| envelope.stamp.is_some()).count();
        self.next = self.next.saturating_add(numbers as u64);
        self.settled = self.settled.saturating_add(events as u64);
        events
    }

    /// Takes the first events out, since they were refused: their numbers are free.
    pub(super) fn refused(&mut self, events: usize) -> usize {
        let events = events.min(self.events.len());
        self.events.drain(..events);
        self.settled = self.settled.saturating_add(events as u64);
        self.forget_stamps();
        events
    }

    /// Gives all events up. What was sent may have arrived.
    pub(super) fn give_up(&mut self) -> usize {
        self.arrived(self.events.len())
    }

    /// The receiver expects this number. Returns how many of the events that were sent it has taken
    /// by that; when it means none of them, what is held is numbered from there on.
    pub(super) fn go_on_with(&mut self, expected: u64) -> usize {
        let sent = self.events.iter().filter(|event| event.stamp.is_some());
        let sent = sent.count() as u64;
        let taken = match expected.checked_sub(self.next) {
            Some(taken) if (1..=sent).contains(&taken) => {
                self.arrived(usize::try_from(taken).unwrap_or(usize::MAX))
            }
            _ => 0,
        };
        self.next = expected;
        self.forget_stamps();
        taken
    }

    /// So many events are too much for one body: the next ones hold half.
    pub(super) fn halve(&mut self, events: usize) {
        self.together = (events / 2).max(1);
    }

    fn forget_stamps(&mut self) {
        for envelope in &mut self.events {
            envelope.stamp = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Offer = Offer {
        ndjson: true,
        fenced: true,
    };

    fn held(events: usize) -> Held {
        let mut held = Held::new(SessionId::new("s"), Producer::new("run", 1));
        for _ in 0..events {
            push(&mut held);
        }
        held
    }

    fn push(held: &mut Held) {
        held.push(AgentEvent::Token {
            content: String::new(),
        });
    }

    /// The numbers of what goes next.
    fn numbers(held: &mut Held) -> Vec<u64> {
        let body = held.body(ALL).unwrap();
        let lines = body.bytes.split(|byte| *byte == b'\n');
        lines
            .map(|line| serde_json::from_slice::<CallbackEvent>(line).unwrap())
            .map(|envelope| envelope.stamp.unwrap().seq)
            .collect()
    }

    #[test]
    fn numbers_stay_until_the_event_has_arrived_and_are_free_when_it_was_refused() {
        let mut held = held(4);
        assert_eq!(numbers(&mut held), [1, 2, 3, 4]);
        held.arrived(1);
        assert_eq!(numbers(&mut held), [2, 3, 4]);
        held.refused(1);
        assert_eq!(numbers(&mut held), [2, 3]);
        assert_eq!(held.give_up(), 2);
        push(&mut held);
        assert_eq!(numbers(&mut held), [4]);
        let position = held.position(ALL);
        assert_eq!((position.settled, position.next), (4, 4));
    }

    #[test]
    fn a_successor_first_goes_on_in_the_place_of_the_one_before() {
        let mut held = held(2);
        held.go_on_from(7, 9);
        assert_eq!(numbers(&mut held), [7, 8]);
        held.arrived(2);
        assert_eq!(held.position(ALL).settled, 11);
        held.succeed(Producer::new("run", 2));
        push(&mut held);
        assert_eq!(numbers(&mut held), [1]);
        let position = held.position(ALL);
        assert_eq!((position.attempt, position.settled), (2, 0));
    }

    #[test]
    fn what_was_sent_plainly_or_never_uses_no_number() {
        let mut held = held(2);
        held.body(Offer::default()).unwrap();
        assert_eq!(held.arrived(1), 1);
        assert_eq!(numbers(&mut held), [1]);
        held.refused(1);
        push(&mut held);
        assert_eq!(held.give_up(), 1);
        push(&mut held);
        assert_eq!(numbers(&mut held), [1]);
    }

    #[test]
    fn the_number_that_is_expected_is_found_or_taken_over() {
        let mut held = held(4);
        assert_eq!(numbers(&mut held), [1, 2, 3, 4]);
        assert_eq!(held.go_on_with(3), 2);
        assert_eq!(numbers(&mut held), [3, 4]);
        assert_eq!(held.go_on_with(1), 0);
        assert_eq!(numbers(&mut held), [1, 2]);
        assert_eq!(held.go_on_with(9), 0);
        assert_eq!(numbers(&mut held), [9, 10]);
    }

    #[test]
    fn what_goes_together_is_bounded_in_count_and_bytes() {
        let mut held = held(MAX_EVENTS + 1);
        assert!(!held.has_room());
        assert_eq!(held.body(ALL).unwrap().events, MAX_EVENTS);
        assert_eq!(held.body(Offer::default()).unwrap().events, 1);
        held.halve(5);
        assert_eq!(held.body(ALL).unwrap().events, 2);

        let mut large = Held::new(SessionId::new("s"), Producer::new("run", 1));
        for _ in 0..3 {
            large.push(AgentEvent::Token {
                content: "x".repeat(MAX_BYTES / 2),
            });
        }
        assert_eq!(large.body(ALL).unwrap().events, 1);
    }

    #[test]
    fn a_long_name_of_a_run_keeps_its_end() {
        let name = format!("{}é/run/1", "ü".repeat(400));
        let run_id = Producer::new(name, 1).run_id;
        assert!(run_id.len() <= MAX_RUN_ID_BYTES && run_id.ends_with("üé/run/1"));
    }
}
