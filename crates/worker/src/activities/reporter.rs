//! Tells the workflow how far its run is: at the ends of steps, as seldom as its [pace](super::pace) says.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kai_core::delivery::DeliveryCounts;
use temporalio_client::WorkflowSignalOptions;
use temporalio_sdk::activities::ActivityContext;
use tokio::sync::Notify;

use super::described::describe;
use super::pace;
use crate::workflow::{KaiChatWorkflow, ProgressReport, ProgressSignal, WORKFLOW_TYPE};

/// A run that is shorter reports nothing: it is over before anybody asks.
const FIRST_AFTER: Duration = Duration::from_secs(2);

/// When to try again after Temporal could not be asked.
const AGAIN_AFTER: Duration = Duration::from_secs(7);

/// How long a report may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a run is.
pub(super) struct Reporter {
    counts: Arc<DeliveryCounts>,
    turns: AtomicU32,
    last_event: Mutex<Option<&'static str>>,
    stepped: Notify,
    begun: Instant,
    was_paused: AtomicBool,
}

impl Reporter {
    pub(super) fn new(counts: Arc<DeliveryCounts>) -> Self {
        Self {
            counts,
            turns: AtomicU32::new(0),
            last_event: Mutex::new(None),
            stepped: Notify::new(),
            begun: Instant::now(),
            was_paused: AtomicBool::new(false),
        }
    }

    /// Notes the type of an event.
    pub(super) fn note_event(&self, kind: &'static str) {
        *self.lock() = Some(kind);
    }

    /// Notes that a step has ended, by which the model had taken so many further turns.
    pub(super) fn note_step(&self, turns: u32) {
        self.turns.fetch_add(turns, Ordering::Relaxed);
        self.stepped.notify_one();
    }

    /// Notes that the run goes on after a pause.
    pub(super) fn note_pause(&self) {
        self.was_paused.store(true, Ordering::Relaxed);
    }

    /// Reports at the ends of steps; never ends by itself.
    pub(super) async fn report(&self, ctx: &ActivityContext, max_steps: u32) {
        tokio::time::sleep(FIRST_AFTER).await;
        loop {
            self.stepped.notified().await;
            let wait = match history_length(ctx).await {
                Some(length) => {
                    let was_paused = self.was_paused.load(Ordering::Relaxed);
                    let pace = pace::at(length, self.begun.elapsed(), was_paused);
                    if pace.reports {
                        self.send(ctx, max_steps).await;
                    }
                    pace.wait
                }
                None => AGAIN_AFTER,
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Reports how the run stood at its end, unless it was so short that nobody can have asked.
    pub(super) async fn report_end(&self, ctx: &ActivityContext, max_steps: u32) {
        let worked = self.begun.elapsed();
        if worked < FIRST_AFTER {
            return;
        }
        let length = history_length(ctx).await;
        if length.is_some_and(|length| pace::may_report_end(length, worked)) {
            self.send(ctx, max_steps).await;
        }
    }

    /// How far the run is.
    pub(super) fn now(&self, max_steps: u32) -> ProgressReport {
        ProgressReport {
            step: self.turns.load(Ordering::Relaxed),
            max_steps,
            events_sent: self.counts.sent(),
            events_failed: self.counts.failed(),
            last_event: self.lock().map(str::to_owned),
        }
    }

    /// Progress is a comfort: what cannot be told is told later, or not at all.
    async fn send(&self, ctx: &ActivityContext, max_steps: u32) {
        let Some(workflow) = ctx.workflow_handle::<KaiChatWorkflow>() else {
            return;
        };
        let sent = Box::pin(workflow.signal(
            KaiChatWorkflow::progress,
            ProgressSignal(Some(self.now(max_steps))),
            WorkflowSignalOptions::default(),
        ));
        match tokio::time::timeout(PATIENCE, sent).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the progress could not be told"),
            Err(_elapsed) => tracing::debug!("the progress could not be told in time"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<&'static str>> {
        self.last_event
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The length of the workflow's history, if the workflow is one that takes reports.
async fn history_length(ctx: &ActivityContext) -> Option<u32> {
    if ctx.info().workflow_type.as_deref() != Some(WORKFLOW_TYPE) {
        return None;
    }
    describe(ctx).await.ok()?.history_length()
}
