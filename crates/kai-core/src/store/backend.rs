//! The database under the store: SQLite or PostgreSQL, asked with the same statements.
//!
//! Statements are written once, in the SQL that both understand: numbered parameters, text and whole
//! numbers, `ON CONFLICT`, `RETURNING`. Times are text (RFC 3339, UTC), documents JSON as text.

use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Database, Encode, Postgres, Row, Sqlite, Type};

use super::url::SqlPlace;
use super::{StoreError, file, migrations};

/// How long a statement waits for its turn: for another process that writes, or for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before another try, where SQLite itself does not wait.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// How many statements run side by side; in SQLite, how many that read.
const MAX_CONNECTIONS: u32 = 5;

/// The lock that one process holds while it changes the tables: any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x6b61_6973_746f_7265;

/// A database with the store's tables. Cloning it is cheap and shares its connections.
#[derive(Debug, Clone)]
pub(super) enum Backend {
    Sqlite(SqlitePools),
    Postgres(PgPool),
}

/// SQLite lets one connection write at a time, and the others try again and again. Where all writes
/// of this process go through one connection, they take turns instead.
#[derive(Debug, Clone)]
pub(super) struct SqlitePools {
    readers: SqlitePool,
    writer: SqlitePool,
}

/// Statements that happen together or, when it is dropped before `commit`, not at all. In SQLite it
/// is the only one that writes until it ends, so it must be short.
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// A statement and the values of its parameters, `$1` first.
pub(super) struct Statement {
    sql: &'static str,
    values: Vec<Value>,
}

/// The value of a parameter.
pub(super) enum Value {
    Text(Option<String>),
    Integer(i64),
}

/// A row that a statement returned.
pub(super) enum Record {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Does the same on either kind of database.
macro_rules! on_either {
    ($self:expr, $kind:ident, $on:ident => $work:expr) => {
        match $self {
            $kind::Sqlite($on) => $work,
            $kind::Postgres($on) => $work,
        }
    };
}

impl Backend {
    /// Opens the database after making what is missing: SQLite's file, and the tables.
    pub(super) async fn open(place: SqlPlace<'_>) -> Result<Self, StoreError> {
        let backend = match place {
            SqlPlace::File(path) => {
                file::create_private(&path)
                    .await
                    .map_err(|source| StoreError::File {
                        path: path.clone(),
                        source,
                    })?;
                let options = SqliteConnectOptions::new()
                    .filename(&path)
                    .journal_mode(SqliteJournalMode::Wal)
                    // Safe with a write-ahead log: a crash of the machine can only lose the last
                    // moments, a crash of the process nothing.
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(PATIENCE)
                    .disable_statement_logging();
                Self::Sqlite(SqlitePools {
                    readers: pool_options(MAX_CONNECTIONS).connect_lazy_with(options.clone()),
                    writer: pool_options(1).connect_lazy_with(options),
                })
            }
            SqlPlace::Server(url) => {
                let options = PgConnectOptions::from_str(url)
                    .map_err(|_| StoreError::Url)?
                    .application_name("kai-store")
                    .disable_statement_logging();
                // The pool would go on trying where the server refuses, and only tell that time ran
                // out.
                let first = tokio::time::timeout(PATIENCE, options.connect())
                    .await
                    .map_err(|_| StoreError::Sql(sqlx::Error::PoolTimedOut))??;
                drop(first);
                Self::Postgres(pool_options(MAX_CONNECTIONS).connect_lazy_with(options))
            }
        };
        let deadline = Instant::now() + PATIENCE;
        // SQLite does not wait for its turn to begin a write-ahead log: another process that opens
        // the store at the same moment makes this one fail.
        loop {
            match backend.migrate().await {
                Err(error) if error.is_retryable() && Instant::now() < deadline => {
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                result => return result.map(|()| backend),
            }
        }
    }

    /// Makes the changes that are still missing, all or none, and one process at a time.
    async fn migrate(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        match &mut transaction {
            Transaction::Sqlite(sqlite) => {
                let migrator = migrations::sqlite();
                migrator.run_direct(None, &mut **sqlite, false).await?;
            }
            Transaction::Postgres(postgres) => {
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(MIGRATION_LOCK)
                    .execute(&mut **postgres)
                    .await?;
                let migrator = migrations::postgres();
                migrator.run_direct(None, &mut **postgres, false).await?;
            }
        }
        transaction.commit().await
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(match self {
            // A transaction that began by reading could not write once another one has written.
            Self::Sqlite(pools) => {
                Transaction::Sqlite(pools.writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Self::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
        })
    }

    /// Runs a statement, and tells how many rows it changed.
    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(pools) => {
                let done = statement.bound().execute(&pools.writer).await?;
                done.rows_affected()
            }
            Self::Postgres(pool) => statement.bound().execute(pool).await?.rows_affected(),
        })
    }

    /// All rows of a query.
    pub(super) async fn fetch_all(&self, statement: Statement) -> Result<Vec<Record>, StoreError> {
        Ok(match self {
            Self::Sqlite(pools) => {
                let rows = statement.bound().fetch_all(&pools.readers).await?;
                records(rows, Record::Sqlite)
            }
            Self::Postgres(pool) => {
                records(statement.bound().fetch_all(pool).await?, Record::Postgres)
            }
        })
    }

    /// The first row of a query, if there is one.
    pub(super) async fn fetch_optional(
        &self,
        statement: Statement,
    ) -> Result<Option<Record>, StoreError> {
        Ok(match self {
            Self::Sqlite(pools) => {
                let row = statement.bound().fetch_optional(&pools.readers).await?;
                row.map(Record::Sqlite)
            }
            Self::Postgres(pool) => {
                let row = statement.bound().fetch_optional(pool).await?;
                row.map(Record::Postgres)
            }
        })
    }

    /// Closes every connection once what runs has ended.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => {
                pools.writer.close().await;
                pools.readers.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Statement {
    /// A statement without parameters yet.
    pub(super) fn new(sql: &'static str) -> Self {
        Self {
            sql,
            values: Vec::new(),
        }
    }

    /// The same statement with its next parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    fn bound<DB: Database>(self) -> Query<'static, DB, DB::Arguments>
    where
        for<'q> Option<String>: Encode<'q, DB> + Type<DB>,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
    {
        let query = sqlx::query(self.sql);
        self.values
            .into_iter()
            .fold(query, |query, value| match value {
                Value::Text(text) => query.bind(text),
                Value::Integer(number) => query.bind(number),
            })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl Record {
    /// The text in a column.
    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(on_either!(self, Self, row => row.try_get(column))?)
    }

    /// The whole number in a column.
    pub(super) fn integer(&self, column: &str) -> Result<i64, StoreError> {
        Ok(on_either!(self, Self, row => row.try_get(column))?)
    }

    /// The text in a column that may be NULL.
    pub(super) fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(on_either!(self, Self, row => row.try_get(column))?)
    }
}

fn records<R>(rows: Vec<R>, of: impl Fn(R) -> Record) -> Vec<Record> {
    rows.into_iter().map(of).collect()
}

fn pool_options<DB: Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
}

impl Transaction {
    /// Runs a statement, and tells how many rows it changed.
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        on_either!(self, Self, transaction => {
            Ok(statement.bound().execute(&mut **transaction).await?.rows_affected())
        })
    }

    /// All rows of a statement.
    pub(super) async fn fetch_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<Record>, StoreError> {
        Ok(match self {
            Self::Sqlite(sqlite) => records(
                statement.bound().fetch_all(&mut **sqlite).await?,
                Record::Sqlite,
            ),
            Self::Postgres(postgres) => records(
                statement.bound().fetch_all(&mut **postgres).await?,
                Record::Postgres,
            ),
        })
    }

    /// The one row that a statement always returns.
    pub(super) async fn fetch_one(&mut self, statement: Statement) -> Result<Record, StoreError> {
        Ok(match self {
            Self::Sqlite(sqlite) => {
                Record::Sqlite(statement.bound().fetch_one(&mut **sqlite).await?)
            }
            Self::Postgres(postgres) => {
                Record::Postgres(statement.bound().fetch_one(&mut **postgres).await?)
            }
        })
    }

    /// Makes what was done last.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        on_either!(self, Self, transaction => Ok(transaction.commit().await?))
    }
}
