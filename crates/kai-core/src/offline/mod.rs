//! The embedded question-to-SQL model: it needs no network and gives the same answer every time.
//!
//! A question becomes tokens ([`token`]), its words are linked to tables, columns and values
//! ([`link`], with the bilingual [`lexicon`]), the links are read in the question's order as what
//! it asks for ([`reader`]), that is composed to a typed query plan over the foreign keys
//! ([`compose`]), and the plan is printed as SQL ([`print`]). Several readings are weighed
//! ([`understand`]); what is not understood is asked back ([`decline`]), never guessed.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use serde_json::{Value, json};

use self::schema::Schemas;
use crate::language::Language;
use crate::model::{
    ChatModel, ChatRequest, ModelError, PlanRequest, ToolCall, TurnPiece, TurnStream,
};

mod answer;
mod apposition;
mod bearing;
mod compose;
mod conversation;
mod cue;
mod decline;
mod dialogue;
mod doubt;
mod either;
#[cfg(test)]
mod fixtures;
mod format;
#[cfg(test)]
mod forms;
mod glossary;
pub mod indexed;
mod intent;
pub mod language;
mod lexicon;
mod link;
mod period;
mod plan;
mod planning;
mod preferences;
mod print;
mod probe;
mod quantity;
mod reader;
mod repeated;
mod rewording;
mod schema;
mod spelling;
mod suggest;
mod terms;
pub(crate) mod text;
mod token;
mod told;
#[cfg(test)]
mod told_forms;
mod understand;
mod units;
mod verbs;
mod wishes;

/// A model without a network: it links the words of a question to the schema and builds the SQL.
///
/// It remembers the schemas that it read lately, which its clones share: the answers are the same
/// without, only slower.
#[derive(Debug, Clone)]
pub struct OfflineModel {
    default_language: Language,
    schemas: Arc<Schemas>,
}

impl OfflineModel {
    /// A model that answers in `default_language` where the question's own language is unclear.
    pub fn new(default_language: Language) -> Self {
        Self {
            default_language,
            schemas: Arc::default(),
        }
    }
}

/// One turn: what is said, and the tool that is called, if any.
#[derive(Debug, Clone, PartialEq)]
struct Turn {
    text: String,
    call: Option<(&'static str, Value)>,
}

impl Turn {
    fn call(thinking: &str, tool: &'static str, arguments: Value) -> Self {
        Self {
            text: format!("<thinking>{thinking}</thinking>"),
            call: Some((tool, arguments)),
        }
    }

    fn answer(thinking: &str, answer: &str, suggestions: &[String]) -> Self {
        let thinking = if thinking.is_empty() {
            String::new()
        } else {
            format!("<thinking>{thinking}</thinking>")
        };
        let lines: Vec<String> = suggestions
            .iter()
            .map(|question| format!("- {question}"))
            .collect();
        let suggestions = if lines.is_empty() {
            String::new()
        } else {
            format!("<suggestions>{}</suggestions>", lines.join("\n"))
        };
        Self {
            text: format!("{thinking}<answer>{answer}{suggestions}</answer>"),
            call: None,
        }
    }
}

#[async_trait]
impl ChatModel for OfflineModel {
    fn name(&self) -> &'static str {
        "offline"
    }

    async fn next_turn(&self, request: ChatRequest<'_>) -> Result<TurnStream, ModelError> {
        let messages = glossary::applied(request.messages);
        let conversation = conversation::Conversation::new(&messages);
        let turn = dialogue::next_turn(&conversation, &self.schemas, self.default_language);
        let call = turn.call.map(|(name, arguments)| {
            let id = format!("offline-{}", conversation.calls + 1);
            TurnPiece::ToolCall(ToolCall::new(id, name, arguments))
        });
        let text = turn
            .text
            .split_inclusive(' ')
            .map(|word| TurnPiece::Text(word.to_owned()));
        let pieces: Vec<Result<TurnPiece, ModelError>> = text.chain(call).map(Ok).collect();
        Ok(stream::iter(pieces).boxed())
    }

    fn works_by_rule(&self) -> bool {
        true
    }

    fn plan(&self, request: PlanRequest<'_>) -> Option<Vec<String>> {
        Some(planning::plan(request, self.default_language))
    }
}

/// The arguments of a query.
fn query(sql: &str) -> Value {
    json!({ "query": sql })
}
