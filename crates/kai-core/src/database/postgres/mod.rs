//! PostgreSQL: a small pool whose every statement runs in a read-only transaction of its own.

mod batch;
mod catalogue;
mod privileges;
mod session;
mod shape;
mod value;

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Executor, PgConnection, Row as _, SqlSafeStr, Statement,
    ValueRef,
};

use self::shape::Shape;
use self::value::Decoder;
use super::privileges::Excess;
use super::rows::Gatherer;
use super::stopper::Stopper;
use super::{
    CLOSE_TIMEOUT, CONNECT_TIMEOUT, CheckedQuery, ConnectionUri, Database, DatabaseError, Dialect,
    Guard, QueryLimits, QueryResult, Table, TableSummary,
};

use crate::event::Row;

/// How many statements of one connection run side by side.
const MAX_CONNECTIONS: u32 = 4;

/// A PostgreSQL database, read through the schemas of its connection.
pub(super) struct Postgres {
    pool: PgPool,
    stopper: Stopper,
    schemas: Vec<String>,
}

impl Postgres {
    /// Connects, and finds out at once whether that works.
    pub(super) async fn connect(
        uri: &ConnectionUri,
        schemas: &[String],
    ) -> Result<Self, DatabaseError> {
        let options = PgConnectOptions::from_str(uri.expose())
            .map_err(|_| DatabaseError::Settings("a part of it cannot be read".to_owned()))?
            .application_name("kai")
            .disable_statement_logging();
        // The pool would go on trying where the server refuses to be connected to, and then only
        // tell that time ran out.
        let first = tokio::time::timeout(CONNECT_TIMEOUT, options.connect())
            .await
            .map_err(|_| no_answer())?
            .map_err(|error| database_error(&error, CONNECT_TIMEOUT))?;
        drop(first);
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_lazy_with(options);
        let database = Self {
            pool,
            stopper: Stopper::new(),
            schemas: if schemas.is_empty() {
                Dialect::Postgresql.default_schemas()
            } else {
                schemas.to_vec()
            },
        };
        database.check_schemas().await?;
        Ok(database)
    }
}

#[async_trait]
impl Database for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgresql
    }

    fn guard(&self) -> Guard {
        Guard::new(Dialect::Postgresql, self.schemas.clone())
    }

    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        self.read_tables().await
    }

    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.read_tables_with_values(names).await
    }

    async fn describe_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.read_columns(names).await
    }

    async fn first_rows(
        &self,
        names: &[String],
        limits: QueryLimits,
    ) -> Result<HashMap<String, Vec<Row>>, DatabaseError> {
        self.read_first_rows(names, limits).await
    }

    async fn excess_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        self.read_privileges().await
    }

    async fn close(&self) {
        self.stopper.finish().await;
        // What cannot be told in time is dropped with the pool.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.pool.close()).await;
    }

    async fn query(
        &self,
        query: &CheckedQuery,
        limits: QueryLimits,
    ) -> Result<QueryResult, DatabaseError> {
        if !query.is_of(&self.guard()) {
            return Err(DatabaseError::OtherGuard);
        }
        let ran = session::bounded(limits.timeout, async {
            let mut session = self.begin(limits.timeout).await?;
            let result = gather(session.connection()?, query, limits).await;
            match &result {
                // Also after an error that the database told, the connection is as good as before.
                Ok(QueryResult {
                    truncated: false, ..
                })
                | Err(sqlx::Error::Database(_)) => session.end().await,
                // The server would send the rest of the rows before it took another statement.
                _ => session.abandon(),
            }
            Ok(result)
        });
        let ran = ran.await?;
        ran.map_err(|error| database_error(&error, limits.timeout).of_running())
    }
}

/// Runs the statement and gathers what fits.
async fn gather(
    connection: &mut PgConnection,
    query: &CheckedQuery,
    limits: QueryLimits,
) -> Result<QueryResult, sqlx::Error> {
    let mut statement = connection
        .prepare(AssertSqlSafe(query.sql()).into_sql_str())
        .await?;
    let names: Vec<String> = statement
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    let shape = Shape::of(statement.columns());
    let shaped = (query.is_query() || shape.needs_text())
        .then(|| shape.statement(query.sql(), limits.max_bytes))
        .flatten();
    let is_measured = shaped.is_some();
    if let Some(sql) = shaped {
        statement = connection
            .prepare(AssertSqlSafe(sql).into_sql_str())
            .await?;
    }
    let mut gatherer = Gatherer::new(names.iter().map(String::as_str), limits);
    let mut rows = statement.query().fetch(connection);
    let first = usize::from(is_measured);
    while let Some(row) = rows.try_next().await? {
        let size = if !is_measured || row.try_get(0)? {
            size(&row, first)?
        } else {
            usize::MAX
        };
        if !gatherer.has_room_for(size) {
            break;
        }
        let columns = names.iter().zip(shape.decoders());
        gatherer.push(values(&row, first, columns)?, size);
    }
    Ok(gatherer.finish())
}

/// How many bytes the database sent for the values of a row from its column `first` on.
fn size(row: &PgRow, first: usize) -> Result<usize, sqlx::Error> {
    let mut size = 0;
    for index in first..row.len() {
        let value = row.try_get_raw(index)?;
        if !value.is_null() {
            size += value.as_bytes().map_err(sqlx::Error::Decode)?.len();
        }
    }
    Ok(size)
}

/// The values of a row from its column `first` on, with the names of these columns.
fn values<'a>(
    row: &PgRow,
    first: usize,
    columns: impl Iterator<Item = (&'a String, &'a Decoder)>,
) -> Result<Vec<serde_json::Value>, sqlx::Error> {
    let mut values = Vec::with_capacity(row.len());
    for (index, (name, decoder)) in (first..).zip(columns) {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            values.push(serde_json::Value::Null);
            continue;
        }
        let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
        let value = decoder
            .decode(bytes)
            .ok_or_else(|| sqlx::Error::ColumnDecode {
                index: name.clone(),
                source: "the value is not one of its type".into(),
            })?;
        values.push(value);
    }
    Ok(values)
}

fn no_answer() -> DatabaseError {
    DatabaseError::Unreachable(format!(
        "no answer within {} seconds",
        CONNECT_TIMEOUT.as_secs()
    ))
}

/// What the driver said, told without the URI.
fn database_error(error: &sqlx::Error, timeout: Duration) -> DatabaseError {
    if let Some(problem) = DatabaseError::of_tls(error) {
        return problem;
    }
    let text = match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let message = match database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                Some(postgres) => match postgres.hint() {
                    Some(hint) => format!("{} ({hint})", postgres.message()),
                    None => postgres.message().to_owned(),
                },
                None => database.message().to_owned(),
            };
            return match code.as_ref() {
                "28P01" | "28000" => DatabaseError::Refused,
                "3D000" => DatabaseError::NotFound(message),
                "57014" => DatabaseError::Timeout(timeout.as_secs()),
                // Connections lost, resources short, the server going down or coming up; a replica that
                // could not both answer and follow.
                code if code.starts_with("08")
                    || code == "40001"
                    || code.starts_with("53")
                    || code.starts_with("57P") =>
                {
                    DatabaseError::Unreachable(message)
                }
                _ => DatabaseError::Query(message),
            };
        }
        sqlx::Error::PoolTimedOut => return no_answer(),
        sqlx::Error::Configuration(_) => {
            return DatabaseError::Settings("a parameter of it cannot be used".to_owned());
        }
        // The driver looks types up, and knows no multiranges.
        sqlx::Error::ColumnDecode { index, .. } if index.contains("typtype") => {
            return DatabaseError::Query(
                "a column has a type that cannot be read; cast it to text in the query".to_owned(),
            );
        }
        sqlx::Error::ColumnDecode { index, source } => {
            return DatabaseError::Query(format!("the column {index} cannot be read: {source}"));
        }
        // What was received is not what it should be; the connection is.
        sqlx::Error::Decode(source) => return DatabaseError::Query(source.to_string()),
        sqlx::Error::Io(error) => return DatabaseError::of_network(error),
        _ => "the connection was lost".to_owned(),
    };
    DatabaseError::Unreachable(text)
}
