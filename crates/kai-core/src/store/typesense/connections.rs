//! Connections in Typesense: ids are unique because documents' ids are, aliases because whoever wants
//! one first creates a document for it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::client::Created;
use super::key::{Filter, Key};
use super::schema::{ALIASES, CONNECTIONS, OF_CONNECTIONS};
use super::{Typesense, TypesenseError, all_of, or_empty, or_none, owner};
use crate::database::Dialect;
use crate::ids::ConnectionId;
use crate::store::{Connection, StoreError};

/// After how many seconds an alias that no connection has belongs to nobody: whoever took it has
/// long given up, or died.
const ALIAS_IS_LEFT_AFTER: i64 = 60;

/// How often to try for an alias that others take and release at the same moment, and how far apart.
const ALIAS_TRIES: u32 = 20;
const ALIAS_PAUSE: Duration = Duration::from_millis(50);

#[derive(Serialize, Deserialize)]
struct ConnectionDocument {
    id: Key,
    alias_key: Key,
    nonce: Key,
    connection_id: String,
    alias: String,
    /// Empty where there is none.
    description: String,
    dialect: String,
    connection_uri: String,
    schemas: String,
    metadata: String,
    created_at: String,
}

#[derive(Serialize, Deserialize)]
struct AliasDocument {
    id: Key,
    nonce: Key,
    connection_id: String,
    taken_at: i64,
}

/// An alias that was taken for a connection.
enum Taken {
    /// Now, by a document with this nonce.
    Now(Key),
    /// The connection has it already.
    Before,
}

impl Typesense {
    pub(in crate::store) async fn add_connection(
        &self,
        connection: Connection,
    ) -> Result<Connection, StoreError> {
        let taken = self.take_alias(&connection.alias, &connection.id).await?;
        let document = document(&connection);
        let created = self
            .client
            .create(&CONNECTIONS, document.id.as_str(), &document)
            .await?;
        if created == Created::Exists {
            self.release_alias(&connection.alias).await?;
            return Err(StoreError::IdTaken(connection.id.as_str().to_owned()));
        }
        self.keep_alias(&connection, taken, None).await?;
        Ok(connection)
    }

    /// Replaces a connection, and says whether it was still there.
    pub(in crate::store) async fn change_connection(
        &self,
        connection: Connection,
    ) -> Result<Option<Connection>, StoreError> {
        let Some(before) = self.connection_with_id(&connection.id).await? else {
            return Ok(None);
        };
        let changed = Connection {
            created_at: before.created_at,
            ..connection
        };
        let taken = self.take_alias(&changed.alias, &changed.id).await?;
        let document = document(&changed);
        let id = document.id.clone();
        let fields = json!(document);
        if !self.client.update(&CONNECTIONS, &id, &fields).await? {
            self.release_alias(&changed.alias).await?;
            return Ok(None);
        }
        self.keep_alias(&changed, taken, Some(&before)).await?;
        if before.alias != changed.alias {
            self.release_alias(&before.alias).await?;
        }
        Ok(Some(changed))
    }

    pub(in crate::store) async fn connection_with_id(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let id = id_key(id.as_str());
        let found: Option<ConnectionDocument> = self.client.get(&CONNECTIONS, id.as_str()).await?;
        found.map(connection).transpose()
    }

    pub(in crate::store) async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let found: Vec<ConnectionDocument> = self.client.all(&CONNECTIONS, None, None).await?;
        let mut connections = found
            .into_iter()
            .map(connection)
            .collect::<Result<Vec<_>, _>>()?;
        connections.sort_by(|one, other| one.alias.cmp(&other.alias));
        Ok(connections)
    }

    pub(in crate::store) async fn find_connection(
        &self,
        id_or_alias: &str,
    ) -> Result<Option<Connection>, StoreError> {
        let id = ConnectionId::new(id_or_alias);
        if let Some(found) = self.connection_with_id(&id).await? {
            return Ok(Some(found));
        }
        let has_alias = Filter::is("alias_key", &alias_key(id_or_alias));
        let found: Vec<ConnectionDocument> = self
            .client
            .all(&CONNECTIONS, Some(&has_alias), None)
            .await?;
        found.into_iter().next().map(connection).transpose()
    }

    pub(in crate::store) async fn delete_connection(
        &self,
        id: &ConnectionId,
    ) -> Result<bool, StoreError> {
        let Some(connection) = self.connection_with_id(id).await? else {
            return Ok(false);
        };
        // First what is kept of it: stopped here, the connection is still there to be deleted.
        self.delete_what_is_kept_of(&connection).await?;
        let deleted = self
            .client
            .delete(&CONNECTIONS, &id_key(id.as_str()))
            .await?;
        self.release_alias(&connection.alias).await?;
        // And once more what came meanwhile.
        self.delete_what_is_kept_of(&connection).await?;
        Ok(deleted)
    }

    async fn delete_what_is_kept_of(&self, connection: &Connection) -> Result<(), StoreError> {
        let all = all_of(&owner(connection));
        for collection in OF_CONNECTIONS {
            self.client.delete_all(collection, &all).await?;
        }
        Ok(())
    }

    /// Takes an alias for a connection that is about to have it.
    async fn take_alias(&self, alias: &str, id: &ConnectionId) -> Result<Taken, StoreError> {
        let wanted = AliasDocument {
            id: alias_key(alias),
            nonce: Key::random(),
            connection_id: id.as_str().to_owned(),
            taken_at: Utc::now().timestamp(),
        };
        for _ in 0..ALIAS_TRIES {
            let created = self
                .client
                .create(&ALIASES, wanted.id.as_str(), &wanted)
                .await?;
            if created == Created::New {
                return Ok(Taken::Now(wanted.nonce));
            }
            let there: Option<AliasDocument> =
                self.client.get(&ALIASES, wanted.id.as_str()).await?;
            let Some(there) = there else {
                // Released meanwhile, or this node of a cluster has not heard of it yet.
                tokio::time::sleep(ALIAS_PAUSE).await;
                continue;
            };
            let is_ours = there.connection_id == wanted.connection_id;
            if self.has_alias(&there.connection_id, alias).await? {
                if is_ours {
                    return Ok(Taken::Before);
                }
                return Err(StoreError::AliasTaken(alias.to_owned()));
            }
            if is_ours {
                // Another one stores the same connection at this moment, or gave up at it.
                return Ok(Taken::Now(there.nonce));
            }
            if wanted.taken_at - there.taken_at < ALIAS_IS_LEFT_AFTER {
                return Err(StoreError::AliasTaken(alias.to_owned()));
            }
            self.delete_alias(&there).await?;
        }
        Err(TypesenseError::Contended.into())
    }

    /// Looks whether the alias is still the connection's, now that it has it. Whoever was stopped
    /// for so long that others took it for left has to give it up, and is again as `before`.
    async fn keep_alias(
        &self,
        connection: &Connection,
        taken: Taken,
        before: Option<&Connection>,
    ) -> Result<(), StoreError> {
        let Taken::Now(nonce) = taken else {
            return Ok(());
        };
        let id = alias_key(&connection.alias);
        let there: Option<AliasDocument> = self.client.get(&ALIASES, id.as_str()).await?;
        if there.is_some_and(|there| there.nonce == nonce) {
            return Ok(());
        }
        match self.take_alias(&connection.alias, &connection.id).await {
            Err(StoreError::AliasTaken(alias)) => {
                let id = id_key(connection.id.as_str());
                match before {
                    Some(before) => {
                        let fields = json!(document(before));
                        self.client.update(&CONNECTIONS, &id, &fields).await?;
                    }
                    None => {
                        self.client.delete(&CONNECTIONS, &id).await?;
                    }
                }
                Err(StoreError::AliasTaken(alias))
            }
            result => result.map(drop),
        }
    }

    /// Gives an alias up, unless the connection that it was taken for has it.
    async fn release_alias(&self, alias: &str) -> Result<(), StoreError> {
        let id = alias_key(alias);
        let there: Option<AliasDocument> = self.client.get(&ALIASES, id.as_str()).await?;
        let Some(there) = there else {
            return Ok(());
        };
        if self.has_alias(&there.connection_id, alias).await? {
            return Ok(());
        }
        self.delete_alias(&there).await
    }

    /// Deletes this document and none that came after it.
    async fn delete_alias(&self, alias: &AliasDocument) -> Result<(), StoreError> {
        let this = Filter::is("id", &alias.id).and(&Filter::is("nonce", &alias.nonce));
        Ok(self.client.delete_all(&ALIASES, &this).await?)
    }

    async fn has_alias(&self, id: &str, alias: &str) -> Result<bool, StoreError> {
        let connection = self.connection_with_id(&ConnectionId::new(id)).await?;
        Ok(connection.is_some_and(|connection| connection.alias == alias))
    }
}

fn id_key(id: &str) -> Key {
    Key::of(&["connection", id])
}

fn alias_key(alias: &str) -> Key {
    Key::of(&["alias", alias])
}

fn document(connection: &Connection) -> ConnectionDocument {
    ConnectionDocument {
        id: id_key(connection.id.as_str()),
        alias_key: alias_key(&connection.alias),
        nonce: Key::random(),
        connection_id: connection.id.as_str().to_owned(),
        alias: connection.alias.clone(),
        description: or_empty(connection.description.clone()),
        dialect: connection.dialect.name().to_owned(),
        connection_uri: connection.encrypted_uri.clone(),
        schemas: json!(connection.schemas).to_string(),
        metadata: json!(connection.metadata).to_string(),
        created_at: connection.created_at.to_rfc3339(),
    }
}

fn connection(document: ConnectionDocument) -> Result<Connection, StoreError> {
    let damaged = |part| StoreError::Damaged {
        alias: document.alias.clone(),
        part,
    };
    Ok(Connection {
        dialect: Dialect::from_name(&document.dialect).ok_or_else(|| damaged("dialect"))?,
        schemas: serde_json::from_str(&document.schemas).map_err(|_| damaged("schemas"))?,
        metadata: serde_json::from_str(&document.metadata).map_err(|_| damaged("metadata"))?,
        created_at: DateTime::parse_from_rfc3339(&document.created_at)
            .map_err(|_| damaged("creation time"))?
            .to_utc(),
        id: ConnectionId::new(document.connection_id),
        alias: document.alias,
        description: or_none(document.description),
        encrypted_uri: document.connection_uri,
    })
}
