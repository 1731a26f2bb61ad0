//! The task that reads a stream, prints each event as it arrives, and keeps the sums.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::Local;
use tokio_util::task::AbortOnDropHandle;

use crate::console::Console;
use crate::report;
use crate::stream::Subscription;
use crate::tally::Tally;

/// The task, and what it has seen so far.
pub(crate) struct Watch {
    task: AbortOnDropHandle<Option<String>>,
    seen: Seen,
}

/// The sums, which are looked at while the task goes on.
#[derive(Clone)]
struct Seen(Arc<Mutex<Tally>>);

impl Seen {
    /// The lock is held for a look or a step, never longer.
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Reads the stream, beginning with these sums.
    pub(crate) fn start(subscription: Subscription, tally: Tally, console: Console) -> Self {
        let seen = Seen(Arc::new(Mutex::new(tally)));
        let task = tokio::spawn(read(subscription, console, seen.clone()));
        Self {
            task: AbortOnDropHandle::new(task),
            seen,
        }
    }

    /// How many events the run has sent so far.
    pub(crate) fn events(&self) -> u64 {
        self.seen.tally().events
    }

    /// Waits for the end of the stream: why it could not be read to its end.
    pub(crate) async fn ended(&mut self) -> Option<String> {
        match (&mut self.task).await {
            Ok(lost) => lost,
            Err(error) => Some(error.to_string()),
        }
    }

    /// What was seen. Reading stops.
    pub(crate) fn into_tally(self) -> Tally {
        self.seen.tally().clone()
    }

    /// Waits for the end of the stream, but no longer than `grace`: what was seen, and why the stream
    /// could not be read to its end.
    pub(crate) async fn finish(mut self, grace: Duration) -> (Tally, Option<String>) {
        let lost = tokio::time::timeout(grace, self.ended()).await;
        (self.into_tally(), lost.ok().flatten())
    }
}

/// Reads the stream to its end, and returns why it could not.
async fn read(mut subscription: Subscription, console: Console, seen: Seen) -> Option<String> {
    loop {
        match subscription.next().await {
            Ok(Some(event)) => {
                let now = Instant::now();
                console.say(report::event_line(Local::now().time(), &event));
                seen.tally().note(&event, now);
                if event.is_last() {
                    return None;
                }
            }
            Ok(None) => return None,
            Err(error) => {
                console.say(format_args!("[stream] {error}"));
                return Some(error.to_string());
            }
        }
    }
}
