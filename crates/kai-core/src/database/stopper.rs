//! Stops statements on their server when nobody waits for them any more.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::mpsc;

/// How many statements wait for being stopped. A pool has fewer connections than that.
const QUEUE: usize = 32;

/// How long stopping one may take. Its own timeout ends the statement in any case.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Hands statements that were left to a task which tells the server to stop them. Leaving one is
/// dropping a future, which cannot wait for an answer; the task can. It ends by itself when the
/// stopper is dropped and what was handed to it is done, at most [`TIMEOUT`] for each.
#[derive(Debug, Clone)]
pub(super) struct Stopper {
    left: mpsc::Sender<BoxFuture<'static, ()>>,
}

impl Stopper {
    /// Starts the task.
    pub(super) fn start() -> Self {
        let (left, mut arriving) = mpsc::channel::<BoxFuture<'static, ()>>(QUEUE);
        tokio::spawn(async move {
            while let Some(stop) = arriving.recv().await {
                if tokio::time::timeout(TIMEOUT, stop).await.is_err() {
                    tracing::debug!("a statement could not be stopped in time");
                }
            }
        });
        Self { left }
    }

    /// Has the future run that stops a statement. One more than fits is left to its own timeout.
    pub(super) fn stop(&self, stop: impl Future<Output = ()> + Send + 'static) {
        if self.left.try_send(Box::pin(stop)).is_err() {
            tracing::debug!("too many statements are to be stopped");
        }
    }
}
