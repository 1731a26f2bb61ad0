//! Why a run was cancelled, and who tells its viewers.

use std::time::Duration;

use temporalio_client::WorkflowDescribeOptions;
use temporalio_client::errors::WorkflowInteractionError;
use temporalio_common::protos::temporal::api::enums::v1::{
    PendingActivityState, WorkflowExecutionStatus,
};
use temporalio_common::protos::temporal::api::workflow::v1::WorkflowExecutionInfo;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeWorkflowExecutionResponse;
use temporalio_sdk::activities::{ActivityContext, ActivityInfo};
use tokio_util::sync::CancellationToken;

use crate::workflow::{KaiChatWorkflow, WORKFLOW_TYPE};

/// How long Temporal may take to tell.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// Finds out why the activity was cancelled: the SDK does not say, but Temporal knows.
pub(super) async fn of(ctx: &ActivityContext, shutdown: &CancellationToken) -> Cancellation {
    if shutdown.is_cancelled() {
        return Cancellation::Shutdown;
    }
    let Some(workflow) = ctx.workflow_handle::<KaiChatWorkflow>() else {
        return Cancellation::Final("the run was cancelled".to_owned());
    };
    let describing = workflow.describe(WorkflowDescribeOptions::default());
    match tokio::time::timeout(PATIENCE, describing).await {
        Ok(Ok(described)) => read(&described.raw_description, ctx.info()),
        Ok(Err(WorkflowInteractionError::NotFound(_))) => gone("does not exist any more"),
        // Whoever cannot reach Temporal cannot end the run either; another attempt can.
        Ok(Err(_)) | Err(_) => Cancellation::Lost,
    }
}

fn read(described: &DescribeWorkflowExecutionResponse, info: &ActivityInfo) -> Cancellation {
    let execution = described.workflow_execution_info.as_ref();
    match execution.map(WorkflowExecutionInfo::status) {
        Some(WorkflowExecutionStatus::Running) => {}
        Some(WorkflowExecutionStatus::Terminated) => return gone("was terminated"),
        Some(WorkflowExecutionStatus::TimedOut) => return gone("took longer than it may"),
        _ => return gone("has ended"),
    }
    let was_asked_for = described.pending_activities.iter().any(|activity| {
        activity.activity_id == info.activity_id
            && u32::try_from(activity.attempt) == Ok(info.attempt)
            && activity.state() == PendingActivityState::CancelRequested
    });
    if !was_asked_for {
        Cancellation::Lost
    } else if info.workflow_type.as_deref() == Some(WORKFLOW_TYPE) {
        Cancellation::LeftToWorkflow
    } else {
        Cancellation::Final("the run was cancelled".to_owned())
    }
}

fn gone(how: &str) -> Cancellation {
    Cancellation::Final(format!("the run was cancelled: its workflow {how}"))
}
