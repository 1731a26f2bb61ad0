//! What scans found of the tables of target databases, encrypted as connections' URIs are.

use std::collections::HashSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Cipher, Connection, Keeper, Record, Statement, Store, StoreError};
use crate::database::{Column, table_name};
use crate::event::Row;
use crate::ids::ConnectionId;

/// How far a table is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SyncStatus {
    /// It is in the list of tables, no more.
    NotScanned,
    /// A scan is at it, or was stopped at it.
    Synchronizing,
    /// The last scan read it.
    Scanned,
    /// The database has it no longer.
    Deprecated,
    /// The last scan could not read it.
    Failed,
}

impl SyncStatus {
    const ALL: [Self; 5] = [
        Self::NotScanned,
        Self::Synchronizing,
        Self::Scanned,
        Self::Deprecated,
        Self::Failed,
    ];

    /// The name as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotScanned => "NOT_SCANNED",
            Self::Synchronizing => "SYNCHRONIZING",
            Self::Scanned => "SCANNED",
            Self::Deprecated => "DEPRECATED",
            Self::Failed => "FAILED",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Which table of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableKey {
    /// Its schema.
    pub schema: String,
    /// Its name, without the schema.
    pub name: String,
}

impl TableKey {
    /// The name as [`crate::database::TableSummary::name`] has it, where `first_schema` is the first
    /// schema of the connection.
    pub fn shown(&self, first_schema: Option<&str>) -> String {
        let is_first = first_schema.is_some_and(|first| first == self.schema);
        table_name((!is_first).then_some(self.schema.as_str()), &self.name)
    }
}

/// What a scan read of a table.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TableContent {
    /// What its owner says of it.
    pub description: Option<String>,
    /// Its columns, with the values of those that have few.
    pub columns: Vec<Column>,
    /// Its first rows, long values cut.
    pub examples: Vec<Row>,
    /// A `CREATE TABLE` that says the same as the columns.
    pub ddl: String,
}

/// A table of a connection as the store knows it. `Debug` does not show what it holds.
#[derive(Clone, PartialEq, Serialize)]
pub struct StoredTable {
    /// Its id in the store.
    pub id: String,
    /// The connection it belongs to.
    pub db_connection_id: ConnectionId,
    /// Its schema.
    pub db_schema: String,
    /// Its name, without the schema.
    pub table_name: String,
    /// Its columns; none before the first scan.
    pub columns: Vec<Column>,
    /// Its first rows.
    pub examples: Vec<Row>,
    /// What its owner says of it.
    pub table_description: Option<String>,
    /// A `CREATE TABLE` that says the same as the columns.
    pub table_schema: Option<String>,
    /// How far it is known.
    pub sync_status: SyncStatus,
    /// When it was scanned last without a failure.
    pub last_sync: Option<DateTime<Utc>>,
    /// Why the last scan could not read it.
    pub error_message: Option<String>,
    /// When it was seen first.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for StoredTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTable")
            .field("db_schema", &self.db_schema)
            .field("table_name", &self.table_name)
            .field("sync_status", &self.sync_status)
            .field("error_message", &self.error_message)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TableContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableContent")
            .field("columns", &self.columns.len())
            .field("examples", &self.examples.len())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Brings the list of a connection's tables up to date: new ones are added, vanished ones become
    /// [`SyncStatus::Deprecated`], and those that are back are to be scanned again.
    pub async fn refresh_tables(
        &self,
        connection: &ConnectionId,
        present: &[TableKey],
    ) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense.refresh_tables(connection, present).await;
            }
        };
        let known = Statement::new(
            "SELECT db_schema, table_name, sync_status FROM scanned_tables WHERE connection_id = $1",
        )
        .bind(connection.as_str());
        let mut transaction = backend.begin().await?;
        let present_keys: HashSet<&TableKey> = present.iter().collect();
        let mut known_keys = HashSet::new();
        for row in transaction.fetch_all(known).await? {
            let key = key(&row)?;
            let deprecated = row.text("sync_status")? == SyncStatus::Deprecated.name();
            let status = match (present_keys.contains(&key), deprecated) {
                (true, true) => Some(SyncStatus::NotScanned),
                (false, false) => Some(SyncStatus::Deprecated),
                _ => None,
            };
            if let Some(status) = status {
                let update = set_status(connection, &key, status);
                transaction.execute(update).await?;
            }
            known_keys.insert(key);
        }
        for key in present {
            if known_keys.contains(key) {
                continue;
            }
            // Another scan of the same connection may have added it meanwhile.
            let insert = Statement::new(
                "INSERT INTO scanned_tables \
                   (id, connection_id, db_schema, table_name, sync_status, created_at) \
                 VALUES ($1, $2, $3, $4, 'NOT_SCANNED', $5) \
                 ON CONFLICT (connection_id, db_schema, table_name) DO NOTHING",
            )
            .bind(Uuid::new_v4().to_string())
            .bind(connection.as_str())
            .bind(key.schema.as_str())
            .bind(key.name.as_str())
            .bind(Utc::now().to_rfc3339());
            transaction.execute(insert).await?;
        }
        transaction.commit().await
    }

    /// Marks the tables as being scanned.
    pub async fn begin_scan(
        &self,
        connection: &ConnectionId,
        tables: &[TableKey],
    ) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.begin_scan(connection, tables).await,
        };
        let mut transaction = backend.begin().await?;
        for table in tables {
            let update = set_status(connection, table, SyncStatus::Synchronizing);
            transaction.execute(update).await?;
        }
        transaction.commit().await
    }

    /// Keeps what was read of a table, encrypted.
    pub async fn save_scan(
        &self,
        connection: &ConnectionId,
        table: &TableKey,
        content: &TableContent,
        cipher: &Cipher,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(content).map_err(|_| StoreError::Unwritable)?;
        let token = cipher.encrypt(&json);
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense.save_scan(connection, table, token).await;
            }
        };
        let update = Statement::new(
            "UPDATE scanned_tables SET content = $4, sync_status = 'SCANNED', last_sync = $5, \
               error_message = NULL \
             WHERE connection_id = $1 AND db_schema = $2 AND table_name = $3",
        )
        .bind(connection.as_str())
        .bind(table.schema.as_str())
        .bind(table.name.as_str())
        .bind(token)
        .bind(Utc::now().to_rfc3339());
        backend.execute(update).await.map(drop)
    }

    /// Keeps why a table could not be read. What an earlier scan read stays.
    pub async fn fail_scan(
        &self,
        connection: &ConnectionId,
        table: &TableKey,
        reason: &str,
    ) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense.fail_scan(connection, table, reason).await;
            }
        };
        let update = Statement::new(
            "UPDATE scanned_tables SET sync_status = 'FAILED', error_message = $4 \
             WHERE connection_id = $1 AND db_schema = $2 AND table_name = $3",
        )
        .bind(connection.as_str())
        .bind(table.schema.as_str())
        .bind(table.name.as_str())
        .bind(reason);
        backend.execute(update).await.map(drop)
    }

    /// Ends a scan that was stopped: tables that it had begun are again as they were before it.
    pub async fn abandon_scan(
        &self,
        connection: &ConnectionId,
        tables: &[TableKey],
    ) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense.abandon_scan(connection, tables).await;
            }
        };
        let mut transaction = backend.begin().await?;
        for table in tables {
            let update = Statement::new(
                "UPDATE scanned_tables SET sync_status = CASE \
                   WHEN error_message IS NOT NULL THEN 'FAILED' \
                   WHEN last_sync IS NULL THEN 'NOT_SCANNED' ELSE 'SCANNED' END \
                 WHERE connection_id = $1 AND db_schema = $2 AND table_name = $3 \
                   AND sync_status = 'SYNCHRONIZING'",
            )
            .bind(connection.as_str())
            .bind(table.schema.as_str())
            .bind(table.name.as_str());
            transaction.execute(update).await?;
        }
        transaction.commit().await
    }

    /// The tables of a connection, by schema and name, vanished ones included.
    pub async fn tables(
        &self,
        connection: &Connection,
        cipher: &Cipher,
    ) -> Result<Vec<StoredTable>, StoreError> {
        let query = Statement::new(
            "SELECT * FROM scanned_tables WHERE connection_id = $1 ORDER BY db_schema, table_name",
        )
        .bind(connection.id.as_str());
        let tables: Vec<KeptTable> = match &self.keeper {
            Keeper::Typesense(typesense) => typesense.tables(connection).await?,
            Keeper::Sql(backend) => backend
                .fetch_all(query)
                .await?
                .iter()
                .map(kept_table)
                .collect::<Result<_, _>>()?,
        };
        tables
            .into_iter()
            .map(|table| stored_table(table, connection, cipher))
            .collect()
    }

    /// What the last scan read of a table that is still there. None when there was no such scan.
    pub async fn scanned_table(
        &self,
        connection: &Connection,
        table: &TableKey,
        cipher: &Cipher,
    ) -> Result<Option<TableContent>, StoreError> {
        let query = Statement::new(
            "SELECT content FROM scanned_tables WHERE connection_id = $1 AND db_schema = $2 \
               AND table_name = $3 AND sync_status <> 'DEPRECATED'",
        )
        .bind(connection.id.as_str())
        .bind(table.schema.as_str())
        .bind(table.name.as_str());
        let token = match &self.keeper {
            Keeper::Typesense(typesense) => typesense.scanned_table(connection, table).await?,
            Keeper::Sql(backend) => {
                let row = backend.fetch_optional(query).await?;
                row.map_or(Ok(None), |row| row.optional_text("content"))?
            }
        };
        content(token, connection, cipher)
    }
}

fn set_status(connection: &ConnectionId, table: &TableKey, status: SyncStatus) -> Statement {
    Statement::new(
        "UPDATE scanned_tables SET sync_status = $4 \
         WHERE connection_id = $1 AND db_schema = $2 AND table_name = $3",
    )
    .bind(connection.as_str())
    .bind(table.schema.as_str())
    .bind(table.name.as_str())
    .bind(status.name())
}

/// A table as it is kept: texts, and what a scan read as a token.
pub(super) struct KeptTable {
    pub(super) id: String,
    pub(super) key: TableKey,
    pub(super) content: Option<String>,
    pub(super) sync_status: String,
    pub(super) last_sync: Option<String>,
    pub(super) error_message: Option<String>,
    pub(super) created_at: String,
}

fn kept_table(row: &Record) -> Result<KeptTable, StoreError> {
    Ok(KeptTable {
        id: row.text("id")?,
        key: key(row)?,
        content: row.optional_text("content")?,
        sync_status: row.text("sync_status")?,
        last_sync: row.optional_text("last_sync")?,
        error_message: row.optional_text("error_message")?,
        created_at: row.text("created_at")?,
    })
}

fn key(row: &Record) -> Result<TableKey, StoreError> {
    Ok(TableKey {
        schema: row.text("db_schema")?,
        name: row.text("table_name")?,
    })
}

/// Decrypts what a scan read.
fn content(
    token: Option<String>,
    connection: &Connection,
    cipher: &Cipher,
) -> Result<Option<TableContent>, StoreError> {
    let Some(token) = token else {
        return Ok(None);
    };
    cipher
        .decrypt(&token)
        .and_then(|json| serde_json::from_str(&json).ok())
        .map(Some)
        .ok_or_else(|| damaged(connection))
}

fn stored_table(
    table: KeptTable,
    connection: &Connection,
    cipher: &Cipher,
) -> Result<StoredTable, StoreError> {
    let time = |text: String| {
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.to_utc())
            .map_err(|_| damaged(connection))
    };
    let content = content(table.content, connection, cipher)?;
    let table_schema = content.as_ref().map(|content| content.ddl.clone());
    let content = content.unwrap_or_default();
    Ok(StoredTable {
        id: table.id,
        db_connection_id: connection.id.clone(),
        db_schema: table.key.schema,
        table_name: table.key.name,
        columns: content.columns,
        examples: content.examples,
        table_description: content.description,
        table_schema,
        sync_status: SyncStatus::from_name(&table.sync_status)
            .ok_or_else(|| damaged(connection))?,
        last_sync: table.last_sync.map(time).transpose()?,
        error_message: table.error_message,
        created_at: time(table.created_at)?,
    })
}

fn damaged(connection: &Connection) -> StoreError {
    StoreError::OtherKey {
        alias: connection.alias.clone(),
        part: "scan",
    }
}
