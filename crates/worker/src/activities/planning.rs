//! One run of `make_plan`: plan, show the plan to the viewers, and leave it to the workflow.

use kai_core::agent::{AgentError, EventSink as _, Plan};
use kai_core::analyst::AnalystError;
use kai_core::delivery::Delivery;
use kai_core::event::AgentEvent;
use kai_core::ids::SessionId;
use kai_core::wire::{KaiChatInput, RunStatus};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use super::beating::while_beating;
use super::cancellation::{self, Cancellation};
use super::chat_streaming::PATIENCE;
use super::{ChatStreamingArguments, KaiActivities, failure};

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
                    tell(delivery).await;
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
        let conversation = arguments.conversation_id.as_deref().map(SessionId::new);
        let (connection, prompt) = (&arguments.connection_id, &arguments.prompt);
        let planning = self
            .analyst
            .plan(connection, prompt, conversation.as_ref(), &cancel);
        while_beating(ctx, || "planning".to_owned(), &cancel, planning).await
    }

    /// Tells the viewers that the run is paused.
    pub(super) async fn tell_of_pause(
        &self,
        ctx: &ActivityContext,
        input: KaiChatInput,
        reason: Option<String>,
    ) -> Result<(), ActivityError> {
        let arguments = ChatStreamingArguments::from(input);
        // A worker may have been lost just before it could tell that the run had ended.
        if self.has_ended(&arguments, ctx.info()).await {
            return Ok(());
        }
        let language = self.analyst.agent().language_of(&arguments.prompt);
        if let Some(delivery) = self.delivery(&arguments, ctx.info())? {
            delivery.emit(AgentEvent::Thinking {
                content: kai_core::agent::paused(language, reason.as_deref()),
            });
            tell(delivery).await;
        }
        Ok(())
    }
}

/// Waits until the viewers are told, as long as their receiver keeps up; the rest goes on beside.
async fn tell(delivery: Delivery) {
    if let Some(tail) = delivery.finish(None, PATIENCE).await {
        tail.go_on(async {}, async {});
    }
}
