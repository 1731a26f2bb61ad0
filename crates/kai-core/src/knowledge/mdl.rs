//! The Model Definition Language: tables, columns and relationships as Markdown.

use std::fmt::Write as _;

use serde::Serialize;

use crate::database::{Column, Dialect, Table};

/// How many values of a column are shown.
const SHOWN_VALUES: usize = 10;

/// What is described.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    /// The connection's alias.
    pub alias: &'a str,
    /// Its dialect.
    pub dialect: Dialect,
    /// Its tables.
    pub tables: &'a [Table],
}

/// What `generate_mdl` returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ModelReport {
    /// The tables were described.
    Success {
        /// The description.
        mdl: String,
        /// How many tables it describes.
        table_count: usize,
        /// Their names.
        tables: Vec<String>,
    },
    /// There is nothing to describe.
    NoTablesFound {
        /// Always null.
        mdl: Option<String>,
    },
}

impl ModelReport {
    /// The description of these tables.
    pub fn of(model: Model<'_>) -> Self {
        if model.tables.is_empty() {
            return Self::NoTablesFound { mdl: None };
        }
        Self::Success {
            mdl: document(model),
            table_count: model.tables.len(),
            tables: model
                .tables
                .iter()
                .map(|table| table.name.clone())
                .collect(),
        }
    }
}

/// The description as Markdown.
pub fn document(model: Model<'_>) -> String {
    let mut text = format!(
        "# Model Definition Language (MDL)\n\n\
         **Connection:** {}\n\
         **Database dialect:** {}\n\n\
         ## Tables\n",
        line(model.alias),
        model.dialect
    );
    for table in model.tables {
        let _ = write!(text, "\n### {}\n\n", line(&table.name));
        if let Some(description) = &table.description {
            let _ = write!(text, "{}\n\n", line(description));
        }
        text.push_str("| Column | Type | Description |\n| --- | --- | --- |\n");
        for column in &table.columns {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                cell(&column.name),
                cell(&column.data_type),
                cell(&described(column))
            );
        }
    }
    text.push_str("\n## Relationships\n\n");
    let mut relationships = 0;
    for table in model.tables {
        for column in &table.columns {
            let Some(reference) = &column.foreign_key else {
                continue;
            };
            let _ = writeln!(
                text,
                "- {}.{} → {}.{} ({})",
                line(&table.name),
                line(&column.name),
                line(&reference.reference_table),
                line(&reference.field_name),
                cardinality(table, column)
            );
            relationships += 1;
        }
    }
    if relationships == 0 {
        text.push_str("The database declares no foreign keys between these tables.\n");
    }
    text
}

/// A column that is the whole primary key occurs once for each value.
fn cardinality(table: &Table, column: &Column) -> &'static str {
    let keys = table.columns.iter().filter(|column| column.is_primary_key);
    if column.is_primary_key && keys.count() == 1 {
        "one-to-one"
    } else {
        "many-to-one"
    }
}

/// What is said of a column: its comment, its part in keys, its values.
fn described(column: &Column) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(column.description.clone());
    if column.is_primary_key {
        parts.push("primary key".to_owned());
    }
    if let Some(reference) = &column.foreign_key {
        parts.push(format!(
            "refers to {}.{}",
            reference.reference_table, reference.field_name
        ));
    }
    if column.low_cardinality && !column.categories.is_empty() {
        let shown: Vec<&str> = column
            .categories
            .iter()
            .take(SHOWN_VALUES)
            .map(String::as_str)
            .collect();
        let more = column.categories.len().saturating_sub(SHOWN_VALUES);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        parts.push(format!("values: {}{more}", shown.join(", ")));
    }
    parts.join("; ")
}

/// Text in one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text in one cell of a Markdown table.
fn cell(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('|', "\\|")
}
