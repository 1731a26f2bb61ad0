//! Traces, from the caller's to the query: where spans go, and how they join what Temporal carries.

use std::time::Duration;

use kai_core::logging;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use temporalio_sdk::SimplePlugin;
use temporalio_sdk::opentelemetry::{OpenTelemetryPlugin, WorkflowIdGenerator};
use tracing::Subscriber;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::collector::Collector;
use super::settings::TraceSettings;

/// How long the end waits for the last spans to be sent.
const LAST_SPANS: Duration = Duration::from_secs(3);

/// The name under which spans are made.
const SCOPE: &str = "kai-worker";

/// Why there can be no traces.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// No client can be made on this machine.
    #[error("traces cannot be sent from here: {0}")]
    Client(#[from] reqwest::Error),
    /// The exporter cannot be made.
    #[error("traces cannot be sent; check OTEL_EXPORTER_OTLP_ENDPOINT")]
    Exporter(#[source] ExporterBuildError),
}

/// Sends spans to a collector, beside all else: what it cannot take is dropped.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts sending, if the settings say where to.
    ///
    /// # Errors
    /// When no client can be made; a collector that is away is no error.
    pub fn start(settings: &TraceSettings) -> Result<Option<Self>, TraceError> {
        let Some(endpoint) = &settings.otlp_endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(settings.otlp_timeout)?)
            .with_endpoint(format!("{}/v1/traces", endpoint.expose()))
            .with_headers(settings.headers())
            .with_timeout(settings.otlp_timeout)
            .build()
            .map_err(TraceError::Exporter)?;
        let attributes = settings.attributes().into_iter();
        let resource = Resource::builder_empty()
            .with_attributes(attributes.map(|(name, value)| KeyValue::new(name, value)))
            .with_service_name(settings.otel_service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(settings.sampler())
            // Spans of workflows have the same ids whenever their history is replayed.
            .with_id_generator(WorkflowIdGenerator::default())
            .with_span_processor(BatchSpanProcessor::builder(exporter).build())
            .build();
        Ok(Some(Self(provider)))
    }

    /// The layer that makes spans of a run into spans of its trace.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SCOPE))
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(logging::own_spans())
    }

    /// What goes on with the callers' traces, and makes spans of workflows and activities.
    pub fn plugin(&self) -> SimplePlugin {
        OpenTelemetryPlugin::builder()
            .tracer(self.0.tracer(SCOPE))
            .build()
    }

    /// Sends what is left, for a few seconds at most.
    pub async fn close(&self) {
        let provider = self.0.clone();
        // It waits on the thread that it is called on.
        let closing =
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_SPANS));
        if let Ok(Err(error)) = closing.await {
            tracing::warn!("the last spans were not sent: {error}");
        }
    }
}
