//! Queries on a test's own server that wait as long as the test wants: they read a view that waits for a lock
//! which the test holds, and which is gone when the server is killed.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

use crate::database_server::{DatabaseServer, Kind};

/// How long a query may take to wait, or to be gone.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server with the view `held`, whose one row has the `answer` 42 and comes when nobody holds the lock,
/// and the table `item` with three rows.
pub struct HeldQueries {
    url: String,
    holder: Holder,
}

/// The connection that holds the lock.
enum Holder {
    Postgresql(PgConnection),
    MariaDb(MySqlConnection),
}

impl HeldQueries {
    /// Makes the view and the table on the server, and takes the lock.
    ///
    /// # Panics
    /// When the server refuses that.
    pub async fn on(server: &DatabaseServer) -> Self {
        match server.kind() {
            Kind::Postgresql => {
                let url = server.url();
                let mut connection = PgConnection::connect(&url).await.unwrap();
                let tables = "CREATE TABLE item (id INTEGER PRIMARY KEY); \
                     INSERT INTO item VALUES (1), (2), (3); \
                     CREATE VIEW held AS SELECT CASE \
                       WHEN pg_advisory_xact_lock_shared(7)::text = '' THEN 42 END AS answer; \
                     SELECT pg_advisory_lock(7)";
                connection.execute(sqlx::raw_sql(tables)).await.unwrap();
                Self {
                    url,
                    holder: Holder::Postgresql(connection),
                }
            }
            Kind::MariaDb => {
                let mut connection = MySqlConnection::connect(&server.url()).await.unwrap();
                let tables = "CREATE DATABASE toko; USE toko; \
                     CREATE TABLE item (id INTEGER PRIMARY KEY); \
                     INSERT INTO item VALUES (1), (2), (3); \
                     CREATE VIEW held AS SELECT CASE \
                       WHEN GET_LOCK('kai', 600) AND RELEASE_LOCK('kai') THEN 42 END AS answer; \
                     DO GET_LOCK('kai', 0)";
                connection.execute(sqlx::raw_sql(tables)).await.unwrap();
                Self {
                    url: server.url().replace("/mysql", "/toko"),
                    holder: Holder::MariaDb(connection),
                }
            }
        }
    }

    /// Where the view and the table are.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until a query waits for the lock.
    ///
    /// # Panics
    /// When none does in time.
    pub async fn until_one_waits(&mut self) {
        self.until("no query waits", |waiting| !waiting.is_empty())
            .await;
    }

    /// Ends the connections of the queries that wait, as an administrator can, and waits until they are gone.
    ///
    /// # Panics
    /// When the server refuses that.
    pub async fn cut(&mut self) {
        let cut = self.waiting().await;
        for connection in &cut {
            match &mut self.holder {
                Holder::Postgresql(holder) => {
                    let end = format!("SELECT pg_terminate_backend({connection})");
                    holder.execute(AssertSqlSafe(end)).await.unwrap();
                }
                Holder::MariaDb(holder) => {
                    let end = format!("KILL {connection}");
                    let end = sqlx::raw_sql(AssertSqlSafe(end));
                    holder.execute(end).await.unwrap();
                }
            }
        }
        self.until("the queries are still there", |waiting| {
            waiting.iter().all(|connection| !cut.contains(connection))
        })
        .await;
    }

    async fn until(&mut self, complaint: &str, holds: impl Fn(&[i64]) -> bool) {
        let waiting = async {
            while !holds(&self.waiting().await) {
                // What another connection does can only be asked for.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(in_time.is_ok(), "{complaint}");
    }

    /// The server's numbers of the connections that wait.
    async fn waiting(&mut self) -> Vec<i64> {
        match &mut self.holder {
            Holder::Postgresql(holder) => sqlx::query_scalar(
                "SELECT pid::bigint FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
            )
            .fetch_all(holder)
            .await
            .unwrap(),
            Holder::MariaDb(holder) => sqlx::query_scalar(
                "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
                 WHERE state = 'User lock'",
            )
            .fetch_all(holder)
            .await
            .unwrap(),
        }
    }
}
