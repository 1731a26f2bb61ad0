//! One run of `make_plan`: plan, show the plan to the viewers, and leave it to the workflow.

use std::time::Duration;

use kai_core::agent::{AgentError, EventSink as _, Plan};
use kai_core::analyst::AnalystError;
use kai_core::event::AgentEvent;
use kai_core::wire::{KaiChatInput, RunStatus};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::cancellation::{self, Cancellation};
use super::{ChatStreamingArguments, KaiActivities, failure};

/// How often the activity beats: it is cancelled in the answer to a heartbeat.
const INTERVAL: Duration = Duration::from_secs(1);

impl KaiActivities {
    pub(super) async fn plan(
        &self,
        ctx: &ActivityContext,
        input: KaiChatInput,
    ) -> Result<Plan, ActivityError> {
        let arguments = ChatStreamingArguments::from(input);
        let failures = ctx.info().attempt.saturating_sub(1);
        match self.make_plan_beating(ctx, &arguments).await {
            Ok(plan) => {
                let language = self.analyst.agent().language_of(&arguments.prompt);
                if let Some(delivery) = self.delivery(&arguments, ctx.info())? {
                    delivery.emit(plan.proposed(language));
                    delivery.finish(None).await;
                }
                Ok(plan)
            }
            Err(AnalystError::Agent(AgentError::Cancelled)) => {
                match cancellation::of(ctx, &self.shutdown).await {
                    Cancellation::Shutdown => Err(failure::worker_shutdown()),
                    Cancellation::Lost => Err(failure::lost()),
                    Cancellation::LeftToWorkflow => Err(ActivityError::cancelled()),
                    Cancellation::Final(reason) => {
                        self.end(ctx, arguments, RunStatus::Cancelled, reason)
                            .await?;
                        Err(ActivityError::cancelled())
                    }
                }
            }
            Err(error) => {
                let pause = self.tries.pause(failures);
                if let Some(pause) = pause.filter(|_| error.is_retryable()) {
                    tracing::warn!(%error, failures, "the plan will be tried again");
                    return Err(failure::of_analyst_later(&error, pause));
                }
                self.end(ctx, arguments, RunStatus::Failed, error.to_string())
                    .await?;
                Err(failure::told_before(error.to_string(), error.kind()))
            }
        }
    }

    async fn make_plan_beating(
        &self,
        ctx: &ActivityContext,
        arguments: &ChatStreamingArguments,
    ) -> Result<Plan, AnalystError> {
        let cancel = CancellationToken::new();
        let planning = self
            .analyst
            .plan(&arguments.connection_id, &arguments.prompt, &cancel);
        tokio::pin!(planning);
        let mut timer = tokio::time::interval(INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                plan = &mut planning => return plan,
                _ = timer.tick() => beat(ctx).await,
                () = ctx.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
            }
        }
    }

    /// Tells the viewers that the run is paused.
    pub(super) async fn tell_of_pause(
        &self,
        ctx: &ActivityContext,
        input: KaiChatInput,
        reason: Option<String>,
    ) -> Result<(), ActivityError> {
        let arguments = ChatStreamingArguments::from(input);
        let language = self.analyst.agent().language_of(&arguments.prompt);
        if let Some(delivery) = self.delivery(&arguments, ctx.info())? {
            delivery.emit(AgentEvent::Thinking {
                content: kai_core::agent::paused(language, reason.as_deref()),
            });
            delivery.finish(None).await;
        }
        Ok(())
    }
}

async fn beat(ctx: &ActivityContext) {
    if let Err(error) = ctx.record_heartbeat("planning".to_owned()).await {
        tracing::warn!(%error, "a heartbeat could not be recorded");
    }
}
