//! The steps of a run, and where they are kept so that a run can go on after them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::Span;

use super::tags;
use super::tools::RanQuery;
use crate::ids::SessionId;
use crate::interruption::Interruption;
use crate::model::{ModelError, ToolCall, Usage};
use crate::spans::{self, Outcome};
use crate::wire::Chart;

/// A finished step of a run: with all of them, a run can go on where it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// The model took a turn.
    Turn(Turn),
    /// A tool returned.
    ToolResult(ToolResult),
    /// The conversation had become too long for the model, which has summarised it.
    Summary(Summary),
}

impl Step {
    /// What kind of step it is, for people and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Turn(_) => "turn",
            Self::ToolResult(_) => "tool_result",
            Self::Summary(_) => "summary",
        }
    }
}

/// Notes on the span of a turn, or of the summary that came in its place, how it went and what it cost.
pub(super) fn note_turn(span: &Span, taken: &Result<Step, ModelError>) {
    Outcome::from(taken).note_on(span);
    let usage = match taken {
        Ok(Step::Turn(turn)) => {
            span.record("tool_calls", turn.tool_calls.len());
            turn.usage
        }
        Ok(Step::Summary(summary)) => summary.usage,
        Ok(Step::ToolResult(_)) | Err(_) => None,
    };
    if let Some(usage) = usage {
        spans::note_usage(span, usage);
    }
}

/// What one turn of the model came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// All of its text, tags included.
    pub text: String,
    /// What it thought.
    pub thinking: String,
    /// What it answered.
    pub answer: String,
    /// What it suggested.
    pub suggestions: String,
    /// The tools it called.
    pub tool_calls: Vec<ToolCall>,
    /// Fields that the model's service wants back with the turn.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub echo: Map<String, Value>,
    /// What the turn cost, if the model's service told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl Turn {
    /// What the turn says to the person: its answer or, of a model that uses no tags, what it wrote
    /// outside of them, or all it wrote.
    pub(super) fn said(&self) -> String {
        let untagged = tags::untagged(&self.text);
        let said = [&self.answer, &untagged, &self.thinking];
        let mut said = said.into_iter().map(|text| text.trim());
        said.find(|text| !text.is_empty())
            .unwrap_or_default()
            .to_owned()
    }
}

/// What was said so far, in the model's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The summary.
    pub text: String,
    /// What it cost, if the model's service told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// What one tool returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The call that this answers.
    pub call_id: String,
    /// The tool's name.
    pub name: String,
    /// What the model reads: JSON, as text.
    pub content: String,
    /// The query that ran, if one did.
    pub query: Option<RanQuery>,
    /// How the result can be drawn.
    pub charts: Vec<Chart>,
    /// What was wrong with a query that did not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_query: Option<String>,
    /// What the person is asked, which ends the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
}

/// What an earlier attempt at the same run has left.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// The session that continues, as subscribers are told.
    pub session: SessionId,
    /// The steps that are finished.
    pub steps: Vec<Step>,
    /// When the run began.
    pub begun: DateTime<Utc>,
    /// What cut the earlier attempt short, where somebody knows.
    pub cut_by: Option<Interruption>,
}

/// Keeps the steps of a run.
#[async_trait]
pub trait RunLog: Send + Sync {
    /// Keeps a finished step. The run goes on only when that is done.
    ///
    /// # Errors
    /// When the step could not be kept: the run must end, for another attempt to go on with it.
    async fn save(&self, step: &Step) -> Result<(), RunLogError>;
}

/// Why a step was not kept.
#[derive(Debug, thiserror::Error)]
pub enum RunLogError {
    /// Another attempt has the run now.
    #[error("a later attempt has taken the run over")]
    TakenOver,
    /// It could not be written.
    #[error("the step cannot be kept: {source}")]
    NotKept {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
        /// Whether it may work later.
        retryable: bool,
    },
}

/// Keeps nothing, for runs that nobody goes on with.
pub(super) struct NoLog;

#[async_trait]
impl RunLog for NoLog {
    async fn save(&self, _: &Step) -> Result<(), RunLogError> {
        Ok(())
    }
}
