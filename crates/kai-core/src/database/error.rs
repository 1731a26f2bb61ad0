//! Why a target database did not do what it was asked.

use std::io;

/// Why a target database did not do what it was asked. No message contains a URI or a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database could not be reached, or the connection was lost.
    #[error("cannot reach the database: {0}")]
    Unreachable(String),
    /// The query had begun, and the database or something on the way to it ended it.
    #[error("the query was cut off before its end: {0}")]
    CutOff(String),
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
    /// What is wrong with the encryption of a connection, if that is what the driver complains of.
    pub(super) fn of_tls(error: &sqlx::Error) -> Option<Self> {
        let text = match error {
            sqlx::Error::Tls(source) if source.to_string().contains("does not support") => {
                "the server does not encrypt the connection as sslmode asks".to_owned()
            }
            sqlx::Error::Tls(source) => {
                format!("its certificates cannot be used: {source}")
            }
            // The handshake tells so of a certificate that it does not accept.
            sqlx::Error::Io(error) => {
                let problem = error.get_ref()?.downcast_ref::<rustls::Error>()?;
                format!(
                    "the server's certificate is not accepted, check sslmode and sslrootcert: \
                     {problem}"
                )
            }
            _ => return None,
        };
        Some(Self::Settings(text))
    }

    /// Whether asking again later, unchanged, may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::CutOff(_))
    }

    /// The same error of a query that had begun.
    pub(super) fn of_running(self) -> Self {
        match self {
            Self::Unreachable(reason) => Self::CutOff(reason),
            error => error,
        }
    }

    /// What the network did, in words that do not count bytes.
    pub(super) fn of_network(error: &io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        Self::Unreachable(match error.kind() {
            UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => {
                "the connection was lost".to_owned()
            }
            _ => error.to_string(),
        })
    }
}
