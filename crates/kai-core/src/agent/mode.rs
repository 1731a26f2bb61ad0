//! How far a task goes: the modes of the original. All of them only read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::conversation::LastQuery;
use super::notices;
use crate::event::AgentEvent;
use crate::language::Language;
use crate::result::Row;

/// What is wanted of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AgentMode {
    /// What the figures mean, looked at from more than one side.
    Analysis,
    /// The rows that were asked for, and no more.
    Query,
    /// The statement, so that it can be run again elsewhere.
    Script,
    /// Whatever the question needs.
    #[default]
    FullAutonomy,
}

impl AgentMode {
    /// The names, as callers send them.
    pub const NAMES: &[&str] = &["analysis", "query", "script", "full_autonomy"];

    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "analysis" => Some(Self::Analysis),
            "query" => Some(Self::Query),
            "script" => Some(Self::Script),
            "full_autonomy" => Some(Self::FullAutonomy),
            _ => None,
        }
    }

    /// What a model is told; nothing where it decides itself.
    pub(super) fn guidance(self) -> Option<&'static str> {
        match self {
            Self::Analysis => Some(
                "This is an analysis: look at the question from more than one side. Run further \
                 queries for what explains the figures: their trend over time, their parts, what \
                 stands out. Compare, and say what the rows show and what they do not.",
            ),
            Self::Query => Some(
                "Only the rows are wanted: find them with as few queries as possible. The rows of \
                 the last query that you run are the answer, so let that be the one that answers \
                 the question. What you write in <answer> is shown only if no query ran.",
            ),
            Self::Script => Some(
                "The statement is wanted: try it with sql_query until it is right. The last \
                 statement that you run is the answer. What you write in <answer> is shown only if \
                 no query ran.",
            ),
            Self::FullAutonomy => None,
        }
    }

    /// Whether the answer is made from the last query instead of the model's words.
    pub(super) fn delivers_query(self) -> bool {
        matches!(self, Self::Query | Self::Script)
    }

    /// Whether a piece of the model's text is shown as it arrives.
    pub(super) fn shows(self, event: &AgentEvent) -> bool {
        let is_answer = matches!(
            event,
            AgentEvent::Token { .. } | AgentEvent::Suggestions { .. }
        );
        !(is_answer && self.delivers_query())
    }

    /// What is handed over besides the answer.
    pub(super) fn artifact(self, query: Option<&LastQuery>) -> Option<Value> {
        let query = query.filter(|_| self == Self::Script)?;
        Some(json!({"type": "sql", "name": "query.sql", "content": query.sql}))
    }

    /// What the mode answers once a query has run; nothing where the model's words are the answer.
    pub(super) fn deliver(self, query: Option<&LastQuery>, language: Language) -> Option<String> {
        let query = query?;
        match self {
            Self::Query => table(&query.content, language),
            Self::Script => Some(format!("```sql\n{}\n```", query.sql)),
            Self::Analysis | Self::FullAutonomy => None,
        }
    }
}

/// What a query's result says to the model.
#[derive(Deserialize)]
struct Rows {
    columns: Vec<String>,
    data: Vec<Row>,
    #[serde(default)]
    row_count: u64,
    #[serde(default)]
    truncated: bool,
    /// What is said where the limit of rows was reached.
    #[serde(default)]
    note: Option<String>,
}

/// The rows as a table in Markdown, and how many there are; `None` for what is no result of rows.
fn table(content: &str, language: Language) -> Option<String> {
    let rows: Rows = serde_json::from_str(content).ok()?;
    let all = rows.row_count.max(rows.data.len() as u64);
    // Truncated to what is shown, or by the limit of rows, behind which there may be more.
    let more = rows.note.is_some() || (rows.truncated && rows.data.len() as u64 == all);
    let count = notices::rows(language, rows.data.len(), all, more);
    if rows.data.is_empty() {
        return Some(count);
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut table = line(
        rows.columns
            .iter()
            .map(|column| cell_text(column))
            .collect(),
    );
    table.push_str(&line(
        rows.columns.iter().map(|_| "---".to_owned()).collect(),
    ));
    for row in &rows.data {
        let cells = rows.columns.iter().map(|column| row.get(column));
        table.push_str(&line(
            cells
                .map(|value| value.map_or_else(String::new, cell))
                .collect(),
        ));
    }
    Some(format!("{table}\n{count}"))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => cell_text(text),
        other => cell_text(&other.to_string()),
    }
}

/// The text on one line, with nothing that would end the cell.
fn cell_text(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(content: &Value) -> LastQuery {
        LastQuery {
            sql: "SELECT 1".to_owned(),
            content: content.to_string(),
        }
    }

    #[test]
    fn the_rows_are_a_table_that_their_text_cannot_break() {
        let query = last(&json!({
            "success": true, "columns": ["kota", "n|m"], "row_count": 2, "truncated": false,
            "data": [{"kota": "Bandung | \n--- \\", "n|m": 2}, {"kota": null, "n|m": "1.50"}],
        }));
        let answer = AgentMode::Query.deliver(Some(&query), Language::English);
        assert_eq!(
            answer.as_deref(),
            Some(
                "| kota | n\\|m |\n| --- | --- |\n| Bandung \\|  --- \\\\ | 2 |\n|  | 1.50 |\n\n\
                 Rows: 2"
            )
        );
    }

    #[test]
    fn a_table_says_how_many_rows_there_are() {
        let rows: Vec<Value> = (0..3).map(|n| json!({"n": n})).collect();
        for (row_count, truncated, said) in [
            (3, false, "Jumlah baris: 3"),
            (90, true, "Jumlah baris: 90; ini 3 yang pertama"),
            (3, true, "Jumlah baris: sedikitnya 3; ini 3 yang pertama"),
        ] {
            let query = last(&json!({
                "columns": ["n"], "row_count": row_count, "truncated": truncated, "data": rows,
            }));
            let answer = AgentMode::Query.deliver(Some(&query), Language::Indonesian);
            let answer = answer.unwrap_or_default();
            assert!(answer.ends_with(&format!("\n\n{said}")), "{answer}");
        }
        let limited = last(&json!({
            "columns": ["n"], "row_count": 90, "truncated": true, "data": rows, "note": "more",
        }));
        let answer = AgentMode::Query.deliver(Some(&limited), Language::English);
        let said = "Rows: at least 90, of which these are the first 3";
        assert!(answer.unwrap_or_default().ends_with(said));
        let none = last(&json!({"columns": ["n"], "row_count": 0, "data": []}));
        let answer = AgentMode::Query.deliver(Some(&none), Language::English);
        assert_eq!(answer.as_deref(), Some("Rows: 0"));
    }

    #[test]
    fn a_mode_that_delivers_a_query_needs_one() {
        let query = last(&json!("no rows at all"));
        assert_eq!(
            AgentMode::Script.deliver(Some(&query), Language::English),
            Some("```sql\nSELECT 1\n```".to_owned())
        );
        assert_eq!(
            AgentMode::Query.deliver(Some(&query), Language::English),
            None
        );
        assert_eq!(AgentMode::Script.deliver(None, Language::English), None);
        assert_eq!(
            AgentMode::Analysis.deliver(Some(&query), Language::English),
            None
        );
    }

    #[test]
    fn every_name_is_a_mode() {
        assert!(
            AgentMode::NAMES
                .iter()
                .all(|name| AgentMode::from_name(name).is_some())
        );
        assert_eq!(AgentMode::from_name("Query"), None);
    }
}
