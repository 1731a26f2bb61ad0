//! The tool `write_todos`: the model's list of what it has done and what it still has to do.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::event::{AgentEvent, Todo};
use crate::model::ToolSpec;

/// The name that it is called by: subscribers see the list in the place of the call.
pub(crate) const NAME: &str = "write_todos";

/// How many entries a list has, and how many characters each.
const MOST_TODOS: usize = 20;
const LONGEST_TODO: usize = 300;

/// Shows the list.
pub struct WriteTodos;

#[derive(Deserialize)]
struct Arguments {
    todos: Vec<Todo>,
}

#[async_trait]
impl Tool for WriteTodos {
    fn name(&self) -> &'static str {
        NAME
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Shows the person what you are going to do and how far you are: the whole \
                          list, each time something changes. Only for questions that need several \
                          queries; at most 20 entries.",
            parameters: json!({
                "type": "object",
                "properties": {"todos": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "content": {"type": "string"},
                            "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
                        },
                        "required": ["content", "status"],
                        "additionalProperties": false,
                    },
                }},
                "required": ["todos"],
                "additionalProperties": false,
            }),
        }
    }

    async fn run(
        &self,
        _context: &ToolContext,
        _so_far: SoFar<'_>,
        arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let shape =
            r#"{"todos": [{"content": "…", "status": "pending"|"in_progress"|"completed"}]}"#;
        let arguments: Arguments = match read_arguments(self.name(), shape, arguments) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let todos: Vec<Todo> = arguments
            .todos
            .into_iter()
            .filter(|todo| !todo.content.trim().is_empty())
            .take(MOST_TODOS)
            .map(|todo| Todo {
                content: todo.content.trim().chars().take(LONGEST_TODO).collect(),
                status: todo.status,
            })
            .collect();
        Ok(ToolOutput {
            events: vec![AgentEvent::TodoUpdate { todos }],
            ..ToolOutput::of(json!({"success": true}))
        })
    }
}
