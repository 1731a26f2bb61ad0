//! A log that follows another one, which somebody else writes: what it takes over, page by page.

use std::collections::VecDeque;

use super::{Entry, Log, Missed};
use crate::frame::{Draft, Epoch, EventId};

/// What the followed log holds behind the events that a replica has.
#[derive(Debug)]
pub struct Page {
    /// The followed log's epoch.
    pub epoch: Epoch,
    /// The number of its newest event.
    pub head: u64,
    /// Its newest `done` that somebody has been given; 0 when there is none.
    pub read_done: u64,
    /// Whether the event just before its oldest was a `done`.
    pub dropped_done: bool,
    /// The server that wrote to it last; empty when unknown.
    pub server: Box<str>,
    /// Events, in their order, with their numbers; all of them, or as many as fit.
    pub entries: Vec<(u64, Draft)>,
}

/// How far a replica is.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its epoch, and the number of its newest event.
    pub head: EventId,
    /// [`Page::server`] of its last page.
    pub server: Box<str>,
}

/// The part of a page that needs no log, made before the log is locked.
#[derive(Debug)]
pub(crate) struct Rendered {
    epoch: Epoch,
    head: u64,
    read_done: u64,
    dropped_done: bool,
    server: Box<str>,
    entries: Vec<(u64, Entry)>,
}

impl From<Page> for Rendered {
    fn from(page: Page) -> Self {
        let epoch = page.epoch;
        let render = |(seq, draft): (u64, Draft)| {
            let done = draft.is_done();
            let frame = draft.seal(EventId { epoch, seq });
            (seq, Entry { frame, done })
        };
        Self {
            epoch,
            head: page.head,
            read_done: page.read_done,
            dropped_done: page.dropped_done,
            server: page.server,
            entries: page.entries.into_iter().map(render).collect(),
        }
    }
}

impl Log {
    /// Takes over a page, and hands its server back. A log with another epoch takes this one's place, and where events are
    /// missing in between, what is left before them goes.
    pub(crate) fn follow(&mut self, page: Rendered) -> Box<str> {
        let first = page.entries.first().map_or(page.head + 1, |(seq, _)| *seq);
        if page.epoch != self.epoch {
            *self = Self {
                epoch: page.epoch,
                unused_epoch: self.is_untouched().then_some(self.epoch),
                ..Self::new(self.limits)
            };
            self.skip_to(first, page.dropped_done);
        } else if first > self.head + 1 {
            self.skip_to(first, page.dropped_done);
        }
        self.read_done = self.read_done.max(page.read_done);
        for (seq, entry) in page.entries {
            if seq <= self.head {
                continue;
            }
            if seq > self.head + 1 {
                self.skip_to(seq, false);
            }
            self.push(entry);
        }
        page.server
    }

    /// Forgets everything, as the followed log is gone.
    pub(crate) fn follow_nothing(&mut self) {
        *self = Self::new(self.limits);
    }

    /// Where to read on for one whose next event would be `next`, as long as the epoch is the log's,
    /// or the one that it had before any event.
    pub(crate) fn locate(&self, next: EventId) -> Result<EventId, Missed> {
        if next.epoch == self.epoch {
            return Ok(next);
        }
        if self.unused_epoch == Some(next.epoch) {
            return Ok(self.id(next.seq));
        }
        Err(Missed {
            next: self.id(self.oldest()),
            ends_at: Some(self.head),
            gap: self.gap(before(next)),
        })
    }

    fn skip_to(&mut self, next: u64, dropped_done: bool) {
        self.entries = VecDeque::new();
        self.bytes = 0;
        self.head = next - 1;
        self.dropped_done = dropped_done;
    }
}

/// The last event of one whose next would be `next`.
pub(crate) fn before(next: EventId) -> Option<String> {
    let seq = next.seq.checked_sub(1).filter(|seq| *seq > 0)?;
    Some(EventId { seq, ..next }.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::frame::EventType;
    use crate::log::LogLimits;

    fn log() -> Log {
        Log::new(LogLimits {
            events: 3,
            bytes: 100_000,
        })
    }

    /// A page with these events of a log that has `head`.
    fn page(epoch: &str, head: u64, seqs: impl IntoIterator<Item = u64>) -> Rendered {
        let draft = || Draft::new(&EventType::message(), "{}");
        let page = Page {
            epoch: Epoch::parse(epoch).unwrap(),
            head,
            read_done: 0,
            dropped_done: false,
            server: Box::default(),
            entries: seqs.into_iter().map(|seq| (seq, draft())).collect(),
        };
        page.into()
    }

    /// The numbers that are read from `next` on, or that of the oldest when `next` is gone.
    fn read(log: &Log, next: EventId) -> Result<Vec<u64>, u64> {
        let next = log.locate(next).map_err(|missed| missed.next.seq)?;
        let mut entries = VecDeque::new();
        log.read(next.seq, 10, &mut entries)?;
        Ok((next.seq..).take(entries.len()).collect())
    }

    #[test]
    fn a_replica_takes_its_epoch_with_the_first_page() {
        let mut log = log();
        let early = log.id(1);
        log.follow(page("epocha1", 2, [1]));
        assert_eq!(read(&log, early), Ok(vec![1]));
        log.follow(page("epocha1", 2, [2]));
        assert_eq!(read(&log, early), Ok(vec![1, 2]));
        assert_eq!(log.head().to_string(), "epocha1-2");
    }

    #[test]
    fn one_who_came_before_the_first_page_is_told_what_it_missed() {
        let mut log = log();
        let early = log.id(1);
        log.follow(page("epocha1", 7, 5..=7));
        assert_eq!(read(&log, early), Err(5));
    }

    #[test]
    fn what_is_missing_in_between_is_missing_for_readers() {
        let mut log = log();
        log.follow(page("epocha1", 2, 1..=2));
        let next = log.id(3);
        log.follow(page("epocha1", 9, 8..=9));
        assert_eq!(read(&log, next), Err(8));
        // A log of which nothing is left still has its numbers.
        log.follow(page("epocha1", 12, []));
        assert_eq!(read(&log, log.id(13)), Ok(vec![]));
        assert_eq!(read(&log, log.id(9)), Err(13));
    }

    #[test]
    fn another_epoch_is_told_also_to_those_who_have_read_nothing_yet() {
        let mut log = log();
        log.follow(page("epocha1", 2, 1..=2));
        let (slow, quick) = (log.id(1), log.id(3));
        log.follow(page("epochb1", 1, [1]));
        for reader in [slow, quick] {
            let missed = log.locate(reader).unwrap_err();
            assert_eq!((missed.next, missed.ends_at), (log.id(1), Some(1)));
            assert_eq!(missed.gap.oldest.as_deref(), Some("epochb1-1"));
        }
        log.follow_nothing();
        let missed = log.locate(quick).unwrap_err();
        assert_eq!((missed.next, missed.gap.oldest), (log.id(1), None));
        assert_eq!(missed.gap.requested.as_deref(), Some("epocha1-2"));
    }

    #[test]
    fn a_page_that_comes_twice_changes_nothing() {
        let mut log = log();
        for _ in 0..2 {
            log.follow(page("epocha1", 3, 1..=3));
        }
        assert_eq!(read(&log, log.id(1)), Ok(vec![1, 2, 3]));
        log.follow(page("epocha1", 4, 2..=4));
        assert_eq!(read(&log, log.id(2)), Ok(vec![2, 3, 4]));
        assert_eq!(read(&log, log.id(1)), Err(2));
    }
}
