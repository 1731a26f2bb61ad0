//! One visitor's stream: a cursor that reads a session's log at its own pace.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kai_core::ids::SessionId;
use rand::Rng as _;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::frame::{self, EventId};
use crate::hub::Hub;
use crate::log::{Entry, Place};
use crate::session::Session;

/// How many frames are taken from the log at once. A connection writes about as many in one call;
/// more would only keep a slow visitor's frames alive for longer.
const BATCH: usize = 16;

/// When a client is to reconnect after a connection broke.
const AFTER_A_BREAK: RangeInclusive<u64> = 1_000..=3_000;

/// When it is to reconnect after the receiver went away.
const AFTER_A_STOP: RangeInclusive<u64> = 1_000..=5_000;

/// When it is to try again after the receiver was too full for it.
const AFTER_A_REFUSAL: RangeInclusive<u64> = 5_000..=15_000;

/// All that a visitor gets for whom there is no room: when to come again.
pub fn refusal() -> Bytes {
    retry(AFTER_A_REFUSAL)
}

/// A frame that asks clients to come back spread over a time, not all at once.
fn retry(milliseconds: RangeInclusive<u64>) -> Bytes {
    frame::retry(Duration::from_millis(
        rand::rng().random_range(milliseconds),
    ))
}

/// An open visit; dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    hub: Arc<Hub>,
    session: Arc<Session>,
    /// What is sent before the first event.
    opening: Option<Bytes>,
    /// Read from the log and not yet handed out; the first of them has the number `next`.
    ready: VecDeque<Entry>,
    next: EventId,
    ends_at: u64,
    ended: bool,
    last_event: Instant,
    last_sent: Instant,
    /// Due when a keep-alive or the time-out may be; it is set anew only when it has fired, so
    /// that an event costs no work on timers.
    alarm: Pin<Box<Sleep>>,
}

impl Subscription {
    pub(crate) fn new(hub: Arc<Hub>, session: Arc<Session>, place: &Place) -> Self {
        let mut opening = BytesMut::from(retry(AFTER_A_BREAK));
        if let Some(gap) = &place.gap {
            opening.extend_from_slice(&gap.frame());
        }
        let now = Instant::now();
        let options = hub.options();
        let alarm = sleep_until(now + options.keepalive.min(options.idle_timeout));
        Self {
            opening: Some(opening.freeze()),
            ready: VecDeque::new(),
            next: place.next,
            ends_at: place.ends_at,
            ended: false,
            last_event: now,
            last_sent: now,
            alarm: Box::pin(alarm),
            hub,
            session,
        }
    }

    /// The next frame; none when the stream is over. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Bytes> {
        let session = Arc::clone(&self.session);
        loop {
            // Created before the log is read: an event that comes after the reading rings it.
            let changed = session.changed();
            let stopping = self.hub.is_stopping();
            if let Some(frame) = self.next_ready() {
                return Some(frame);
            }
            if self.ended {
                return None;
            }
            if stopping {
                self.ended = true;
                return Some(retry(AFTER_A_STOP));
            }
            if self.alarm.is_elapsed()
                && let Some(frame) = self.overdue()
            {
                return Some(frame);
            }
            tokio::select! {
                () = changed => {}
                () = self.alarm.as_mut() => {}
            }
        }
    }

    /// The next frame, if it is there already.
    pub fn next_ready(&mut self) -> Option<Bytes> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        if self.ended {
            return None;
        }
        if self.ready.is_empty() {
            match self.session.read(self.next, BATCH, &mut self.ready) {
                Ok(next) => self.next = next,
                Err(missed) => {
                    self.next = missed.next;
                    self.ends_at = missed.ends_at.unwrap_or(self.ends_at);
                    self.last_sent = Instant::now();
                    return Some(missed.gap.frame());
                }
            }
        }
        self.take_ready()
    }

    /// Whether nothing comes any more.
    pub fn is_over(&self) -> bool {
        self.ended
    }

    /// The session that is visited.
    pub fn session_id(&self) -> &SessionId {
        self.session.id()
    }

    /// The id that the next event has or is going to have.
    pub fn next_id(&self) -> EventId {
        self.next
    }

    /// Shows the events of the run that the next event belongs to, as far as they come before it
    /// and are left. A run that is dropped meanwhile is not shown to its end; `next` tells of that.
    pub async fn earlier(&self, mut see: impl FnMut(&Bytes)) {
        let mut at = self.session.run_start(self.next);
        let mut batch = VecDeque::new();
        while at.seq < self.next.seq {
            let left = usize::try_from(self.next.seq - at.seq).unwrap_or(usize::MAX);
            let read = self.session.read(at, left.min(BATCH), &mut batch);
            if read.is_err() || batch.is_empty() {
                return;
            }
            at.seq += batch.len() as u64;
            batch.drain(..).for_each(|entry| see(&entry.frame));
            // A long run must not hold up the other connections of this thread.
            tokio::task::yield_now().await;
        }
    }

    /// Hands out one frame of what was read, and notes what that means.
    fn take_ready(&mut self) -> Option<Bytes> {
        let entry = self.ready.pop_front()?;
        let id = self.next;
        self.next.seq += 1;
        self.last_event = Instant::now();
        self.last_sent = self.last_event;
        if entry.done {
            self.session.mark_read(id);
            self.ended = id.seq >= self.ends_at;
        }
        Some(entry.frame)
    }

    /// What the passing of time demands, if anything; sets the alarm to the next such moment.
    fn overdue(&mut self) -> Option<Bytes> {
        let now = Instant::now();
        let options = *self.hub.options();
        let times_out = self.last_event + options.idle_timeout;
        if now >= times_out {
            self.ended = true;
            return Some(frame::unnumbered("timeout", "{}"));
        }
        let frame = (now >= self.last_sent + options.keepalive).then(|| {
            self.last_sent = now;
            frame::comment()
        });
        let due = times_out.min(self.last_sent + options.keepalive);
        self.alarm.as_mut().reset(due);
        frame
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(&self.session);
    }
}
