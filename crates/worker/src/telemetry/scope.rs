//! What belongs to one activity: a span that every line logged in it carries, and its count.

use std::sync::Arc;
use std::time::Instant;

use kai_core::ids::SessionId;
use kai_core::wire::{AgentResult, RunStatus};
use temporalio_sdk::SimplePlugin;
use temporalio_sdk::activities::ActivityError;
use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, ExecuteActivityResult,
    Next,
};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::active_sessions::answers_questions;
use crate::metrics::{Metrics, RunOutcome};

/// The field that names the session.
const SESSION: &str = "session";

/// Notes on the span of the activity whose session it is. To be called in the activity itself.
pub fn note_session(session: &SessionId) {
    Span::current().record(SESSION, tracing::field::display(session));
}

/// Puts every activity into a span of its own.
struct ActivityScope(Arc<Metrics>);

/// The interceptor as a plugin: those of plugins run after those of the worker's options, and this one
/// must run inside the one that continues a caller's trace.
pub fn plugin(metrics: Arc<Metrics>) -> SimplePlugin {
    let scope: Arc<dyn ActivityInboundInterceptor> = Arc::new(ActivityScope(metrics));
    SimplePlugin::builder("kai-activity-scope")
        .activity_inbound_interceptors(vec![scope])
        .build()
}

impl ActivityInboundInterceptor for ActivityScope {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        let info = input.activity_info();
        let (activity, attempt) = (info.activity_type.clone(), info.attempt);
        let (workflow_id, run_id) = (info.workflow_id.clone(), info.workflow_run_id.clone());
        let is_run = answers_questions(info);
        Box::pin(async move {
            // Made when it is polled: not before is the caller's trace the current one.
            let span = tracing::info_span!(
                "run",
                activity,
                workflow_id,
                run_id,
                attempt,
                session = Empty,
                outcome = Empty,
                otel.status_code = Empty,
            );
            let work = async {
                let begun = Instant::now();
                let result = next.run(input).await;
                if is_run {
                    self.note(begun, &result);
                }
                result
            };
            work.instrument(span).await
        })
    }
}

impl ActivityScope {
    fn note(&self, begun: Instant, result: &ExecuteActivityResult) {
        let outcome = outcome(result);
        let span = Span::current();
        span.record("outcome", outcome.as_str());
        if outcome == RunOutcome::Failed {
            span.record("otel.status_code", "ERROR");
        }
        let without_store = failure_type(result) == Some("Store");
        self.0.note_run(begun, outcome, without_store);
    }
}

fn outcome(result: &ExecuteActivityResult) -> RunOutcome {
    match result {
        Ok(value) => match value
            .downcast_ref::<AgentResult>()
            .map(|answer| answer.status)
        {
            Some(RunStatus::Partial) => RunOutcome::Partial,
            Some(RunStatus::Failed) => RunOutcome::Failed,
            Some(RunStatus::Cancelled) => RunOutcome::Cancelled,
            Some(RunStatus::Completed) | None => RunOutcome::Completed,
        },
        Err(ActivityError::Application(failure)) => {
            match (failure.type_name(), failure.is_non_retryable()) {
                (Some("WorkerShutdown" | "Lost"), _) => RunOutcome::HandedOver,
                (_, true) => RunOutcome::Failed,
                (_, false) => RunOutcome::Retried,
            }
        }
        Err(_) => RunOutcome::Cancelled,
    }
}

fn failure_type(result: &ExecuteActivityResult) -> Option<&str> {
    match result {
        Err(ActivityError::Application(failure)) => failure.type_name(),
        _ => None,
    }
}
