//! Stops statements on their server when nobody waits for them any more.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// How many statements are stopped side by side. A pool has fewer connections than that.
const MOST: usize = 32;

/// How long stopping one may take. Its own timeout ends the statement in any case.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long whoever closes a database waits for what is still being stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stops statements that were left, each in a task of its own. Leaving one is dropping a future, which cannot
/// wait for an answer; the task can, and [`finish`](Self::finish) waits for the tasks.
#[derive(Debug, Clone)]
pub(super) struct Stopper {
    tasks: TaskTracker,
    // A session may be dropped where no runtime is entered.
    runtime: Handle,
}

impl Stopper {
    /// A stopper whose tasks run where it is made.
    pub(super) fn new() -> Self {
        Self {
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
        }
    }

    /// Has the future run that stops a statement. One more than fits is left to its own timeout.
    pub(super) fn stop(&self, stop: impl Future<Output = ()> + Send + 'static) {
        if self.tasks.len() >= MOST {
            tracing::debug!("too many statements are to be stopped");
            return;
        }
        let stopping = async move {
            if tokio::time::timeout(TIMEOUT, stop).await.is_err() {
                tracing::debug!("a statement could not be stopped in time");
            }
        };
        self.tasks.spawn_on(stopping, &self.runtime);
    }

    /// Waits until what was left is stopped, but not for a server that does not answer: then the rest ends by
    /// its own timeouts.
    pub(super) async fn finish(&self) {
        self.tasks.close();
        if tokio::time::timeout(PATIENCE, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::debug!("statements are still being stopped");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_was_left_is_stopped_before_the_end_also_from_outside_the_runtime() {
        let stopper = Stopper::new();
        let stopped = Arc::new(AtomicBool::new(false));
        let (from_thread, note) = (stopper.clone(), Arc::clone(&stopped));
        let thread = std::thread::spawn(move || {
            from_thread.stop(async move {
                tokio::task::yield_now().await;
                note.store(true, Ordering::Relaxed);
            });
        });
        thread.join().unwrap();
        stopper.finish().await;
        assert!(stopped.load(Ordering::Relaxed));
    }
}
