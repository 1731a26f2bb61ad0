//! What is left to deliver when a run does not wait any longer: it goes on beside the worker's other
//! work, within its own few seconds, and the worker waits for it before it ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::DeliveryCounts;
use crate::ids::SessionId;

/// How many tails there are at most. The events of a further one are given up.
const MOST: usize = 100;

/// How long a worker waits for its tails at its end: somewhat longer than each of them may take.
const JOIN_TIME: Duration = Duration::from_secs(10);

/// The tails of a worker.
#[derive(Debug, Clone, Default)]
pub(super) struct Tails {
    tasks: TaskTracker,
    /// What ends the latest tail of each session.
    sessions: Arc<Mutex<HashMap<SessionId, CancellationToken>>>,
}

impl Tails {
    /// Ends what is left of the session's earlier runs: it must not come among a later one's events.
    pub(super) fn cut(&self, session: &SessionId) {
        if let Some(stop) = self.lock().remove(session) {
            stop.cancel();
        }
    }

    /// Waits until all have ended.
    pub(super) async fn join(&self) {
        self.tasks.close();
        if timeout(JOIN_TIME, self.tasks.wait()).await.is_err() {
            let left = self.tasks.len();
            tracing::warn!(left, "the last events of {left} runs were not delivered");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, CancellationToken>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left of one delivery. Dropped, it is given up.
#[must_use = "what is left is given up"]
pub struct Tail {
    pub(super) tails: Tails,
    pub(super) session: SessionId,
    pub(super) counts: Arc<DeliveryCounts>,
    /// Delivers it, within a few seconds.
    pub(super) rest: BoxFuture<'static, ()>,
    /// Makes that end at once, with every event counted.
    pub(super) cut: CancellationToken,
}

impl Tail {
    /// Gives up what is left, and waits until every event has been counted.
    pub async fn cut(self) {
        self.cut.cancel();
        self.rest.await;
    }

    /// Goes on beside the worker's other work, with something that is done `meanwhile` and ends no
    /// later, and does `then` when all is delivered or given up.
    pub fn go_on(
        self,
        meanwhile: impl Future<Output = ()> + Send + 'static,
        then: impl Future<Output = ()> + Send + 'static,
    ) {
        let Self {
            tails,
            session,
            counts,
            rest,
            cut,
        } = self;
        if tails.tasks.len() >= MOST {
            tracing::warn!(
                %session,
                "session {session}: too many runs wait for receivers that do not keep up; \
                 the last events of this one are given up"
            );
            cut.cancel();
        }
        if let Some(earlier) = tails.lock().insert(session.clone(), cut.clone()) {
            earlier.cancel();
        }
        let sessions = tails.clone();
        let going_on = async move {
            tokio::join!(rest, meanwhile);
            then.await;
            // A later tail of the session has cancelled this one, and stands in its place.
            if !cut.is_cancelled() {
                sessions.lock().remove(&session);
            }
            let (sent, failed) = (counts.sent(), counts.failed());
            tracing::info!(
                %session,
                sent,
                failed,
                "session {session}: the receiver did not keep up; {sent} events arrived, {failed} did not"
            );
        };
        tails.tasks.spawn(going_on.in_current_span());
    }
}
