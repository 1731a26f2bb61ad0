//! The demo's database and the encrypted connection to it.

use std::path::Path;

use koperasi::Dialect;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::process::Command;

use crate::demo::DemoError;

/// Writes the sample database into a new file.
pub(super) async fn write(file: &Path) -> Result<(), sqlx::Error> {
    let script = tokio::task::spawn_blocking(|| koperasi::sql(Dialect::Sqlite))
        .await
        .map_err(|error| sqlx::Error::Io(error.into()))?;
    let mut database = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        // Nobody else reads the file yet, and losing it in a crash costs nothing.
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .connect()
        .await?;
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut database)
        .await?;
    database.close().await
}

/// A new key from `kai-worker`.
pub(super) async fn new_key(mut worker: Command) -> Result<String, DemoError> {
    worker.args(["key", "generate"]);
    Ok(output(worker, "key generate").await?.trim().to_owned())
}

/// Stores a connection to the database with `kai-worker`, and returns its id.
pub(super) async fn store_connection(
    mut worker: Command,
    database: &Path,
) -> Result<String, DemoError> {
    let uri = format!("sqlite://{}", database.display());
    worker.args(["connection", "create", &uri, "-a", "koperasi"]);
    let said = output(worker, "connection create").await?;
    connection_id(&said)
        .map(ToOwned::to_owned)
        .ok_or_else(|| DemoError::Command {
            command: "connection create",
            reason: format!("it printed no `Connection ID: …` but: {}", said.trim()),
        })
}

/// Runs a command to its end and returns what it printed.
async fn output(mut worker: Command, command: &'static str) -> Result<String, DemoError> {
    let done = worker
        .kill_on_drop(true)
        .output()
        .await
        .map_err(DemoError::io(format!("run kai-worker {command}")))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let reason = said.lines().last().unwrap_or("it said nothing").to_owned();
        return Err(DemoError::Command { command, reason });
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

fn connection_id(said: &str) -> Option<&str> {
    said.lines()
        .find_map(|line| line.trim().strip_prefix("Connection ID:"))
        .map(str::trim)
        .filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_id_is_found_among_other_lines() {
        let said = "Connected: 7 tables\nConnection ID: 7d3c\n";
        assert_eq!(connection_id(said), Some("7d3c"));
        assert_eq!(connection_id("Connection ID:"), None);
        assert_eq!(connection_id("Stored."), None);
    }

    #[tokio::test]
    async fn the_sample_database_can_be_asked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("koperasi.db");
        write(&file).await.unwrap();
        let mut database = SqliteConnectOptions::new()
            .filename(&file)
            .connect()
            .await
            .unwrap();
        let provinces: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM provinsi")
            .fetch_one(&mut database)
            .await
            .unwrap();
        assert_eq!(provinces, 38);
    }
}
