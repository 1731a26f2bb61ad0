//! Why a target database did not do what it was asked.

/// Why a target database did not do what it was asked. No message contains a URI or a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database could not be reached, or the connection to it was lost.
    #[error("cannot reach the database: {0}")]
    Unreachable(String),
    /// The database does not know the user, or the password is wrong.
    #[error(
        "the database refused the user name or the password; check them in the connection's URI"
    )]
    Refused,
    /// The server has no database, or the connection no schema, of that name.
    #[error("{0}")]
    NotFound(String),
    /// The connection's URI asks for something that cannot be had.
    #[error("the connection's URI cannot be used: {0}")]
    Settings(String),
    /// The file of an SQLite database is missing, or is no SQLite database.
    #[error("{0}")]
    File(String),
    /// The database refused the query; the text is the database's own.
    #[error("{0}")]
    Query(String),
    /// The query ran longer than `SQL_EXECUTION_TIMEOUT`.
    #[error("the query ran longer than {0} seconds and was stopped")]
    Timeout(u64),
    /// The query was checked by the guard of another connection.
    #[error("the query was checked for a database with another dialect or other schemas")]
    OtherGuard,
}

impl DatabaseError {
    /// Whether asking again later, unchanged, may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}
