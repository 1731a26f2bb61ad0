//! Stored connections to target databases.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Cipher, Keeper, Record, Statement, Store, StoreError};
use crate::database::{ConnectionUri, Dialect};
use crate::ids::ConnectionId;

/// A stored connection. As JSON, and in `Debug`, without its URI.
#[derive(Clone, PartialEq, Serialize)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name for people, unique as the id is.
    pub alias: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// The dialect of its database.
    pub dialect: Dialect,
    /// The schemas that are read.
    pub schemas: Vec<String>,
    /// What else whoever stored it wanted to keep.
    pub metadata: Map<String, Value>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// The URI as a Fernet token.
    #[serde(skip)]
    pub(super) encrypted_uri: String,
}

/// What is needed to store a connection.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its id; a new one if there is none.
    pub id: Option<ConnectionId>,
    /// Its name for people.
    pub alias: String,
    /// Where the database is.
    pub uri: ConnectionUri,
    /// The schemas that are read; the dialect's default if there is none.
    pub schemas: Vec<String>,
    /// What its owner says of it.
    pub description: Option<String>,
    /// What else is to be kept.
    pub metadata: Map<String, Value>,
}

impl NewConnection {
    /// A connection with only what it must have.
    pub fn new(alias: impl Into<String>, uri: ConnectionUri) -> Self {
        Self {
            id: None,
            alias: alias.into(),
            uri,
            schemas: Vec::new(),
            description: None,
            metadata: Map::new(),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("alias", &self.alias)
            .field("dialect", &self.dialect)
            .field("schemas", &self.schemas)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Stores a connection, its URI encrypted.
    pub async fn add_connection(
        &self,
        new: NewConnection,
        cipher: &Cipher,
    ) -> Result<Connection, StoreError> {
        let alias = checked_alias(&new.alias)?;
        let dialect = new.uri.dialect();
        let connection = Connection {
            id: new.id.unwrap_or_else(ConnectionId::generate),
            alias,
            description: new.description,
            dialect,
            schemas: if new.schemas.is_empty() {
                new.uri.default_schemas()
            } else {
                new.schemas
            },
            metadata: new.metadata,
            created_at: Utc::now(),
            encrypted_uri: cipher.encrypt(new.uri.expose()),
        };
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.add_connection(connection).await,
        };
        let insert = Statement::new(
            "INSERT INTO connections \
               (id, alias, description, dialect, connection_uri, schemas, metadata, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(connection.id.as_str())
        .bind(connection.alias.as_str())
        .bind(connection.description.clone())
        .bind(connection.dialect.name())
        .bind(connection.encrypted_uri.as_str())
        .bind(Value::from(connection.schemas.clone()).to_string())
        .bind(Value::Object(connection.metadata.clone()).to_string())
        .bind(connection.created_at.to_rfc3339());
        match backend.execute(insert).await {
            Ok(_) => Ok(connection),
            Err(StoreError::Sql(sqlx::Error::Database(error))) if error.is_unique_violation() => {
                // PostgreSQL tells the index, SQLite the columns, and only in its message.
                let is_alias = error.constraint() == Some("connections_alias")
                    || error.message().contains("connections.alias");
                Err(if is_alias {
                    StoreError::AliasTaken(connection.alias)
                } else {
                    StoreError::IdTaken(connection.id.as_str().to_owned())
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Stores a connection under the id that was given, in the place of the one that has it. Where
    /// the dialect stays the same, so do the schemas and the description.
    ///
    /// # Errors
    /// When the alias belongs to another connection.
    pub async fn put_connection(
        &self,
        id: &ConnectionId,
        new: NewConnection,
        cipher: &Cipher,
    ) -> Result<Connection, StoreError> {
        let existing = self.connection_with_id(id).await?;
        let Some(existing) = existing else {
            let added = NewConnection {
                id: Some(id.clone()),
                ..new.clone()
            };
            match self.add_connection(added, cipher).await {
                // Another worker stored it at the same moment.
                Err(StoreError::IdTaken(_)) => {}
                result => return result,
            }
            return self.change_connection(id, new, cipher).await;
        };
        let same_dialect = existing.dialect == new.uri.dialect();
        let changed = NewConnection {
            schemas: if new.schemas.is_empty() && same_dialect {
                existing.schemas
            } else {
                new.schemas
            },
            description: new.description.or(existing.description),
            ..new
        };
        self.change_connection(id, changed, cipher).await
    }

    /// Replaces everything about the connection with this id but its creation time.
    ///
    /// # Errors
    /// When the alias cannot be used or belongs to another connection.
    pub async fn change_connection(
        &self,
        id: &ConnectionId,
        new: NewConnection,
        cipher: &Cipher,
    ) -> Result<Connection, StoreError> {
        let alias = checked_alias(&new.alias)?;
        let dialect = new.uri.dialect();
        let schemas = if new.schemas.is_empty() {
            new.uri.default_schemas()
        } else {
            new.schemas
        };
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                let changed = Connection {
                    id: id.clone(),
                    alias,
                    description: new.description,
                    dialect,
                    schemas,
                    metadata: new.metadata,
                    // The one that is there stays.
                    created_at: Utc::now(),
                    encrypted_uri: cipher.encrypt(new.uri.expose()),
                };
                let changed = typesense.change_connection(changed).await?;
                return changed.ok_or_else(|| StoreError::Gone(id.as_str().to_owned()));
            }
        };
        let update = Statement::new(
            "UPDATE connections SET alias = $2, description = $3, dialect = $4, \
               connection_uri = $5, schemas = $6, metadata = $7 \
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(alias.as_str())
        .bind(new.description)
        .bind(dialect.name())
        .bind(cipher.encrypt(new.uri.expose()))
        .bind(Value::from(schemas).to_string())
        .bind(Value::Object(new.metadata).to_string());
        match backend.execute(update).await {
            Err(StoreError::Sql(sqlx::Error::Database(error))) if error.is_unique_violation() => {
                return Err(StoreError::AliasTaken(alias));
            }
            result => result?,
        };
        self.connection_with_id(id)
            .await?
            .ok_or_else(|| StoreError::Gone(id.as_str().to_owned()))
    }

    async fn connection_with_id(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.connection_with_id(id).await,
        };
        let query = Statement::new("SELECT * FROM connections WHERE id = $1").bind(id.as_str());
        let found = backend.fetch_optional(query).await?;
        found.as_ref().map(connection).transpose()
    }

    /// All connections, by alias.
    pub async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.connections().await,
        };
        backend
            .fetch_all(Statement::new("SELECT * FROM connections ORDER BY alias"))
            .await?
            .iter()
            .map(connection)
            .collect()
    }

    /// The connection with this id or, if there is none, with this alias.
    pub async fn find_connection(
        &self,
        id_or_alias: &str,
    ) -> Result<Option<Connection>, StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.find_connection(id_or_alias).await,
        };
        let statement = Statement::new(
            "SELECT * FROM connections WHERE id = $1 OR alias = $1 ORDER BY id = $1 DESC LIMIT 1",
        )
        .bind(id_or_alias);
        let found = backend.fetch_optional(statement).await?;
        found.as_ref().map(connection).transpose()
    }

    /// The URI of a connection, decrypted.
    pub fn connection_uri(
        &self,
        connection: &Connection,
        cipher: &Cipher,
    ) -> Result<ConnectionUri, StoreError> {
        let text =
            cipher
                .decrypt(&connection.encrypted_uri)
                .ok_or_else(|| StoreError::WrongKey {
                    alias: connection.alias.clone(),
                })?;
        ConnectionUri::parse(&text).map_err(|_| StoreError::Damaged {
            alias: connection.alias.clone(),
            part: "URI",
        })
    }

    /// Forgets a connection. False when there was none with this id.
    pub async fn delete_connection(&self, id: &ConnectionId) -> Result<bool, StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.delete_connection(id).await,
        };
        let delete = Statement::new("DELETE FROM connections WHERE id = $1").bind(id.as_str());
        Ok(backend.execute(delete).await? > 0)
    }
}

/// The alias without white space around it, if it can be used.
fn checked_alias(alias: &str) -> Result<String, StoreError> {
    let alias = alias.trim();
    if !(1..=100).contains(&alias.chars().count()) || alias.chars().any(char::is_control) {
        return Err(StoreError::InvalidAlias);
    }
    Ok(alias.to_owned())
}

/// Reads a row of the table.
fn connection(row: &Record) -> Result<Connection, StoreError> {
    let alias = row.text("alias")?;
    let damaged = |part| StoreError::Damaged {
        alias: alias.clone(),
        part,
    };
    Ok(Connection {
        id: ConnectionId::new(row.text("id")?),
        description: row.optional_text("description")?,
        dialect: Dialect::from_name(&row.text("dialect")?).ok_or_else(|| damaged("dialect"))?,
        schemas: serde_json::from_str(&row.text("schemas")?).map_err(|_| damaged("schemas"))?,
        metadata: serde_json::from_str(&row.text("metadata")?).map_err(|_| damaged("metadata"))?,
        created_at: DateTime::parse_from_rfc3339(&row.text("created_at")?)
            .map_err(|_| damaged("creation time"))?
            .to_utc(),
        encrypted_uri: row.text("connection_uri")?,
        alias,
    })
}
