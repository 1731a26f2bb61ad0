//! The tool `forget`: drops something that was remembered.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::knowledge::Namespace;
use crate::model::ToolSpec;

/// Drops a memory.
pub struct Forget;

#[derive(Deserialize)]
struct Arguments {
    #[serde(default)]
    namespace: Namespace,
    key: String,
}

#[async_trait]
impl Tool for Forget {
    fn name(&self) -> &'static str {
        "forget"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Drops what was kept with remember under this key, when the person says that \
                          it is wrong or wants it forgotten.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "namespace": {"type": "string", "enum": Namespace::NAMES},
                    "key": {"type": "string"},
                },
                "required": ["key"],
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
        let shape = r#"{"key": "…", "namespace": …?}"#;
        let arguments: Arguments = match read_arguments(self.name(), shape, arguments) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let Some(notebook) = context.briefing.notebook() else {
            return Ok(ToolOutput::failure(super::NO_NOTEBOOK));
        };
        let forgotten = notebook.forget(arguments.namespace, &arguments.key).await;
        Ok(match forgotten {
            Ok(true) => ToolOutput::of(json!({"success": true})),
            Ok(false) => ToolOutput::failure("nothing is remembered under this key; see recall"),
            Err(error) => ToolOutput::failure(&error.to_string()),
        })
    }
}
