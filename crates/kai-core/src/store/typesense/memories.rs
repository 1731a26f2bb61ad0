//! What the agent keeps in mind, in Typesense: a document for each memory.

use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Import;
use super::key::Key;
use super::schema::MEMORIES;
use super::{Typesense, all_of, or_none, owner};
use crate::knowledge::Namespace;
use crate::store::memories::KeptMemory;
use crate::store::{Connection, StoreError};

#[derive(Deserialize)]
struct MemoryDocument {
    id: Key,
    document: String,
    #[serde(default)]
    access_count: i64,
    #[serde(default)]
    last_accessed_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
struct IdOnly {
    id: Key,
}

impl Typesense {
    /// Keeps a memory by its token. False when there are `most` others.
    pub(in crate::store) async fn save_memory(
        &self,
        connection: &Connection,
        (namespace, key): (Namespace, &str),
        token: String,
        most: usize,
    ) -> Result<bool, StoreError> {
        let owner = self.owner(connection).await?;
        let id = id(&owner, namespace, key);
        let there: Vec<IdOnly> = self
            .client
            .all(&MEMORIES, Some(&all_of(&owner)), Some("id"))
            .await?;
        if there.iter().filter(|there| there.id != id).count() >= most {
            return Ok(false);
        }
        // How often it was told stays as it is.
        let fields = json!({
            "id": id,
            "owner": owner,
            "namespace": namespace.name(),
            "document": token,
            "updated_at": Utc::now().to_rfc3339(),
        });
        self.client
            .import(&MEMORIES, Import::Emplace, &[fields])
            .await?;
        Ok(true)
    }

    pub(in crate::store) async fn memories(
        &self,
        connection: &Connection,
    ) -> Result<Vec<KeptMemory>, StoreError> {
        let mut found = self.memory_documents(&owner(connection)).await?;
        found.sort_by(|one, other| (&other.updated_at, &one.id).cmp(&(&one.updated_at, &other.id)));
        Ok(found
            .into_iter()
            .map(|memory| KeptMemory {
                document: memory.document,
                access_count: memory.access_count,
                last_accessed_at: or_none(memory.last_accessed_at),
            })
            .collect())
    }

    /// Notes that these were told. Of two workers that note the same at the same moment, one counts.
    pub(in crate::store) async fn note_told(
        &self,
        connection: &Connection,
        memories: &[(Namespace, &str)],
    ) -> Result<(), StoreError> {
        let owner = owner(connection);
        let there = self.memory_documents(&owner).await?;
        let told: Vec<Value> = memories
            .iter()
            .filter_map(|(namespace, key)| {
                let id = id(&owner, *namespace, key);
                let there = there.iter().find(|there| there.id == id)?;
                Some(json!({
                    "id": id,
                    "access_count": there.access_count.saturating_add(1),
                    "last_accessed_at": Utc::now().to_rfc3339(),
                }))
            })
            .collect();
        Ok(self.client.import(&MEMORIES, Import::Update, &told).await?)
    }

    pub(in crate::store) async fn delete_memory(
        &self,
        connection: &Connection,
        namespace: Namespace,
        key: &str,
    ) -> Result<bool, StoreError> {
        let id = id(&owner(connection), namespace, key);
        Ok(self.client.delete(&MEMORIES, &id).await?)
    }

    async fn memory_documents(&self, owner: &Key) -> Result<Vec<MemoryDocument>, StoreError> {
        let all = all_of(owner);
        Ok(self.client.all(&MEMORIES, Some(&all), None).await?)
    }
}

/// What a memory is found by; `key` is the digest of the key that people gave it.
fn id(owner: &Key, namespace: Namespace, key: &str) -> Key {
    Key::of(&[owner.as_str(), namespace.name(), key])
}
