//! The result of a run: what the activity and the workflow return, and what `done` carries.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::TaskId;

/// One row of a result: column name to value, in the order of the columns.
pub type Row = Map<String, Value>;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// The question was answered.
    Completed,
    /// Something was found, but not all that was asked.
    Partial,
    /// There is no answer; `error` says why.
    Failed,
    /// A person ended it before there was an answer; `error` says how.
    Cancelled,
}

/// What a run returns: the result of the activity and of the workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentResult {
    /// The run.
    pub task_id: TaskId,
    /// How it ended.
    pub status: RunStatus,
    /// The answer; empty when there is none.
    pub final_answer: String,
    /// The queries that ran, in the order in which they ran.
    pub sql_queries: Vec<String>,
    /// What stands out in the results.
    pub insights: Vec<Insight>,
    /// What could be asked next.
    pub suggested_questions: Vec<SuggestedQuestion>,
    /// How the results can be drawn.
    pub charts: Vec<Chart>,
    /// Files and the like that the run made.
    pub artifacts: Vec<Value>,
    /// How long the run took, in milliseconds.
    pub execution_time_ms: u64,
    /// Why there is no answer.
    pub error: Option<String>,
}

/// Something that stands out in a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Insight {
    /// What kind of thing.
    pub category: InsightCategory,
    /// In a few words.
    pub title: String,
    /// In a sentence or two.
    pub description: String,
    /// How much it matters.
    pub importance: Importance,
    /// The figures behind it.
    #[serde(default)]
    pub supporting_data: Option<Value>,
}

/// The kinds of insight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum InsightCategory {
    Trend,
    Anomaly,
    Comparison,
    Summary,
    Recommendation,
}

/// How much an insight matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Importance {
    High,
    Medium,
    Low,
}

/// A question that this database could answer next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedQuestion {
    /// The question, ready to be asked.
    pub question: String,
    /// What it does with the last answer.
    pub category: SuggestionCategory,
    /// Why it is worth asking.
    pub rationale: String,
}

/// What a suggested question does with the last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SuggestionCategory {
    DrillDown,
    Compare,
    Trend,
    Filter,
    Aggregate,
}

/// How a result of the run can be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The kind of chart.
    pub chart_type: ChartType,
    /// Its title.
    pub title: String,
    /// The column along the x axis.
    pub x_column: String,
    /// The column along the y axis.
    pub y_column: String,
    /// The rows to draw.
    pub data: Vec<Row>,
    /// The column that colours the marks.
    #[serde(default)]
    pub color_column: Option<String>,
    /// Further settings of the drawing library.
    pub config: Value,
}

/// The kinds of chart in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ChartType {
    Line,
    Bar,
    Pie,
    Scatter,
    Area,
    Heatmap,
}

impl AgentResult {
    /// The result of a run that failed.
    pub fn failed(task_id: TaskId, error: String, took: Duration) -> Self {
        Self::without_answer(task_id, RunStatus::Failed, error, took)
    }

    /// The result of a run that a person ended.
    pub fn cancelled(task_id: TaskId, reason: String, took: Duration) -> Self {
        Self::without_answer(task_id, RunStatus::Cancelled, reason, took)
    }

    fn without_answer(task_id: TaskId, status: RunStatus, error: String, took: Duration) -> Self {
        Self {
            task_id,
            status,
            final_answer: String::new(),
            sql_queries: Vec::new(),
            insights: Vec::new(),
            suggested_questions: Vec::new(),
            charts: Vec::new(),
            artifacts: Vec::new(),
            execution_time_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            error: Some(error),
        }
    }
}
