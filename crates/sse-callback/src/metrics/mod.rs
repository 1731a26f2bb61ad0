//! What the receiver counts, and the page on which Prometheus reads it.

mod histogram;
mod sharded;

use std::fmt;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

pub use histogram::Durations;
pub use sharded::Sharded;

/// A counter that several threads raise at the same time without getting in each other's way.
pub type Tally = Counter<u64, Sharded>;

/// Counters of refusals, by their reason.
pub type ByReason = Family<Reason, Counter>;

/// Why something was refused or cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Reason {
    /// In a word or two.
    pub reason: Why,
}

/// The reasons there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// No token, or a wrong one.
    Unauthorized,
    /// A good token that does not cover it.
    Forbidden,
    /// A publisher whose run another has taken over.
    Fenced,
    /// The body did not come in time.
    Timeout,
    /// An event is missing before this one.
    Hole,
    /// The body or the event is too large.
    TooLarge,
    /// The request is not what it should be.
    Invalid,
    /// There are too many sessions.
    TooManySessions,
    /// The session has too many subscribers.
    TooManySubscribers,
    /// There are too many connections.
    TooManyConnections,
    /// The receiver shuts down, or what it needs is away.
    Unavailable,
    /// The header did not come in time.
    SlowHeader,
    /// No request for a long time.
    Idle,
    /// The peer took nothing for a long time.
    StalledWrite,
}

impl EncodeLabelValue for Why {
    fn encode(
        &self,
        encoder: &mut prometheus_client::encoding::LabelValueEncoder<'_>,
    ) -> fmt::Result {
        let name = match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Fenced => "fenced",
            Self::Timeout => "timeout",
            Self::Hole => "hole",
            Self::TooLarge => "too_large",
            Self::Invalid => "invalid",
            Self::TooManySessions => "too_many_sessions",
            Self::TooManySubscribers => "too_many_subscribers",
            Self::TooManyConnections => "too_many_connections",
            Self::Unavailable => "unavailable",
            Self::SlowHeader => "slow_header",
            Self::Idle => "idle",
            Self::StalledWrite => "stalled_write",
        };
        name.encode(encoder)
    }
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    /// The sessions there are; set when somebody asks.
    pub sessions: Gauge,
    /// The streams that are open.
    pub subscribers: Gauge,
    /// The connections that are open.
    pub connections: Gauge,
    /// The connections there have been.
    pub connections_accepted: Counter,
    /// The connections that the receiver ended.
    pub connections_cut: ByReason,
    /// The events that were stored.
    pub events_received: Tally,
    /// The events that were handed to streams, each counted once for each of them.
    pub events_delivered: Tally,
    /// The events that had to make room for newer ones.
    pub events_evicted: Tally,
    /// The events that had been stored before, and were not stored again.
    pub duplicates: Tally,
    /// The gaps that subscribers were told of.
    pub gaps: Counter,
    /// The bytes that came in, with all that belongs to HTTP.
    pub received_bytes: Tally,
    /// The bytes that went out, likewise.
    pub sent_bytes: Tally,
    /// The publishing requests that were refused.
    pub publishes_refused: ByReason,
    /// The streams that were refused, or told to come again later.
    pub streams_refused: ByReason,
    /// How long publishing requests take, from their header to the answer.
    pub publishing: Durations,
    /// 1 while what keeps the sessions answers, else 0.
    pub backend_up: Gauge,
    /// How often it did not do what it was asked.
    pub backend_errors: Counter,
    /// How long it takes to add events there, when that is not this process.
    pub backend_duration: Durations,
    registry: Registry,
}

impl Metrics {
    /// The type of the page.
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// How many connections there have been that are there no more.
    pub fn connections_ended(&self) -> u64 {
        let open = u64::try_from(self.connections.get()).unwrap_or_default();
        self.connections_accepted.get().saturating_sub(open)
    }

    /// The page: what `/metrics` answers.
    pub fn page(&self) -> Result<String, fmt::Error> {
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            sessions: Gauge::default(),
            subscribers: Gauge::default(),
            connections: Gauge::default(),
            connections_accepted: Counter::default(),
            connections_cut: Family::default(),
            events_received: Tally::default(),
            events_delivered: Tally::default(),
            events_evicted: Tally::default(),
            duplicates: Tally::default(),
            gaps: Counter::default(),
            received_bytes: Tally::default(),
            sent_bytes: Tally::default(),
            publishes_refused: Family::default(),
            streams_refused: Family::default(),
            publishing: Durations::default(),
            backend_up: Gauge::default(),
            backend_errors: Counter::default(),
            backend_duration: Durations::default(),
            registry: Registry::with_prefix("kai_sse"),
        };
        metrics.backend_up.set(1);
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("sessions", "Sessions that are kept", self.sessions.clone());
        registry.register(
            "subscribers",
            "Streams that are open",
            self.subscribers.clone(),
        );
        registry.register(
            "connections",
            "Connections that are open",
            self.connections.clone(),
        );
        registry.register(
            "connections_accepted",
            "Connections since the start",
            self.connections_accepted.clone(),
        );
        registry.register(
            "connections_cut",
            "Connections that the receiver ended, by reason",
            self.connections_cut.clone(),
        );
        registry.register(
            "events_received",
            "Events that were stored",
            self.events_received.clone(),
        );
        registry.register(
            "events_delivered",
            "Events that were handed to streams",
            self.events_delivered.clone(),
        );
        registry.register(
            "events_evicted",
            "Events that had to make room for newer ones",
            self.events_evicted.clone(),
        );
        registry.register(
            "duplicates",
            "Events that had been stored before",
            self.duplicates.clone(),
        );
        registry.register(
            "gaps",
            "Gaps that subscribers were told of",
            self.gaps.clone(),
        );
        registry.register_with_unit(
            "received",
            "Bytes that came in",
            Unit::Bytes,
            self.received_bytes.clone(),
        );
        registry.register_with_unit(
            "sent",
            "Bytes that went out",
            Unit::Bytes,
            self.sent_bytes.clone(),
        );
        registry.register(
            "publishes_refused",
            "Publishing requests that were refused, by reason",
            self.publishes_refused.clone(),
        );
        registry.register(
            "streams_refused",
            "Streams that were refused or put off, by reason",
            self.streams_refused.clone(),
        );
        registry.register_with_unit(
            "publish_duration",
            "Time from the header of a publishing request to its answer",
            Unit::Seconds,
            self.publishing.clone(),
        );
        registry.register(
            "backend_up",
            "Whether what keeps the sessions answers",
            self.backend_up.clone(),
        );
        registry.register(
            "backend_errors",
            "Failures of what keeps the sessions",
            self.backend_errors.clone(),
        );
        registry.register_with_unit(
            "backend_duration",
            "Time that it takes to add events in Redis",
            Unit::Seconds,
            self.backend_duration.clone(),
        );
    }
}

/// Adds one for a reason.
pub fn count(family: &ByReason, reason: Why) {
    family.get_or_create(&Reason { reason }).inc();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    #[test]
    fn the_page_shows_what_was_counted() {
        let metrics = Metrics::default();
        metrics.sessions.set(3);
        metrics.events_received.inc_by(5);
        metrics.received_bytes.inc_by(700);
        count(&metrics.publishes_refused, Why::TooLarge);
        metrics.publishing.observe(Duration::from_micros(40));
        let page = metrics.page().unwrap();
        for line in [
            "kai_sse_sessions 3",
            "kai_sse_events_received_total 5",
            "kai_sse_received_bytes_total 700",
            r#"kai_sse_publishes_refused_total{reason="too_large"} 1"#,
            "kai_sse_publish_duration_seconds_sum 0.00004",
            "kai_sse_publish_duration_seconds_count 1",
            r#"kai_sse_publish_duration_seconds_bucket{le="+Inf"} 1"#,
            "# EOF",
        ] {
            assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
        }
    }
}
