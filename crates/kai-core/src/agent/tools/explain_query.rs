//! The tool `explain_query`: how the database would run a query, without running it.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::{DatabaseError, QueryLimits};
use crate::model::ToolSpec;

/// How many lines of a plan are told.
const MOST_LINES: usize = 60;

/// Explains a query that the guard lets through.
pub struct ExplainQuery;

#[derive(Deserialize)]
struct Arguments {
    query: String,
}

#[async_trait]
impl Tool for ExplainQuery {
    fn name(&self) -> &'static str {
        "explain_query"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Tells how the database would run a SELECT statement, without running it: to \
                          check a statement, or to find out why one takes too long. The numbers of \
                          rows in it are guesses of the database and no figures for an answer.",
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
        let query = match context.database.guard().check(&arguments.query) {
            Ok(query) => query.explained(),
            Err(rejection) => return Ok(ToolOutput::failure(&rejection.to_string())),
        };
        let limits = QueryLimits {
            max_rows: MOST_LINES,
            ..context.limits
        };
        match context.database.query(&query, limits).await {
            Ok(result) => Ok(ToolOutput::of(json!({
                "success": true, "plan": result.rows, "truncated": result.truncated,
            }))),
            Err(error) if error.is_retryable() => Err(error),
            Err(error) => Ok(ToolOutput::failure(&error.to_string())),
        }
    }
}
