//! SQLite: a file that is opened for reading only, by a small pool of connections.

mod engine;
mod file;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow, SqliteValueRef};
use sqlx::{AssertSqlSafe, Decode, Executor, Row, Statement, TypeInfo, ValueRef};

use self::engine::Purpose;
use self::file::OpenFile;
use super::dialect::{always_quoted, split_table_name, table_name};
use super::rows::Gatherer;
use super::{
    CATALOGUE_TIMEOUT, CONNECT_TIMEOUT, CheckedQuery, Column, ConnectionUri, Database,
    DatabaseError, Dialect, ForeignKey, QueryLimits, QueryResult, Table, TableSummary, categories,
    value,
};

/// After how many steps of SQLite's virtual machine a statement looks whether it should stop:
/// often enough for a tenth of a second, too rarely to be felt.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// How much longer than its time a query is waited for: one call of a function looks at no clock.
const GRACE: Duration = Duration::from_secs(2);

/// An SQLite database.
pub(super) struct Sqlite {
    file: OpenFile,
}

impl Sqlite {
    /// Opens the file, which must be there, and finds out at once whether it is a database.
    pub(super) async fn connect(uri: &ConnectionUri) -> Result<Self, DatabaseError> {
        let path = uri.sqlite_path().ok_or_else(file::missing)?;
        let database = Self {
            file: OpenFile::at(path).await?,
        };
        let mut lease = database.lease(CONNECT_TIMEOUT, Purpose::Catalogue).await?;
        // Opening reads nothing; this does.
        let read = lease
            .connection
            .fetch_optional("SELECT count(*) FROM sqlite_master")
            .await;
        read.map_err(|error| lease.error(&error))?;
        drop(lease);
        Ok(database)
    }

    /// A connection for statements that take at most this time together.
    async fn lease(&self, timeout: Duration, purpose: Purpose) -> Result<Lease, DatabaseError> {
        let pool = self.file.pool().await?;
        Lease::take(&pool, timeout, purpose)
            .await
            .map_err(|error| database_error(&error))
    }

    /// The names of the tables and views, with the number of their columns.
    async fn names(&self) -> Result<Vec<(String, i64)>, DatabaseError> {
        let mut lease = self.lease(CATALOGUE_TIMEOUT, Purpose::Catalogue).await?;
        sqlx::query_as(
            "SELECT name, ncol FROM pragma_table_list \
             WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )
        .persistent(false)
        .fetch_all(&mut *lease.connection)
        .await
        .map_err(|error| lease.error(&error))
    }

    async fn columns(&self, wanted: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let names = serde_json::Value::from(wanted.to_vec()).to_string();
        let mut lease = self.lease(CATALOGUE_TIMEOUT, Purpose::Catalogue).await?;
        let columns = sqlx::query(
            "SELECT t.value AS table_name, c.name, c.type, c.\"notnull\", c.pk \
             FROM json_each(?1) AS t JOIN pragma_table_xinfo(t.value) AS c \
             WHERE c.hidden <> 1 ORDER BY t.key, c.cid",
        )
        .bind(&names)
        .persistent(false)
        .fetch_all(&mut *lease.connection)
        .await
        .map_err(|error| lease.error(&error))?;
        let references = sqlx::query(
            "SELECT t.value AS table_name, f.\"from\", f.\"table\", \
               coalesce(f.\"to\", (SELECT p.name FROM pragma_table_info(f.\"table\") AS p \
                 WHERE p.pk = f.seq + 1)) AS \"to\" \
             FROM json_each(?1) AS t JOIN pragma_foreign_key_list(t.value) AS f \
             ORDER BY f.id",
        )
        .bind(&names)
        .persistent(false)
        .fetch_all(&mut *lease.connection)
        .await
        .map_err(|error| lease.error(&error))?;
        tables(&columns, &references).map_err(|error| database_error(&error))
    }

    /// Fills in the values of the text columns. A table that does not give them in time, or not at
    /// all, is described without.
    async fn values(&self, table: &mut Table) {
        let columns: Vec<(usize, String)> = table
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| {
                let name = always_quoted(&column.name);
                // Any column can hold any kind of value.
                if holds_text(&column.data_type) {
                    let text = format!("CASE typeof({name}) WHEN 'text' THEN {name} END");
                    return Some((index, text));
                }
                let whole = column.data_type.to_uppercase().contains("INT");
                let answer = whole && !column.is_primary_key && column.foreign_key.is_none();
                // There is no type for yes and no: a whole number that is 0 or 1 throughout.
                answer.then(|| {
                    let text = format!(
                        "CASE WHEN {name} IN (0, 1) THEN CAST({name} AS TEXT) \
                         WHEN {name} IS NOT NULL THEN char(1) END"
                    );
                    (index, text)
                })
            })
            .collect();
        let from: Vec<_> = split_table_name(&table.name)
            .iter()
            .map(|part| always_quoted(part))
            .collect();
        let Some(sql) = categories::sample_query(Dialect::Sqlite, &from.join("."), &columns) else {
            return;
        };
        let rows = async {
            let mut lease = self.lease(categories::TIMEOUT, Purpose::Catalogue).await?;
            sqlx::query_as(AssertSqlSafe(sql))
                .persistent(false)
                .fetch_all(&mut *lease.connection)
                .await
                .map_err(|error| lease.error(&error))
        };
        match rows.await {
            Ok(rows) => categories::fill(&mut table.columns, answers(rows)),
            Err(error) => tracing::debug!(
                table = %table.name,
                %error,
                "the values of the table's columns could not be read"
            ),
        }
    }
}

#[async_trait]
impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        Ok(self
            .names()
            .await?
            .into_iter()
            .map(|(name, columns)| TableSummary {
                name: table_name(None, &name),
                description: None,
                column_count: usize::try_from(columns).unwrap_or_default(),
            })
            .collect())
    }

    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let mut tables = self.describe_columns(names).await?;
        for table in &mut tables {
            self.values(table).await;
        }
        Ok(tables)
    }

    async fn describe_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let known: HashMap<String, String> = self
            .names()
            .await?
            .into_iter()
            .map(|(name, _)| (table_name(None, &name), name))
            .collect();
        let wanted: Vec<String> = names
            .iter()
            .filter_map(|name| known.get(name).cloned())
            .collect();
        match self.columns(&wanted).await {
            // A view of a table that is gone spoils the answer for all; the others are then asked
            // for one by one.
            Err(DatabaseError::Query(_)) => {
                let mut tables = Vec::new();
                for name in wanted {
                    tables.extend(self.columns(&[name]).await.unwrap_or_default());
                }
                Ok(tables)
            }
            tables => tables,
        }
    }

    async fn query(
        &self,
        query: &CheckedQuery,
        limits: QueryLimits,
    ) -> Result<QueryResult, DatabaseError> {
        if !query.is_of(&self.guard()) {
            return Err(DatabaseError::OtherGuard);
        }
        // SQLite ends a text there, and the driver would look for the next statement for ever.
        if query.sql().contains('\0') {
            return Err(DatabaseError::Query(
                "unrecognized token: a NUL character".to_owned(),
            ));
        }
        let mut lease = self.lease(limits.timeout, Purpose::Query).await?;
        lease.is_busy = true;
        let work = gather(&mut lease.connection, query.sql(), limits);
        match tokio::time::timeout(limits.timeout + GRACE, work).await {
            Ok(result) => {
                lease.is_busy = false;
                result.map_err(|error| lease.error(&error))
            }
            Err(_) => Err(DatabaseError::Timeout(limits.timeout.as_secs())),
        }
    }
}

/// A connection whose statements stop when the time is over, or when nobody waits for them.
struct Lease {
    connection: PoolConnection<sqlx::Sqlite>,
    timeout: Duration,
    deadline: Instant,
    given_up: Arc<AtomicBool>,
    /// Whether a query may still run on it.
    is_busy: bool,
}

impl Lease {
    async fn take(
        pool: &SqlitePool,
        timeout: Duration,
        purpose: Purpose,
    ) -> Result<Self, sqlx::Error> {
        let mut lease = Self {
            connection: pool.acquire().await?,
            timeout,
            deadline: Instant::now() + timeout,
            given_up: Arc::default(),
            is_busy: false,
        };
        let (deadline, given_up) = (lease.deadline, Arc::clone(&lease.given_up));
        let mut handle = lease.connection.lock_handle().await?;
        engine::restrict(&mut handle, purpose)?;
        handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || {
            Instant::now() < deadline && !given_up.load(Ordering::Relaxed)
        });
        drop(handle);
        Ok(lease)
    }

    /// What the driver said, or that the time was over.
    fn error(&self, error: &sqlx::Error) -> DatabaseError {
        if Instant::now() >= self.deadline {
            DatabaseError::Timeout(self.timeout.as_secs())
        } else {
            database_error(error)
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
        if self.is_busy {
            // The next one must not wait until a long call of a function comes to its end.
            self.connection.close_on_drop();
        }
    }
}

/// Runs the statement and gathers what fits.
async fn gather(
    connection: &mut SqliteConnection,
    sql: &str,
    limits: QueryLimits,
) -> Result<QueryResult, sqlx::Error> {
    let statement = connection
        .prepare(sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(sql)))
        .await?;
    let names: Vec<_> = statement.columns().iter().map(sqlx::Column::name).collect();
    let mut gatherer = Gatherer::new(names, limits);
    let mut rows = statement.query().persistent(false).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let mut size = 0;
        let values = (0..row.len())
            .map(|index| json(row.try_get_raw(index)?, &mut size))
            .collect::<Result<Vec<_>, _>>()?;
        if !gatherer.has_room_for(size) {
            break;
        }
        gatherer.push(values, size);
    }
    Ok(gatherer.finish())
}

/// A value by the class that it is stored as, whatever its column declares. Its size is added up.
fn json(raw: SqliteValueRef<'_>, size: &mut usize) -> Result<serde_json::Value, sqlx::Error> {
    if raw.is_null() {
        return Ok(serde_json::Value::Null);
    }
    let class = raw.type_info().name().to_owned();
    let decoded = match class.as_str() {
        "INTEGER" => <i64 as Decode<sqlx::Sqlite>>::decode(raw).map(|integer| {
            *size += size_of::<i64>();
            integer.into()
        }),
        "REAL" => <f64 as Decode<sqlx::Sqlite>>::decode(raw).map(|float| {
            *size += size_of::<f64>();
            value::float(float)
        }),
        "TEXT" => <Vec<u8> as Decode<sqlx::Sqlite>>::decode(raw).map(|bytes| {
            *size += bytes.len();
            String::from_utf8_lossy(&bytes).into_owned().into()
        }),
        _ => <Vec<u8> as Decode<sqlx::Sqlite>>::decode(raw).map(|bytes| {
            *size += bytes.len();
            value::binary(&bytes)
        }),
    };
    decoded.map_err(sqlx::Error::Decode)
}

/// Puts the rows of the catalogue together: columns in order of table and place, then references.
fn tables(columns: &[SqliteRow], references: &[SqliteRow]) -> Result<Vec<Table>, sqlx::Error> {
    let mut tables: Vec<Table> = Vec::new();
    for row in columns {
        let name = table_name(None, row.try_get("table_name")?);
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Table {
                name,
                description: None,
                columns: Vec::new(),
                examples: Vec::new(),
            });
        }
        let place_in_key: i64 = row.try_get("pk")?;
        if let Some(table) = tables.last_mut() {
            table.columns.push(Column {
                name: row.try_get("name")?,
                description: None,
                data_type: row.try_get("type")?,
                nullable: !row.try_get::<bool, _>("notnull")? && place_in_key == 0,
                is_primary_key: place_in_key > 0,
                foreign_key: None,
                low_cardinality: false,
                categories: Vec::new(),
            });
        }
    }
    for row in references {
        let name = table_name(None, row.try_get("table_name")?);
        let from: String = row.try_get("from")?;
        let to: Option<String> = row.try_get("to")?;
        let column = tables
            .iter_mut()
            .filter(|table| table.name == name)
            .flat_map(|table| &mut table.columns)
            .find(|column| column.name.eq_ignore_ascii_case(&from));
        if let (Some(column), Some(to)) = (column, to) {
            column.foreign_key = Some(ForeignKey {
                field_name: to,
                reference_table: table_name(None, row.try_get("table")?),
            });
        }
    }
    Ok(tables)
}

/// Stands for every whole number that says neither yes nor no; no text that a person writes.
const NO_ANSWER: &str = "\u{1}";

/// The values without those of whole numbers that say more than yes and no.
fn answers(mut rows: Vec<(i32, String)>) -> Vec<(i32, String)> {
    let numbers: Vec<i32> = rows
        .iter()
        .filter(|(_, value)| value == NO_ANSWER)
        .map(|(index, _)| *index)
        .collect();
    rows.retain(|(index, _)| !numbers.contains(index));
    rows
}

/// Whether a column so declared holds text, by SQLite's rules; one without a type may.
fn holds_text(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    declared.is_empty()
        || (!declared.contains("INT")
            && ["CHAR", "CLOB", "TEXT"]
                .iter()
                .any(|word| declared.contains(word)))
}

/// What the driver said, told without the path.
fn database_error(error: &sqlx::Error) -> DatabaseError {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::ColumnDecode { index, source } => {
                DatabaseError::Query(format!("the column {index} cannot be read: {source}"))
            }
            sqlx::Error::Decode(source) => {
                DatabaseError::Query(format!("a value cannot be read: {source}"))
            }
            sqlx::Error::PoolTimedOut => {
                DatabaseError::Unreachable("all connections to it are in use".to_owned())
            }
            _ => DatabaseError::Unreachable("the connection was lost".to_owned()),
        };
    };
    let message = database.message().to_owned();
    // The primary code is in the low byte of the extended one.
    let code = database.code().and_then(|code| code.parse::<u32>().ok());
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => DatabaseError::Unreachable(message),
        Some(10 | 11 | 14 | 26) => file::unreadable(&message),
        _ => DatabaseError::Query(message),
    }
}
