//! The conversation so far: the question, and what the tools have returned since it was asked.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::preferences::Preferences;
use crate::database::{Dialect, Table, TableSummary};
use crate::model::Message;

/// The tools that the model calls.
pub(super) const LIST_TABLES: &str = "list_tables";
/// See [`LIST_TABLES`].
pub(super) const DESCRIBE_TABLES: &str = "describe_tables";
/// See [`LIST_TABLES`].
pub(super) const SQL_QUERY: &str = "sql_query";

/// See [`LIST_TABLES`].
pub(super) const SEARCH_VALUES: &str = "search_values";

/// What `list_tables` returns.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    /// The database's SQL.
    pub(super) dialect: Dialect,
    /// Its tables.
    pub(super) tables: Vec<TableSummary>,
}

#[derive(Debug, Deserialize)]
struct Description {
    tables: Vec<Table>,
}

/// What `sql_query` returns.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Outcome {
    /// Whether the query ran.
    pub(super) success: bool,
    /// How many rows it gave.
    #[serde(default)]
    pub(super) row_count: u64,
    /// The names of its columns.
    #[serde(default)]
    pub(super) columns: Vec<String>,
    /// Its first rows.
    #[serde(default)]
    pub(super) data: Vec<Value>,
    /// Whether there were more.
    #[serde(default)]
    pub(super) truncated: bool,
    /// Why it did not run.
    #[serde(default)]
    pub(super) error: Option<String>,
}

/// What `search_values` returns.
#[derive(Debug, Deserialize)]
struct Found {
    #[serde(default)]
    found: Vec<FoundIn>,
}

/// Values of one column that contain a text.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct FoundIn {
    /// The column's table.
    pub(super) table: String,
    /// The column.
    pub(super) column: String,
    /// The values.
    pub(super) values: Vec<Value>,
}

/// A tool's answer.
struct Answered<'a> {
    name: &'a str,
    arguments: &'a Value,
    content: &'a str,
}

/// The question, and what the tools have returned since.
pub(super) struct Conversation<'a> {
    /// The question.
    pub(super) question: &'a str,
    /// How many tools were called in all.
    pub(super) calls: usize,
    /// What the verified pairs say that the agent was told.
    pub(super) preferences: Preferences,
    answered: Vec<Answered<'a>>,
}

impl<'a> Conversation<'a> {
    /// Reads the messages; the last one of the user is the question.
    pub(super) fn new(messages: &'a [Message]) -> Self {
        let asked = messages
            .iter()
            .rposition(|message| matches!(message, Message::User { .. }));
        let question = match asked.and_then(|at| messages.get(at)) {
            Some(Message::User { content }) => content.as_str(),
            _ => "",
        };
        let calls_of = |message: &'a Message| match message {
            Message::Assistant { tool_calls, .. } => tool_calls.as_slice(),
            _ => &[],
        };
        let since = messages.get(asked.unwrap_or(0)..).unwrap_or_default();
        let answered = since
            .iter()
            .filter_map(|message| match message {
                Message::Tool {
                    call_id,
                    name,
                    content,
                } => {
                    let call = since
                        .iter()
                        .flat_map(calls_of)
                        .find(|call| call.id == *call_id)?;
                    Some(Answered {
                        name,
                        arguments: &call.arguments,
                        content,
                    })
                }
                _ => None,
            })
            .collect();
        let calls = messages.iter().flat_map(calls_of).count();
        Self {
            question,
            calls,
            preferences: Preferences::new(messages),
            answered,
        }
    }

    /// What `list_tables` returned; an error is its text.
    pub(super) fn listing(&self) -> Option<Result<Listing, String>> {
        self.listed().map(parse)
    }

    /// What `list_tables` said, word for word.
    pub(super) fn listed(&self) -> Option<&'a str> {
        let mut answered = self.answered.iter();
        answered
            .rfind(|answered| answered.name == LIST_TABLES)
            .map(|answered| answered.content)
    }

    fn descriptions(&self) -> impl Iterator<Item = &Answered<'a>> {
        let answered = self.answered.iter();
        answered.filter(|answered| answered.name == DESCRIBE_TABLES)
    }

    /// The names that were asked to be described.
    pub(super) fn asked_tables(&self) -> Vec<String> {
        self.descriptions()
            .filter_map(|answered| answered.arguments.get("tables").and_then(Value::as_array))
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// What `describe_tables` said, word for word.
    pub(super) fn described(&self) -> Vec<&'a str> {
        self.descriptions()
            .map(|answered| answered.content)
            .collect()
    }

    /// The tables that were described; an error is the tool's.
    pub(super) fn tables(&self) -> Result<Vec<Table>, String> {
        let mut tables: Vec<Table> = Vec::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for answered in self.descriptions() {
            for table in parse::<Description>(answered.content)?.tables {
                if names.insert(table.name.clone()) {
                    tables.push(table);
                }
            }
        }
        Ok(tables)
    }

    /// Where a text was found, if it was searched for; nowhere when the search failed.
    pub(super) fn found(&self, text: &str) -> Option<Vec<FoundIn>> {
        let answered = self.answered.iter().find(|answered| {
            answered.name == SEARCH_VALUES
                && answered.arguments.get("text").and_then(Value::as_str) == Some(text)
        })?;
        Some(parse::<Found>(answered.content).map_or_else(|_| Vec::new(), |found| found.found))
    }

    /// What a query returned, if it was run.
    pub(super) fn outcome(&self, sql: &str) -> Option<Outcome> {
        let answered = self.answered.iter().find(|answered| {
            answered.name == SQL_QUERY
                && answered.arguments.get("query").and_then(Value::as_str) == Some(sql)
        })?;
        Some(parse(answered.content).unwrap_or_else(|error| Outcome {
            success: false,
            row_count: 0,
            columns: Vec::new(),
            data: Vec::new(),
            truncated: false,
            error: Some(error),
        }))
    }
}

/// Reads a tool's JSON. What is something else is an error, in the tool's own words if it has any.
fn parse<T: for<'de> Deserialize<'de>>(content: &str) -> Result<T, String> {
    serde_json::from_str(content).map_err(|error| {
        let said = serde_json::from_str::<Value>(content).ok();
        let said = said
            .as_ref()
            .and_then(|value| value.get("error"))
            .and_then(Value::as_str);
        said.map_or_else(|| error.to_string(), str::to_owned)
    })
}
