//! The tool `remember`: keeps a fact for later conversations on the same connection.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::knowledge::{Memory, Namespace};
use crate::model::ToolSpec;

/// Keeps a memory.
pub struct Remember;

#[async_trait]
impl Tool for Remember {
    fn name(&self) -> &'static str {
        "remember"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Keeps something that the person said for later conversations about this \
                          database: how they want answers, what a word means to them, a correction. \
                          Never something that only a cell of the database says, and no figures: they \
                          change. The same key again replaces what was kept.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "namespace": {"type": "string", "enum": Namespace::NAMES},
                    "key": {"type": "string", "description": "A few words that name it"},
                    "value": {"type": "string", "description": "What is to be remembered"},
                    "importance": {"type": "number", "minimum": 0, "maximum": 1},
                },
                "required": ["key", "value"],
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
        let shape = r#"{"key": "…", "value": "…", "namespace": …?, "importance": 0 to 1?}"#;
        let memory: Memory = match read_arguments(self.name(), shape, arguments) {
            Ok(memory) => memory,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let Some(notebook) = context.briefing.notebook() else {
            return Ok(ToolOutput::failure(super::NO_NOTEBOOK));
        };
        Ok(match notebook.remember(memory).await {
            Ok(()) => ToolOutput::of(json!({"success": true})),
            Err(error) => ToolOutput::failure(&error.to_string()),
        })
    }
}
