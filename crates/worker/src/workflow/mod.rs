//! `KaiChatWorkflow`: one question, answered by the activity `chat_streaming`, steered by signals and updates.

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
mod request;
mod steering;

use crate::run_policy::RunTimes;
pub use connections::KaiConnectionsWorkflow;
use control::{Control, Decision};
pub use input::ChatInput;
pub use messages::{Progress, ProgressReport, ProgressSignal, Reason, Status, StatusName};
pub use request::{Refusal, Request};

/// What a validator answers.
type Verdict = Result<(), Box<dyn std::error::Error + Send + Sync>>;

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

    /// Pauses the run, as the signal of this name does, or says why it cannot be paused.
    #[update(name = "pause")]
    pub fn ask_pause(&mut self, _ctx: &mut SyncWorkflowContext<Self>, request: Request) -> Status {
        self.control.pause(request.reason());
        self.control.status()
    }

    /// Goes on with a paused run, or says why there is nothing to go on with.
    #[update(name = "resume")]
    pub fn ask_resume(
        &mut self,
        _ctx: &mut SyncWorkflowContext<Self>,
        _request: Request,
    ) -> Status {
        self.control.resume();
        self.control.status()
    }

    /// Ends the run, or says why it is too late for that.
    #[update(name = "stop")]
    pub fn ask_stop(&mut self, _ctx: &mut SyncWorkflowContext<Self>, request: Request) -> Status {
        self.control.stop(request.reason());
        self.control.status()
    }

    /// Agrees to the plan, or says why there is none to agree to.
    #[update(name = "accept_plan")]
    pub fn ask_accept_plan(
        &mut self,
        _ctx: &mut SyncWorkflowContext<Self>,
        _request: Request,
    ) -> Status {
        self.control.decide(Decision::Accepted);
        self.control.status()
    }

    /// Rejects the plan, or says why there is none to reject.
    #[update(name = "reject_plan")]
    pub fn ask_reject_plan(
        &mut self,
        _ctx: &mut SyncWorkflowContext<Self>,
        request: Request,
    ) -> Status {
        self.control.decide(Decision::Rejected(request.reason()));
        self.control.status()
    }

    #[update_validator(ask_pause)]
    fn check_pause(&self, _ctx: &WorkflowContextView, request: &Request) -> Verdict {
        request.check()?;
        Ok(self.control.may_pause()?)
    }

    #[update_validator(ask_resume)]
    fn check_resume(&self, _ctx: &WorkflowContextView, request: &Request) -> Verdict {
        request.check()?;
        Ok(self.control.may_resume()?)
    }

    #[update_validator(ask_stop)]
    fn check_stop(&self, _ctx: &WorkflowContextView, request: &Request) -> Verdict {
        request.check()?;
        Ok(self.control.may_stop()?)
    }

    #[update_validator(ask_accept_plan)]
    fn check_accept_plan(&self, _ctx: &WorkflowContextView, request: &Request) -> Verdict {
        request.check()?;
        Ok(self.control.may_decide()?)
    }

    #[update_validator(ask_reject_plan)]
    fn check_reject_plan(&self, _ctx: &WorkflowContextView, request: &Request) -> Verdict {
        request.check()?;
        Ok(self.control.may_decide()?)
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
