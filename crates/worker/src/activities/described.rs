//! What Temporal says of the workflow that an activity belongs to: whether it still runs, what it wants
//! of the activity, why the attempt before failed, and how long its history is.

use std::time::Duration;

use temporalio_client::WorkflowDescribeOptions;
use temporalio_client::errors::WorkflowInteractionError;
use temporalio_common::protos::temporal::api::enums::v1::{
    PendingActivityState, WorkflowExecutionStatus,
};
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::workflow::v1::{
    PendingActivityInfo, WorkflowExecutionInfo,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeWorkflowExecutionResponse;
use temporalio_sdk::activities::{ActivityContext, ActivityInfo};

use crate::workflow::KaiChatWorkflow;

/// How long Temporal may take to tell.
const PATIENCE: Duration = Duration::from_secs(2);

/// What Temporal says.
pub(super) struct Described {
    response: DescribeWorkflowExecutionResponse,
}

/// Why nothing is known of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undescribed {
    /// The activity was started without one.
    NoWorkflow,
    /// It does not exist any more.
    Gone,
    /// Temporal could not be asked in time.
    Unreachable,
}

/// Asks Temporal of the activity's workflow.
pub(super) async fn describe(ctx: &ActivityContext) -> Result<Described, Undescribed> {
    let workflow = ctx
        .workflow_handle::<KaiChatWorkflow>()
        .ok_or(Undescribed::NoWorkflow)?;
    let describing = Box::pin(workflow.describe(WorkflowDescribeOptions::default()));
    match tokio::time::timeout(PATIENCE, describing).await {
        Ok(Ok(described)) => Ok(Described {
            response: described.raw_description,
        }),
        Ok(Err(WorkflowInteractionError::NotFound(_))) => Err(Undescribed::Gone),
        Ok(Err(_)) | Err(_) => Err(Undescribed::Unreachable),
    }
}

impl Described {
    /// How the workflow stands.
    pub(super) fn status(&self) -> Option<WorkflowExecutionStatus> {
        self.execution().map(WorkflowExecutionInfo::status)
    }

    /// How many events its history has.
    pub(super) fn history_length(&self) -> Option<u32> {
        let length = self.execution()?.history_length;
        u32::try_from(length).ok()
    }

    /// Whether the workflow asked this attempt to stop.
    pub(super) fn cancels(&self, info: &ActivityInfo) -> bool {
        self.pending(info)
            .is_some_and(|activity| activity.state() == PendingActivityState::CancelRequested)
    }

    /// Why the attempt before this one failed, if there was one.
    pub(super) fn last_failure(&self, info: &ActivityInfo) -> Option<&Failure> {
        self.pending(info)?.last_failure.as_ref()
    }

    fn execution(&self) -> Option<&WorkflowExecutionInfo> {
        self.response.workflow_execution_info.as_ref()
    }

    /// This attempt; none when it is not the one that counts any more.
    fn pending(&self, info: &ActivityInfo) -> Option<&PendingActivityInfo> {
        self.response.pending_activities.iter().find(|activity| {
            activity.activity_id == info.activity_id
                && u32::try_from(activity.attempt) == Ok(info.attempt)
        })
    }
}
