//! Counts the spans of runs when they close: turns of the model, queries, writes to the store.

use std::sync::Arc;
use std::time::Instant;

use kai_core::spans::{self, Outcome};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::Metrics;

/// Tells the metrics of every span that they count.
pub struct CountSpans(pub Arc<Metrics>);

/// What a span has said of itself so far.
pub(super) struct Noted {
    pub(super) begun: Instant,
    /// None when it was broken off.
    pub(super) outcome: Option<Outcome>,
    pub(super) rows: u64,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) is_step: bool,
}

fn is_counted(metadata: &Metadata<'_>) -> bool {
    metadata.target() == spans::TARGET
        && [spans::MODEL_TURN, spans::QUERY, spans::STORE].contains(&metadata.name())
}

impl<S> Layer<S> for CountSpans
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !is_counted(attributes.metadata()) {
            return;
        }
        let mut noted = Noted {
            begun: Instant::now(),
            outcome: None,
            rows: 0,
            input_tokens: 0,
            output_tokens: 0,
            is_step: false,
        };
        attributes.record(&mut noted);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(noted);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(noted) = span.extensions_mut().get_mut::<Noted>()
        {
            values.record(noted);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(noted) = span.extensions_mut().remove::<Noted>() else {
            return;
        };
        match span.name() {
            spans::MODEL_TURN => self.0.note_turn(&noted),
            spans::QUERY => self.0.note_query(&noted),
            _ => self.0.note_store(&noted),
        }
    }
}

impl Visit for Noted {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            spans::OUTCOME => self.outcome = Outcome::named(value),
            spans::OPERATION => self.is_step = value == spans::STEP,
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            spans::ROWS => self.rows = value,
            spans::INPUT_TOKENS => self.input_tokens = value,
            spans::OUTPUT_TOKENS => self.output_tokens = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}
