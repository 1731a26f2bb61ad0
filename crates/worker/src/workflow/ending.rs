//! How a workflow ends, and how its viewers learn of it when no activity could tell them.

use std::time::Duration;

use kai_core::ids::TaskId;
use kai_core::wire::{AgentResult, KaiChatInput, RunStatus};
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::{WorkflowContext, WorkflowResult, WorkflowTermination};

use super::messages::StatusName;
use super::steering::{Unanswered, Why};
use super::{KaiChatWorkflow, options};
use crate::activities::{Ending, KaiActivities};

/// What the workflow returns.
pub(super) async fn of(
    ctx: &WorkflowContext<KaiChatWorkflow>,
    outcome: Result<AgentResult, Box<Unanswered>>,
) -> WorkflowResult<AgentResult> {
    let Unanswered { why, input } = match outcome {
        Ok(result) => {
            ended_with(ctx, &result);
            return Ok(result);
        }
        Err(unanswered) => *unanswered,
    };
    match why {
        Why::Stopped(reason) => {
            let result = tell(ctx, input, RunStatus::Cancelled, reason).await;
            ended_with(ctx, &result);
            Ok(result)
        }
        Why::Cancelled(reason) => {
            let result = tell(ctx, input, RunStatus::Cancelled, reason).await;
            ended_with(ctx, &result);
            answered(result).ok_or_else(WorkflowTermination::cancelled)
        }
        Why::TimedOut(reason) => {
            let result = tell(ctx, input, RunStatus::Failed, reason.clone()).await;
            ended_with(ctx, &result);
            answered(result).ok_or_else(|| failed(reason, "NoAnswer"))
        }
        Why::Failed(error) => {
            let reason = error
                .cause()
                .map_or_else(|| error.to_string(), ToString::to_string);
            // An activity that fails tells its viewers; one that was lost could not.
            if error.as_timeout().is_some() {
                let reason = format!("the run was lost: {reason}");
                let result = tell(ctx, input, RunStatus::Failed, reason).await;
                if let Some(result) = answered(result) {
                    ended_with(ctx, &result);
                    return Ok(result);
                }
            }
            let now = ctx.workflow_time();
            ctx.state_mut(|workflow| {
                workflow.control.end(StatusName::Failed, Some(reason), now);
            });
            Err((*error).into())
        }
    }
}

/// A failure of the workflow that is final.
pub(super) fn failed(reason: String, kind: &str) -> WorkflowTermination {
    ApplicationFailure::builder(reason)
        .type_name(kind.to_owned())
        .non_retryable(true)
        .build()
        .into()
}

/// The result of a run that had its answer, and whose viewers had seen it, before it could be ended:
/// the worker was lost that had not reported it yet.
fn answered(result: AgentResult) -> Option<AgentResult> {
    matches!(result.status, RunStatus::Completed | RunStatus::Partial).then_some(result)
}

/// Ends the stream with an error and `done`, unless the run had ended by itself; its result.
async fn tell(
    ctx: &WorkflowContext<KaiChatWorkflow>,
    input: KaiChatInput,
    status: RunStatus,
    reason: String,
) -> AgentResult {
    ctx.state_mut(|workflow| workflow.control.begin_ending(reason.clone()));
    let ending = Ending {
        input,
        status,
        reason: reason.clone(),
    };
    let told = ctx
        .execute_activity(KaiActivities::end_run, ending, options::telling())
        .await;
    // No viewer could be told in time; the workflow still ends as it was asked to.
    told.unwrap_or_else(|_| {
        let task = TaskId::new(ctx.run_id());
        match status {
            RunStatus::Cancelled => AgentResult::cancelled(task, reason, Duration::ZERO),
            _ => AgentResult::failed(task, reason, Duration::ZERO),
        }
    })
}

fn ended_with(ctx: &WorkflowContext<KaiChatWorkflow>, result: &AgentResult) {
    let now = ctx.workflow_time();
    ctx.state_mut(|workflow| workflow.control.end_with(result, now));
}
