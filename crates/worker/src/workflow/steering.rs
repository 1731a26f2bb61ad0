//! Steering: running an activity that people can pause, stop and cancel while it works.

use std::pin::pin;
use std::time::Duration;

use kai_core::agent::Plan;
use kai_core::wire::{AgentResult, KaiChatInput};
use temporalio_sdk::workflows::select;
use temporalio_sdk::{
    ActivityExecutionError, TimerOptions, WorkflowCancellationToken, WorkflowContext,
};

use super::{KaiChatWorkflow, ProgressReport, approval, options};
use crate::activities::{Announcement, ChatStreamingArguments, KaiActivities, Notice};

/// How long a run stays paused. Well below the time for which the store keeps an unfinished run.
const LONGEST_PAUSE: Duration = Duration::from_hours(7 * 24);

/// Why a run ends without a result.
#[derive(Debug)]
pub(super) enum Why {
    /// A person stopped it, or rejected its plan for good: in these words.
    Stopped(String),
    /// The workflow was cancelled: in these words.
    Cancelled(String),
    /// Nobody answered in time: in these words.
    TimedOut(String),
    /// An activity failed.
    Failed(Box<ActivityExecutionError>),
}

/// A run that has ended without a result: why, and what it had been asked by then.
pub(super) struct Unanswered {
    pub(super) why: Why,
    pub(super) input: KaiChatInput,
}

/// Answers the question, after its plan was agreed on where that is asked for.
pub(super) async fn steer(
    ctx: &WorkflowContext<KaiChatWorkflow>,
    mut input: KaiChatInput,
) -> Result<AgentResult, Box<Unanswered>> {
    let run = Run { ctx };
    match run.answer(&mut input).await {
        Ok(result) => Ok(result),
        Err(why) => Err(Box::new(Unanswered { why, input })),
    }
}

/// A run, as its workflow sees it.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) ctx: &'a WorkflowContext<KaiChatWorkflow>,
}

impl Run<'_> {
    async fn answer(self, input: &mut KaiChatInput) -> Result<AgentResult, Why> {
        let plan = if input.require_plan_approval {
            Some(approval::agree(self, input).await?)
        } else {
            None
        };
        self.ctx
            .state_mut(|workflow| workflow.control.begin_running());
        let arguments = ChatStreamingArguments {
            plan,
            ..ChatStreamingArguments::from(input.clone())
        };
        let times = self.ctx.state(|workflow| workflow.times);
        self.attend(input, |token| {
            self.ctx.execute_activity(
                KaiActivities::chat_streaming,
                arguments.clone(),
                options::answering(times, token),
            )
        })
        .await
    }

    /// Makes a plan for the question.
    pub(super) async fn plan(self, input: &KaiChatInput) -> Result<Plan, Why> {
        let timeout = self.ctx.state(|workflow| workflow.times.heartbeat_timeout);
        self.attend(input, |token| {
            self.ctx.execute_activity(
                KaiActivities::make_plan,
                input.clone(),
                options::planning(timeout, token),
            )
        })
        .await
    }

    /// Runs an activity to its end. While the run is paused it does not run: it is ended, and begun
    /// again when the run is resumed.
    async fn attend<T, F>(
        self,
        input: &KaiChatInput,
        begin: impl Fn(WorkflowCancellationToken) -> F,
    ) -> Result<T, Why>
    where
        F: futures::future::FusedFuture<Output = Result<T, ActivityExecutionError>>,
    {
        loop {
            if self.is_interrupted() {
                self.rest(input).await?;
            }
            let token = WorkflowCancellationToken::new();
            let mut working = pin!(begin(token.clone()));
            let mut interrupted = pin!(
                self.ctx
                    .wait_condition(|workflow| workflow.control.interrupts())
            );
            let outcome = select! {
                outcome = working => outcome,
                _ = interrupted => {
                    token.cancel();
                    working.await
                }
            };
            if let Some(report) = outcome.as_ref().err().and_then(told) {
                self.ctx
                    .state_mut(|workflow| workflow.control.report(report));
            }
            match outcome {
                Ok(value) => return Ok(value),
                // It was ended to make room for what a person asked, even if they have changed their
                // mind since; whether it says so, was cut by a shutdown or was lost with its worker
                // at the same moment makes no difference.
                Err(error) if token.is_cancelled() && !is_final(&error) => {}
                Err(error) => return Err(Why::Failed(Box::new(error))),
            }
        }
    }

    /// Whether what runs is to be left.
    pub(super) fn is_interrupted(self) -> bool {
        self.ctx.cancellation_token().is_cancelled()
            || self.ctx.state(|workflow| workflow.control.interrupts())
    }

    /// Waits until a pause is over, if there is one.
    pub(super) async fn rest(self, input: &KaiChatInput) -> Result<(), Why> {
        self.check()?;
        let reason = self
            .ctx
            .state(|workflow| workflow.control.pause_reason().cloned());
        let Some(reason) = reason else {
            return Ok(());
        };
        self.ctx
            .state_mut(|workflow| workflow.control.set_rests(true));
        if input.callback_url.is_some() {
            let announcement = Announcement {
                input: input.clone(),
                notice: Notice::Paused { reason: reason.0 },
            };
            // Viewers who cannot be told are no reason to fail.
            let _ = self
                .ctx
                .execute_activity(KaiActivities::announce, announcement, options::telling())
                .await;
        }
        let over = self
            .within(LONGEST_PAUSE, |workflow| {
                let control = &workflow.control;
                control.pause_reason().is_none() || control.stop_reason().is_some()
            })
            .await;
        self.ctx
            .state_mut(|workflow| workflow.control.set_rests(false));
        self.check()?;
        if over {
            Ok(())
        } else {
            Err(Why::TimedOut(
                "the run was paused for 7 days and nobody resumed it".to_owned(),
            ))
        }
    }

    /// Waits for a condition, or until the run is cancelled; `false` when the time is over first.
    pub(super) async fn within(
        self,
        time: Duration,
        condition: impl FnMut(&KaiChatWorkflow) -> bool,
    ) -> bool {
        let token = WorkflowCancellationToken::new();
        let timer = TimerOptions::builder(time)
            .cancellation_token(token.clone())
            .build();
        let mut timer = pin!(self.ctx.timer(timer));
        let mut condition = pin!(self.ctx.wait_condition(condition));
        select! {
            _ = condition => {
                token.cancel();
                true
            }
            _ = timer => false,
        }
    }

    /// Whether the run was told to end.
    fn check(self) -> Result<(), Why> {
        let token = self.ctx.cancellation_token();
        if token.is_cancelled() {
            let reason = token.reason().filter(|reason| !reason.trim().is_empty());
            let reason = super::Reason(reason);
            return Err(Why::Cancelled(reason.after("the run was cancelled")));
        }
        let stop = self
            .ctx
            .state(|workflow| workflow.control.stop_reason().cloned());
        match stop {
            Some(reason) => Err(Why::Stopped(reason.after("the run was stopped"))),
            None => Ok(()),
        }
    }
}

/// How far the run was when its activity was cancelled, as the activity told in its last words.
fn told(error: &ActivityExecutionError) -> Option<ProgressReport> {
    error.as_cancelled()?.details().ok().flatten()
}

/// Whether the activity failed for a reason of its own that trying again cannot mend.
fn is_final(error: &ActivityExecutionError) -> bool {
    let cause = error.cause();
    matches!(
        cause,
        Some(temporalio_common::error::IncomingError::Application(failure))
            if failure.is_non_retryable()
    )
}
