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

mod describe_tables;
mod list_tables;
mod sql_query;

pub use describe_tables::DescribeTables;
pub use list_tables::ListTables;
pub use sql_query::SqlQuery;

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
        }
    }

    /// What is wrong, in the shape in which every tool says so.
    fn failure(error: &str) -> Self {
        Self::of(json!({"success": false, "error": error}))
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
