//! What operators say of a connection, in Typesense: a document for each item.

use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Import;
use super::key::Key;
use super::schema::KNOWLEDGE;
use super::{Typesense, all_of, owner};
use crate::knowledge::Item;
use crate::store::{Connection, StoreError};

#[derive(Deserialize)]
struct ItemDocument {
    kind: String,
    item_id: String,
    document: String,
}

impl Typesense {
    /// Keeps items, each with its token, in one request for every few hundred.
    pub(in crate::store) async fn save_knowledge(
        &self,
        connection: &Connection,
        items: Vec<(&Item, String)>,
    ) -> Result<(), StoreError> {
        let owner = self.owner(connection).await?;
        let documents: Vec<Value> = items
            .into_iter()
            .map(|(item, token)| {
                let (kind, id) = (item.kind().name(), item.id());
                json!({
                    "id": Key::of(&[owner.as_str(), kind, id]),
                    "owner": owner,
                    "kind": kind,
                    "item_id": id,
                    "document": token,
                    "updated_at": Utc::now().to_rfc3339(),
                })
            })
            .collect();
        Ok(self
            .client
            .import(&KNOWLEDGE, Import::Upsert, &documents)
            .await?)
    }

    /// The kinds and tokens of all items, by kind and id.
    pub(in crate::store) async fn knowledge(
        &self,
        connection: &Connection,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let all = all_of(&owner(connection));
        let mut items: Vec<ItemDocument> = self.client.all(&KNOWLEDGE, Some(&all), None).await?;
        items.sort_by(|one, other| (&one.kind, &one.item_id).cmp(&(&other.kind, &other.item_id)));
        Ok(items
            .into_iter()
            .map(|item| (item.kind, item.document))
            .collect())
    }
}
