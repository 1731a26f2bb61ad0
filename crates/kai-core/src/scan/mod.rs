//! Scans of target databases: tables, columns, keys, sample rows and typical values, kept in the
//! store for the agent and for the model definition.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::database::{Database, DatabaseError, QueryLimits, Table, split_table_name};
use crate::event::Row;
use crate::store::{Cipher, Connection, Store, StoreError, TableContent, TableKey};

mod ddl;
mod remembered;

pub use remembered::Remembered;

/// How many rows of a table are kept as samples; the original's number.
const SAMPLE_ROWS: usize = 5;

/// What reading the sample rows of one table may cost.
const SAMPLE_LIMITS: QueryLimits = QueryLimits {
    timeout: Duration::from_secs(10),
    max_rows: SAMPLE_ROWS,
    max_bytes: 256 * 1024,
};

/// How many characters of a sampled value are kept.
const SAMPLE_CHARACTERS: usize = 200;

/// For how many tables the catalogue is asked at once.
const BATCH: usize = 16;

/// How many batches are read side by side. A database has other work to do.
const SIDE_BY_SIDE: usize = 2;

/// How far a scan is.
#[derive(Debug, Default)]
pub struct ScanProgress {
    done: AtomicUsize,
    total: AtomicUsize,
}

impl ScanProgress {
    /// How many tables have been read, or could not be.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// How many tables are to be read; zero before that is known.
    pub fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }
}

/// What a scan came to, in the shape of the activity's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ScanReport {
    /// Tables were read.
    Success(Scanned),
    /// There were tables, but none could be read.
    Failed(Scanned),
    /// There is no table to read: none at all, or none of the named ones.
    NoTablesFound,
}

/// Which tables a scan read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Scanned {
    /// How many were read.
    pub scanned_count: usize,
    /// Their names.
    pub tables: Vec<String>,
    /// Those that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedTable>,
    /// The named tables that do not exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_found: Vec<String>,
}

/// A table that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedTable {
    /// Its name.
    pub table: String,
    /// Why not.
    pub error: String,
}

/// Why a scan ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The target database cannot be asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was told to stop. What it had read by then is kept.
    #[error("the scan was cancelled")]
    Cancelled,
}

/// What a scan reads from and writes to.
pub struct Scan<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Its database.
    pub database: &'a dyn Database,
    /// Where what is read is kept.
    pub store: &'a Store,
    /// What it is encrypted with.
    pub cipher: &'a Cipher,
}

impl Scan<'_> {
    /// Brings the list of tables up to date, reads the named tables or, when none is named, all of
    /// them, and keeps what was read. A table that cannot be read is reported and does not stop the
    /// others; a database that cannot be reached does.
    ///
    /// # Errors
    /// When the database or the store cannot be asked, or `cancel` was cancelled.
    pub async fn run(
        &self,
        names: &[String],
        progress: &ScanProgress,
        cancel: &CancellationToken,
    ) -> Result<ScanReport, ScanError> {
        let listed = cancel
            .run_until_cancelled(self.database.list_tables())
            .await
            .ok_or(ScanError::Cancelled)??;
        let all: Vec<String> = listed.into_iter().map(|table| table.name).collect();
        let keys: Vec<TableKey> = all.iter().map(|name| self.key(name)).collect();
        let id = &self.connection.id;
        self.store.refresh_tables(id, &keys).await?;

        let (tables, not_found) = select(self.connection, &all, names);
        if tables.is_empty() {
            return Ok(ScanReport::NoTablesFound);
        }
        progress.total.store(tables.len(), Ordering::Relaxed);
        let reading = self.read(&tables, progress);
        let outcome = match cancel.run_until_cancelled(reading).await {
            Some(Ok(outcome)) => outcome,
            stopped => {
                let keys: Vec<TableKey> = tables.iter().map(|name| self.key(name)).collect();
                self.store.abandon_scan(id, &keys).await?;
                return Err(match stopped {
                    Some(Err(error)) => error,
                    _ => ScanError::Cancelled,
                });
            }
        };
        let mut scanned = Scanned {
            not_found,
            ..Scanned::default()
        };
        for (table, error) in outcome {
            match error {
                None => scanned.tables.push(table),
                Some(error) => scanned.failed.push(FailedTable { table, error }),
            }
        }
        scanned.scanned_count = scanned.tables.len();
        Ok(if scanned.tables.is_empty() {
            ScanReport::Failed(scanned)
        } else {
            ScanReport::Success(scanned)
        })
    }

    /// Reads tables batch by batch, and keeps each as soon as it was read. With every name comes why
    /// it could not be read.
    async fn read(
        &self,
        names: &[String],
        progress: &ScanProgress,
    ) -> Result<Vec<(String, Option<String>)>, ScanError> {
        let batches: Vec<Vec<String>> = names.chunks(BATCH).map(<[String]>::to_vec).collect();
        let outcomes: Vec<_> = stream::iter(batches)
            .map(|batch| self.read_batch(batch, progress))
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    async fn read_batch(
        &self,
        names: Vec<String>,
        progress: &ScanProgress,
    ) -> Result<Vec<(String, Option<String>)>, ScanError> {
        let id = &self.connection.id;
        let keys: Vec<TableKey> = names.iter().map(|name| self.key(name)).collect();
        self.store.begin_scan(id, &keys).await?;
        let mut described = self.database.describe_tables(&names).await?;
        // A table that spoils this for all is found when each is asked for.
        let mut samples = match self.database.first_rows(&names, SAMPLE_LIMITS).await {
            Err(error) if error.is_retryable() => return Err(error.into()),
            samples => samples.unwrap_or_default(),
        };
        let mut outcomes = Vec::with_capacity(names.len());
        for (name, key) in names.into_iter().zip(keys) {
            let place = described.iter().position(|table| table.name == name);
            let error = match place.map(|place| described.swap_remove(place)) {
                None => Some("the database does not describe it".to_owned()),
                Some(table) => {
                    let sample = samples.remove(&name);
                    self.read_table(&key, table, sample).await?
                }
            };
            if let Some(error) = &error {
                tracing::warn!(connection = %id, table = name, error, "table {name} was not scanned");
                self.store.fail_scan(id, &key, error).await?;
            }
            progress.done.fetch_add(1, Ordering::Relaxed);
            outcomes.push((name, error));
        }
        Ok(outcomes)
    }

    /// Reads the sample rows of a described table and keeps it, or gives why that could not be.
    async fn read_table(
        &self,
        key: &TableKey,
        table: Table,
        sample: Option<Vec<Row>>,
    ) -> Result<Option<String>, ScanError> {
        let sample = match sample {
            Some(rows) => Ok(rows),
            None => self.samples(&table.name).await,
        };
        let examples = match sample.map(shortened) {
            Ok(examples) => examples,
            Err(error) if error.is_retryable() => return Err(error.into()),
            Err(error) => return Ok(Some(error.to_string())),
        };
        let content = TableContent {
            ddl: ddl::create_table(self.database.dialect(), &table),
            description: table.description,
            columns: table.columns,
            examples,
        };
        let id = &self.connection.id;
        self.store.save_scan(id, key, &content, self.cipher).await?;
        Ok(None)
    }

    async fn samples(&self, table: &str) -> Result<Vec<Row>, DatabaseError> {
        let name = self.database.dialect().quote_table(table);
        let sql = format!("SELECT * FROM {name} LIMIT {SAMPLE_ROWS}");
        let query = self
            .database
            .guard()
            .check(&sql)
            .map_err(|rejection| DatabaseError::Query(rejection.to_string()))?;
        Ok(self.database.query(&query, SAMPLE_LIMITS).await?.rows)
    }

    fn key(&self, name: &str) -> TableKey {
        table_key(self.connection, name)
    }
}

/// The named tables (all when none is named) in the database's order, and the names that stand for
/// none. Who names the schema where it need not be named means the same table.
pub(crate) fn select(
    connection: &Connection,
    all: &[String],
    names: &[String],
) -> (Vec<String>, Vec<String>) {
    if names.is_empty() {
        return (all.to_vec(), Vec::new());
    }
    let key = |name: &String| table_key(connection, name);
    let wanted: HashSet<TableKey> = names.iter().map(key).collect();
    let present: HashSet<TableKey> = all.iter().map(key).collect();
    let is_wanted = |name: &&String| wanted.contains(&key(name));
    let is_missing = |name: &&String| !present.contains(&key(name));
    (
        all.iter().filter(is_wanted).cloned().collect(),
        names.iter().filter(is_missing).cloned().collect(),
    )
}

/// Which table of the connection a name stands for.
fn table_key(connection: &Connection, name: &str) -> TableKey {
    let first = || {
        let stored = connection.schemas.first().cloned();
        stored.or_else(|| connection.dialect.default_schemas().into_iter().next())
    };
    let mut parts = split_table_name(name);
    let name = parts.pop().unwrap_or_default();
    TableKey {
        schema: parts.pop().or_else(first).unwrap_or_default(),
        name,
    }
}

/// The rows, long values shortened.
fn shortened(mut rows: Vec<Row>) -> Vec<Row> {
    for value in rows.iter_mut().flat_map(Row::values_mut) {
        cut(value);
    }
    rows
}

/// Shortens a text that is long; what is not a text and long becomes a text.
fn cut(value: &mut Value) {
    let long = match &*value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
        _ => return,
    };
    if let Some((end, _)) = long.char_indices().nth(SAMPLE_CHARACTERS) {
        *value = format!("{}…", long.get(..end).unwrap_or_default()).into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_long_values_are_cut() {
        let mut short = json!(["a", 1]);
        cut(&mut short);
        assert_eq!(short, json!(["a", 1]));
        let mut long = json!("é".repeat(SAMPLE_CHARACTERS + 1));
        cut(&mut long);
        let text = long.as_str().unwrap_or_default();
        assert_eq!(text.chars().count(), SAMPLE_CHARACTERS + 1);
        assert!(text.ends_with("é…"));
    }
}
