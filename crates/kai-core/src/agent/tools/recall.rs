//! The tool `recall`: what was remembered in earlier conversations on the same connection.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::model::ToolSpec;

/// Finds memories.
pub struct Recall;

/// How many memories are told at once.
const MOST_MEMORIES: usize = 20;

#[derive(Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    about: Option<String>,
}

#[async_trait]
impl Tool for Recall {
    fn name(&self) -> &'static str {
        "recall"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Tells what was kept with remember, the most fitting first: all of it, or what \
                          has to do with some words. What fits the question you have been told already.",
            parameters: json!({
                "type": "object",
                "properties": {"about": {"type": "string", "description": "A few words"}},
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
        let arguments = if arguments.is_object() {
            match read_arguments(self.name(), r#"{} or {"about": "…"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            }
        } else {
            Arguments::default()
        };
        let Some(notebook) = context.briefing.notebook() else {
            return Ok(ToolOutput::failure(super::NO_NOTEBOOK));
        };
        Ok(match notebook.recall(arguments.about.as_deref()).await {
            Ok(mut memories) => {
                let left_out = memories.len().saturating_sub(MOST_MEMORIES);
                memories.truncate(MOST_MEMORIES);
                ToolOutput::of(json!({"memories": memories, "left_out": left_out}))
            }
            Err(error) => ToolOutput::failure(&error.to_string()),
        })
    }
}
