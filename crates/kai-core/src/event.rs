//! The events of an agent run: one enum, one place, the wire contract of the stream.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::SessionId;
use crate::interruption::Interruption;
use crate::result::AgentResult;
pub use crate::result::Row;

/// What happens in a run, as subscribers see it. On the wire an object with its `type` first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentEvent {
    /// The model thinks aloud: text inside `<thinking>`, and text outside any tag.
    Thinking {
        /// A piece of the text.
        content: String,
    },
    /// A piece of the answer: text inside `<answer>`.
    Token {
        /// A piece of the text.
        content: String,
    },
    /// What could be asked next: text inside `<suggestions>`.
    Suggestions {
        /// A piece of the text.
        content: String,
    },
    /// A tool is about to run.
    ToolStart {
        /// The tool's name.
        tool: String,
        /// Its arguments.
        input: Value,
    },
    /// A tool has run.
    ToolEnd {
        /// The tool's name.
        tool: String,
        /// What it returned: JSON, as text.
        output: String,
        /// How long it ran, in milliseconds. The original's publishers do not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        execution_time_ms: Option<u64>,
    },
    /// The agent's to-do list changed.
    TodoUpdate {
        /// The whole list.
        todos: Vec<Todo>,
    },
    /// A query returned rows.
    SqlResult {
        /// The query as it ran.
        sql: String,
        /// The names of the columns, in order.
        columns: Vec<String>,
        /// The rows.
        data: Vec<Row>,
        /// How many rows the query returned; `data` has the first hundred of them.
        row_count: usize,
        /// Whether `data` lacks rows that the database had.
        truncated: bool,
    },
    /// A result can be drawn like this.
    ChartConfig(ChartConfig),
    /// Memories were found for the question.
    MemoryLoaded {
        /// A sentence for people.
        message: String,
        /// Counts, with at least `total`.
        stats: Value,
    },
    /// Skills match the question.
    SkillLoaded {
        /// A sentence for people.
        message: String,
        /// The skills, each with at least `name`.
        skills: Vec<Value>,
    },
    /// The run continues from what an earlier attempt had finished.
    SessionResumed {
        /// A sentence for people.
        message: String,
        /// The session that continues.
        session_id: SessionId,
        /// What had cut the run short, where somebody knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Interruption>,
    },
    /// Several queries in a row succeeded without a row.
    NoDataWarning {
        /// A sentence for people.
        message: String,
        /// How many in a row.
        consecutive_empty_count: u32,
    },
    /// A whole answer at once.
    Answer {
        /// The text.
        content: String,
    },
    /// The run is over; nothing follows.
    Done {
        /// What the workflow returns.
        result: Box<AgentResult>,
    },
    /// The run failed; only `done` follows.
    Error {
        /// What went wrong.
        error: String,
    },
}

impl AgentEvent {
    /// The value of `type` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Thinking { .. } => "thinking",
            Self::Token { .. } => "token",
            Self::Suggestions { .. } => "suggestions",
            Self::ToolStart { .. } => "tool_start",
            Self::ToolEnd { .. } => "tool_end",
            Self::TodoUpdate { .. } => "todo_update",
            Self::SqlResult { .. } => "sql_result",
            Self::ChartConfig(_) => "chart_config",
            Self::MemoryLoaded { .. } => "memory_loaded",
            Self::SkillLoaded { .. } => "skill_loaded",
            Self::SessionResumed { .. } => "session_resumed",
            Self::NoDataWarning { .. } => "no_data_warning",
            Self::Answer { .. } => "answer",
            Self::Done { .. } => "done",
            Self::Error { .. } => "error",
        }
    }
}

/// One entry of the agent's to-do list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// What is to be done.
    pub content: String,
    /// How far it is.
    pub status: TodoStatus,
}

/// How far an entry of the to-do list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TodoStatus {
    /// Not begun.
    Pending,
    /// Begun.
    InProgress,
    /// Done.
    Completed,
}

/// How a result can be drawn: a specification, never code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChartConfig {
    /// The kind of chart.
    pub widget_type: WidgetType,
    /// The rows to draw.
    pub widget_data: Vec<Row>,
    /// The column along the x axis.
    pub x_axis_key: Option<String>,
    /// The column along the y axis.
    pub y_axis_key: Option<String>,
    /// The title, where the model gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widget_title: Option<String>,
    /// What stands along the x axis, where the model said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_axis_label: Option<String>,
    /// What stands along the y axis, where the model said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y_axis_label: Option<String>,
}

/// The kinds of chart that a result is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WidgetType {
    /// One figure.
    Kpi,
    /// A line over time.
    Line,
    /// Shares of a whole.
    Pie,
    /// Bars.
    Bar,
    /// Rows as they are.
    Table,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kind_is_the_type_on_the_wire() {
        let events = [
            json!({"type": "thinking", "content": "a"}),
            json!({"type": "token", "content": "a"}),
            json!({"type": "suggestions", "content": "a"}),
            json!({"type": "tool_start", "tool": "t", "input": {}}),
            json!({"type": "tool_end", "tool": "t", "output": "{}"}),
            json!({"type": "tool_end", "tool": "t", "output": "{}", "execution_time_ms": 12}),
            json!({"type": "todo_update", "todos": [{"content": "a", "status": "in_progress"}]}),
            json!({"type": "sql_result", "sql": "SELECT 1", "columns": ["a"], "data": [{"a": 1}],
                   "row_count": 1, "truncated": false}),
            json!({"type": "chart_config", "widget_type": "kpi", "widget_data": [{"a": 1}],
                   "x_axis_key": null, "y_axis_key": "a"}),
            json!({"type": "memory_loaded", "message": "m", "stats": {"total": 1}}),
            json!({"type": "skill_loaded", "message": "m", "skills": [{"name": "s"}]}),
            json!({"type": "session_resumed", "message": "m", "session_id": "s"}),
            json!({"type": "session_resumed", "message": "m", "session_id": "s", "reason": "shutdown"}),
            json!({"type": "no_data_warning", "message": "m", "consecutive_empty_count": 5}),
            json!({"type": "answer", "content": "a"}),
            json!({"type": "error", "error": "e"}),
        ];
        for wire in events {
            let event: AgentEvent = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(wire["type"], event.kind());
            assert_eq!(serde_json::to_value(&event).unwrap(), wire);
        }
    }
}
