//! One read-only transaction on a pooled connection, which leaves nothing behind: no prepared
//! statement, and no statement still running.

use std::time::Duration;

use sqlx::mysql::MySqlPool;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, Row};

use super::super::DatabaseError;
use super::super::dialect::in_backticks;
use super::super::stopper::Stopper;
use super::{Mysql, Server, database_error};

/// How much longer than the server we wait, before a connection that answers nothing is given up.
const GRACE: Duration = Duration::from_secs(5);

/// How the server reads and computes, whatever its administrator chose: texts as the guard has read
/// them (double quotes are texts, a backslash begins an escape), `||` joins texts, and a query that
/// shows a column which it neither groups by nor aggregates is an error, as elsewhere.
const SQL_MODE: &str = "ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT,NO_UNSIGNED_SUBTRACTION";

/// How many digits a division adds to its first operand's; the servers' own are four.
const DIVISION_DIGITS: u32 = 6;

/// The longest text that `GROUP_CONCAT` makes, in bytes; the servers' own cut in silence.
const CONCAT_BYTES: u32 = 1 << 20;

/// A connection inside a read-only transaction. Dropped before its end, the connection is closed,
/// and the statement that runs on it is stopped on the server.
pub(super) struct Session {
    connection: Option<PoolConnection<sqlx::MySql>>,
    /// The server's number for the connection.
    id: u64,
    pool: MySqlPool,
    stopper: Stopper,
}

impl Session {
    /// The connection, while the session has it.
    pub(super) fn connection(&mut self) -> Result<&mut MySqlConnection, sqlx::Error> {
        self.connection
            .as_deref_mut()
            .ok_or(sqlx::Error::PoolClosed)
    }

    /// Gives the connection up, so that it is closed and not used again, and has the server stop
    /// what runs on it. The server would otherwise find out only when it sends something.
    pub(super) fn abandon(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Outside the pool, dropping it closes the socket at once.
            drop(connection.detach());
            let (pool, id) = (self.pool.clone(), self.id);
            self.stopper.stop(async move {
                // One that is gone already is as good.
                let kill = sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}")));
                let _ = kill.execute(&pool).await;
            });
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

async fn clean_up(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
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

impl Mysql {
    /// Begins a read-only transaction in which a statement may run this long.
    pub(super) async fn begin(&self, timeout: Duration) -> Result<Session, sqlx::Error> {
        let mut session = Session {
            connection: Some(self.pool.acquire().await?),
            id: 0,
            pool: self.pool.clone(),
            stopper: self.stopper.clone(),
        };
        let limit = match self.server {
            Server::Mysql => format!("max_execution_time = {}", timeout.as_millis().max(1)),
            Server::MariaDb => {
                format!(
                    "max_statement_time = {:.3}",
                    timeout.as_secs_f64().max(0.001)
                )
            }
        };
        let schema = self
            .schemas
            .first()
            .map(|schema| format!("USE {}; ", in_backticks(schema)))
            .unwrap_or_default();
        // One round trip.
        let settings = format!(
            "SET SESSION sql_mode = '{SQL_MODE}', time_zone = '+00:00', {limit}, \
               sql_select_limit = DEFAULT, div_precision_increment = {DIVISION_DIGITS}, \
               group_concat_max_len = {CONCAT_BYTES}; \
             {schema}START TRANSACTION READ ONLY; \
             SELECT CONNECTION_ID()"
        );
        let rows = session
            .connection()?
            .fetch_all(sqlx::raw_sql(AssertSqlSafe(settings)))
            .await?;
        if let Some(row) = rows.first() {
            session.id = row.try_get_unchecked(0)?;
        }
        Ok(session)
    }
}
