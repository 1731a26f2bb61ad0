//! The spans of a run: one for each thing that takes time. Log lines name them, traces show them, and
//! the worker counts by them. None says what was asked, answered or read.

use tracing::Span;
use tracing::field::{Empty, display};

use crate::database::{DatabaseError, Dialect, QueryResult};
use crate::model::{ModelError, Usage};
use crate::store::StoreError;

/// The target of all of them.
pub const TARGET: &str = module_path!();

/// The name of the span of a model's turn.
pub const MODEL_TURN: &str = "model_turn";
/// The name of the span of a tool.
pub const TOOL: &str = "tool";
/// The name of the span of a query.
pub const QUERY: &str = "query";
/// The name of the span of a write to the store that keeps a run.
pub const STORE: &str = "store";

/// The field that says how it went, in the words of [`Outcome`]. Empty when it was broken off.
pub const OUTCOME: &str = "outcome";
/// The field of a query that says how many rows it returned.
pub const ROWS: &str = "db.response.returned_rows";
/// The field of a turn that says how many tokens the model read.
pub const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
/// The field of a turn that says how many tokens the model wrote.
pub const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
/// The field of a write to the store that says what is written.
pub const OPERATION: &str = "operation";
/// The operation that keeps a finished step.
pub const STEP: &str = "step";

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Ok,
    /// It was not let through.
    Rejected,
    /// It took too long.
    TimedOut,
    /// Whoever should do it was away.
    Unavailable,
    /// Another attempt has the run.
    TakenOver,
    /// It failed in another way.
    Failed,
}

impl Outcome {
    /// Its name in logs, traces and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Rejected => "rejected",
            Self::TimedOut => "timed_out",
            Self::Unavailable => "unavailable",
            Self::TakenOver => "taken_over",
            Self::Failed => "failed",
        }
    }

    /// The outcome of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Ok,
            Self::Rejected,
            Self::TimedOut,
            Self::Unavailable,
            Self::TakenOver,
            Self::Failed,
        ];
        all.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// Notes on its span how it went.
    pub fn note_on(self, span: &Span) {
        span.record(OUTCOME, self.as_str());
        if self != Self::Ok {
            span.record("otel.status_code", "ERROR");
        }
    }
}

impl<T> From<&Result<T, ModelError>> for Outcome {
    fn from(result: &Result<T, ModelError>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(error) if error.is_retryable() => Self::Unavailable,
            Err(_) => Self::Failed,
        }
    }
}

impl<T> From<&Result<T, DatabaseError>> for Outcome {
    fn from(result: &Result<T, DatabaseError>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(DatabaseError::Timeout(_)) => Self::TimedOut,
            Err(error) if error.is_retryable() => Self::Unavailable,
            Err(_) => Self::Failed,
        }
    }
}

impl<T> From<&Result<T, StoreError>> for Outcome {
    fn from(result: &Result<T, StoreError>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(StoreError::TakenOver) => Self::TakenOver,
            Err(error) if error.is_retryable() => Self::Unavailable,
            Err(_) => Self::Failed,
        }
    }
}

/// A turn of the model.
pub fn model_turn(model: &str) -> Span {
    tracing::info_span!(
        "model_turn",
        model,
        outcome = Empty,
        tool_calls = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
    )
}

/// Notes on a turn's span what it cost, as its service has counted.
pub fn note_usage(span: &Span, usage: Usage) {
    span.record(INPUT_TOKENS, usage.input_tokens);
    span.record(OUTPUT_TOKENS, usage.output_tokens);
}

/// A tool that the model called. The name must be one of ours: the model's own text may be anything.
pub fn tool(name: &'static str) -> Span {
    tracing::info_span!("tool", tool = name)
}

/// A query of the model, from the guard to the last row.
pub fn query(dialect: Dialect) -> Span {
    tracing::info_span!(
        "query",
        db.system.name = %dialect,
        db.operation.name = Empty,
        db.response.returned_rows = Empty,
        truncated = Empty,
        outcome = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
    )
}

/// Notes on a query's span what it was and what it returned. The statement itself is not noted: its
/// values may be personal data, and who reads traces need not be who may read the database.
pub fn note_query(span: &Span, sql: &str, result: &Result<QueryResult, DatabaseError>) {
    let operation: String = sql.chars().take_while(char::is_ascii_alphabetic).collect();
    span.record("db.operation.name", display(operation.to_ascii_uppercase()));
    if let Ok(result) = result {
        span.record(ROWS, result.rows.len());
        span.record("truncated", result.truncated);
    }
    Outcome::from(result).note_on(span);
}

/// A write to the store that keeps a run.
pub fn store(operation: &'static str) -> Span {
    tracing::info_span!(
        "store",
        operation,
        outcome = Empty,
        otel.status_code = Empty
    )
}
