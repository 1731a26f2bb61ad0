//! Why a run was cancelled, and who tells its viewers.

use temporalio_common::protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use temporalio_sdk::activities::{ActivityContext, ActivityInfo};
use tokio_util::sync::CancellationToken;

use super::described::{Described, Undescribed, describe};
use crate::workflow::WORKFLOW_TYPE;

/// Why a run was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cancellation {
    /// The worker stops; another one goes on with the run.
    Shutdown,
    /// Nobody asked for it: the worker was cut off or stood still for too long, and another attempt
    /// goes on.
    Lost,
    /// Its workflow asked for it, knows why, and goes on with the run or ends it.
    LeftToWorkflow,
    /// The run ends here, for this reason: nobody else can tell the viewers.
    Final(String),
}

/// Finds out why the activity was cancelled: the SDK does not say, but Temporal knows. A worker that
/// stops asks as well: what was wanted of the run before or meanwhile counts more than that.
pub(super) async fn of(ctx: &ActivityContext, shutdown: &CancellationToken) -> Cancellation {
    let unwanted = if shutdown.is_cancelled() {
        Cancellation::Shutdown
    } else {
        Cancellation::Lost
    };
    match describe(ctx).await {
        Ok(described) => wanted(&described, ctx.info()).unwrap_or(unwanted),
        Err(Undescribed::Gone) => gone("does not exist any more"),
        // Without a workflow there is nobody to ask, and another attempt goes on after a shutdown.
        Err(Undescribed::NoWorkflow) if unwanted == Cancellation::Lost => cancelled(),
        // Whoever cannot reach Temporal cannot end the run either; another attempt can.
        Err(Undescribed::NoWorkflow | Undescribed::Unreachable) => unwanted,
    }
}

/// What somebody wanted of the run; none when nobody wanted it to stop.
fn wanted(described: &Described, info: &ActivityInfo) -> Option<Cancellation> {
    match described.status() {
        Some(WorkflowExecutionStatus::Running) => {}
        Some(WorkflowExecutionStatus::Terminated) => return Some(gone("was terminated")),
        Some(WorkflowExecutionStatus::TimedOut) => return Some(gone("took longer than it may")),
        _ => return Some(gone("has ended")),
    }
    described.cancels(info).then(|| {
        if info.workflow_type.as_deref() == Some(WORKFLOW_TYPE) {
            Cancellation::LeftToWorkflow
        } else {
            cancelled()
        }
    })
}

fn cancelled() -> Cancellation {
    Cancellation::Final("the run was cancelled".to_owned())
}

fn gone(how: &str) -> Cancellation {
    Cancellation::Final(format!("the run was cancelled: its workflow {how}"))
}
