//! What operators say of a connection: instructions, skills, glossary terms, model definitions.

use chrono::Utc;

use super::{Cipher, Connection, Keeper, Statement, Store, StoreError};
use crate::knowledge::{Item, Kind, Knowledge};

impl Store {
    /// Stores the items, all or none. What has the same kind and id is replaced. In Typesense, where
    /// a few hundred are one request, others may see some of them before all are there.
    pub async fn save_knowledge(
        &self,
        connection: &Connection,
        items: &[Item],
        cipher: &Cipher,
    ) -> Result<(), StoreError> {
        let mut encrypted = Vec::new();
        for item in items {
            let json = serde_json::to_string(item).map_err(|_| StoreError::Unwritable)?;
            encrypted.push((item, cipher.encrypt(&json)));
        }
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense.save_knowledge(connection, encrypted).await;
            }
        };
        let mut transaction = backend.begin().await?;
        for (item, document) in encrypted {
            let upsert = Statement::new(
                "INSERT INTO knowledge (connection_id, kind, id, document, updated_at) \
                 VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (connection_id, kind, id) \
                 DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at",
            )
            .bind(connection.id.as_str())
            .bind(item.kind().name())
            .bind(item.id())
            .bind(document)
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
        let documents = match &self.keeper {
            Keeper::Typesense(typesense) => typesense.knowledge(connection).await?,
            Keeper::Sql(backend) => backend
                .fetch_all(query)
                .await?
                .iter()
                .map(|row| Ok((row.text("kind")?, row.text("document")?)))
                .collect::<Result<_, StoreError>>()?,
        };
        let mut knowledge = Knowledge::default();
        for (kind, document) in documents {
            let item = Kind::from_name(&kind)
                .zip(cipher.decrypt(&document))
                .and_then(|(_, json)| serde_json::from_str(&json).ok());
            knowledge.add(item.ok_or_else(|| StoreError::OtherKey {
                alias: connection.alias.clone(),
                part: "knowledge",
            })?);
        }
        Ok(knowledge)
    }
}
