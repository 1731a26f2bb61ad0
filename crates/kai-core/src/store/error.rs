//! Why the store did not do what it was asked.

use std::path::PathBuf;

/// Why the store did not do what it was asked. No message contains a connection's URI or a key.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is none of a store.
    #[error("KAI_STORE_URL must be sqlite://PATH, such as sqlite:///var/lib/kai/kai.db")]
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
    /// The alias belongs to another connection.
    #[error(
        "there is already a connection with the alias '{0}'; choose another or delete that one"
    )]
    AliasTaken(String),
    /// The id belongs to another connection.
    #[error("there is already a connection with the id '{0}'; choose another or delete that one")]
    IdTaken(String),
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
        let Self::Sql(error) = self else {
            return false;
        };
        match error {
            sqlx::Error::Database(error) => {
                // SQLite's busy and locked, in the low byte of the code.
                let code = error.code().and_then(|code| code.parse::<u32>().ok());
                matches!(code.map(|code| code & 0xff), Some(5 | 6))
            }
            error => matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut),
        }
    }
}
