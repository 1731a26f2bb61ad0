//! The tool `search_glossary`: what words and metrics mean in this company.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::knowledge::{Term, Topic};
use crate::model::ToolSpec;

/// Finds terms.
pub struct SearchGlossary;

/// How many terms are told.
const MOST_TERMS: usize = 30;

#[derive(Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    words: Option<String>,
}

#[async_trait]
impl Tool for SearchGlossary {
    fn name(&self) -> &'static str {
        "search_glossary"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Finds what words and metrics mean here and how they are computed. Without \
                          words it tells the whole glossary.",
            parameters: json!({
                "type": "object",
                "properties": {"words": {"type": "string", "description": "A few words"}},
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
            match read_arguments(self.name(), r#"{} or {"words": "…"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            }
        } else {
            Arguments::default()
        };
        let topic = arguments.words.as_deref().map(Topic::new);
        let fits = |term: &&Term| {
            let Some(topic) = &topic else { return true };
            std::iter::once(&term.term)
                .chain(&term.alias)
                .chain([&term.definition])
                .any(|text| topic.touches(text))
        };
        let glossary = &context.briefing.knowledge().glossary;
        let found: Vec<&Term> = glossary.iter().filter(fits).collect();
        let left_out = found.len().saturating_sub(MOST_TERMS);
        let terms: Vec<&Term> = found.into_iter().take(MOST_TERMS).collect();
        Ok(ToolOutput::of(
            json!({"terms": terms, "left_out": left_out}),
        ))
    }
}
