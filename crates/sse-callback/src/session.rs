//! One session: its log, who reads it, and the bell that wakes them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kai_core::ids::SessionId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::backend::Due;
use crate::frame::EventId;
use crate::log::{Entry, Log, LogLimits, Missed, Page, Rendered, Standing, Start, Visit};
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
    /// Who is to know what was read, when the log follows another one.
    due: Option<Arc<Due>>,
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
    /// See [`Standing::server`]; empty when the log follows no other.
    server: Box<str>,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        limits: LogLimits,
        metrics: Arc<Metrics>,
        due: Option<Arc<Due>>,
    ) -> Self {
        Self {
            id,
            state: Mutex::new(State {
                log: Log::new(limits),
                producers: Producers::default(),
                subscribers: 0,
                last_used: Instant::now(),
                freed: false,
                server: Box::default(),
            }),
            changed: Notify::new(),
            metrics,
            due,
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

    /// See [`Log::read`]. Says which event is the first of those that were read; that is `next`
    /// unless the log got its epoch only now. A reader who has fallen out of the log is told so.
    pub(crate) fn read(
        &self,
        next: EventId,
        count: usize,
        into: &mut VecDeque<Entry>,
    ) -> Result<EventId, Missed> {
        let before = into.len();
        let state = self.lock();
        let log = &state.log;
        let read = log.locate(next).and_then(|next| {
            let read = log.read(next.seq, count, into);
            read.map(|()| next)
                .map_err(|oldest| log.missed(next, oldest))
        });
        drop(state);
        if read.is_err() {
            self.metrics.gaps.inc();
        }
        let delivered = into.len() - before;
        if delivered > 0 {
            self.metrics.events_delivered.inc_by(delivered as u64);
        }
        read
    }

    /// See [`Log::run_start`]; 1 is the start in a log that another one took the place of.
    pub(crate) fn run_start(&self, next: EventId) -> EventId {
        let state = self.lock();
        let seq = match state.log.locate(next) {
            Ok(next) => state.log.run_start(next.seq),
            Err(_) => next.seq,
        };
        EventId { seq, ..next }
    }

    /// The epoch, and the number of the newest event.
    pub(crate) fn head(&self) -> EventId {
        self.lock().log.head()
    }

    /// How far the log is with following another one.
    pub(crate) fn standing(&self) -> Standing {
        let state = self.lock();
        Standing {
            head: state.log.head(),
            server: state.server.clone(),
        }
    }

    /// Notes that somebody has been given this `done`.
    pub(crate) fn mark_read(&self, done: EventId) {
        let mut state = self.lock();
        if state.log.head().epoch == done.epoch {
            state.log.mark_read(done.seq);
        }
        drop(state);
        if let Some(due) = &self.due {
            due.was_read(&self.id, done);
        }
    }

    /// Takes over what the log that this one follows has besides; none when that is gone.
    pub(crate) fn follow(&self, page: Option<Page>) {
        let rendered = page.map(Rendered::from);
        let mut state = self.lock();
        let before = state.log.head();
        match rendered {
            Some(page) => state.server = state.log.follow(page),
            None if state.log.is_untouched() => {}
            None => {
                state.log.follow_nothing();
                state.server = Box::default();
            }
        }
        let changed = state.log.head() != before;
        drop(state);
        if changed {
            self.wake();
        }
    }

    /// Whether it is no longer in the hub.
    pub(crate) fn is_freed(&self) -> bool {
        self.lock().freed
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
