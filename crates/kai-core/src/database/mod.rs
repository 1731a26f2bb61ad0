//! Target databases: connect, read the catalogue, run one read-only query. One file per dialect.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::event::Row;

pub mod catalogue;
mod error;
pub mod guard;

pub use catalogue::{Column, ForeignKey, Table, TableSummary};
pub use error::DatabaseError;
pub use guard::CheckedQuery;

/// The kinds of database that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// PostgreSQL, `postgres://` or `postgresql://`.
    Postgresql,
    /// SQLite, `sqlite://`.
    Sqlite,
}

/// A connection to a database that is only ever read.
#[async_trait]
pub trait Database: Send + Sync {
    /// The dialect of SQL that the database speaks.
    fn dialect(&self) -> Dialect;

    /// The tables and views of the connection's schemas, by name.
    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError>;

    /// The named tables with their columns, keys, and the values of their low-cardinality columns.
    /// Names are as [`TableSummary::name`] gives them; those that do not exist are left out.
    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError>;

    /// Runs one checked query in a read-only transaction, within the limits.
    async fn query(
        &self,
        query: &CheckedQuery,
        limits: QueryLimits,
    ) -> Result<QueryResult, DatabaseError>;
}

/// How much a query may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    /// How long it may run (`SQL_EXECUTION_TIMEOUT`).
    pub timeout: Duration,
    /// How many rows are read (`SQL_MAX_ROWS`).
    pub max_rows: usize,
    /// How many bytes of values are read.
    pub max_bytes: usize,
}

/// The rows of a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryResult {
    /// The names of the columns, in order, each made unique.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether the database had more rows than the limits allow.
    pub truncated: bool,
}
