//! One run of `chat_streaming`: take it up, answer, stream, beat, and end in exactly one way.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use kai_core::agent::{
    AgentError, AgentMode, AgentTask, Earlier, EventSink as _, Plan, RunLogError, Step, Thread,
};
use kai_core::analyst::AnalystError;
use kai_core::delivery::{CallbackUrl, Delivery, DeliveryCounts, Producer};
use kai_core::event::AgentEvent;
use kai_core::ids::{SessionId, TaskId};
use kai_core::interruption::Interruption;
use kai_core::language::Language;
use kai_core::recorder::{RunEnd, RunFailure, RunRecorder, TakenRun};
use kai_core::store::{Attempt, RunKey, StoreError};
use kai_core::wire::{AgentResult, RunStatus};
use temporalio_common::RetryPolicy;
use temporalio_sdk::activities::{ActivityContext, ActivityError, ActivityInfo};
use tokio_util::sync::CancellationToken;

use super::cancellation::{self, Cancellation};
use super::heartbeat::HeartbeatingRun;
use super::{ChatStreamingArguments, KaiActivities, failure, interruption};
use crate::telemetry::scope;
use crate::workflow::{ProgressReport, WORKFLOW_TYPE};

/// How long an end without an answer waits for a receiver that has not answered at all yet. A run
/// with an answer waits a tenth of its own time: see [`tenth`].
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// A run as this attempt takes it up.
struct Begun {
    run: HeartbeatingRun,
    task: TaskId,
    /// How often it has failed before.
    failures: u32,
    state: State,
}

/// What is to be done with it.
enum State {
    /// Answer, after what an earlier attempt has left.
    Open(Option<Earlier>),
    /// Tell again how it ended.
    Ended(Box<RunEnd>),
    /// Nothing can be done.
    Unavailable(AnalystError),
}

impl KaiActivities {
    pub(super) async fn answer(
        &self,
        ctx: &ActivityContext,
        arguments: ChatStreamingArguments,
        mode: AgentMode,
    ) -> Result<AgentResult, ActivityError> {
        let begun = Instant::now();
        let info = ctx.info();
        let session = session(&arguments, info);
        scope::note_session(&session);
        let workflow = info.workflow_id.as_deref().unwrap_or_default().to_owned();
        let attempt = info.attempt;
        tracing::info!(%session, workflow, attempt, "session {session}: run begins");

        let Begun {
            mut run,
            task,
            failures,
            state,
        } = self.begin(info, &arguments, &session).await?;
        let task = AgentTask {
            id: task,
            prompt: arguments.prompt,
            mode,
            plan: arguments.plan,
            thread: Thread {
                session: Some(session.clone()),
                conversation: arguments.conversation_id.map(SessionId::new),
                history: Vec::new(),
            },
        };
        let max_steps = self.max_steps();
        let heartbeats = run.heartbeats(ctx, max_steps);
        tokio::pin!(heartbeats);
        let outcome = match state {
            State::Ended(end) => {
                tokio::select! {
                    () = run.recorder.finish(PATIENCE) => {}
                    () = &mut heartbeats => {}
                }
                tracing::info!(%session, workflow, attempt, "session {session}: run had ended");
                return told(*end);
            }
            State::Unavailable(error) => Err(error),
            State::Open(mut earlier) => {
                if let Some(earlier) = &mut earlier {
                    earlier.cut_by = interruption::before(ctx).await;
                    if earlier.cut_by == Some(Interruption::Pause) {
                        run.reporter.note_pause();
                    }
                }
                match &earlier {
                    Some(earlier) if !earlier.steps.is_empty() => {
                        run.reporter.note_step(turns(earlier));
                    }
                    _ => self.show_plan(&task, &run, Plan::begun),
                }
                let cancel = CancellationToken::new();
                let connection = &arguments.connection_id;
                let answer = self
                    .analyst
                    .go_on(connection, &task, earlier, &run, &run, &cancel);
                tokio::pin!(answer);
                loop {
                    tokio::select! {
                        outcome = &mut answer => break outcome,
                        () = &mut heartbeats => {}
                        () = ctx.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
                    }
                }
            }
        };
        if outcome.is_ok() {
            self.show_plan(&task, &run, Plan::finished);
        }
        let ended = match &outcome {
            Err(AnalystError::Agent(AgentError::Cancelled)) => {
                let cancellation = cancellation::of(ctx, &self.shutdown).await;
                Ended::of_cancellation(cancellation, || run.reporter.now(max_steps))
            }
            _ => ended(ctx, outcome, self.tries.pause(failures)),
        };
        let goes_on = matches!(ended, Ended::Retry(_) | Ended::Cut(_));
        let answer = {
            let mut ending = Box::pin(finish(&mut run, ended, &task.id, begun));
            loop {
                tokio::select! {
                    answer = &mut ending => break answer,
                    () = &mut heartbeats => {}
                }
            }
        };
        let (sent, failed) = (run.counts().sent(), run.counts().failed());
        tracing::info!(%session, workflow, attempt, sent, failed, "session {session}: run ends");
        if !goes_on {
            run.reporter.report_end(ctx, max_steps).await;
        }
        answer
    }

    fn max_steps(&self) -> u32 {
        u32::try_from(self.analyst.agent().max_turns()).unwrap_or(u32::MAX)
    }

    /// Shows how far the plan is, where there is one.
    fn show_plan(
        &self,
        task: &AgentTask,
        run: &HeartbeatingRun,
        state: impl Fn(&Plan, Language) -> AgentEvent,
    ) {
        if let Some(plan) = &task.plan {
            run.emit(state(plan, self.analyst.agent().language_of(&task.prompt)));
        }
    }

    /// Ends a run that its workflow has given up: with an error and `done`, and in the store.
    pub(super) async fn end(
        &self,
        ctx: &ActivityContext,
        arguments: ChatStreamingArguments,
        status: RunStatus,
        reason: String,
    ) -> Result<AgentResult, ActivityError> {
        let begun = Instant::now();
        let info = ctx.info();
        let session = session(&arguments, info);
        scope::note_session(&session);
        let Begun {
            mut run,
            task,
            state,
            ..
        } = self.begin(info, &arguments, &session).await?;
        if let State::Ended(end) = state {
            run.recorder.finish(PATIENCE).await;
            return Ok(end.result);
        }
        let end = match status {
            RunStatus::Cancelled => RunEnd {
                result: AgentResult::cancelled(task, reason.clone(), begun.elapsed()),
                failure: Some(RunFailure::Cancelled),
            },
            _ => RunEnd {
                result: AgentResult::failed(task, reason.clone(), begun.elapsed()),
                failure: Some(RunFailure::Error("NoAnswer".to_owned())),
            },
        };
        run.emit(AgentEvent::Error { error: reason });
        let ending = run.recorder.end(&end, PATIENCE);
        ending.await.map_err(failure::of_worker)?;
        tracing::info!(%session, "session {session}: run was ended");
        Ok(end.result)
    }

    fn callback(
        &self,
        arguments: &ChatStreamingArguments,
    ) -> Result<Option<CallbackUrl>, ActivityError> {
        let url = arguments.callback_url.as_deref();
        url.map(|url| CallbackUrl::parse(url, &self.callback.callback_allowed_hosts))
            .transpose()
            .map_err(failure::of_callback_url)
    }

    /// A delivery of this activity's own, for events that belong to no step of the run.
    pub(super) fn delivery(
        &self,
        arguments: &ChatStreamingArguments,
        info: &ActivityInfo,
    ) -> Result<Option<Delivery>, ActivityError> {
        let session = session(arguments, info);
        scope::note_session(&session);
        let callback = self.callback(arguments)?;
        Ok(callback.map(|url| self.unkept_delivery(url, session, info)))
    }

    fn unkept_delivery(
        &self,
        url: CallbackUrl,
        session: SessionId,
        info: &ActivityInfo,
    ) -> Delivery {
        self.deliveries.start(url, session, unkept_producer(info))
    }

    /// Whether the run of this question has ended: then its viewers have been told the last there is.
    pub(super) async fn has_ended(
        &self,
        arguments: &ChatStreamingArguments,
        info: &ActivityInfo,
    ) -> bool {
        let key = key(info, arguments, &session(arguments, info));
        match self.analyst.run_has_ended(&key).await {
            Ok(has_ended) => has_ended,
            Err(error) => {
                tracing::warn!(%error, "nobody can tell whether the run has ended");
                false
            }
        }
    }

    /// Takes the run up: begins it, or goes on with what an earlier attempt has left.
    async fn begin(
        &self,
        info: &ActivityInfo,
        arguments: &ChatStreamingArguments,
        session: &SessionId,
    ) -> Result<Begun, ActivityError> {
        let callback = self.callback(arguments)?;
        let key = key(info, arguments, session);
        let attempt = Attempt {
            activity_id: info.activity_id.clone(),
            scheduled_at: info.scheduled_time.unwrap_or(SystemTime::UNIX_EPOCH),
            number: info.attempt,
            may_ask_again: info.workflow_type.as_deref() != Some(WORKFLOW_TYPE),
        };
        let taken = match self.analyst.take_run(key, &attempt).await {
            Ok(taken) => taken
                .map(|(run, so_far)| TakenRun::read(run, so_far, session))
                .transpose()
                .map_err(failure::of_worker)?,
            Err(error @ StoreError::TakenOver) => return Err(failure::of_worker(error)),
            Err(error) => {
                let delivery = callback.map(|url| self.unkept_delivery(url, session.clone(), info));
                let state = State::Unavailable(error.into());
                return Ok(begun_unkept(delivery, state));
            }
        };
        let Some(mut taken) = taken else {
            let delivery = callback.map(|url| self.unkept_delivery(url, session.clone(), info));
            return Ok(begun_unkept(delivery, State::Open(None)));
        };
        let (position, backlogs) = taken.undelivered();
        let delivery = callback.map(|url| {
            let producer = taken.producer();
            self.deliveries
                .go_on(url, session.clone(), producer, position, backlogs)
        });
        Ok(Begun {
            task: taken.task_id.clone(),
            failures: taken.failures,
            state: match taken.end.take() {
                Some(end) => State::Ended(Box::new(end)),
                None => State::Open(taken.earlier.clone()),
            },
            run: HeartbeatingRun::new(counts(delivery.as_ref()), RunRecorder::new(taken, delivery)),
        })
    }
}

/// The session that the run streams to.
fn session(arguments: &ChatStreamingArguments, info: &ActivityInfo) -> SessionId {
    SessionId::for_run(
        arguments.conversation_id.as_deref(),
        info.workflow_run_id.as_deref().unwrap_or(&info.activity_id),
    )
}

/// The run of this question, whichever activity works on it.
fn key(info: &ActivityInfo, arguments: &ChatStreamingArguments, session: &SessionId) -> RunKey {
    // An activity can also be started without a workflow.
    let workflow = info.workflow_id.as_deref().unwrap_or(&info.activity_id);
    let run = info.workflow_run_id.as_deref();
    let run = run.or(info.activity_run_id.as_deref()).unwrap_or_default();
    RunKey::new(
        workflow,
        run,
        session,
        &arguments.connection_id,
        &arguments.prompt,
    )
}

/// How many turns the model had taken.
fn turns(earlier: &Earlier) -> u32 {
    let turns = earlier.steps.iter();
    let turns = turns.filter(|step| matches!(step, Step::Turn(_))).count();
    u32::try_from(turns).unwrap_or(u32::MAX)
}

/// What the outcome means for the run as a whole, which may be tried again after the pause.
fn ended(
    ctx: &ActivityContext,
    outcome: Result<AgentResult, AnalystError>,
    pause: Option<Duration>,
) -> Ended {
    match outcome {
        Ok(result) => Ended::Result(Box::new(result)),
        Err(error @ AnalystError::Agent(AgentError::Log(RunLogError::TakenOver))) => {
            Ended::Cut(failure::of_worker(error))
        }
        Err(error) => {
            let again = error.is_retryable() && !is_last_attempt(ctx.info());
            if let Some(pause) = pause.filter(|_| again) {
                tracing::warn!(%error, "the run will be tried again");
                return Ended::Retry(failure::of_analyst_later(&error, pause));
            }
            Ended::Failure {
                reason: error.to_string(),
                kind: error.kind(),
                error: failure::of_analyst(error),
            }
        }
    }
}

/// How an attempt ended.
enum Ended {
    /// With a result.
    Result(Box<AgentResult>),
    /// With a failure that stays.
    Failure {
        reason: String,
        kind: &'static str,
        error: ActivityError,
    },
    /// By a request to cancel the run.
    Cancelled { reason: String },
    /// With a failure that may pass: another attempt follows, so subscribers wait for it.
    Retry(ActivityError),
    /// Since another worker has the run, or is to have it.
    Cut(ActivityError),
}

impl Ended {
    /// The workflow that asked for it is told how far the run is; a report of its own would make the
    /// workflow's history longer.
    fn of_cancellation(
        cancellation: Cancellation,
        progress: impl FnOnce() -> ProgressReport,
    ) -> Self {
        match cancellation {
            Cancellation::Shutdown => Self::Cut(failure::worker_shutdown()),
            Cancellation::Lost => Self::Cut(failure::lost()),
            Cancellation::LeftToWorkflow => {
                Self::Cut(ActivityError::cancelled_with_details(progress()))
            }
            Cancellation::Final(reason) => Self::Cancelled { reason },
        }
    }
}

/// Ends the attempt: keeps and tells how the run ended, if it did.
async fn finish(
    run: &mut HeartbeatingRun,
    ended: Ended,
    task: &TaskId,
    begun: Instant,
) -> Result<AgentResult, ActivityError> {
    let (end, answer, patience) = match ended {
        Ended::Result(result) => {
            let end = RunEnd {
                result: result.as_ref().clone(),
                failure: None,
            };
            (end, Ok(*result), tenth(begun.elapsed()))
        }
        Ended::Failure {
            reason,
            kind,
            error,
        } => {
            let end = RunEnd {
                result: AgentResult::failed(task.clone(), reason.clone(), begun.elapsed()),
                failure: Some(RunFailure::Error(kind.to_owned())),
            };
            run.emit(AgentEvent::Error { error: reason });
            (end, Err(error), PATIENCE)
        }
        Ended::Cancelled { reason } => {
            let end = RunEnd {
                result: AgentResult::cancelled(task.clone(), reason.clone(), begun.elapsed()),
                failure: Some(RunFailure::Cancelled),
            };
            run.emit(AgentEvent::Error { error: reason });
            (end, Err(ActivityError::cancelled()), PATIENCE)
        }
        Ended::Retry(error) => {
            run.recorder.leave(true).await;
            return Err(error);
        }
        Ended::Cut(error) => {
            run.recorder.leave(false).await;
            return Err(error);
        }
    };
    let ending = run.recorder.end(&end, patience);
    ending.await.map_err(failure::of_worker)?;
    answer
}

/// How long a run with an answer waits for a receiver that has not answered at all yet: so little
/// that nobody notices it, and long enough for one that is only as slow as the run was quick.
fn tenth(run: Duration) -> Duration {
    run / 10
}

/// The same answer that an earlier attempt has given, whose answer was lost.
fn told(end: RunEnd) -> Result<AgentResult, ActivityError> {
    match end.failure {
        None => Ok(end.result),
        Some(RunFailure::Error(kind)) => {
            let reason = end.result.error.unwrap_or_default();
            Err(failure::told_before(reason, &kind))
        }
        Some(RunFailure::Cancelled) => Err(ActivityError::cancelled()),
    }
}

/// A run that is not kept. Its failures are not counted either: the number of attempts is its limit.
fn begun_unkept(delivery: Option<Delivery>, state: State) -> Begun {
    Begun {
        task: TaskId::generate(),
        failures: 0,
        state,
        run: HeartbeatingRun::new(counts(delivery.as_ref()), RunRecorder::unkept(delivery)),
    }
}

/// Another name than that of the runs that are kept, whose takeovers count differently.
fn unkept_producer(info: &ActivityInfo) -> Producer {
    let workflow = info.workflow_id.as_deref().unwrap_or_default();
    let run = info.workflow_run_id.as_deref().unwrap_or_default();
    let name = format!("{workflow}/{run}/{}", info.activity_id);
    Producer::new(name, info.attempt)
}

fn counts(delivery: Option<&Delivery>) -> Arc<DeliveryCounts> {
    delivery.map(Delivery::counts).unwrap_or_default()
}

fn is_last_attempt(info: &ActivityInfo) -> bool {
    let policy = info.retry_policy.as_ref();
    let maximum = policy.map_or(0, RetryPolicy::maximum_attempts);
    maximum != 0 && info.attempt >= maximum
}
