//! What the worker counts, and the page on which Prometheus reads it.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use kai_core::delivery::Deliveries;
use kai_core::spans::Outcome;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::active_sessions::ActiveSessions;

mod spans;
mod temporal;

pub use spans::CountSpans;
pub use temporal::TemporalMetrics;

/// One label and its value, which are always names of ours: there are few.
type Label = [(&'static str, &'static str); 1];

/// A counter for each value of a label.
type Counters = Family<Label, Counter>;

/// The upper bounds of how long an attempt at a run takes, in seconds.
const RUN_SECONDS: [f64; 13] = [
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0,
];

/// The same of a turn of the model.
const TURN_SECONDS: [f64; 11] = [
    0.01, 0.05, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0,
];

/// The same of a query.
const QUERY_SECONDS: [f64; 11] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0,
];

/// The same of a step that is saved.
const CHECKPOINT_SECONDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1.0, 10.0];

/// How an attempt at a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// With an answer.
    Completed,
    /// With an answer that rests on no query.
    Partial,
    /// For good, without an answer.
    Failed,
    /// Stopped, paused or cancelled by a person.
    Cancelled,
    /// It failed in a way that may pass, and is tried again.
    Retried,
    /// Another worker goes on with it.
    HandedOver,
}

impl RunOutcome {
    const ALL: [Self; 6] = [
        Self::Completed,
        Self::Partial,
        Self::Failed,
        Self::Cancelled,
        Self::Retried,
        Self::HandedOver,
    ];

    /// Its name in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Retried => "retried",
            Self::HandedOver => "handed_over",
        }
    }
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    /// What the SDK counts.
    pub temporal: TemporalMetrics,
    /// The heartbeats to the control plane.
    pub heartbeats: HeartbeatCounts,
    /// The questions that are being answered.
    pub sessions: ActiveSessions,
    deliveries: OnceLock<Deliveries>,
    ready: Gauge,
    runs_active: Gauge,
    runs: Counters,
    run_duration: Histogram,
    runs_without_store: Counter,
    turns: Counters,
    turn_duration: Histogram,
    tokens: Counters,
    queries: Counters,
    query_duration: Histogram,
    query_rows: Counter,
    events_sent: Counter,
    events_failed: Counter,
    events_queued: Gauge,
    open_circuits: Gauge,
    checkpoint_duration: Histogram,
    store_errors: Counter,
    registry: Registry,
}

/// Counts the heartbeats to the control plane. Cloning it shares it.
#[derive(Debug, Clone, Default)]
pub struct HeartbeatCounts(Counters);

impl HeartbeatCounts {
    /// The control plane took one, or did not.
    pub fn note(&self, taken: bool) {
        count(&self.0, "outcome", if taken { "ok" } else { "failed" });
    }
}

/// Adds one for this value of the label.
fn count(counters: &Counters, label: &'static str, value: &'static str) {
    counters.get_or_create(&[(label, value)]).inc();
}

/// Shows these values of the label from the start, so that a first failure is a rise.
fn show(counters: &Counters, label: &'static str, values: &[&'static str]) {
    for value in values {
        drop(counters.get_or_create(&[(label, value)]));
    }
}

impl Metrics {
    /// The type of the page.
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Nothing counted yet, but for the sessions that are counted elsewhere.
    pub fn new(sessions: ActiveSessions) -> Self {
        let mut metrics = Self {
            deliveries: OnceLock::new(),
            temporal: TemporalMetrics::default(),
            heartbeats: HeartbeatCounts::default(),
            sessions,
            ready: Gauge::default(),
            runs_active: Gauge::default(),
            runs: Counters::default(),
            run_duration: Histogram::new(RUN_SECONDS),
            runs_without_store: Counter::default(),
            turns: Counters::default(),
            turn_duration: Histogram::new(TURN_SECONDS),
            tokens: Counters::default(),
            queries: Counters::default(),
            query_duration: Histogram::new(QUERY_SECONDS),
            query_rows: Counter::default(),
            events_sent: Counter::default(),
            events_failed: Counter::default(),
            events_queued: Gauge::default(),
            open_circuits: Gauge::default(),
            checkpoint_duration: Histogram::new(CHECKPOINT_SECONDS),
            store_errors: Counter::default(),
            registry: Registry::default(),
        };
        metrics.show_zeros();
        metrics.register();
        metrics
    }

    /// Counts the events of these deliveries. Only the first that are given are counted.
    pub fn watch(&self, deliveries: Deliveries) {
        // A worker has one.
        let _ = self.deliveries.set(deliveries);
    }

    /// An attempt at a run ended, in the end for want of the store.
    pub fn note_run(&self, begun: Instant, outcome: RunOutcome, without_store: bool) {
        count(&self.runs, "outcome", outcome.as_str());
        self.run_duration.observe(begun.elapsed().as_secs_f64());
        if without_store {
            self.runs_without_store.inc();
        }
    }

    fn note_turn(&self, turn: &spans::Noted) {
        count(&self.turns, "outcome", outcome_name(turn.outcome));
        self.turn_duration
            .observe(turn.begun.elapsed().as_secs_f64());
        for (kind, tokens) in [("input", turn.input_tokens), ("output", turn.output_tokens)] {
            self.tokens.get_or_create(&[("kind", kind)]).inc_by(tokens);
        }
    }

    fn note_query(&self, query: &spans::Noted) {
        count(&self.queries, "outcome", outcome_name(query.outcome));
        if query.outcome != Some(Outcome::Rejected) {
            self.query_duration
                .observe(query.begun.elapsed().as_secs_f64());
        }
        self.query_rows.inc_by(query.rows);
    }

    fn note_store(&self, work: &spans::Noted) {
        match work.outcome {
            Some(Outcome::Ok) if work.is_step => {
                let took: Duration = work.begun.elapsed();
                self.checkpoint_duration.observe(took.as_secs_f64());
            }
            // Another attempt that has the run is no fault of the store.
            Some(Outcome::Ok | Outcome::TakenOver) | None => {}
            Some(_) => {
                self.store_errors.inc();
            }
        }
    }

    /// The page: what `/metrics` answers.
    ///
    /// # Errors
    /// Never but for an error of ours in a name.
    pub fn page(&self, ready: bool) -> Result<String, fmt::Error> {
        self.ready.set(i64::from(ready));
        self.runs_active.set(gauge(self.sessions.count()));
        let events = self
            .deliveries
            .get()
            .map(Deliveries::totals)
            .unwrap_or_default();
        // The senders count by themselves; the page only shows their sums.
        self.events_sent
            .inner()
            .store(events.sent, Ordering::Relaxed);
        self.events_failed
            .inner()
            .store(events.failed, Ordering::Relaxed);
        self.events_queued.set(gauge(events.queued));
        self.open_circuits.set(gauge(events.open_circuits));
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }

    fn show_zeros(&self) {
        show(
            &self.runs,
            "outcome",
            &RunOutcome::ALL.map(RunOutcome::as_str),
        );
        let outcomes = ["ok", "unavailable", "failed", BROKEN_OFF];
        show(&self.turns, "outcome", &outcomes);
        show(&self.queries, "outcome", &outcomes);
        show(&self.queries, "outcome", &["rejected", "timed_out"]);
        show(&self.tokens, "kind", &["input", "output"]);
        show(&self.heartbeats.0, "outcome", &["ok", "failed"]);
    }

    #[rustfmt::skip]
    fn register(&mut self) {
        self.registry.register_collector(Box::new(self.temporal.clone()));
        let registry = self.registry.sub_registry_with_prefix("kai_worker");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version of the worker", version);
        registry.register("ready", "1 while it polls and Temporal answers, else 0", self.ready.clone());
        registry.register("runs_active", "Questions that are being answered", self.runs_active.clone());
        registry.register("runs", "Attempts at runs that have ended, by outcome", self.runs.clone());
        registry.register_with_unit("run_duration", "Time that an attempt at a run took", Unit::Seconds, self.run_duration.clone());
        registry.register("runs_without_store", "Attempts that failed because of the store", self.runs_without_store.clone());
        registry.register("model_turns", "Turns of the model, by outcome", self.turns.clone());
        registry.register_with_unit("model_turn_duration", "Time that a turn took, to its last word", Unit::Seconds, self.turn_duration.clone());
        registry.register("model_tokens", "Tokens that the model read and wrote, where its service tells", self.tokens.clone());
        registry.register("queries", "Queries of the model, by outcome", self.queries.clone());
        registry.register_with_unit("query_duration", "Time that a query took that was let through", Unit::Seconds, self.query_duration.clone());
        registry.register("query_rows", "Rows that queries returned", self.query_rows.clone());
        registry.register("events_sent", "Events that a receiver took", self.events_sent.clone());
        registry.register("events_failed", "Events that no receiver took", self.events_failed.clone());
        registry.register("events_queued", "Events that wait to be sent", self.events_queued.clone());
        registry.register("circuits_open", "Runs whose receiver is left alone for a while", self.open_circuits.clone());
        registry.register_with_unit("checkpoint_duration", "Time that it took to save a step", Unit::Seconds, self.checkpoint_duration.clone());
        registry.register("store_errors", "Writes to the store that failed", self.store_errors.clone());
        registry.register("control_plane_heartbeats", "Heartbeats to the control plane, by outcome", self.heartbeats.0.clone());
    }
}

/// The outcome of what was dropped before it had ended.
const BROKEN_OFF: &str = "broken_off";

fn outcome_name(outcome: Option<Outcome>) -> &'static str {
    outcome.map_or(BROKEN_OFF, Outcome::as_str)
}

fn gauge(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
