//! One session: its log, who reads it, and the bell that wakes them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kai_core::ids::SessionId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::frame::{Draft, EventId};
use crate::log::{Entry, Gap, Log, LogLimits, Start, Visit};
use crate::metrics::Metrics;

/// Why a visitor was not counted in.
#[derive(Debug)]
pub(crate) enum NotAttached {
    /// The session was freed between finding it and using it; look it up again.
    Freed,
    /// It has as many subscribers as it may have.
    Full,
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

    /// Adds an event and wakes who waits for it. Gives the draft back when the session was freed.
    pub(crate) fn append(&self, draft: Draft) -> Result<EventId, Draft> {
        let mut state = self.lock();
        if state.freed {
            return Err(draft);
        }
        state.last_used = Instant::now();
        let evicted_before = state.log.evicted();
        let id = state.log.append(draft);
        let evicted = state.log.evicted() - evicted_before;
        drop(state);
        self.wake();
        self.metrics.events_received.inc();
        if evicted > 0 {
            self.metrics.events_evicted.inc_by(evicted);
        }
        Ok(id)
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
