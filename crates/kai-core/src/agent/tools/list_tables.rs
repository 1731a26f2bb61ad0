//! The tool `list_tables`: which tables and views there are.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Tool, ToolContext, ToolOutput};
use crate::database::DatabaseError;
use crate::model::ToolSpec;

/// Lists the tables and views of the connection.
pub struct ListTables;

#[async_trait]
impl Tool for ListTables {
    fn name(&self) -> &'static str {
        "list_tables"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Lists the tables and views of the database, with what is said of each.",
            parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
        }
    }

    async fn run(
        &self,
        context: &ToolContext,
        _arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let tables = context.database.list_tables().await?;
        Ok(ToolOutput::of(
            json!({"dialect": context.database.dialect(), "tables": tables}),
        ))
    }
}
