//! What has to be done soon for sessions that are kept elsewhere: each thing once, however often it
//! was asked for.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kai_core::ids::SessionId;
use tokio::sync::Notify;

use crate::frame::EventId;

/// What has to be done. It never holds more than there are sessions.
#[derive(Debug, Default)]
pub(crate) struct Due {
    list: Mutex<List>,
    changed: Notify,
}

/// All that had to be done at some moment.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// Sessions that have new events.
    pub(crate) rung: HashSet<SessionId>,
    /// The last end of a run that a subscriber of the session was given.
    pub(crate) read: HashMap<SessionId, EventId>,
}

impl Due {
    /// There are new events in a session.
    pub(crate) fn rang(&self, session: SessionId) {
        self.lock().rung.insert(session);
        self.changed.notify_one();
    }

    /// A subscriber was given this end of a run.
    pub(crate) fn was_read(&self, session: &SessionId, done: EventId) {
        note(&mut self.lock().read, session, done);
        self.changed.notify_one();
    }

    /// Completes when there is something to do.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Hands out all that is to be done.
    pub(crate) fn take(&self) -> List {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        // Whole between its operations, so a panic elsewhere spoils nothing.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(read: &mut HashMap<SessionId, EventId>, session: &SessionId, done: EventId) {
    match read.get_mut(session) {
        Some(noted) => *noted = later(*noted, done),
        None => {
            read.insert(session.clone(), done);
        }
    }
}

/// The later of two ends; of different logs, the second, whose log took the other's place.
pub(crate) fn later(one: EventId, two: EventId) -> EventId {
    if one.epoch == two.epoch && one.seq > two.seq {
        one
    } else {
        two
    }
}
