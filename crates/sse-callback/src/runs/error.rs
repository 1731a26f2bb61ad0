//! Why something could not be done with a run.

use std::fmt::Display;

use thiserror::Error;

/// Why something could not be done with a run. What is told is for people elsewhere: addresses and
/// the like go to the log.
#[derive(Debug, Error)]
pub enum RunsError {
    /// There is no connection to Temporal, or it does not answer.
    #[error("Temporal cannot be reached now; try again later")]
    Unreachable,
    /// No worker does what was asked.
    #[error("no worker answers; start kai-worker, or try again later")]
    NoWorker,
    /// There is no such run.
    #[error("no question of this session is known to Temporal")]
    NotFound,
    /// A question of this session is still being answered.
    #[error("a question of this session is still being answered; wait for its end, or stop it")]
    Busy,
    /// The run has ended.
    #[error("the run has ended already")]
    Ended,
}

impl RunsError {
    /// A failed call to Temporal; the reason goes to the log.
    pub(super) fn unreachable(what: &str, reason: &impl Display) -> Self {
        tracing::warn!("cannot {what}: {reason}");
        Self::Unreachable
    }
}
