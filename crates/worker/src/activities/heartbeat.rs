//! The heartbeats of a run: every five events, after every step, and on a timer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kai_core::agent::{EventSink, RunLog, RunLogError, Step};
use kai_core::delivery::DeliveryCounts;
use kai_core::event::AgentEvent;
use kai_core::recorder::RunRecorder;
use temporalio_common::data_converters::MultiArgs2;
use temporalio_sdk::activities::ActivityContext;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::reporter::Reporter;

/// A heartbeat is sent after so many events; the original's number.
const EVENTS_PER_HEARTBEAT: u64 = 5;

/// And after so long in any case: cancellation arrives only in the answers to heartbeats.
const INTERVAL: Duration = Duration::from_secs(1);

/// Passes the events and steps of a run on to its recorder, and says when a heartbeat is due.
pub(super) struct HeartbeatingRun {
    pub(super) recorder: RunRecorder,
    pub(super) reporter: Arc<Reporter>,
    progress: Arc<Progress>,
    events: AtomicU64,
}

/// What a heartbeat tells.
struct Progress {
    counts: Arc<DeliveryCounts>,
    steps: AtomicU32,
    due: Notify,
}

impl HeartbeatingRun {
    /// The counts are those of the recorder's delivery.
    pub(super) fn new(counts: Arc<DeliveryCounts>, recorder: RunRecorder) -> Self {
        Self {
            reporter: Arc::new(Reporter::new(Arc::clone(&counts))),
            progress: Arc::new(Progress {
                counts,
                steps: AtomicU32::new(recorder.steps()),
                due: Notify::new(),
            }),
            recorder,
            events: AtomicU64::new(0),
        }
    }

    /// The heartbeats of this run, and the reports to its workflow; never ends by itself.
    pub(super) fn heartbeats(
        &self,
        ctx: &ActivityContext,
        max_steps: u32,
    ) -> impl Future<Output = ()> + use<> {
        let ctx = ctx.clone();
        let (progress, reporter) = (Arc::clone(&self.progress), Arc::clone(&self.reporter));
        async move {
            tokio::join!(
                beat(ctx.clone(), progress),
                reporter.report(&ctx, max_steps)
            );
        }
    }

    /// How many events arrived and how many did not.
    pub(super) fn counts(&self) -> &DeliveryCounts {
        &self.progress.counts
    }
}

impl EventSink for HeartbeatingRun {
    fn emit(&self, event: AgentEvent) {
        self.reporter.note_event(event.kind());
        self.recorder.emit(event);
        let events = self.events.fetch_add(1, Ordering::Relaxed) + 1;
        if events.is_multiple_of(EVENTS_PER_HEARTBEAT) {
            self.progress.due.notify_one();
        }
    }
}

#[async_trait]
impl RunLog for HeartbeatingRun {
    async fn save(&self, step: &Step) -> Result<(), RunLogError> {
        self.recorder.save(step).await?;
        self.progress
            .steps
            .store(self.recorder.steps(), Ordering::Relaxed);
        self.progress.due.notify_one();
        self.reporter
            .note_step(u32::from(matches!(step, Step::Turn(_))));
        Ok(())
    }
}

async fn beat(ctx: ActivityContext, progress: Arc<Progress>) {
    let mut timer = tokio::time::interval(INTERVAL);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = timer.tick() => {}
            () = progress.due.notified() => {}
        }
        let delivered = format!(
            "events_sent={}, events_failed={}",
            progress.counts.sent(),
            progress.counts.failed()
        );
        let step = format!("step={}", progress.steps.load(Ordering::Relaxed));
        if let Err(error) = ctx.record_heartbeat(MultiArgs2(delivered, step)).await {
            tracing::warn!(%error, "a heartbeat could not be recorded");
        }
    }
}
