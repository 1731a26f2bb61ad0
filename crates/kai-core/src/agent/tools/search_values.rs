//! The tool `search_values`: finds in which columns a name or another text stands.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::{Column, DatabaseError, Dialect, QueryLimits, Table};
use crate::knowledge::{Catalogue, Topic};
use crate::model::ToolSpec;

/// How many columns are searched.
const MOST_COLUMNS: usize = 24;

/// How many values of a column are told.
const MOST_VALUES: usize = 10;

/// How long the search of one column may take, and all of it.
const COLUMN_TIMEOUT: Duration = Duration::from_secs(3);
const WHOLE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a text that is searched for may be, in characters.
const LONGEST_TEXT: usize = 100;

/// Finds values.
pub struct SearchValues;

#[derive(Deserialize)]
struct Arguments {
    text: String,
    #[serde(default)]
    tables: Vec<String>,
}

#[async_trait]
impl Tool for SearchValues {
    fn name(&self) -> &'static str {
        "search_values"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Finds in which text columns a value stands that contains this text, whatever \
                          its case, and how it is written there. Use it for names, places and codes of \
                          the question before you filter by them.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "The text, as short as is clear"},
                    "tables": {
                        "type": "array", "items": {"type": "string"},
                        "description": "Only these tables; those that fit best when not given",
                    },
                },
                "required": ["text"],
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
        let shape = r#"{"text": "…", "tables": [names]?}"#;
        let arguments: Arguments = match read_arguments(self.name(), shape, arguments) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let text: String = arguments.text.trim().chars().take(LONGEST_TEXT).collect();
        if text.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
            return Ok(ToolOutput::failure(
                "the text is too short; search for two letters or digits at least",
            ));
        }
        let catalogue = Catalogue::read(context.database.as_ref(), &text).await?;
        let columns = searched(&catalogue, &text, &arguments.tables);
        let left_out = columns.len().saturating_sub(MOST_COLUMNS);
        let begun = Instant::now();
        let (mut found, mut unsearched) = (Vec::new(), Vec::new());
        for (table, column) in columns.into_iter().take(MOST_COLUMNS) {
            if begun.elapsed() > WHOLE_TIMEOUT {
                unsearched.push(format!("{}.{}", table.name, column.name));
                continue;
            }
            match values(context, table, column, &text).await {
                Ok(values) if values.is_empty() => {}
                Ok(values) => found.push(json!({
                    "table": table.name, "column": column.name, "values": values,
                })),
                Err(error) if error.is_retryable() => return Err(error),
                // A column that cannot be searched is told with those that took too long.
                Err(_) => unsearched.push(format!("{}.{}", table.name, column.name)),
            }
        }
        Ok(ToolOutput::of(json!({
            "found": found, "not_searched": unsearched, "columns_left_out": left_out,
        })))
    }
}

/// The columns to be searched: those that hold texts, the likeliest first.
fn searched<'a>(
    catalogue: &'a Catalogue,
    text: &str,
    tables: &[String],
) -> Vec<(&'a Table, &'a Column)> {
    let topic = Topic::new(text);
    let mut columns: Vec<(&Table, &Column)> = catalogue
        .tables()
        .iter()
        .filter(|table| tables.is_empty() || tables.contains(&table.name))
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .filter(|(_, column)| holds_text(&column.data_type))
        .collect();
    columns.sort_by_key(|(_, column)| {
        let is_known = column.categories.iter().any(|value| topic.has(value));
        let name = column.name.to_lowercase();
        let is_name = ["name", "nama", "title", "judul", "label", "kode", "code"]
            .iter()
            .any(|word| name.contains(word));
        // What the scan has seen first, then names, then the rest; long texts last.
        (!is_known, !is_name, column.low_cardinality)
    });
    columns
}

async fn values(
    context: &ToolContext,
    table: &Table,
    column: &Column,
    text: &str,
) -> Result<Vec<Value>, DatabaseError> {
    let sql = statement(context.database.dialect(), table, column, text);
    let Ok(query) = context.database.guard().check(&sql) else {
        return Ok(Vec::new());
    };
    let limits = QueryLimits {
        timeout: COLUMN_TIMEOUT.min(context.limits.timeout),
        max_rows: MOST_VALUES,
        max_bytes: context.limits.max_bytes,
    };
    let result = context.database.query(&query, limits).await?;
    let values = result.rows.into_iter().flatten();
    Ok(values.map(|(_, value)| cut(value)).collect())
}

fn statement(dialect: Dialect, table: &Table, column: &Column, text: &str) -> String {
    let name = dialect.quote(&column.name);
    let from = dialect.quote_table(&table.name);
    // A wildcard in the place of what a pattern or a literal would read in another way.
    let pattern: String = text
        .to_lowercase()
        .chars()
        .map(|c| if "%_'\\\0".contains(c) { '_' } else { c })
        .collect();
    format!(
        "SELECT DISTINCT {name} AS value FROM {from} WHERE LOWER({name}) LIKE '%{pattern}%' \
         ORDER BY 1 LIMIT {MOST_VALUES}"
    )
}

fn holds_text(data_type: &str) -> bool {
    let data_type = data_type.to_lowercase();
    data_type.is_empty()
        || ["char", "text", "clob", "enum("]
            .iter()
            .any(|word| data_type.contains(word))
}

fn cut(value: Value) -> Value {
    match &value {
        Value::String(text) => match text.char_indices().nth(2 * LONGEST_TEXT) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
            None => value,
        },
        _ => value,
    }
}
