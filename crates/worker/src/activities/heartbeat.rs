//! The heartbeats of a run: every five events, and on a timer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kai_core::agent::EventSink;
use kai_core::delivery::{Delivery, DeliveryCounts};
use kai_core::event::AgentEvent;
use temporalio_sdk::activities::ActivityContext;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

/// A heartbeat is sent after so many events; the original's number.
const EVENTS_PER_HEARTBEAT: u64 = 5;

/// And after so long in any case: cancellation arrives only in the answers to heartbeats.
const INTERVAL: Duration = Duration::from_secs(1);

/// Passes the events of a run on, and says when a heartbeat is due.
pub(super) struct HeartbeatingSink {
    delivery: Option<Delivery>,
    counts: Arc<DeliveryCounts>,
    events: AtomicU64,
    due: Arc<Notify>,
}

impl HeartbeatingSink {
    /// Without a delivery, events are only counted.
    pub(super) fn new(delivery: Option<Delivery>) -> Self {
        let counts = delivery.as_ref().map(Delivery::counts).unwrap_or_default();
        Self {
            delivery,
            counts,
            events: AtomicU64::new(0),
            due: Arc::new(Notify::new()),
        }
    }

    /// The heartbeats of this run; never ends by itself.
    pub(super) fn heartbeats(&self, ctx: &ActivityContext) -> impl Future<Output = ()> + use<> {
        beat(ctx.clone(), Arc::clone(&self.counts), Arc::clone(&self.due))
    }

    /// How many events arrived and how many did not.
    pub(super) fn counts(&self) -> &DeliveryCounts {
        &self.counts
    }

    /// Ends the delivery, with a last event if there is one.
    pub(super) async fn finish(&mut self, last: Option<AgentEvent>) {
        if let Some(delivery) = self.delivery.take() {
            delivery.finish(last).await;
        }
    }
}

impl EventSink for HeartbeatingSink {
    fn emit(&self, event: AgentEvent) {
        if let Some(delivery) = &self.delivery {
            delivery.emit(event);
        }
        let events = self.events.fetch_add(1, Ordering::Relaxed) + 1;
        if events.is_multiple_of(EVENTS_PER_HEARTBEAT) {
            self.due.notify_one();
        }
    }
}

async fn beat(ctx: ActivityContext, counts: Arc<DeliveryCounts>, due: Arc<Notify>) {
    let mut timer = tokio::time::interval(INTERVAL);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = timer.tick() => {}
            () = due.notified() => {}
        }
        let details = format!(
            "events_sent={}, events_failed={}",
            counts.sent(),
            counts.failed()
        );
        if let Err(error) = ctx.record_heartbeat(details).await {
            tracing::warn!(%error, "a heartbeat could not be recorded");
        }
    }
}
