//! The tool `list_tables`: which tables and views there are.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::{DatabaseError, TableSummary};
use crate::model::ToolSpec;

/// How many tables are listed at once.
const MOST_TABLES: usize = 300;

/// Lists the tables and views of the connection.
pub struct ListTables;

#[derive(Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    pattern: Option<String>,
}

#[async_trait]
impl Tool for ListTables {
    fn name(&self) -> &'static str {
        "list_tables"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Lists the tables and views of the database, with what is said of each.",
            parameters: json!({
                "type": "object",
                "properties": {"pattern": {
                    "type": "string",
                    "description": "Only names like this; * stands for any characters",
                }},
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
        // Some models send null or nothing for no arguments.
        let arguments = if arguments.is_object() {
            match read_arguments(self.name(), r#"{} or {"pattern": "…*"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            }
        } else {
            Arguments::default()
        };
        let mut tables: Vec<TableSummary> = context.database.list_tables().await?;
        if let Some(pattern) = &arguments.pattern {
            tables.retain(|table| matches(&pattern.to_lowercase(), &table.name.to_lowercase()));
        }
        let left_out = tables.len().saturating_sub(MOST_TABLES);
        tables.truncate(MOST_TABLES);
        let mut content = json!({"dialect": context.database.dialect(), "tables": tables});
        if let (Value::Object(fields), true) = (&mut content, left_out > 0) {
            fields.insert("left_out".to_owned(), left_out.into());
            let hint = "narrow the list with a pattern, or use search_schema";
            fields.insert("hint".to_owned(), hint.into());
        }
        Ok(ToolOutput::of(content))
    }
}

/// Whether a name is like the pattern, in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some(last) => name.len() >= first.len() + last.len() && name.ends_with(last),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("", "", true),
            ("*", "customer", true),
            ("cust*", "customer", true),
            ("*_log", "audit_log", true),
            ("*dit*", "audit_log", true),
            ("a*t_l*g", "audit_log", true),
            ("customer", "customers", false),
            ("cust*x", "customer", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
