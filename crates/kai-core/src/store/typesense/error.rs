//! Why a Typesense server did not do what the store asked.

use super::schema::LATEST;

/// Why Typesense did not do what the store asked. No message contains the key or what is stored.
#[derive(Debug, thiserror::Error)]
pub enum TypesenseError {
    /// No key is set.
    #[error(
        "TYPESENSE_API_KEY is not set; it is the key that Typesense was started with, or one made there"
    )]
    NoKey,
    /// The key cannot stand in a header.
    #[error("TYPESENSE_API_KEY has characters that no key of Typesense has")]
    MalformedKey,
    /// The server refused the key.
    #[error(
        "Typesense at {address} refuses TYPESENSE_API_KEY: it is wrong, or may not do everything with the collections {prefix}_*"
    )]
    WrongKey {
        /// The server.
        address: String,
        /// What the store's collections begin with.
        prefix: String,
    },
    /// No answer came.
    #[error(
        "Typesense at {address} cannot be reached: {reason}; check KAI_STORE_URL, TYPESENSE_HOST, TYPESENSE_PORT and TYPESENSE_PROTOCOL"
    )]
    Unreachable {
        /// The server.
        address: String,
        /// What went wrong, without the address.
        reason: String,
    },
    /// The server is starting, lagging behind its cluster, or asked to be left alone.
    #[error(
        "Typesense at {address} is not ready (HTTP status {status}); it may be starting or have too much to do"
    )]
    NotReady {
        /// The server.
        address: String,
        /// The status that it went on answering.
        status: u16,
    },
    /// Others change the same thing all the time.
    #[error("too many others change the same thing in Typesense at this moment; try again")]
    Contended,
    /// A collection is not as this version needs it.
    #[error(
        "the collection {collection} in Typesense has another schema: {difference}; give the store collections of its own with KAI_STORE_URL=typesense://HOST:PORT/PREFIX"
    )]
    OtherSchema {
        /// The collection.
        collection: String,
        /// The first difference.
        difference: String,
    },
    /// A newer version has changed the collections.
    #[error(
        "the collections in Typesense have version {found}, and this program knows versions up to {LATEST}: use the newer program"
    )]
    Newer {
        /// The version that was found.
        found: i64,
    },
    /// A step with this number is there.
    #[error("step {0} of the run is kept already")]
    StepIsKept(u32),
    /// The server refused a request that should have been right.
    #[error("Typesense refused to {what}: {message} (HTTP status {status})")]
    Refused {
        /// What was asked of it.
        what: &'static str,
        /// The status.
        status: u16,
        /// The message of its answer, shortened.
        message: String,
    },
    /// The answer is not what the interface promises.
    #[error(
        "Typesense answered a request to {0} in a way that is not understood; is this a Typesense server?"
    )]
    Strange(&'static str),
    /// What is kept cannot be read.
    #[error("a document in the collection {0} in Typesense is damaged")]
    Damaged(&'static str),
}

impl TypesenseError {
    /// Whether asking again later, unchanged, may help.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::NotReady { .. } | Self::Contended
        )
    }
}
