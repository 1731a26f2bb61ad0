//! Why the store did not do what it was asked.

use std::path::PathBuf;

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use super::TypesenseError;

/// Why the store did not do what it was asked. No message contains a connection's URI or a key.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is none of a store.
    #[error(
        "KAI_STORE_URL must be sqlite://PATH, such as sqlite:///var/lib/kai/kai.db, \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE or typesense://HOST:PORT/PREFIX, whose key is \
         TYPESENSE_API_KEY"
    )]
    Url,
    /// The file of the store cannot be made or opened.
    #[error("cannot open the store's file {}: {source}; check KAI_STORE_URL", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The store's database failed.
    #[error("the store failed: {0}")]
    Sql(#[from] sqlx::Error),
    /// Typesense failed.
    #[error(transparent)]
    Typesense(#[from] TypesenseError),
    /// The store cannot be brought up to date.
    #[error(
        "the store cannot be brought up to date: {0}; it may have been made by a newer version"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The key has not the form of a key.
    #[error(
        "ENCRYPT_KEY is not a Fernet key (32 bytes in url-safe base64); \
         `kai-worker key generate` makes one"
    )]
    MalformedKey,
    /// The key is not the one that the URI was encrypted with.
    #[error(
        "the URI of connection '{alias}' cannot be decrypted: ENCRYPT_KEY is not the key it was \
         stored with"
    )]
    WrongKey {
        /// The connection.
        alias: String,
    },
    /// What was kept of a connection was encrypted with another key, or is damaged.
    #[error(
        "the {part} of connection '{alias}' cannot be decrypted: ENCRYPT_KEY is not the key it was \
         stored with; scan or send it again"
    )]
    OtherKey {
        /// The connection.
        alias: String,
        /// What cannot be read.
        part: &'static str,
    },
    /// What is to be kept cannot be written as JSON.
    #[error("what is to be stored cannot be written as JSON")]
    Unwritable,
    /// A run was begun with another key.
    #[error(
        "the run cannot be gone on with: ENCRYPT_KEY is not the key of the worker that began it"
    )]
    WrongKeyForRun,
    /// Another attempt owns the run.
    #[error("a later attempt has taken the run over")]
    TakenOver,
    /// The alias belongs to another connection.
    #[error(
        "there is already a connection with the alias '{0}'; choose another or delete that one"
    )]
    AliasTaken(String),
    /// The id belongs to another connection.
    #[error("there is already a connection with the id '{0}'; choose another or delete that one")]
    IdTaken(String),
    /// The connection was deleted meanwhile.
    #[error("the connection with the id '{0}' was deleted meanwhile")]
    Gone(String),
    /// The alias cannot be used.
    #[error("an alias must have between 1 and 100 characters, none of them a control character")]
    InvalidAlias,
    /// A stored connection cannot be read.
    #[error("the stored connection '{alias}' is damaged: its {part} cannot be read")]
    Damaged {
        /// The connection.
        alias: String,
        /// Which part of it.
        part: &'static str,
    },
}

impl StoreError {
    /// Whether asking again later, unchanged, may help.
    pub fn is_retryable(&self) -> bool {
        let error = match self {
            Self::Sql(error) => error,
            Self::Typesense(error) => return error.is_retryable(),
            _ => return false,
        };
        match error {
            sqlx::Error::Database(error) => is_passing(error.as_ref()),
            // A proxy whose server is away closes what it has taken, which is told as a wrong answer.
            error => matches!(
                error,
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_)
            ),
        }
    }
}

/// Whether the database could not do it now, but may later.
fn is_passing(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else {
        return false;
    };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        // Busy and locked, in the low byte of the code.
        return matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(5 | 6));
    }
    // Connections lost, resources short, the server going down or coming up, and transactions that
    // stood in each other's way.
    ["08", "40", "53", "57P"]
        .iter()
        .any(|class| code.starts_with(class))
}
