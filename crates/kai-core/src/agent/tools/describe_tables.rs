//! The tool `describe_tables`: columns, keys and typical values of some tables.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::model::ToolSpec;

/// How many tables are described at once.
const MOST_TABLES: usize = 100;

/// Describes the named tables.
pub struct DescribeTables;

#[derive(Deserialize)]
struct Arguments {
    tables: Vec<String>,
}

#[async_trait]
impl Tool for DescribeTables {
    fn name(&self) -> &'static str {
        "describe_tables"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Describes tables: columns with their types, comments, keys, the values of \
                          those that have only a few, and sample rows where there are any. Names are those that list_tables shows.",
            parameters: json!({
                "type": "object",
                "properties": {"tables": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
                "required": ["tables"],
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
            match read_arguments(self.name(), r#"{"tables": [names]}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            };
        if arguments.tables.len() > MOST_TABLES {
            return Ok(ToolOutput::failure(&format!(
                "describe at most {MOST_TABLES} tables at once"
            )));
        }
        let tables = context.database.describe_tables(&arguments.tables).await?;
        let missing: Vec<&String> = arguments
            .tables
            .iter()
            .filter(|name| !tables.iter().any(|table| table.name == **name))
            .collect();
        Ok(ToolOutput::of(if missing.is_empty() {
            json!({"tables": tables})
        } else {
            json!({"tables": tables, "not_found": missing})
        }))
    }
}
