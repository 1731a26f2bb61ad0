//! A `CREATE TABLE` that says what the catalogue says of a table.

use crate::database::{Dialect, Table};

/// The statement, as a person or a model reads it. It is never run.
pub(super) fn create_table(dialect: Dialect, table: &Table) -> String {
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            let data_type = column.data_type.trim();
            let space = if data_type.is_empty() { "" } else { " " };
            format!("{}{space}{data_type}{null}", dialect.quote(&column.name))
        })
        .collect();
    let keys: Vec<String> = table
        .columns
        .iter()
        .filter(|column| column.is_primary_key)
        .map(|column| dialect.quote(&column.name))
        .collect();
    if !keys.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", keys.join(", ")));
    }
    lines.extend(table.columns.iter().filter_map(|column| {
        let reference = column.foreign_key.as_ref()?;
        Some(format!(
            "FOREIGN KEY ({}) REFERENCES {} ({})",
            dialect.quote(&column.name),
            dialect.quote_table(&reference.reference_table),
            dialect.quote(&reference.field_name)
        ))
    }));
    format!(
        "CREATE TABLE {} (\n    {}\n);",
        dialect.quote_table(&table.name),
        lines.join(",\n    ")
    )
}
