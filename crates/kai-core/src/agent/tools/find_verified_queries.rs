//! The tool `find_verified_queries`: questions that were answered before, with queries that a person
//! has found right.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::knowledge::Topic;
use crate::model::ToolSpec;

/// Finds verified queries.
pub struct FindVerifiedQueries;

/// How many are told.
const MOST_QUERIES: usize = 8;

#[derive(Deserialize)]
struct Arguments {
    question: String,
}

#[async_trait]
impl Tool for FindVerifiedQueries {
    fn name(&self) -> &'static str {
        "find_verified_queries"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Finds questions like this one whose queries a person has found right: the \
                          surest guide to how a figure is computed here. The most fitting you have \
                          been told already.",
            parameters: json!({
                "type": "object",
                "properties": {"question": {"type": "string"}},
                "required": ["question"],
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
            match read_arguments(self.name(), r#"{"question": "…"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            };
        let topic = Topic::new(&arguments.question);
        let found = context.briefing.knowledge().verified_like(&topic);
        let queries: Vec<Value> = found
            .into_iter()
            .take(MOST_QUERIES)
            .map(|pair| json!({"question": pair.question, "sql": pair.sql}))
            .collect();
        Ok(ToolOutput::of(json!({ "verified": queries })))
    }
}
