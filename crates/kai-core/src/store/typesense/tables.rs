//! What scans found, in Typesense: a document for each table. What concerns many of them is one
//! request, and may be seen half done; the next scan makes it whole.

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Import;
use super::key::Key;
use super::schema::TABLES;
use super::{Typesense, all_of, or_none, owner};
use crate::ids::ConnectionId;
use crate::store::tables::KeptTable;
use crate::store::{Connection, StoreError, SyncStatus, TableKey};

#[derive(Serialize, Deserialize)]
struct TableDocument {
    id: Key,
    owner: Key,
    table_id: String,
    db_schema: String,
    table_name: String,
    /// Empty before the first scan, as the three texts after it may be.
    content: String,
    sync_status: String,
    last_sync: String,
    error_message: String,
    created_at: String,
}

impl Typesense {
    pub(in crate::store) async fn refresh_tables(
        &self,
        connection: &ConnectionId,
        present: &[TableKey],
    ) -> Result<(), StoreError> {
        let owner = self.owner_with_id(connection).await?;
        let known = self.table_documents(&owner).await?;
        let present_keys: HashSet<&TableKey> = present.iter().collect();
        let mut changed = Vec::new();
        let mut known_keys = HashSet::new();
        for table in known {
            let key = table_key(&table);
            let deprecated = table.sync_status == SyncStatus::Deprecated.name();
            match (present_keys.contains(&key), deprecated) {
                (true, true) => changed.push(with_status(&table.id, SyncStatus::NotScanned)),
                (false, false) => changed.push(with_status(&table.id, SyncStatus::Deprecated)),
                _ => {}
            }
            known_keys.insert(key);
        }
        let new: Vec<Value> = present
            .iter()
            .filter(|key| !known_keys.contains(key))
            .map(|key| {
                json!(TableDocument {
                    id: id(&owner, key),
                    owner: owner.clone(),
                    table_id: Uuid::new_v4().to_string(),
                    db_schema: key.schema.clone(),
                    table_name: key.name.clone(),
                    content: String::new(),
                    sync_status: SyncStatus::NotScanned.name().to_owned(),
                    last_sync: String::new(),
                    error_message: String::new(),
                    created_at: Utc::now().to_rfc3339(),
                })
            })
            .collect();
        self.client
            .import(&TABLES, Import::Update, &changed)
            .await?;
        // Another scan of the same connection may have added some of them meanwhile.
        Ok(self.client.import(&TABLES, Import::Create, &new).await?)
    }

    pub(in crate::store) async fn begin_scan(
        &self,
        connection: &ConnectionId,
        tables: &[TableKey],
    ) -> Result<(), StoreError> {
        let owner = self.owner_with_id(connection).await?;
        let begun: Vec<Value> = tables
            .iter()
            .map(|table| with_status(&id(&owner, table), SyncStatus::Synchronizing))
            .collect();
        Ok(self.client.import(&TABLES, Import::Update, &begun).await?)
    }

    /// Keeps what was read of a table, as a token.
    pub(in crate::store) async fn save_scan(
        &self,
        connection: &ConnectionId,
        table: &TableKey,
        content: String,
    ) -> Result<(), StoreError> {
        let fields = json!({
            "content": content,
            "sync_status": SyncStatus::Scanned.name(),
            "last_sync": Utc::now().to_rfc3339(),
            "error_message": "",
        });
        self.update_table(connection, table, &fields).await
    }

    pub(in crate::store) async fn fail_scan(
        &self,
        connection: &ConnectionId,
        table: &TableKey,
        reason: &str,
    ) -> Result<(), StoreError> {
        let fields = json!({
            "sync_status": SyncStatus::Failed.name(),
            "error_message": reason,
        });
        self.update_table(connection, table, &fields).await
    }

    pub(in crate::store) async fn abandon_scan(
        &self,
        connection: &ConnectionId,
        tables: &[TableKey],
    ) -> Result<(), StoreError> {
        let owner = self.owner_with_id(connection).await?;
        let known = self.table_documents(&owner).await?;
        let known: HashMap<TableKey, TableDocument> = known
            .into_iter()
            .map(|table| (table_key(&table), table))
            .collect();
        let stopped: Vec<Value> = tables
            .iter()
            .filter_map(|key| known.get(key))
            .filter(|table| table.sync_status == SyncStatus::Synchronizing.name())
            .map(|table| {
                let before = if !table.error_message.is_empty() {
                    SyncStatus::Failed
                } else if table.last_sync.is_empty() {
                    SyncStatus::NotScanned
                } else {
                    SyncStatus::Scanned
                };
                with_status(&table.id, before)
            })
            .collect();
        Ok(self
            .client
            .import(&TABLES, Import::Update, &stopped)
            .await?)
    }

    pub(in crate::store) async fn tables(
        &self,
        connection: &Connection,
    ) -> Result<Vec<KeptTable>, StoreError> {
        let found = self.table_documents(&owner(connection)).await?;
        let mut tables: Vec<KeptTable> = found.into_iter().map(kept_table).collect();
        tables.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(tables)
    }

    /// The token of what a scan read of a table that is still there.
    pub(in crate::store) async fn scanned_table(
        &self,
        connection: &Connection,
        table: &TableKey,
    ) -> Result<Option<String>, StoreError> {
        let id = id(&owner(connection), table);
        let found: Option<TableDocument> = self.client.get(&TABLES, id.as_str()).await?;
        Ok(found
            .filter(|table| table.sync_status != SyncStatus::Deprecated.name())
            .and_then(|table| or_none(table.content)))
    }

    async fn table_documents(&self, owner: &Key) -> Result<Vec<TableDocument>, StoreError> {
        let all = all_of(owner);
        Ok(self.client.all(&TABLES, Some(&all), None).await?)
    }

    /// Changes a table; one that is gone needs no change.
    async fn update_table(
        &self,
        connection: &ConnectionId,
        table: &TableKey,
        fields: &Value,
    ) -> Result<(), StoreError> {
        let owner = self.owner_with_id(connection).await?;
        let id = id(&owner, table);
        Ok(self.client.update(&TABLES, &id, fields).await.map(drop)?)
    }
}

fn id(owner: &Key, table: &TableKey) -> Key {
    Key::of(&[owner.as_str(), &table.schema, &table.name])
}

fn table_key(table: &TableDocument) -> TableKey {
    TableKey {
        schema: table.db_schema.clone(),
        name: table.table_name.clone(),
    }
}

fn with_status(id: &Key, status: SyncStatus) -> Value {
    json!({"id": id, "sync_status": status.name()})
}

fn kept_table(table: TableDocument) -> KeptTable {
    KeptTable {
        key: table_key(&table),
        id: table.table_id,
        content: or_none(table.content),
        sync_status: table.sync_status,
        last_sync: or_none(table.last_sync),
        error_message: or_none(table.error_message),
        created_at: table.created_at,
    }
}
