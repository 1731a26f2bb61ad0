//! The tool `search_schema`: finds tables and columns by words, comments and values.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::knowledge::{Catalogue, Topic};
use crate::model::ToolSpec;

/// How many tables are found at most, and how many columns of each.
const MOST_TABLES: usize = 20;
const MOST_COLUMNS: usize = 20;

/// Finds tables and columns.
pub struct SearchSchema;

#[derive(Deserialize)]
struct Arguments {
    words: String,
}

#[async_trait]
impl Tool for SearchSchema {
    fn name(&self) -> &'static str {
        "search_schema"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Finds tables and columns whose names, comments or typical values have some of \
                          these words, the most fitting first. Try the words of the question, then \
                          their synonyms and translations.",
            parameters: json!({
                "type": "object",
                "properties": {"words": {"type": "string", "description": "A few words"}},
                "required": ["words"],
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
        let arguments: Arguments = match read_arguments(self.name(), r#"{"words": "…"}"#, arguments)
        {
            Ok(arguments) => arguments,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let catalogue = Catalogue::read(context.database.as_ref(), &arguments.words).await?;
        let topic = Topic::new(&arguments.words);
        let found = catalogue.about(&topic);
        let left_out = found.len().saturating_sub(MOST_TABLES);
        let tables: Vec<Value> = found
            .into_iter()
            .take(MOST_TABLES)
            .map(|(table, columns)| {
                let columns: Vec<Value> = columns
                    .into_iter()
                    .take(MOST_COLUMNS)
                    .map(|column| {
                        let values = column.categories.iter().filter(|value| topic.has(value));
                        json!({
                            "name": column.name,
                            "type": column.data_type,
                            "comment": column.description,
                            "values": values.collect::<Vec<_>>(),
                        })
                    })
                    .collect();
                json!({"table": table.name, "comment": table.description, "columns": columns})
            })
            .collect();
        Ok(ToolOutput::of(
            json!({"found": tables, "left_out": left_out}),
        ))
    }
}
