//! Target databases: connect, read the catalogue, run one read-only query. One file per dialect.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::event::Row;

pub mod catalogue;
mod categories;
mod dialect;
mod error;
pub mod guard;
mod mysql;
mod pending;
mod postgres;
pub mod privileges;
mod rows;
mod sqlite;
mod stopper;
mod uri;
mod value;

pub use catalogue::{Column, ForeignKey, Table, TableSummary};
pub use dialect::Dialect;
pub(crate) use dialect::{split_table_name, table_name};
pub use error::DatabaseError;
pub use guard::{CheckedQuery, Guard};
pub use pending::Pending;
pub use privileges::Excess;
pub use uri::{ConnectionUri, UriError};

/// How long a database may take to answer the first time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a server may take to hear that its connections end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long reading the catalogue may take, so that a huge database delays a question, but not for
/// ever.
const CATALOGUE_TIMEOUT: Duration = Duration::from_secs(30);

/// Connects to a target database, to read from the schemas and nothing else. With no schema, those
/// that the dialect has by default. What is returned is a small pool: it can be shared, and it
/// connects again by itself.
pub async fn connect(
    uri: &ConnectionUri,
    schemas: &[String],
) -> Result<Arc<dyn Database>, DatabaseError> {
    Ok(match uri.dialect() {
        Dialect::Postgresql => Arc::new(postgres::Postgres::connect(uri, schemas).await?),
        Dialect::Mysql => Arc::new(mysql::Mysql::connect(uri, schemas).await?),
        Dialect::Sqlite => Arc::new(sqlite::Sqlite::connect(uri).await?),
    })
}

/// A connection to a database that is only ever read.
#[async_trait]
pub trait Database: Send + Sync {
    /// The dialect of SQL that the database speaks.
    fn dialect(&self) -> Dialect;

    /// The guard that knows the dialect and the connection's schemas. Only what it let through
    /// runs.
    fn guard(&self) -> Guard {
        Guard::for_dialect(self.dialect())
    }

    /// Waits until it can be asked. What [`connect`] gives is ready.
    async fn ready(&self) -> Result<(), DatabaseError> {
        Ok(())
    }

    /// The tables and views of the connection's schemas, by name.
    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError>;

    /// The named tables with their columns, keys, and the values of their low-cardinality columns.
    /// Names are as [`TableSummary::name`] gives them; those that do not exist are left out.
    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError>;

    /// The same without values: the catalogue is asked, the tables are not.
    async fn describe_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError>;

    /// The first rows of the named tables, by name, where the database can give those of all of them
    /// at once; `limits` are for each table. Where it cannot, nothing, and each must be asked for.
    async fn first_rows(
        &self,
        names: &[String],
        limits: QueryLimits,
    ) -> Result<HashMap<String, Vec<Row>>, DatabaseError> {
        let _ = (names, limits);
        Ok(HashMap::new())
    }

    /// What the account could do beyond reading, as far as the database tells. An SQLite file is only
    /// opened for reading, so nothing.
    async fn excess_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        Ok(Vec::new())
    }

    /// The same with the values and sample rows that are known without reading the tables.
    async fn describe_known(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.describe_columns(names).await
    }

    /// Ends its connections, when nothing is asked any more, and waits until the statements that nobody
    /// waited for are stopped on the server. A server that does not answer is not waited for long.
    async fn close(&self) {}

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
    /// The names of the columns, in order, each made unique: a repeated `name` becomes `name_2`.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether the database had more rows than the limits allow.
    pub truncated: bool,
}
