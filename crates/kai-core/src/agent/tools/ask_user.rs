//! The tool `ask_user`: asks the person back instead of guessing. It ends the run.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::model::ToolSpec;

/// Asks back.
pub struct AskUser;

/// How many choices are offered.
const MOST_CHOICES: usize = 6;

#[derive(Deserialize)]
struct Arguments {
    question: String,
    #[serde(default)]
    choices: Vec<String>,
}

#[async_trait]
impl Tool for AskUser {
    fn name(&self) -> &'static str {
        "ask_user"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Asks the person back, when the question can be read in ways that give \
                          different answers and the database does not settle it. It ends the run: \
                          your question is the answer. Write it in the person's language, and say \
                          what you have found out.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "question": {"type": "string"},
                    "choices": {
                        "type": "array", "items": {"type": "string"},
                        "description": "Answers to choose from, if there are a few",
                    },
                },
                "required": ["question"],
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
        let shape = r#"{"question": "…", "choices": [texts]?}"#;
        let arguments: Arguments = match read_arguments(self.name(), shape, arguments) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let question = arguments.question.trim();
        if question.is_empty() {
            return Ok(ToolOutput::failure("the question is blank"));
        }
        let choices: Vec<String> = arguments
            .choices
            .iter()
            .map(|choice| choice.trim())
            .filter(|choice| !choice.is_empty())
            .take(MOST_CHOICES)
            .map(|choice| format!("- {choice}"))
            .collect();
        let asked = if choices.is_empty() {
            question.to_owned()
        } else {
            format!("{question}\n\n{}", choices.join("\n"))
        };
        Ok(ToolOutput {
            asked: Some(asked),
            ..ToolOutput::of(json!({"success": true}))
        })
    }
}
