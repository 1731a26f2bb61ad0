//! The tools that a model can call: one file each, listed here.

use std::sync::Arc;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::database::{Database, DatabaseError, QueryLimits};
use crate::event::AgentEvent;
use crate::knowledge::Briefing;
use crate::model::ToolSpec;

mod ask_user;
mod describe_tables;
mod draw_chart;
mod explain_query;
mod find_verified_queries;
mod forget;
mod list_tables;
mod load_skill;
mod names;
mod preview;
mod read_instructions;
mod recall;
mod remember;
mod search_glossary;
mod search_schema;
mod search_values;
mod sql_query;
pub(crate) mod write_todos;

pub use ask_user::AskUser;
pub use describe_tables::DescribeTables;
pub use draw_chart::DrawChart;
pub use explain_query::ExplainQuery;
pub use find_verified_queries::FindVerifiedQueries;
pub use forget::Forget;
pub use list_tables::ListTables;
pub use load_skill::LoadSkill;
pub use read_instructions::ReadInstructions;
pub use recall::Recall;
pub use remember::Remember;
pub use search_glossary::SearchGlossary;
pub use search_schema::SearchSchema;
pub use search_values::SearchValues;
pub use sql_query::SqlQuery;
pub use write_todos::WriteTodos;

/// What a model is told where nothing can be remembered.
const NO_NOTEBOOK: &str = "nothing can be remembered in this run";

/// What a tool works on.
#[derive(Clone)]
pub struct ToolContext {
    /// The database that is asked.
    pub database: Arc<dyn Database>,
    /// How much one query may cost.
    pub limits: QueryLimits,
    /// What the operator's knowledge says about the question.
    pub briefing: Briefing,
}

/// What a run has come to before a tool is called.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoFar<'a> {
    /// The query that ran last.
    pub last_query: Option<LastQuery<'a>>,
}

/// A query that ran earlier in the run.
#[derive(Debug, Clone, Copy)]
pub struct LastQuery<'a> {
    /// The statement as it ran.
    pub sql: &'a str,
    /// What the model was told of its rows: JSON, as text.
    pub content: &'a str,
}

/// A tool that a model can call.
#[async_trait]
pub trait Tool: Send + Sync {
    /// The name that it is called by, as in its [`spec`](Self::spec).
    fn name(&self) -> &'static str;

    /// What the model is told about it.
    fn spec(&self) -> ToolSpec;

    /// Runs it. What is wrong with the arguments or the query goes back to the model as output.
    ///
    /// # Errors
    /// When the database cannot be asked at all, so that the run cannot go on.
    async fn run(
        &self,
        context: &ToolContext,
        so_far: SoFar<'_>,
        arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError>;
}

/// What a tool came to.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolOutput {
    /// What the model reads.
    pub content: Value,
    /// What subscribers see besides `tool_start` and `tool_end`, in order.
    pub events: Vec<AgentEvent>,
    /// The query that ran, if one did.
    pub query: Option<RanQuery>,
    /// What was wrong with a query that did not run.
    pub failed_query: Option<String>,
    /// What the person is asked, which ends the run.
    pub asked: Option<String>,
}

/// A query that ran without an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RanQuery {
    /// The statement as it ran.
    pub sql: String,
    /// How many rows it returned.
    pub row_count: usize,
}

impl ToolOutput {
    fn of(content: Value) -> Self {
        Self {
            content,
            events: Vec::new(),
            query: None,
            failed_query: None,
            asked: None,
        }
    }

    /// What is wrong, in the shape in which every tool says so.
    fn failure(error: &str) -> Self {
        Self::of(json!({"success": false, "error": error}))
    }

    /// A query that was run again after it had been cut off, and was cut off again.
    pub(crate) fn cut_off(error: &DatabaseError) -> Self {
        let error = format!(
            "{error}. It was run twice, and cut off twice; another query, one that asks for less, may \
             get through"
        );
        Self {
            failed_query: Some(error.clone()),
            ..Self::failure(&error)
        }
    }
}

/// Reads a tool's arguments, or says to the model what is wrong with them and what they should be.
fn read_arguments<T: DeserializeOwned>(
    tool: &str,
    shape: &str,
    arguments: &Value,
) -> Result<T, String> {
    T::deserialize(arguments).map_err(|error| format!("{tool} needs {shape}: {error}"))
}

/// The tools of a run, in the order in which the model is told of them.
pub fn all() -> Vec<Box<dyn Tool>> {
    vec![
        Box::new(ListTables),
        Box::new(DescribeTables),
        Box::new(SqlQuery),
        Box::new(SearchSchema),
        Box::new(SearchValues),
        Box::new(ExplainQuery),
        Box::new(DrawChart),
        Box::new(FindVerifiedQueries),
        Box::new(SearchGlossary),
        Box::new(ReadInstructions),
        Box::new(LoadSkill),
        Box::new(Remember),
        Box::new(Recall),
        Box::new(Forget),
        Box::new(WriteTodos),
        Box::new(AskUser),
    ]
}

/// The output for a tool that does not exist.
pub fn unknown(name: &str, tools: &[Box<dyn Tool>]) -> ToolOutput {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name()).collect();
    ToolOutput::failure(&format!(
        "there is no tool {name}; the tools are {}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_tool_is_described_by_its_name_and_a_closed_schema() {
        let tools = all();
        let names: HashSet<&str> = tools.iter().map(|tool| tool.name()).collect();
        assert_eq!(names.len(), tools.len());
        for tool in &tools {
            let spec = tool.spec();
            assert_eq!(spec.name, tool.name());
            assert_eq!(spec.parameters["type"], "object", "{}", spec.name);
            assert_eq!(
                spec.parameters["additionalProperties"], false,
                "{}",
                spec.name
            );
            assert!(spec.description.len() < 600, "{}", spec.name);
        }
    }
}
