//! What the agent keeps in mind for later conversations on a connection.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::{Cipher, Connection, Keeper, Statement, Store, StoreError};
use crate::knowledge::{Memory, Namespace};

/// A memory as it is kept: a token, and how often it was told.
pub(super) struct KeptMemory {
    pub(super) document: String,
    pub(super) access_count: i64,
    pub(super) last_accessed_at: Option<String>,
}

impl Store {
    /// Keeps a memory, in the place of the one with its namespace and key. False, and nothing is
    /// changed, when there are `most` others already.
    pub async fn save_memory(
        &self,
        connection: &Connection,
        memory: &Memory,
        most: usize,
        cipher: &Cipher,
    ) -> Result<bool, StoreError> {
        let json = serde_json::to_string(memory).map_err(|_| StoreError::Unwritable)?;
        let id = id(&memory.key);
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                let key = (memory.namespace, id.as_str());
                let token = cipher.encrypt(&json);
                return typesense.save_memory(connection, key, token, most).await;
            }
        };
        let mut transaction = backend.begin().await?;
        let others = Statement::new(
            "SELECT COUNT(*) AS others FROM memories \
             WHERE connection_id = $1 AND NOT (namespace = $2 AND id = $3)",
        )
        .bind(connection.id.as_str())
        .bind(memory.namespace.name())
        .bind(id.as_str());
        let others = transaction.fetch_one(others).await?.integer("others")?;
        if usize::try_from(others).unwrap_or(usize::MAX) >= most {
            return Ok(false);
        }
        let upsert = Statement::new(
            "INSERT INTO memories (connection_id, namespace, id, document, updated_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (connection_id, namespace, id) \
             DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at",
        )
        .bind(connection.id.as_str())
        .bind(memory.namespace.name())
        .bind(id)
        .bind(cipher.encrypt(&json))
        .bind(Utc::now().to_rfc3339());
        transaction.execute(upsert).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Everything that is kept in mind of a connection, the newest first.
    pub async fn memories(
        &self,
        connection: &Connection,
        cipher: &Cipher,
    ) -> Result<Vec<Memory>, StoreError> {
        let query = Statement::new(
            "SELECT document, access_count, last_accessed_at FROM memories \
             WHERE connection_id = $1 ORDER BY updated_at DESC, id",
        )
        .bind(connection.id.as_str());
        let mut memories = Vec::new();
        let kept = match &self.keeper {
            Keeper::Typesense(typesense) => typesense.memories(connection).await?,
            Keeper::Sql(backend) => backend
                .fetch_all(query)
                .await?
                .iter()
                .map(|row| {
                    Ok(KeptMemory {
                        document: row.text("document")?,
                        access_count: row.integer("access_count")?,
                        last_accessed_at: row.optional_text("last_accessed_at")?,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
        };
        for kept in kept {
            let memory = cipher
                .decrypt(&kept.document)
                .and_then(|json| serde_json::from_str::<Memory>(&json).ok());
            let memory = memory.ok_or_else(|| StoreError::OtherKey {
                alias: connection.alias.clone(),
                part: "memories",
            })?;
            memories.push(Memory {
                access_count: kept.access_count,
                last_accessed_at: kept
                    .last_accessed_at
                    .and_then(|time| DateTime::parse_from_rfc3339(&time).ok())
                    .map(|time| time.with_timezone(&Utc)),
                ..memory
            });
        }
        Ok(memories)
    }

    /// Notes that these were told to a model.
    pub async fn note_told(
        &self,
        connection: &Connection,
        memories: &[Memory],
    ) -> Result<(), StoreError> {
        if memories.is_empty() {
            return Ok(());
        }
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                let ids: Vec<_> = memories.iter().map(|told| id(&told.key)).collect();
                let namespaces = memories.iter().map(|told| told.namespace);
                let told: Vec<_> = namespaces.zip(ids.iter().map(String::as_str)).collect();
                return typesense.note_told(connection, &told).await;
            }
        };
        let mut transaction = backend.begin().await?;
        for memory in memories {
            let update = Statement::new(
                "UPDATE memories SET access_count = access_count + 1, last_accessed_at = $4 \
                 WHERE connection_id = $1 AND namespace = $2 AND id = $3",
            )
            .bind(connection.id.as_str())
            .bind(memory.namespace.name())
            .bind(id(&memory.key))
            .bind(Utc::now().to_rfc3339());
            transaction.execute(update).await?;
        }
        transaction.commit().await
    }

    /// Drops a memory. False when there was none.
    pub async fn delete_memory(
        &self,
        connection: &Connection,
        namespace: Namespace,
        key: &str,
    ) -> Result<bool, StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense
                    .delete_memory(connection, namespace, &id(key))
                    .await;
            }
        };
        let delete = Statement::new(
            "DELETE FROM memories WHERE connection_id = $1 AND namespace = $2 AND id = $3",
        )
        .bind(connection.id.as_str())
        .bind(namespace.name())
        .bind(id(key));
        Ok(backend.execute(delete).await? > 0)
    }
}

/// What a key is found by, whatever its case and the spaces around it.
fn id(key: &str) -> String {
    let mut id = String::new();
    for byte in Sha256::digest(key.trim().to_lowercase()) {
        // Writing to a text cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}
