//! What is known of a database's tables: the shape that tools show to a model.

use serde::{Deserialize, Serialize};

use crate::event::Row;

/// A table or view in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSummary {
    /// Its name, without quotes: the plain name in the connection's first schema, `schema.name` in
    /// the others. Only a part that itself holds a dot or a double quote stands in double quotes.
    /// [`super::Dialect::quote_table`] writes it as SQL needs it.
    pub name: String,
    /// What its owner says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many columns it has.
    pub column_count: usize,
}

/// A table or view with its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name, as [`TableSummary::name`].
    pub name: String,
    /// What its owner says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its first rows, where a scan has kept them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Row>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its owner says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its type, as the database names it.
    pub data_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it is (part of) the primary key.
    pub is_primary_key: bool,
    /// The column that it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign_key: Option<ForeignKey>,
    /// Whether it has few distinct values (1 to 60 short ones).
    #[serde(default)]
    pub low_cardinality: bool,
    /// Those values, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

/// The column that a foreign key refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referenced column.
    pub field_name: String,
    /// The referenced table, named as [`Table::name`].
    pub reference_table: String,
}
