//! What was asked and answered in conversations, so that a later question can refer to it.

use chrono::{DateTime, TimeDelta, Utc};

use super::runs::time;
use super::{Cipher, Connection, Keeper, Statement, Store, StoreError};
use crate::agent::Exchange;
use crate::ids::{SessionId, TaskId};

/// How many exchanges of one conversation are looked at; the newest.
const MOST: u8 = 50;

/// A conversation on a connection: the same name on another connection is another one.
#[derive(Debug, Clone, Copy)]
pub struct ConversationKey<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The name that callers gave it.
    pub conversation: &'a SessionId,
}

impl Store {
    /// Keeps what a run was asked and has answered, once, and forgets what is older than `keep`.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn save_exchange(
        &self,
        key: ConversationKey<'_>,
        task: &TaskId,
        exchange: &Exchange,
        keep: TimeDelta,
        cipher: &Cipher,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(exchange).map_err(|_| StoreError::Unwritable)?;
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                let content = cipher.encrypt(&json);
                return typesense.save_exchange(key, task, content, keep).await;
            }
        };
        let now = Utc::now();
        let mut transaction = backend.begin().await?;
        // An attempt that goes on with a run which had ended tells the same again.
        let insert = Statement::new(
            "INSERT INTO conversation_exchanges \
               (connection_id, conversation_id, task_id, content, answered_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (connection_id, conversation_id, task_id) DO NOTHING",
        )
        .bind(key.connection.id.as_str())
        .bind(key.conversation.as_str())
        .bind(task.as_str())
        .bind(cipher.encrypt(&json))
        .bind(time(now));
        transaction.execute(insert).await?;
        let forget = Statement::new("DELETE FROM conversation_exchanges WHERE answered_at < $1")
            .bind(time(now - keep));
        transaction.execute(forget).await?;
        transaction.commit().await
    }

    /// What was answered in the conversation before a run began, oldest first. What was kept with
    /// another key is left out.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn exchanges(
        &self,
        key: ConversationKey<'_>,
        before: DateTime<Utc>,
        keep: TimeDelta,
        cipher: &Cipher,
    ) -> Result<Vec<Exchange>, StoreError> {
        let query = Statement::new(
            "SELECT content FROM conversation_exchanges \
             WHERE connection_id = $1 AND conversation_id = $2 \
               AND answered_at < $3 AND answered_at >= $4 \
             ORDER BY answered_at DESC, task_id LIMIT $5",
        )
        .bind(key.connection.id.as_str())
        .bind(key.conversation.as_str())
        .bind(time(before))
        .bind(time(before - keep))
        .bind(i64::from(MOST));
        let contents: Vec<String> = match &self.keeper {
            Keeper::Typesense(typesense) => typesense.exchanges(key, before, keep, MOST).await?,
            Keeper::Sql(backend) => backend
                .fetch_all(query)
                .await?
                .iter()
                .map(|row| row.text("content"))
                .collect::<Result<_, _>>()?,
        };
        let mut exchanges = Vec::new();
        for content in contents {
            let json = cipher.decrypt(&content);
            let exchange = json.and_then(|json| serde_json::from_str(&json).ok());
            if exchange.is_none() {
                let alias = &key.connection.alias;
                tracing::warn!(alias, "an earlier answer was kept with another ENCRYPT_KEY");
            }
            exchanges.extend(exchange);
        }
        exchanges.reverse();
        Ok(exchanges)
    }
}
