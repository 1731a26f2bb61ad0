//! One session: its log, who reads it, and the bell that wakes them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kai_core::ids::SessionId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::frame::EventId;
use crate::log::{Entry, Gap, Log, LogLimits, Start, Visit};
use crate::metrics::Metrics;
use crate::producer::{Admission, Post, Producers, Refused};

/// Why a visitor was not counted in.
#[derive(Debug)]
pub(crate) enum NotAttached {
    /// The session was freed between finding it and using it; look it up again.
    Freed,
    /// It has as many subscribers as it may have.
    Full,
}

/// What became of some events, in their order: those that were taken, then at most one that was not.
#[derive(Debug, Default)]
pub(crate) struct Appended {
    /// How many were stored.
    pub(crate) accepted: usize,
    /// How many had been stored before.
    pub(crate) duplicates: usize,
    /// The id of the last that was stored.
    pub(crate) last: Option<EventId>,
    /// Why the next one was not taken.
    pub(crate) refused: Option<Refused>,
}

/// A session, shared by the hub and its subscriptions.
///
/// The lock is held for the length of a push or of a few reference counts, never while a frame is
/// rendered or written. Readers who have caught up wait for `changed`; there is no queue for any of
/// them, so a slow one costs the publisher and the others nothing.
#[derive(Debug)]
pub(crate) struct Session {
    id: SessionId,
    state: Mutex<State>,
    changed: Notify,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct State {
    log: Log,
    /// Begins and ends with the log: who is known to have written what to it.
    producers: Producers,
    subscribers: usize,
    /// When an event came or a subscriber went, whichever was later.
    last_used: Instant,
    /// No longer in the hub: nothing may be written to it or attached to it.
    freed: bool,
}

impl Session {
    pub(crate) fn new(id: SessionId, limits: LogLimits, metrics: Arc<Metrics>) -> Self {
        Self {
            id,
            state: Mutex::new(State {
                log: Log::new(limits),
                producers: Producers::default(),
                subscribers: 0,
                last_used: Instant::now(),
                freed: false,
            }),
            changed: Notify::new(),
            metrics,
        }
    }

    pub(crate) fn id(&self) -> &SessionId {
        &self.id
    }

    /// Adds events up to the first that is refused, and wakes who waits for them. Takes nothing from
    /// the iterator when the session was freed.
    pub(crate) fn append(
        &self,
        posts: &mut impl Iterator<Item = Post>,
    ) -> Result<Appended, NotAttached> {
        let mut appended = Appended::default();
        let mut state = self.lock();
        if state.freed {
            return Err(NotAttached::Freed);
        }
        let evicted_before = state.log.evicted();
        for Post { draft, stamp } in posts {
            let admission = match &stamp {
                Some(stamp) => state.producers.admit(stamp),
                None => Ok(Admission::New),
            };
            match admission {
                Ok(Admission::New) => {
                    appended.last = Some(state.log.append(draft));
                    appended.accepted += 1;
                }
                Ok(Admission::Repeat) => appended.duplicates += 1,
                Err(refused) => {
                    appended.refused = Some(refused);
                    break;
                }
            }
        }
        // Who is shut out keeps nothing alive.
        if appended.accepted + appended.duplicates > 0 {
            state.last_used = Instant::now();
        }
        let evicted = state.log.evicted() - evicted_before;
        drop(state);
        if appended.accepted > 0 {
            self.wake();
            self.metrics
                .events_received
                .inc_by(appended.accepted as u64);
        }
        if appended.duplicates > 0 {
            self.metrics.duplicates.inc_by(appended.duplicates as u64);
        }
        if evicted > 0 {
            self.metrics.events_evicted.inc_by(evicted);
        }
        Ok(appended)
    }

    /// Counts a visitor in, unless it has seen all it came for, or there are `limit` others.
    pub(crate) fn attach(&self, visit: &Visit, limit: usize) -> Result<Start, NotAttached> {
        let mut state = self.lock();
        if state.freed {
            return Err(NotAttached::Freed);
        }
        let start = state.log.start(visit);
        if let Start::At(place) = &start {
            if state.subscribers >= limit {
                return Err(NotAttached::Full);
            }
            state.subscribers += 1;
            self.metrics.subscribers.inc();
            if place.gap.is_some() {
                self.metrics.gaps.inc();
            }
        }
        Ok(start)
    }

    /// Counts a visitor out. True when nothing is left here worth keeping.
    pub(crate) fn detach(&self) -> bool {
        let mut state = self.lock();
        state.subscribers = state.subscribers.saturating_sub(1);
        self.metrics.subscribers.dec();
        state.last_used = Instant::now();
        state.is_abandoned()
    }

    /// Marks the session as freed when nobody needs it: it never had an event, or has been unused
    /// for `retention`. The caller holds the lock of the map and takes it out.
    pub(crate) fn free(&self, now: Instant, retention: Duration) -> bool {
        let mut state = self.lock();
        let unused = now.saturating_duration_since(state.last_used) >= retention;
        if state.is_abandoned() || (state.subscribers == 0 && unused) {
            state.freed = true;
        }
        state.freed
    }

    /// Completes with the next wake-up. What happens from the call on counts, so read the log after
    /// it and await it only when there was nothing to read.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub(crate) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// See [`Log::read`]; a reader who has fallen out of the log gets the number to go on with, and
    /// what to tell its visitor.
    pub(crate) fn read(
        &self,
        next: u64,
        count: usize,
        into: &mut VecDeque<Entry>,
    ) -> Result<(), (u64, Gap)> {
        let before = into.len();
        let state = self.lock();
        state.log.read(next, count, into).map_err(|oldest| {
            self.metrics.gaps.inc();
            let seen = next.checked_sub(1).filter(|seq| *seq > 0);
            let requested = seen.map(|seq| state.log.id(seq).to_string());
            (oldest, state.log.gap(requested))
        })?;
        drop(state);
        let delivered = into.len() - before;
        if delivered > 0 {
            self.metrics.events_delivered.inc_by(delivered as u64);
        }
        Ok(())
    }

    /// See [`Log::run_start`].
    pub(crate) fn run_start(&self, next: u64) -> u64 {
        self.lock().log.run_start(next)
    }

    pub(crate) fn event_id(&self, seq: u64) -> EventId {
        self.lock().log.id(seq)
    }

    pub(crate) fn mark_read(&self, seq: u64) {
        self.lock().log.mark_read(seq);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under the lock leaves the state half changed, so a panic elsewhere spoils nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_abandoned(&self) -> bool {
        self.subscribers == 0 && self.log.is_untouched()
    }
}
