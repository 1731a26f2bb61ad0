//! The store in Typesense, as the original kept its things there.
//!
//! Typesense has no transactions. What it has, and all that is built on here: of several who create
//! a document with the same id one succeeds, a change of one document is made or not, and documents
//! are deleted by a filter that may name a key of the one that was read. `docs/decisions` tells what
//! follows from that.

mod client;
mod connections;
mod conversations;
mod error;
mod key;
mod knowledge;
mod memories;
mod place;
mod run_log;
mod runs;
mod schema;
mod tables;

use client::Client;
pub use error::TypesenseError;
use key::{Filter, Key};
pub(super) use place::TypesensePlace;
pub use place::{Protocol, TypesenseAccess};
pub(super) use runs::LoggedRun;

use super::{Connection, StoreError};
use crate::ids::ConnectionId;

/// A store on a Typesense server. Cloning it is cheap and shares its connections.
#[derive(Debug, Clone)]
pub(super) struct Typesense {
    client: Client,
}

impl Typesense {
    /// Opens the store after making the collections that are missing.
    pub(super) async fn open(
        place: TypesensePlace,
        access: &TypesenseAccess,
    ) -> Result<Self, StoreError> {
        let client = Client::new(place, access)?;
        schema::bring_up_to_date(&client).await?;
        Ok(Self { client })
    }

    /// The key that everything kept of a connection carries. One that is deleted and stored again
    /// under its old id has another, so that nothing left behind is taken for its own.
    async fn owner(&self, connection: &Connection) -> Result<Key, StoreError> {
        let key = owner(connection);
        match self.connection_with_id(&connection.id).await? {
            Some(there) if owner(&there) == key => Ok(key),
            _ => Err(gone(&connection.id)),
        }
    }

    /// The same where only the connection's id is known.
    async fn owner_with_id(&self, id: &ConnectionId) -> Result<Key, StoreError> {
        let there = self.connection_with_id(id).await?;
        there.as_ref().map(owner).ok_or_else(|| gone(id))
    }
}

fn owner(connection: &Connection) -> Key {
    let created_at = connection.created_at.to_rfc3339();
    Key::of(&["owner", connection.id.as_str(), &created_at])
}

/// Everything that one owner has in a collection.
fn all_of(owner: &Key) -> Filter {
    Filter::is("owner", owner)
}

fn gone(id: &ConnectionId) -> StoreError {
    StoreError::Gone(id.as_str().to_owned())
}

/// A text that may be missing, as documents have it: Typesense does not keep null.
fn or_empty(text: Option<String>) -> String {
    text.unwrap_or_default()
}

fn or_none(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
