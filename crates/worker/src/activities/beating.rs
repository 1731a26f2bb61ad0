//! Work that is not a run of the agent, with heartbeats: so that it can be cancelled, and a worker
//! that died under it is noticed.

use std::time::Duration;

use kai_core::agent::AgentError;
use kai_core::analyst::AnalystError;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::cancellation::{self, Cancellation};
use super::{KaiActivities, failure};

/// Cancellation arrives only in the answers to heartbeats.
const INTERVAL: Duration = Duration::from_secs(1);

/// Waits for the work, beating with `details` every second, and cancels `cancel` when the activity is.
pub(super) async fn while_beating<T>(
    ctx: &ActivityContext,
    details: impl Fn() -> String,
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> T {
    tokio::pin!(work);
    let mut timer = tokio::time::interval(INTERVAL);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            _ = timer.tick() => {
                if let Err(error) = ctx.record_heartbeat(details()).await {
                    tracing::warn!(%error, "a heartbeat could not be recorded");
                }
            }
            () = ctx.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
        }
    }
}

impl KaiActivities {
    /// The same for work that is an activity by itself. Once cancelled, it should end soon with
    /// [`AgentError::Cancelled`].
    pub(super) async fn with_heartbeats<T>(
        &self,
        ctx: &ActivityContext,
        details: impl Fn() -> String,
        cancel: &CancellationToken,
        work: impl Future<Output = Result<T, AnalystError>>,
    ) -> Result<T, ActivityError> {
        match while_beating(ctx, details, cancel, work).await {
            Ok(done) => Ok(done),
            Err(AnalystError::Agent(AgentError::Cancelled)) => {
                Err(match cancellation::of(ctx, &self.shutdown).await {
                    Cancellation::Shutdown => failure::worker_shutdown(),
                    Cancellation::Lost => failure::lost(),
                    Cancellation::LeftToWorkflow | Cancellation::Final(_) => {
                        ActivityError::cancelled()
                    }
                })
            }
            Err(error) => Err(failure::of_analyst(error)),
        }
    }

    /// The same for work that knows nothing of cancellation: it is dropped where it stands.
    pub(super) async fn beating<T>(
        &self,
        ctx: &ActivityContext,
        work: impl Future<Output = Result<T, AnalystError>>,
    ) -> Result<T, ActivityError> {
        let cancel = CancellationToken::new();
        let work = async {
            cancel
                .run_until_cancelled(work)
                .await
                .unwrap_or(Err(AnalystError::Agent(AgentError::Cancelled)))
        };
        self.with_heartbeats(ctx, String::new, &cancel, work).await
    }
}
