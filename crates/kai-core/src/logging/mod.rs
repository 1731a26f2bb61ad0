//! Logs: to standard error, as text for people or as JSON for machines.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, FilterFn, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

mod json;

use crate::config::{LogFormat, LogSettings};
use json::JsonLines;

/// Starts logging. A second call changes nothing.
pub fn init(settings: &LogSettings) {
    // Refused when logging has been started before.
    let _ = Registry::default().with(layer(settings)).try_init();
}

/// The layer that writes the lines, for programs that listen to spans with other layers, too.
///
/// A line tells of the spans that it is in, however little the filter lets through: a warning that
/// does not say which run it belongs to is worth little.
pub fn layer<S>(settings: &LogSettings) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = EnvFilter::new(&settings.log_filter)
        .or(own_spans())
        .and(filter_fn(tells_no_inputs).with_max_level_hint(LevelFilter::TRACE));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match settings.log_format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines
            .json()
            .event_format(JsonLines)
            .with_filter(filter)
            .boxed(),
    }
}

/// Below `info`, Temporal's SDK writes what workflows and activities are given: questions, and callback
/// URLs with their tokens. No filter shows that.
fn tells_no_inputs(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || !metadata.target().starts_with("temporalio_")
}

/// Lets the spans of our own crates through, and nothing else.
pub fn own_spans() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    let is_own: fn(&Metadata<'_>) -> bool =
        |metadata| metadata.is_span() && metadata.target().starts_with("kai_");
    filter_fn(is_own).with_max_level_hint(LevelFilter::INFO)
}
