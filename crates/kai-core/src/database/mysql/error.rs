//! What the driver said, told without the URI.

use std::time::Duration;

use sqlx::mysql::MySqlDatabaseError;

use super::super::{CONNECT_TIMEOUT, DatabaseError};

pub(super) fn no_answer() -> DatabaseError {
    DatabaseError::Unreachable(format!(
        "no answer within {} seconds",
        CONNECT_TIMEOUT.as_secs()
    ))
}

pub(super) fn database_error(error: &sqlx::Error, timeout: Duration) -> DatabaseError {
    if let Some(problem) = DatabaseError::of_tls(error) {
        return problem;
    }
    let text = match error {
        sqlx::Error::Database(database) => {
            let message = database.message().to_owned();
            let number = database
                .try_downcast_ref::<MySqlDatabaseError>()
                .map(MySqlDatabaseError::number);
            return match number {
                // A wrong name or password, a locked account, a password that has expired.
                Some(1045 | 1698 | 1820 | 1862 | 3118 | 3955 | 4151) => DatabaseError::Refused,
                // A database that is not there, or not for this account.
                Some(1044 | 1049) => DatabaseError::NotFound(message),
                // MySQL's and MariaDB's own.
                Some(3024 | 1969) => DatabaseError::Timeout(timeout.as_secs()),
                // Connections lost or too many, the server going down, the connection killed.
                Some(
                    1040
                    | 1041
                    | 1042
                    | 1043
                    | 1053
                    | 1077
                    | 1079
                    | 1080
                    | 1129
                    | 1130
                    | 1135
                    | 1152..=1161
                    | 1184
                    | 1203
                    | 1205
                    | 1213
                    | 1226
                    | 1317
                    | 1927
                    | 4031,
                ) => DatabaseError::Unreachable(message),
                _ => DatabaseError::Query(message),
            };
        }
        sqlx::Error::PoolTimedOut => return no_answer(),
        // The driver tells so of an account whose password may only be sent encrypted.
        sqlx::Error::Configuration(source) if source.to_string().contains("TLS") => {
            return DatabaseError::Settings(
                "the account's password is only sent over TLS; add sslmode=require".to_owned(),
            );
        }
        sqlx::Error::Configuration(_) => {
            return DatabaseError::Settings("a parameter of it cannot be used".to_owned());
        }
        sqlx::Error::ColumnDecode { index, source } => {
            return DatabaseError::Query(format!("the column {index} cannot be read: {source}"));
        }
        // A type that the driver does not know.
        sqlx::Error::Protocol(reason) if reason.starts_with("unknown column type") => {
            return DatabaseError::Query(
                "a column has a type that cannot be read; cast it to CHAR in the query".to_owned(),
            );
        }
        sqlx::Error::Io(error) => return DatabaseError::of_network(error),
        _ => "the connection was lost".to_owned(),
    };
    DatabaseError::Unreachable(text)
}
