//! Tells the workflow how far its run is: at the ends of steps, seldom enough that the workflow's
//! history stays short.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kai_core::delivery::DeliveryCounts;
use temporalio_client::WorkflowSignalOptions;
use temporalio_sdk::activities::ActivityContext;
use tokio::sync::Notify;

use crate::workflow::{KaiChatWorkflow, ProgressReport, ProgressSignal, WORKFLOW_TYPE};

/// A run that is shorter reports nothing: it is over before anybody asks.
const FIRST_AFTER: Duration = Duration::from_secs(2);

/// The shortest time between two reports. Each costs about four events of history, of which a run of
/// a minute has sixty.
const INTERVAL: Duration = Duration::from_secs(7);

/// How long a report may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a run is.
pub(super) struct Reporter {
    counts: Arc<DeliveryCounts>,
    turns: AtomicU32,
    last_event: Mutex<Option<&'static str>>,
    stepped: Notify,
    has_reported: AtomicBool,
}

impl Reporter {
    pub(super) fn new(counts: Arc<DeliveryCounts>) -> Self {
        Self {
            counts,
            turns: AtomicU32::new(0),
            last_event: Mutex::new(None),
            stepped: Notify::new(),
            has_reported: AtomicBool::new(false),
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

    /// Reports at the ends of steps; never ends by itself.
    pub(super) async fn report(&self, ctx: &ActivityContext, max_steps: u32) {
        tokio::time::sleep(FIRST_AFTER).await;
        loop {
            self.stepped.notified().await;
            self.has_reported.store(true, Ordering::Relaxed);
            self.send(ctx, max_steps).await;
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Reports how the run stood at its end, if the workflow has heard of it before.
    pub(super) async fn report_end(&self, ctx: &ActivityContext, max_steps: u32) {
        if self.has_reported.load(Ordering::Relaxed) {
            self.send(ctx, max_steps).await;
        }
    }

    /// Progress is a comfort: what cannot be told is told later, or not at all.
    async fn send(&self, ctx: &ActivityContext, max_steps: u32) {
        if ctx.info().workflow_type.as_deref() != Some(WORKFLOW_TYPE) {
            return;
        }
        let Some(workflow) = ctx.workflow_handle::<KaiChatWorkflow>() else {
            return;
        };
        let report = ProgressReport {
            step: self.turns.load(Ordering::Relaxed),
            max_steps,
            events_sent: self.counts.sent(),
            events_failed: self.counts.failed(),
            last_event: self.lock().map(str::to_owned),
        };
        let sent = workflow.signal(
            KaiChatWorkflow::progress,
            ProgressSignal(Some(report)),
            WorkflowSignalOptions::default(),
        );
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
