//! What KAI itself remembers: a database of its own, apart from those that are asked.
//!
//! Each kind of thing has a file with its type and the methods of [`Store`] that keep it. Their
//! statements go through `backend`, so that they run on SQLite and on PostgreSQL; what they are in
//! Typesense, which knows no statements, is in `typesense`, in files with the same names.

mod backend;
mod cipher;
mod connections;
mod conversations;
mod error;
mod file;
mod knowledge;
mod memories;
mod migrations;
mod runs;
mod tables;
mod tails;
mod taking;
mod typesense;
mod url;

use backend::{Backend, Record, Statement};
pub use cipher::Cipher;
pub use connections::{Connection, NewConnection};
pub use conversations::ConversationKey;
pub use error::StoreError;
use runs::Forgetting;
pub use runs::{Attempt, OwnedRun, RunEndStatus, RunKey, RunSoFar};
pub use tables::{StoredTable, SyncStatus, TableContent, TableKey};
pub use tails::LeftTail;
use typesense::Typesense;
pub use typesense::{Protocol, TypesenseAccess, TypesenseError};
use url::Place;
pub use url::StoreUrl;

/// The store. Cloning it is cheap and shares its connections.
#[derive(Debug, Clone)]
pub struct Store {
    keeper: Keeper,
    forgetting: Forgetting,
}

/// What keeps things for the store.
#[derive(Debug, Clone)]
enum Keeper {
    /// A database that understands statements.
    Sql(Backend),
    /// A Typesense server.
    Typesense(Typesense),
}

impl Store {
    /// Opens the store after making what is missing: SQLite's folder and file, both for this user
    /// alone, and the tables or collections. Several processes may do so at the same moment.
    ///
    /// # Errors
    /// When the file or the server cannot be used, or holds a store of a newer version.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        let keeper = match url.place()? {
            Place::Typesense(place) => {
                Keeper::Typesense(Typesense::open(place, url.access()).await?)
            }
            Place::Sql(place) => Keeper::Sql(Backend::open(place).await?),
        };
        Ok(Self {
            keeper,
            forgetting: Forgetting::default(),
        })
    }

    /// Closes the store once what runs has ended.
    pub async fn close(&self) {
        if let Keeper::Sql(backend) = &self.keeper {
            backend.close().await;
        }
    }
}
