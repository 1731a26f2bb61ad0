//! One run of `chat_streaming`: answer, stream, beat, and end in exactly one way.

use std::time::Instant;

use kai_core::agent::{AgentError, AgentTask, EventSink};
use kai_core::analyst::AnalystError;
use kai_core::delivery::{CallbackUrl, Delivery, Producer};
use kai_core::event::AgentEvent;
use kai_core::ids::{SessionId, TaskId};
use kai_core::wire::AgentResult;
use temporalio_common::RetryPolicy;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use super::heartbeat::HeartbeatingSink;
use super::{ChatStreamingArguments, KaiActivities, failure};

impl KaiActivities {
    pub(super) async fn answer(
        &self,
        ctx: &ActivityContext,
        arguments: ChatStreamingArguments,
    ) -> Result<AgentResult, ActivityError> {
        let begun = Instant::now();
        let info = ctx.info();
        let session = SessionId::for_run(
            arguments.conversation_id.as_deref(),
            info.workflow_run_id.as_deref().unwrap_or(&info.activity_id),
        );
        let workflow = info.workflow_id.as_deref().unwrap_or_default().to_owned();
        let attempt = info.attempt;
        tracing::info!(%session, workflow, attempt, "session {session}: run begins");

        let run = info.workflow_run_id.as_deref().unwrap_or_default();
        let producer = Producer::new(format!("{workflow}/{run}/{}", info.activity_id), attempt);
        let delivery = arguments
            .callback_url
            .as_deref()
            .map(|url| self.deliver_to(url, &session, producer))
            .transpose()?;
        let mut sink = HeartbeatingSink::new(delivery);
        let task = AgentTask {
            id: TaskId::generate(),
            prompt: arguments.prompt,
            plan: None,
        };

        let heartbeats = sink.heartbeats(ctx);
        tokio::pin!(heartbeats);
        let outcome = {
            let cancel = CancellationToken::new();
            let answer = self
                .analyst
                .answer(&arguments.connection_id, &task, &sink, &cancel);
            tokio::pin!(answer);
            loop {
                tokio::select! {
                    outcome = &mut answer => break outcome,
                    () = &mut heartbeats => {}
                    () = ctx.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
                }
            }
        };
        let ended = self.ended(ctx, outcome);
        match &ended {
            Ended::Result(_) | Ended::Retry(_) => {}
            Ended::Failure { reason, .. } | Ended::Cancelled { reason } => {
                sink.emit(AgentEvent::Error {
                    error: reason.clone(),
                });
            }
        }
        tokio::select! {
            () = sink.finish(ended.done(&task.id, begun)) => {}
            () = &mut heartbeats => {}
        }
        let (sent, failed) = (sink.counts().sent(), sink.counts().failed());
        tracing::info!(%session, workflow, attempt, sent, failed, "session {session}: run ends");
        match ended {
            Ended::Result(result) => Ok(*result),
            Ended::Failure { error, .. } | Ended::Retry(error) => Err(error),
            Ended::Cancelled { .. } => Err(ActivityError::cancelled()),
        }
    }

    fn deliver_to(
        &self,
        url: &str,
        session: &SessionId,
        producer: Producer,
    ) -> Result<Delivery, ActivityError> {
        let url = CallbackUrl::parse(url, &self.callback.callback_allowed_hosts)
            .map_err(failure::of_callback_url)?;
        let token = self.callback.callback_token.as_ref();
        Delivery::start(url, session.clone(), producer, token).map_err(failure::of_worker)
    }

    /// What the outcome means for the run as a whole.
    fn ended(&self, ctx: &ActivityContext, outcome: Result<AgentResult, AnalystError>) -> Ended {
        match outcome {
            Ok(result) => Ended::Result(Box::new(result)),
            Err(AnalystError::Agent(AgentError::Cancelled)) if self.shutdown.is_cancelled() => {
                Ended::Retry(failure::worker_shutdown())
            }
            Err(AnalystError::Agent(AgentError::Cancelled)) => Ended::Cancelled {
                reason: "the run was cancelled".to_owned(),
            },
            Err(error) if error.is_retryable() && !is_last_attempt(ctx) => {
                tracing::warn!(%error, attempt = ctx.info().attempt, "the run will be tried again");
                Ended::Retry(failure::of_analyst(error))
            }
            Err(error) => Ended::Failure {
                reason: error.to_string(),
                error: failure::of_analyst(error),
            },
        }
    }
}

/// How a run ended.
enum Ended {
    /// With a result.
    Result(Box<AgentResult>),
    /// With a failure that stays.
    Failure {
        reason: String,
        error: ActivityError,
    },
    /// By a request to cancel it.
    Cancelled { reason: String },
    /// Not yet: another attempt follows, so subscribers wait for it.
    Retry(ActivityError),
}

impl Ended {
    /// The last event, for every end but the one that is none.
    fn done(&self, task: &TaskId, begun: Instant) -> Option<AgentEvent> {
        let result = match self {
            Self::Result(result) => result.as_ref().clone(),
            Self::Failure { reason, .. } | Self::Cancelled { reason } => {
                AgentResult::failed(task.clone(), reason.clone(), begun.elapsed())
            }
            Self::Retry(_) => return None,
        };
        Some(AgentEvent::Done {
            result: Box::new(result),
        })
    }
}

fn is_last_attempt(ctx: &ActivityContext) -> bool {
    let maximum = ctx
        .info()
        .retry_policy
        .as_ref()
        .map_or(0, RetryPolicy::maximum_attempts);
    maximum != 0 && ctx.info().attempt >= maximum
}
