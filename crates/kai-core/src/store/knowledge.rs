//! What operators say of a connection: instructions, skills, glossary terms, model definitions.

use chrono::Utc;

use super::{Cipher, Connection, Statement, Store, StoreError};
use crate::knowledge::{Item, Kind, Knowledge};

impl Store {
    /// Stores the items, all or none. What has the same kind and id is replaced.
    pub async fn save_knowledge(
        &self,
        connection: &Connection,
        items: &[Item],
        cipher: &Cipher,
    ) -> Result<(), StoreError> {
        let mut transaction = self.backend.begin().await?;
        for item in items {
            let json = serde_json::to_string(item).map_err(|_| StoreError::Unwritable)?;
            let upsert = Statement::new(
                "INSERT INTO knowledge (connection_id, kind, id, document, updated_at) \
                 VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (connection_id, kind, id) \
                 DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at",
            )
            .bind(connection.id.as_str())
            .bind(item.kind().name())
            .bind(item.id())
            .bind(cipher.encrypt(&json))
            .bind(Utc::now().to_rfc3339());
            transaction.execute(upsert).await?;
        }
        transaction.commit().await
    }

    /// Everything that was said of a connection, by kind and id.
    pub async fn knowledge(
        &self,
        connection: &Connection,
        cipher: &Cipher,
    ) -> Result<Knowledge, StoreError> {
        let query = Statement::new(
            "SELECT kind, document FROM knowledge WHERE connection_id = $1 ORDER BY kind, id",
        )
        .bind(connection.id.as_str());
        let mut knowledge = Knowledge::default();
        for row in self.backend.fetch_all(query).await? {
            let item = Kind::from_name(&row.text("kind")?)
                .zip(cipher.decrypt(&row.text("document")?))
                .and_then(|(_, json)| serde_json::from_str(&json).ok());
            knowledge.add(item.ok_or_else(|| StoreError::OtherKey {
                alias: connection.alias.clone(),
                part: "knowledge",
            })?);
        }
        Ok(knowledge)
    }
}
