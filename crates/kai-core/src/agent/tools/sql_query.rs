//! The tool `sql_query`: runs one read-only query.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{RanQuery, Tool, ToolContext, ToolOutput, read_arguments};
use crate::agent::chart;
use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::model::ToolSpec;

/// Most rows that the model and the subscribers are shown; the original's number.
const SHOWN_ROWS: usize = 100;

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
            description: "Runs one SELECT statement and returns its first 100 rows. Nothing else than \
                          reading is possible.",
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
        arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let arguments: Arguments =
            match read_arguments("sql_query", r#"{"query": "SELECT …"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            };
        let query = match context.database.guard().check(&arguments.query) {
            Ok(query) => query,
            Err(rejection) => return Ok(ToolOutput::failure(&rejection.to_string())),
        };
        let mut result = match context.database.query(&query, context.limits).await {
            Ok(result) => result,
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => return Ok(ToolOutput::failure(&error.to_string())),
        };
        let row_count = result.rows.len();
        if row_count > SHOWN_ROWS {
            result.rows.truncate(SHOWN_ROWS);
            result.truncated = true;
        }
        let content = json!({
            "success": true,
            "row_count": row_count,
            "columns": result.columns,
            "data": result.rows,
            "truncated": result.truncated,
        });
        let mut events = Vec::new();
        if row_count > 0 {
            let chart = chart::choose(&result);
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
            content,
            events,
            query: Some(RanQuery {
                sql: query.sql().to_owned(),
                row_count,
            }),
        })
    }
}
