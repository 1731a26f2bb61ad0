//! The settings of traces: OpenTelemetry's own, declared as ours.

use std::collections::HashMap;
use std::time::Duration;

use clap::{Args, ValueEnum};
use kai_core::config::{Secret, values};
use opentelemetry_sdk::trace::Sampler;

/// Where traces go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Traces")]
pub struct TraceSettings {
    /// The OpenTelemetry collector that takes traces, by OTLP over HTTP; no traces when not set
    #[arg(long = "otlp-endpoint", env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL", hide_env_values = true, value_parser = endpoint)]
    pub otlp_endpoint: Option<Secret>,

    /// Headers that are sent to it, as NAME=VALUE,NAME=VALUE
    #[arg(long = "otlp-headers", env = "OTEL_EXPORTER_OTLP_HEADERS", value_name = "HEADERS", hide_env_values = true, value_parser = secret_pairs)]
    pub otlp_headers: Option<Secret>,

    /// How many milliseconds it may take to answer
    #[arg(long = "otlp-timeout", env = "OTEL_EXPORTER_OTLP_TIMEOUT", value_name = "MILLISECONDS", default_value = "10000", value_parser = milliseconds)]
    pub otlp_timeout: Duration,

    /// The name of this service in traces
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "NAME", default_value = "kai-worker", value_parser = values::not_blank)]
    pub otel_service_name: String,

    /// What else is said of this service in traces, as NAME=VALUE,NAME=VALUE
    #[arg(long, env = "OTEL_RESOURCE_ATTRIBUTES", value_name = "ATTRIBUTES", value_parser = plain_pairs)]
    pub otel_resource_attributes: Option<String>,

    /// Which traces are kept
    #[arg(
        long,
        env = "OTEL_TRACES_SAMPLER",
        value_name = "SAMPLER",
        default_value = "parentbased_always_on"
    )]
    pub otel_traces_sampler: TraceSampler,

    /// The share of traces that the ratio samplers keep, from 0 to 1
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", value_name = "RATIO", default_value = "1", value_parser = ratio)]
    pub otel_traces_sampler_arg: f64,
}

/// Which traces are kept. Those that are `parentbased` do as the caller did, where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum TraceSampler {
    /// All of them.
    AlwaysOn,
    /// None of them.
    AlwaysOff,
    /// A share.
    Traceidratio,
    /// All that no caller decides on.
    ParentbasedAlwaysOn,
    /// None that no caller decides on.
    ParentbasedAlwaysOff,
    /// A share of those that no caller decides on.
    ParentbasedTraceidratio,
}

impl TraceSettings {
    /// Which traces are kept.
    pub(super) fn sampler(&self) -> Sampler {
        let share = Sampler::TraceIdRatioBased(self.otel_traces_sampler_arg);
        match self.otel_traces_sampler {
            TraceSampler::AlwaysOn => Sampler::AlwaysOn,
            TraceSampler::AlwaysOff => Sampler::AlwaysOff,
            TraceSampler::Traceidratio => share,
            TraceSampler::ParentbasedAlwaysOn => Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
            TraceSampler::ParentbasedAlwaysOff => {
                Sampler::ParentBased(Box::new(Sampler::AlwaysOff))
            }
            TraceSampler::ParentbasedTraceidratio => Sampler::ParentBased(Box::new(share)),
        }
    }

    /// The headers, by name.
    pub(super) fn headers(&self) -> HashMap<String, String> {
        let text = self.otlp_headers.as_ref().map_or("", Secret::expose);
        pairs(text).unwrap_or_default().into_iter().collect()
    }

    /// What is said of this service, by name.
    pub(super) fn attributes(&self) -> Vec<(String, String)> {
        let text = self.otel_resource_attributes.as_deref().unwrap_or_default();
        pairs(text).unwrap_or_default()
    }
}

/// An address, which may hold a password or a token.
fn endpoint(text: &str) -> Result<Secret, String> {
    let wrong = || "use a URL such as http://localhost:4318".to_owned();
    let url = values::web_address(text).map_err(|_| wrong())?;
    Ok(Secret::from(url.as_str().trim_end_matches('/').to_owned()))
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.trim().parse::<u64>() {
        Ok(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds)),
        _ => Err("use a whole number of milliseconds, 1 or more".to_owned()),
    }
}

fn ratio(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err("use a number from 0 to 1".to_owned()),
    }
}

fn secret_pairs(text: &str) -> Result<Secret, String> {
    plain_pairs(text).map(Secret::from)
}

fn plain_pairs(text: &str) -> Result<String, String> {
    match pairs(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("use NAME=VALUE, and a comma before the next".to_owned()),
    }
}

/// The pairs of a list; `None` where one has no name or no `=`.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=')?;
            let name = name.trim();
            (!name.is_empty()).then(|| (name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}
