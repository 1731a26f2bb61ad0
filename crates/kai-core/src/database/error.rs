//! Why a target database did not do what it was asked.

/// Why a target database did not do what it was asked. No message contains a URI or a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database could not be reached.
    #[error("cannot reach the database: {0}")]
    Unreachable(String),
    /// The database refused the query; the text is the database's own.
    #[error("{0}")]
    Query(String),
    /// The query ran longer than `SQL_EXECUTION_TIMEOUT`.
    #[error("the query ran longer than {0} seconds and was stopped")]
    Timeout(u64),
}
