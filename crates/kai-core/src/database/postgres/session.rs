//! One read-only transaction on a pooled connection, which leaves nothing behind: no setting, no
//! prepared statement, and no statement still running.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::super::DatabaseError;
use super::super::dialect::always_quoted;
use super::{Postgres, database_error};

/// How much longer than the server we wait, before a connection that answers nothing is given up.
const GRACE: Duration = Duration::from_secs(5);

/// A connection inside a read-only transaction. Dropped before its end, the connection is closed,
/// which also ends the statement that runs on it.
pub(super) struct Session {
    connection: Option<PoolConnection<sqlx::Postgres>>,
}

impl Session {
    /// The connection, while the session has it.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection
            .as_deref_mut()
            .ok_or(sqlx::Error::PoolClosed)
    }

    /// Gives the connection up, so that it is closed and not used again.
    pub(super) fn abandon(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Outside the pool, dropping it closes the socket at once.
            drop(connection.detach());
        }
    }

    /// Ends the transaction and returns the connection to the pool. One that breaks here is given
    /// up; what was read before stays read.
    pub(super) async fn end(mut self) {
        if let Some(connection) = self.connection.as_deref_mut()
            && clean_up(connection).await.is_ok()
        {
            drop(self.connection.take());
        }
    }
}

/// Named statements must not outlive the transaction: behind a pooler the next one may run on
/// another server connection, and tables may have changed by then.
async fn clean_up(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.clear_cached_statements().await?;
    connection.execute("ROLLBACK").await.map(drop)
}

impl Drop for Session {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// Waits for work in a session, a little longer than the server lets a statement run.
pub(super) async fn bounded<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, DatabaseError> {
    match tokio::time::timeout(timeout + GRACE, work).await {
        Ok(result) => result.map_err(|error| database_error(&error, timeout)),
        Err(_) => Err(DatabaseError::Timeout(timeout.as_secs())),
    }
}

impl Postgres {
    /// Begins a read-only transaction in which a statement may run this long.
    pub(super) async fn begin(&self, timeout: Duration) -> Result<Session, sqlx::Error> {
        let mut session = Session {
            connection: Some(self.pool.acquire().await?),
        };
        let milliseconds = timeout.as_millis().max(1);
        let schemas: Vec<_> = self
            .schemas
            .iter()
            .map(|name| always_quoted(name))
            .collect();
        let schemas = schemas.join(", ");
        // One round trip. The guard has read texts as the standard does, so must the server. The
        // check of the connection (from version 14 on) ends a statement whose client is gone.
        let settings = format!(
            "BEGIN READ ONLY; \
             SET LOCAL statement_timeout = {milliseconds}; \
             SET LOCAL search_path = {schemas}; \
             SET LOCAL standard_conforming_strings = on; \
             SET LOCAL intervalstyle = iso_8601; \
             SELECT CASE WHEN current_setting('server_version_num')::int >= 140000 \
               THEN set_config('client_connection_check_interval', '1000', true) END"
        );
        session
            .connection()?
            .execute(sqlx::raw_sql(AssertSqlSafe(settings)))
            .await?;
        Ok(session)
    }
}
