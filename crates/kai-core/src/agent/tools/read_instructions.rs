//! The tool `read_instructions`: how operators want questions to be answered.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput};
use crate::database::DatabaseError;
use crate::model::ToolSpec;

/// Tells the instructions.
pub struct ReadInstructions;

/// How many characters of instructions and model definitions are told.
const MOST_CHARACTERS: usize = 24_000;

#[async_trait]
impl Tool for ReadInstructions {
    fn name(&self) -> &'static str {
        "read_instructions"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Tells all instructions for answers and the model definitions (MDL) of this \
                          database. Those that fit the question you have been told already.",
            parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
        }
    }

    async fn run(
        &self,
        context: &ToolContext,
        _so_far: SoFar<'_>,
        _arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let knowledge = context.briefing.knowledge();
        let (mut left, mut left_out) = (MOST_CHARACTERS, 0);
        let mut cut = |text: &str| -> String {
            let told: String = text.chars().take(left).collect();
            left = left.saturating_sub(told.chars().count());
            left_out += text.chars().count() - told.chars().count();
            told
        };
        let instructions: Vec<Value> = knowledge
            .instructions
            .iter()
            .map(|told| json!({"when": told.condition, "do": cut(&told.content)}))
            .collect();
        let definitions: Vec<String> = knowledge
            .definitions
            .iter()
            .map(|definition| cut(&definition.content))
            .collect();
        let mut content = json!({"instructions": instructions, "model_definitions": definitions});
        if let (Value::Object(fields), true) = (&mut content, left_out > 0) {
            fields.insert("characters_left_out".to_owned(), left_out.into());
        }
        Ok(ToolOutput::of(content))
    }
}
