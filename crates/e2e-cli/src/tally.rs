//! What was seen of a stream: how many events, when, and whether each arrived once.

use std::time::{Duration, Instant};

use crate::stream::StreamEvent;

/// The sums over one stream.
///
/// The receiver numbers the events of a session one after the other, so that a hole in the numbers is
/// an event that was lost, and a number that is not higher than the last one came twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many events the run sent.
    pub events: u64,
    /// How many numbers were left out.
    pub lost: u64,
    /// How many events came again.
    pub doubled: u64,
    /// How often the receiver said that it no longer has what comes next.
    pub gaps: u64,
    /// How many events had no number, as with a receiver that gives none: of those nothing is known.
    pub unnumbered: u64,
    /// When the first event arrived, and when the last one.
    pub arrived: Option<(Instant, Instant)>,
    /// The event behind which nothing follows, once it is there.
    pub last: Option<StreamEvent>,
    /// The id of the last event that has one: where to go on.
    pub last_event_id: Option<String>,
    before: Before,
}

/// What stands before the next event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Before {
    /// Earlier runs of the session, or nothing.
    #[default]
    Unknown,
    /// Nothing: it is the first of its session.
    Nothing,
    /// An event with this number.
    Event(Number),
}

/// The number of an event: `{log}-{place}`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Number {
    log: String,
    place: u64,
}

impl Number {
    fn parse(id: &str) -> Option<Self> {
        let (log, place) = id.rsplit_once('-')?;
        Some(Self {
            log: log.to_owned(),
            place: place.parse().ok()?,
        })
    }
}

impl Tally {
    /// The sums over the stream of a session that nobody used before: its first event is number 1.
    pub fn of_new_session() -> Self {
        Self {
            before: Before::Nothing,
            ..Self::default()
        }
    }

    /// The sums over a stream that is read behind this event.
    pub fn behind(last_event_id: &str) -> Self {
        Self {
            before: Number::parse(last_event_id).map_or(Before::Unknown, Before::Event),
            last_event_id: Some(last_event_id.to_owned()),
            ..Self::default()
        }
    }

    /// Takes the next event.
    pub fn note(&mut self, event: &StreamEvent, now: Instant) {
        if event.is_last() {
            self.last = Some(event.clone());
        }
        if event.kind == "gap" {
            self.gaps += 1;
        }
        if !event.is_of_the_run() {
            return;
        }
        self.events += 1;
        let first = self.arrived.map_or(now, |(first, _)| first);
        self.arrived = Some((first, now));
        match Number::parse(&event.id) {
            Some(number) => self.compare(number),
            None => self.unnumbered += 1,
        }
        if !event.id.is_empty() {
            self.last_event_id = Some(event.id.clone());
        }
    }

    /// Holds the number against the one before.
    fn compare(&mut self, number: Number) {
        match &self.before {
            Before::Event(last) if last.log == number.log => {
                if number.place <= last.place {
                    self.doubled += 1;
                    return;
                }
                self.lost += number.place - last.place - 1;
            }
            // A log that took the place of another begins with its first event, too.
            Before::Event(_) | Before::Nothing => self.lost += number.place.saturating_sub(1),
            Before::Unknown => {}
        }
        self.before = Before::Event(number);
    }

    /// Whether every event arrived, once, up to `done`; not so where that cannot be known.
    pub fn is_whole(&self) -> bool {
        self.lost == 0
            && self.doubled == 0
            && self.gaps == 0
            && self.unnumbered == 0
            && self.is_done()
    }

    /// Whether the run said that it is over.
    pub fn is_done(&self) -> bool {
        self.last.as_ref().is_some_and(|event| event.kind == "done")
    }

    /// How long after `start` the first and the last event arrived.
    pub fn delays(&self, start: Instant) -> Option<(Duration, Duration)> {
        let (first, last) = self.arrived?;
        Some((first - start, last - start))
    }

    /// What is to be said of events that did not arrive once, if any.
    pub fn complaint(&self) -> Option<String> {
        let parts: Vec<String> = [
            (self.lost, "lost"),
            (self.doubled, "doubled"),
            (self.gaps, "gaps"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(mut tally: Tally, events: &[(&str, &str)]) -> Tally {
        for (kind, id) in events {
            let event = StreamEvent {
                kind: (*kind).to_owned(),
                data: "{}".to_owned(),
                id: (*id).to_owned(),
            };
            tally.note(&event, Instant::now());
        }
        tally
    }

    #[test]
    fn a_run_that_arrived_once_is_whole() {
        let seen = tally(
            Tally::of_new_session(),
            &[("token", "a-1"), ("done", "a-2")],
        );
        assert!(seen.is_whole());
        assert_eq!((seen.events, seen.complaint()), (2, None));
        assert_eq!(seen.last_event_id.as_deref(), Some("a-2"));
    }

    #[test]
    fn holes_and_repeats_are_counted() {
        let seen = tally(
            Tally::of_new_session(),
            &[
                ("token", "a-2"),
                ("token", "a-5"),
                ("token", "a-5"),
                ("done", "a-6"),
            ],
        );
        assert!(!seen.is_whole());
        assert_eq!(seen.complaint().as_deref(), Some("3 lost, 1 doubled"));
        let begun_anew = tally(
            Tally::of_new_session(),
            &[
                ("token", "a-1"),
                ("gap", ""),
                ("token", "b-3"),
                ("done", "b-4"),
            ],
        );
        assert_eq!(begun_anew.complaint().as_deref(), Some("2 lost, 1 gaps"));
    }

    #[test]
    fn a_stream_that_stops_before_done_is_not_whole() {
        for events in [
            &[][..],
            &[("token", "a-1")],
            &[("token", "a-1"), ("timeout", "")],
        ] {
            assert!(
                !tally(Tally::of_new_session(), events).is_whole(),
                "{events:?}"
            );
        }
    }

    #[test]
    fn a_watch_may_begin_anywhere_and_goes_on_where_it_stopped() {
        let later = tally(Tally::default(), &[("token", "a-7"), ("done", "a-8")]);
        assert!(later.is_whole());
        let behind = tally(Tally::behind("a-7"), &[("token", "a-9"), ("done", "a-10")]);
        assert_eq!(behind.lost, 1);
    }

    #[test]
    fn events_without_numbers_are_counted_as_such() {
        let seen = tally(Tally::of_new_session(), &[("token", ""), ("done", "x")]);
        assert_eq!(seen.unnumbered, 2);
        assert!(seen.is_done() && !seen.is_whole());
    }
}
