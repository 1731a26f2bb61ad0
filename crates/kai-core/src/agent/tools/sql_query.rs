//! The tool `sql_query`: runs one read-only query.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::preview::{SHOWN_ROWS, preview};
use super::{RanQuery, SoFar, Tool, ToolContext, ToolOutput, names, read_arguments};
use crate::agent::chart;
use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::model::ToolSpec;
use crate::spans::{self, Outcome};

/// Runs a query that the guard lets through.
pub struct SqlQuery;

#[derive(Deserialize)]
struct Arguments {
    query: String,
}

#[async_trait]
impl Tool for SqlQuery {
    fn name(&self) -> &'static str {
        "sql_query"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Runs one SELECT statement and returns its first rows, at most 100, with how \
                          many there are and, where not all are shown, what each column holds. Nothing \
                          else than reading is possible.",
            parameters: json!({
                "type": "object",
                "properties": {"query": {"type": "string", "description": "One SELECT statement"}},
                "required": ["query"],
                "additionalProperties": false,
            }),
        }
    }

    async fn run(
        &self,
        context: &ToolContext,
        _so_far: SoFar<'_>,
        arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let arguments: Arguments =
            match read_arguments(self.name(), r#"{"query": "SELECT …"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            };
        let span = spans::query(context.database.dialect());
        let query = match context.database.guard().check(&arguments.query) {
            Ok(query) => query,
            Err(rejection) => {
                Outcome::Rejected.note_on(&span);
                return Ok(failed(context, &arguments.query, &rejection.to_string()).await);
            }
        };
        let querying = context.database.query(&query, context.limits);
        let result = querying.instrument(span.clone()).await;
        spans::note_query(&span, query.sql(), &result);
        drop(span);
        let mut result = match result {
            Ok(result) => result,
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => return Ok(failed(context, query.sql(), &error.to_string()).await),
        };
        let content = preview(&result);
        let row_count = result.rows.len();
        if row_count > SHOWN_ROWS {
            result.rows.truncate(SHOWN_ROWS);
            result.truncated = true;
        }
        let mut events = Vec::new();
        if row_count > 0 {
            let chart = chart::choose(&result, Some(&query));
            events.push(AgentEvent::SqlResult {
                sql: query.sql().to_owned(),
                columns: result.columns,
                data: result.rows,
                row_count,
                truncated: result.truncated,
            });
            events.extend(chart.map(AgentEvent::ChartConfig));
        }
        Ok(ToolOutput {
            events,
            query: Some(RanQuery {
                sql: query.sql().to_owned(),
                row_count,
            }),
            ..ToolOutput::of(content)
        })
    }
}

/// A query that did not run: what was wrong, and the names that it may have meant.
async fn failed(context: &ToolContext, sql: &str, error: &str) -> ToolOutput {
    let mut output = ToolOutput::failure(error);
    if let Value::Object(fields) = &mut output.content {
        fields.extend(names::hints(context, sql, error).await);
    }
    output.failed_query = Some(error.to_owned());
    output
}
