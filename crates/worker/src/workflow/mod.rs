//! `KaiChatWorkflow`: one question, answered by the activity `chat_streaming`, steered by signals.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::time::SystemTime;

use kai_core::wire::AgentResult;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

mod approval;
mod connections;
mod control;
mod ending;
mod input;
mod messages;
mod options;
mod steering;

use crate::run_policy::RunTimes;
pub use connections::KaiConnectionsWorkflow;
use control::{Control, Decision};
pub use input::ChatInput;
pub use messages::{Progress, ProgressReport, ProgressSignal, Reason, Status, StatusName};

/// The name under which clients start the workflow.
pub const WORKFLOW_TYPE: &str = "KaiChatWorkflow";

/// Answers one question.
#[workflow]
pub struct KaiChatWorkflow {
    times: RunTimes,
    control: Control,
}

impl KaiChatWorkflow {
    /// A workflow that waits so long for its parts.
    pub fn new(times: RunTimes) -> Self {
        Self {
            times,
            control: Control::new(),
        }
    }
}

#[workflow_methods(factory_only)]
impl KaiChatWorkflow {
    /// Agrees on a plan where that was asked for, runs `chat_streaming` and returns its result.
    #[run]
    pub async fn run(
        ctx: &mut WorkflowContext<Self>,
        input: ChatInput,
    ) -> WorkflowResult<AgentResult> {
        match input.read() {
            Ok(input) => ending::of(ctx, steering::steer(ctx, input).await).await,
            Err(reason) => Err(ending::failed(reason, "BadInput")),
        }
    }

    /// Ends what runs now; the run goes on from there when it is resumed.
    #[signal]
    pub fn pause(&mut self, _ctx: &mut SyncWorkflowContext<Self>, reason: Reason) {
        self.control.pause(reason);
    }

    /// Goes on with a run that was paused.
    #[signal]
    pub fn resume(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _reason: Reason) {
        self.control.resume();
    }

    /// Ends the run for good, with status `cancelled`.
    #[signal]
    pub fn stop(&mut self, _ctx: &mut SyncWorkflowContext<Self>, reason: Reason) {
        self.control.stop(reason);
    }

    /// Agrees to the plan.
    #[signal]
    pub fn accept_plan(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _reason: Reason) {
        self.control.decide(Decision::Accepted);
    }

    /// The original's name for `accept_plan`.
    #[signal]
    pub fn accept_rfc(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _reason: Reason) {
        self.control.decide(Decision::Accepted);
    }

    /// Rejects the plan: with a reason, the agent makes another one by it; without, the run ends.
    #[signal]
    pub fn reject_plan(&mut self, _ctx: &mut SyncWorkflowContext<Self>, reason: Reason) {
        self.control.decide(Decision::Rejected(reason));
    }

    /// How far the activity is; sent by the activity itself.
    #[signal]
    pub fn progress(&mut self, _ctx: &mut SyncWorkflowContext<Self>, report: ProgressSignal) {
        if let Some(report) = report.0 {
            self.control.report(report);
        }
    }

    /// How the run stands.
    #[query]
    pub fn get_status(&self, _ctx: &WorkflowContextView) -> Status {
        self.control.status()
    }

    /// How far the run is.
    #[query]
    pub fn get_progress(&self, ctx: &WorkflowContextView) -> Progress {
        // A query is no part of the history, so it may look at the clock.
        let end = self.control.ended_at().unwrap_or_else(SystemTime::now);
        let elapsed = ctx
            .start_time()
            .and_then(|start| end.duration_since(start).ok())
            .unwrap_or_default();
        Progress {
            report: self.control.progress().clone(),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Whether the agent is at work now: not while it is paused, waits for a person or has ended.
    #[query]
    pub fn is_running(&self, _ctx: &WorkflowContextView) -> bool {
        self.control.is_running()
    }
}
