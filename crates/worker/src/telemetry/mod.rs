//! What the worker lets its operators see: logs, traces, and the counts that come from spans.

use std::sync::Arc;

use kai_core::config::LogSettings;
use kai_core::logging;
use temporalio_common::telemetry::metrics::{CoreMeter, TemporalMeter};
use temporalio_common::telemetry::{TelemetryOptions, telemetry_init};
use temporalio_sdk::runtime::RuntimeOptions;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::metrics::{CountSpans, Metrics};

mod collector;
pub mod scope;
mod settings;
mod traces;

pub use settings::{TraceSampler, TraceSettings};
pub use traces::{TraceError, Traces};

/// Starts logs, counts and, if the settings say where to, traces. A second call changes nothing.
///
/// # Errors
/// When traces are wanted and cannot be sent from this machine.
pub fn start(
    log: &LogSettings,
    traces: &TraceSettings,
    metrics: &Arc<Metrics>,
) -> Result<Option<Traces>, TraceError> {
    let traces = Traces::start(traces)?;
    let counting = CountSpans(Arc::clone(metrics)).with_filter(logging::own_spans());
    // Refused when logging has been started before.
    let _ = Registry::default()
        .with(logging::layer(log))
        .with(counting)
        .with(traces.as_ref().map(Traces::layer))
        .try_init();
    Ok(traces)
}

fn options(metrics: &Metrics) -> TelemetryOptions {
    let meter: Arc<dyn CoreMeter> = Arc::new(metrics.temporal.clone());
    TelemetryOptions::builder()
        .metrics(meter)
        // The same for every worker; the page is this worker's.
        .attach_service_name(false)
        .build()
}

/// The SDK's runtime records into our metrics.
pub fn runtime_options(metrics: &Metrics) -> Result<RuntimeOptions, String> {
    RuntimeOptions::builder()
        .telemetry_options(options(metrics))
        .build()
}

/// The meter of the connection to Temporal, which counts its calls.
pub fn connection_meter(metrics: &Metrics) -> Option<TemporalMeter> {
    telemetry_init(options(metrics))
        .ok()?
        .get_temporal_metric_meter()
}
