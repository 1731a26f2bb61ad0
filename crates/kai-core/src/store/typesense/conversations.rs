//! What was asked and answered in conversations, in Typesense: a document for each exchange.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::key::{Filter, Key};
use super::schema::EXCHANGES;
use super::{Typesense, owner};
use crate::ids::TaskId;
use crate::store::{ConversationKey, StoreError};

#[derive(Serialize, Deserialize)]
struct ExchangeDocument {
    id: Key,
    owner: Key,
    conversation: Key,
    /// In microseconds.
    answered_at: i64,
    content: String,
}

impl Typesense {
    /// Keeps an exchange by its token, once, and forgets what is older than `keep`.
    pub(in crate::store) async fn save_exchange(
        &self,
        key: ConversationKey<'_>,
        task: &TaskId,
        content: String,
        keep: TimeDelta,
    ) -> Result<(), StoreError> {
        let owner = self.owner(key.connection).await?;
        let now = Utc::now();
        let conversation = conversation(&owner, key);
        let exchange = ExchangeDocument {
            id: Key::of(&[conversation.as_str(), task.as_str()]),
            owner,
            conversation,
            answered_at: now.timestamp_micros(),
            content,
        };
        // An attempt that goes on with a run which had ended tells the same again.
        self.client
            .create(&EXCHANGES, exchange.id.as_str(), &exchange)
            .await?;
        let old = Filter::below("answered_at", (now - keep).timestamp_micros());
        Ok(self.client.delete_all(&EXCHANGES, &old).await?)
    }

    /// The tokens of the newest exchanges before a moment, newest first.
    pub(in crate::store) async fn exchanges(
        &self,
        key: ConversationKey<'_>,
        before: DateTime<Utc>,
        keep: TimeDelta,
        most: u8,
    ) -> Result<Vec<String>, StoreError> {
        let wanted = Filter::is("conversation", &conversation(&owner(key.connection), key))
            .and(&Filter::below("answered_at", before.timestamp_micros()))
            .and(&Filter::at_least(
                "answered_at",
                (before - keep).timestamp_micros(),
            ));
        let found: Vec<ExchangeDocument> = self
            .client
            .largest(&EXCHANGES, &wanted, "answered_at", most)
            .await?;
        Ok(found.into_iter().map(|exchange| exchange.content).collect())
    }
}

fn conversation(owner: &Key, key: ConversationKey<'_>) -> Key {
    Key::of(&[owner.as_str(), key.conversation.as_str()])
}
