//! A database whose tables are described with what the last scan kept of them.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::table_key;
use crate::database::{
    CheckedQuery, Column, Database, DatabaseError, Dialect, Excess, Guard, QueryLimits,
    QueryResult, Table, TableSummary,
};
use crate::event::Row;
use crate::store::{Cipher, Connection, Store, SyncStatus, TableContent};

/// Up to how many tables each is read from the store by itself.
const FEW_TABLES: usize = 8;

/// Asks the database for its columns, which must be right, and the scan for values and sample rows,
/// which take long to read. A table that was never scanned is read as if there were no scans.
pub struct Remembered {
    inner: Arc<dyn Database>,
    store: Store,
    cipher: Cipher,
    connection: Connection,
}

impl Remembered {
    /// The database of `connection`, with the scans that `store` has of it.
    pub fn new(
        inner: Arc<dyn Database>,
        store: Store,
        cipher: Cipher,
        connection: Connection,
    ) -> Self {
        Self {
            inner,
            store,
            cipher,
            connection,
        }
    }

    /// What is kept of the tables. A store that cannot tell costs the run nothing but time.
    async fn scanned(&self, names: &[String]) -> HashMap<String, TableContent> {
        if names.len() > FEW_TABLES {
            return self.all_scanned(names).await;
        }
        let mut scanned = HashMap::new();
        for name in names {
            let key = table_key(&self.connection, name);
            let kept = self
                .store
                .scanned_table(&self.connection, &key, &self.cipher);
            match kept.await {
                Ok(content) => scanned.extend(content.map(|content| (name.clone(), content))),
                Err(error) => {
                    tracing::warn!(connection = %self.connection.id, %error, "the scan cannot be read");
                    break;
                }
            }
        }
        scanned
    }

    /// The same for many tables, which are read at once.
    async fn all_scanned(&self, names: &[String]) -> HashMap<String, TableContent> {
        let kept = match self.store.tables(&self.connection, &self.cipher).await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(connection = %self.connection.id, %error, "the scan cannot be read");
                return HashMap::new();
            }
        };
        let mut contents: HashMap<(String, String), TableContent> = kept
            .into_iter()
            .filter(|table| {
                table.sync_status != SyncStatus::Deprecated && !table.columns.is_empty()
            })
            .map(|table| {
                let content = TableContent {
                    description: table.table_description,
                    columns: table.columns,
                    examples: table.examples,
                    ddl: String::new(),
                };
                ((table.db_schema, table.table_name), content)
            })
            .collect();
        let known = names.iter().filter_map(|name| {
            let key = table_key(&self.connection, name);
            Some((name.clone(), contents.remove(&(key.schema, key.name))?))
        });
        known.collect()
    }
}

#[async_trait]
impl Database for Remembered {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn guard(&self) -> Guard {
        self.inner.guard()
    }

    async fn ready(&self) -> Result<(), DatabaseError> {
        self.inner.ready().await
    }

    async fn first_rows(
        &self,
        names: &[String],
        limits: QueryLimits,
    ) -> Result<HashMap<String, Vec<Row>>, DatabaseError> {
        self.inner.first_rows(names, limits).await
    }

    async fn excess_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        self.inner.excess_privileges().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }

    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        self.inner.list_tables().await
    }

    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let mut scanned = self.scanned(names).await;
        let (known, unknown): (Vec<String>, Vec<String>) = names
            .iter()
            .cloned()
            .partition(|name| scanned.contains_key(name));
        let mut tables = Vec::new();
        if !unknown.is_empty() {
            tables = self.inner.describe_tables(&unknown).await?;
        }
        if !known.is_empty() {
            for mut table in self.inner.describe_columns(&known).await? {
                if let Some(content) = scanned.remove(&table.name) {
                    recall(&mut table, content);
                }
                tables.push(table);
            }
        }
        let place = |table: &Table| names.iter().position(|name| *name == table.name);
        tables.sort_by_key(place);
        Ok(tables)
    }

    async fn describe_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.inner.describe_columns(names).await
    }

    async fn describe_known(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let mut scanned = self.scanned(names).await;
        let mut tables = self.inner.describe_columns(names).await?;
        for table in &mut tables {
            if let Some(content) = scanned.remove(&table.name) {
                recall(table, content);
            }
        }
        Ok(tables)
    }

    async fn query(
        &self,
        query: &CheckedQuery,
        limits: QueryLimits,
    ) -> Result<QueryResult, DatabaseError> {
        self.inner.query(query, limits).await
    }
}

/// Gives the columns that are still what they were their values, and the table its sample rows.
fn recall(table: &mut Table, content: TableContent) {
    for column in &mut table.columns {
        let same = |kept: &&Column| kept.name == column.name && kept.data_type == column.data_type;
        if let Some(kept) = content.columns.iter().find(same) {
            column.low_cardinality = kept.low_cardinality;
            column.categories.clone_from(&kept.categories);
        }
    }
    table.examples = content.examples;
}
