//! Whether an attempt was cancelled, or only lost to another one.
//!
//! A worker that was cut off or stood still for longer than the heartbeat timeout is cancelled by the
//! SDK as by a person. Temporal knows which it was.

use std::time::Duration;

use temporalio_client::WorkflowDescribeOptions;
use temporalio_common::protos::temporal::api::enums::v1::{
    PendingActivityState, WorkflowExecutionStatus,
};
use temporalio_sdk::activities::ActivityContext;

use crate::workflow::KaiChatWorkflow;

/// How long Temporal may take to tell.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the run goes on without this attempt: its workflow runs, and did not ask this attempt to
/// stop. Where Temporal does not tell, it is taken to be so, since another attempt can then go on.
pub(super) async fn is_lost(ctx: &ActivityContext) -> bool {
    let Some(workflow) = ctx.workflow_handle::<KaiChatWorkflow>() else {
        return false;
    };
    let describing = workflow.describe(WorkflowDescribeOptions::default());
    let Ok(Ok(described)) = tokio::time::timeout(PATIENCE, describing).await else {
        return true;
    };
    let described = described.raw_description;
    let runs = described
        .workflow_execution_info
        .is_some_and(|info| info.status() == WorkflowExecutionStatus::Running);
    let (id, attempt) = (&ctx.info().activity_id, ctx.info().attempt);
    let is_asked_to_stop = described.pending_activities.iter().any(|activity| {
        activity.activity_id == *id
            && u32::try_from(activity.attempt) == Ok(attempt)
            && activity.state() == PendingActivityState::CancelRequested
    });
    runs && !is_asked_to_stop
}
