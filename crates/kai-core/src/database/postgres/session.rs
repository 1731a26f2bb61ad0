//! One read-only transaction on a pooled connection, which leaves nothing behind: no setting, no
//! prepared statement, and no statement still running.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};

use super::super::DatabaseError;
use super::super::dialect::always_quoted;
use super::super::stopper::Stopper;
use super::{Postgres, database_error};

/// How much longer than the server we wait, before a connection that answers nothing is given up.
const GRACE: Duration = Duration::from_secs(5);

/// A connection inside a read-only transaction. Dropped before its end, the connection is closed,
/// and the statement that runs on it is stopped on the server.
pub(super) struct Session {
    connection: Option<PoolConnection<sqlx::Postgres>>,
    transaction: Option<Transaction>,
    pool: PgPool,
    stopper: Stopper,
}

/// How the server knows a transaction. Both together, since a process's number is used again.
struct Transaction {
    process: i32,
    /// When it began, as the server writes it.
    began: String,
}

/// Stops what a transaction runs, if it is still there.
const CANCEL: &str = "SELECT pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity \
     WHERE pid = $1 AND xact_start = $2::timestamptz";

impl Session {
    /// The connection, while the session has it.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection
            .as_deref_mut()
            .ok_or(sqlx::Error::PoolClosed)
    }

    /// Gives the connection up, so that it is closed and not used again, and has the server stop
    /// what runs on it. By itself it would find out only when it sends something, or, from version
    /// 14 on, a second later.
    pub(super) fn abandon(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Outside the pool, dropping it closes the socket at once.
            drop(connection.detach());
            if let Some(transaction) = self.transaction.take() {
                let pool = self.pool.clone();
                self.stopper.stop(async move {
                    // One that cannot be told is stopped by its timeout.
                    let _ = sqlx::query(CANCEL)
                        .bind(transaction.process)
                        .bind(transaction.began)
                        .persistent(false)
                        .execute(&pool)
                        .await;
                });
            }
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
            transaction: None,
            pool: self.pool.clone(),
            stopper: self.stopper.clone(),
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
               THEN set_config('client_connection_check_interval', '1000', true) END, \
               pg_backend_pid()::text, now()::text"
        );
        let rows = session
            .connection()?
            .fetch_all(sqlx::raw_sql(AssertSqlSafe(settings)))
            .await?;
        session.transaction = rows.first().and_then(|row| {
            let process: String = row.try_get(1).ok()?;
            Some(Transaction {
                process: process.parse().ok()?,
                began: row.try_get(2).ok()?,
            })
        });
        Ok(session)
    }
}
