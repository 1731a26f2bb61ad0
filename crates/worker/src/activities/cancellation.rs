//! Why a run was cancelled, and who tells its viewers.

use std::time::Duration;

use temporalio_client::errors::WorkflowInteractionError;
use temporalio_client::{WorkflowDescribeOptions, WorkflowExecutionStatus};
use temporalio_sdk::activities::ActivityContext;
use tokio_util::sync::CancellationToken;

use crate::workflow::{KaiChatWorkflow, WORKFLOW_TYPE};

/// How long the server is asked whether the workflow still runs.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a run was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cancellation {
    /// The worker stops; another one goes on with the run.
    Shutdown,
    /// Its workflow knows why (a person, or a heartbeat that came too late), and goes on with the run
    /// or ends it.
    LeftToWorkflow,
    /// The run ends here, for this reason: nobody else can tell the viewers.
    Final(String),
}

/// Finds out why the activity was cancelled. The SDK does not say.
pub(super) async fn of(ctx: &ActivityContext, shutdown: &CancellationToken) -> Cancellation {
    if shutdown.is_cancelled() {
        return Cancellation::Shutdown;
    }
    let is_ours = ctx.info().workflow_type.as_deref() == Some(WORKFLOW_TYPE);
    let Some(handle) = ctx.workflow_handle::<KaiChatWorkflow>().filter(|_| is_ours) else {
        return Cancellation::Final("the run was cancelled".to_owned());
    };
    let description = handle.describe(WorkflowDescribeOptions::default());
    match tokio::time::timeout(PATIENCE, description).await {
        Ok(Ok(description)) => of_status(description.status()),
        Ok(Err(WorkflowInteractionError::NotFound(_))) => gone("does not exist any more"),
        // Then it cannot be told of an end either, and will find out for itself.
        Ok(Err(_)) | Err(_) => Cancellation::LeftToWorkflow,
    }
}

fn of_status(status: WorkflowExecutionStatus) -> Cancellation {
    match status {
        WorkflowExecutionStatus::Terminated => gone("was terminated"),
        WorkflowExecutionStatus::TimedOut => gone("took longer than it may"),
        WorkflowExecutionStatus::Running => Cancellation::LeftToWorkflow,
        _ => gone("has ended"),
    }
}

fn gone(how: &str) -> Cancellation {
    Cancellation::Final(format!("the run was cancelled: its workflow {how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_that_is_gone_leaves_the_last_word_to_the_activity() {
        assert_eq!(
            of_status(WorkflowExecutionStatus::Running),
            Cancellation::LeftToWorkflow
        );
        assert_eq!(
            of_status(WorkflowExecutionStatus::Terminated),
            Cancellation::Final("the run was cancelled: its workflow was terminated".to_owned())
        );
    }
}
