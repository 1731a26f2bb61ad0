//! One session's log: numbered events, bounded in count and bytes, and where a visitor starts.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;

use crate::frame::{self, Draft, Epoch, EventId};

mod replica;

pub(crate) use replica::Rendered;
pub use replica::{Page, Standing};

/// How much of a session is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// The number of events.
    pub events: usize,
    /// The size of their frames, taken together.
    pub bytes: usize,
}

/// An event as subscribers share it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The finished frame.
    pub frame: Bytes,
    /// Whether it ends a run.
    pub done: bool,
}

/// What a visitor asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// The id of the last event that it has seen, as it stated it.
    pub cursor: Option<String>,
    /// Whether runs that somebody has read to their end are shown again, too.
    pub replay_all: bool,
}

/// Where a visitor's reading begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It has seen the end of its run; nothing is left for it.
    Finished,
    /// It reads from a place on.
    At(Place),
}

/// A place to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The first event to read.
    pub next: EventId,
    /// The reading ends with the first `done` whose number is not below this.
    pub ends_at: u64,
    /// What has to be said first, when the visitor's cursor leads nowhere.
    pub gap: Option<Gap>,
}

/// Events that a visitor asked for, or had a right to, and that are not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The cursor that could not be followed; null when the visitor had none.
    pub requested: Option<String>,
    /// The oldest event that is left; null when there is none.
    pub oldest: Option<String>,
    /// The newest event; null when there is none.
    pub head: Option<String>,
}

impl Gap {
    /// The event that tells the visitor.
    pub fn frame(&self) -> Bytes {
        // Strings and nulls always serialize.
        frame::unnumbered("gap", &serde_json::to_string(self).unwrap_or_default())
    }
}

/// Told to a reader whose next event is no longer there.
#[derive(Debug)]
pub(crate) struct Missed {
    /// Where it goes on.
    pub(crate) next: EventId,
    /// Where it ends, when the numbers that it knew mean nothing any more.
    pub(crate) ends_at: Option<u64>,
    /// What its visitor is told.
    pub(crate) gap: Gap,
}

/// The log.
#[derive(Debug)]
pub struct Log {
    epoch: Epoch,
    limits: LogLimits,
    entries: VecDeque<Entry>,
    /// The sizes of all frames in `entries`.
    bytes: usize,
    /// The number of the newest event; 0 before the first.
    head: u64,
    /// The newest `done` that somebody has been given; 0 when there is none.
    read_done: u64,
    /// Whether the event just before the oldest was a `done`.
    dropped_done: bool,
    /// The epoch that this log had before it had any event, if it was another one.
    unused_epoch: Option<Epoch>,
}

impl Log {
    /// An empty log with an epoch of its own.
    pub fn new(limits: LogLimits) -> Self {
        Self {
            epoch: Epoch::random(),
            limits,
            entries: VecDeque::new(),
            bytes: 0,
            head: 0,
            read_done: 0,
            dropped_done: false,
            unused_epoch: None,
        }
    }

    /// Whether nothing has ever been written to it.
    pub fn is_untouched(&self) -> bool {
        self.head == 0
    }

    /// Numbers an event and adds it; the oldest make room for it.
    pub fn append(&mut self, draft: Draft) -> EventId {
        let id = self.id(self.head + 1);
        let done = draft.is_done();
        let frame = draft.seal(id);
        self.push(Entry { frame, done });
        id
    }

    /// Adds the next event; the oldest make room for it.
    fn push(&mut self, entry: Entry) {
        self.head += 1;
        self.bytes += entry.frame.len();
        self.entries.push_back(entry);
        while self.entries.len() > self.limits.events || self.bytes > self.limits.bytes {
            let Some(dropped) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= dropped.frame.len();
            self.dropped_done = dropped.done;
        }
    }

    /// Where a visit begins.
    pub fn start(&self, visit: &Visit) -> Start {
        let ends_at = if visit.replay_all { self.head } else { 0 };
        let place = match &visit.cursor {
            None => Place {
                next: self.id(if visit.replay_all {
                    1
                } else {
                    self.read_done + 1
                }),
                ends_at,
                gap: None,
            },
            Some(cursor) => match self.find(cursor) {
                Some(seq) if self.is_done(seq) && seq >= ends_at => return Start::Finished,
                Some(seq) => Place {
                    next: self.id(seq + 1),
                    ends_at,
                    gap: None,
                },
                None => Place {
                    next: self.id(self.oldest()),
                    ends_at: self.head,
                    gap: Some(self.gap(Some(cursor.clone()))),
                },
            },
        };
        Start::At(place)
    }

    /// Copies at most `count` events from number `next` on. When that one is no longer there, says
    /// so, with the number of the oldest that is.
    pub fn read(&self, next: u64, count: usize, into: &mut VecDeque<Entry>) -> Result<(), u64> {
        let oldest = self.oldest();
        let Some(skip) = next.checked_sub(oldest) else {
            return Err(oldest);
        };
        let skip = usize::try_from(skip)
            .unwrap_or(usize::MAX)
            .min(self.entries.len());
        into.extend(self.entries.range(skip..).take(count).cloned());
        Ok(())
    }

    /// The number of the first event that is left of the run which number `next` belongs to, or is
    /// going to; `next` itself when that is none.
    pub fn run_start(&self, next: u64) -> u64 {
        let oldest = self.oldest();
        let before = usize::try_from(next.saturating_sub(oldest)).unwrap_or(usize::MAX);
        let run = self.entries.iter().take(before).rev();
        next - run.take_while(|entry| !entry.done).count() as u64
    }

    /// Describes what is left to a visitor whose cursor leads nowhere.
    pub fn gap(&self, requested: Option<String>) -> Gap {
        let left = |seq| (!self.entries.is_empty()).then(|| self.id(seq).to_string());
        Gap {
            requested,
            oldest: left(self.oldest()),
            head: left(self.head),
        }
    }

    /// What a reader is told when its next event is no longer there.
    pub(crate) fn missed(&self, next: EventId, oldest: u64) -> Missed {
        Missed {
            next: self.id(oldest),
            ends_at: None,
            gap: self.gap(replica::before(next)),
        }
    }

    /// The epoch, and the number of the newest event.
    pub fn head(&self) -> EventId {
        self.id(self.head)
    }

    /// Notes that somebody has been given the `done` with this number.
    pub fn mark_read(&mut self, seq: u64) {
        self.read_done = self.read_done.max(seq);
    }

    /// The id of an event of this log.
    pub fn id(&self, seq: u64) -> EventId {
        EventId {
            epoch: self.epoch,
            seq,
        }
    }

    /// How many events have made room for newer ones.
    pub fn evicted(&self) -> u64 {
        self.head - self.entries.len() as u64
    }

    /// The number of the oldest event that is left; of the next one when none is.
    fn oldest(&self) -> u64 {
        self.evicted() + 1
    }

    fn is_done(&self, seq: u64) -> bool {
        match seq.checked_sub(self.oldest()) {
            Some(index) => usize::try_from(index)
                .ok()
                .and_then(|index| self.entries.get(index))
                .is_some_and(|entry| entry.done),
            None => seq + 1 == self.oldest() && self.dropped_done,
        }
    }

    /// The number behind a cursor after which nothing is missing.
    fn find(&self, cursor: &str) -> Option<u64> {
        let (epoch, digits) = cursor.split_once('-')?;
        let canonical =
            digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if epoch != self.epoch.as_str() || !canonical {
            return None;
        }
        let seq: u64 = digits.parse().ok()?;
        (seq <= self.head && seq + 1 >= self.oldest()).then_some(seq)
    }
}

#[cfg(test)]
mod tests;
