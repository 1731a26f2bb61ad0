//! The attacks without the guard: what is left of them when only the engine's session stands in the way.

use std::sync::Arc;
use std::time::Duration;

use kai_core::database::{self, Database, DatabaseError, Dialect, QueryLimits};
use kai_test_support::throw_away::ThrowAwayServer;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::super::TABLES;
use super::table::{Attack, Column, Table, is_update};

/// How an attack ended, as the tables name it.
async fn outcome(
    database: &dyn Database,
    attack: &Attack,
    column: Column,
    folder: &str,
) -> &'static str {
    let limits = QueryLimits {
        timeout: timeout(attack, column),
        max_rows: 1_000,
        max_bytes: 1_000_000,
    };
    let query = database.guard().unchecked(&attack.sql(folder));
    match database.query(&query, limits).await {
        Ok(result) if !result.truncated => "ran",
        Ok(result) if result.rows.len() == limits.max_rows => "rows",
        Ok(_) => "bytes",
        Err(DatabaseError::Timeout(_)) => "time",
        Err(error) => refusal(&error.to_string()),
    }
}

/// What refused, by what it said.
pub(super) fn refusal(message: &str) -> &'static str {
    const KINDS: &[(&str, &[&str])] = &[
        (
            "readonly",
            &[
                "read-only transaction",
                "readonly database",
                "read-write mode",
                "read only transaction",
            ],
        ),
        (
            "authorizer",
            &["not authorized", "prohibited", "too many attached"],
        ),
        (
            "privilege",
            &[
                "permission denied",
                "must be superuser",
                "must be owner",
                "command denied",
                "access denied",
            ],
        ),
        ("several", &["multiple commands"]),
        (
            "wire",
            &[
                "connection was lost",
                "unexpected",
                "prepared statement protocol",
            ],
        ),
        (
            "transaction",
            &[
                "cannot run inside",
                "cannot be executed from",
                "transaction block",
            ],
        ),
        (
            "syntax",
            &[
                "syntax",
                "incomplete input",
                "unrecognized token",
                "unterminated",
            ],
        ),
        (
            "size",
            &[
                "too big",
                "too large",
                "memory",
                "exceed",
                "too complex",
                "too deep",
                "too many",
                "stack depth",
                "limit",
            ],
        ),
        (
            "missing",
            &[
                "does not exist",
                "no such",
                "not exist",
                "doesn't exist",
                "unknown",
            ],
        ),
    ];
    let message = message.to_lowercase();
    KINDS
        .iter()
        .find(|(_, parts)| parts.iter().any(|part| message.contains(part)))
        .map_or("error", |(kind, _)| kind)
}

/// How long an attack may take, in milliseconds. Waiting is what a bomb is for, so it is not given much;
/// what comes back by itself has time.
pub(super) fn timeout(attack: &Attack, column: Column) -> Duration {
    Duration::from_millis(match (attack.column(column), is_update()) {
        ("time", _) => 300,
        (_, true) => 3_000,
        (_, false) => 20_000,
    })
}

#[tokio::test]
async fn sqlite_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("koperasi.db");
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    let tables = format!(
        "{TABLES} CREATE VIEW koperasi_aktif AS SELECT nama FROM koperasi WHERE status = 'Aktif'; \
         CREATE INDEX koperasi_nama ON koperasi (nama); \
         CREATE TABLE urutan (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO urutan VALUES (1); \
         CREATE VIRTUAL TABLE cari USING fts5(nama); INSERT INTO cari VALUES ('tani'); \
         CREATE VIRTUAL TABLE kotak USING rtree(id, x1, x2); ANALYZE;"
    );
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(tables)))
        .await
        .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let uri = format!("sqlite://{}", path.display()).parse().unwrap();
    let shown = folder.path().to_str().unwrap();

    let table = Table::read(Dialect::Sqlite);
    let mut seen = Vec::new();
    for attack in table.attacks() {
        // Each in a session of its own: what one leaves behind must not decide about the next.
        let database = database::connect(&uri, &[]).await.unwrap();
        let outcome = outcome(&*database, attack, Column::Engine(0), shown).await;
        seen.push(outcome.to_owned());
    }
    table.compare(Column::Engine(0), &seen);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 1, "a file was made");
}

/// What the attacks on PostgreSQL find beside the sample.
const SURROUNDINGS: &str = "
CREATE VIEW koperasi_aktif AS SELECT nama FROM koperasi WHERE status = 'Aktif';
CREATE MATERIALIZED VIEW ringkasan AS SELECT count(*) FROM koperasi;
CREATE SEQUENCE urutan;
CREATE FUNCTION hapus_semua() RETURNS int LANGUAGE sql AS 'DELETE FROM koperasi; SELECT 1';
CREATE FUNCTION hapus_baris(koperasi) RETURNS int LANGUAGE sql AS 'DELETE FROM koperasi; SELECT 1';
CREATE PROCEDURE bersihkan() LANGUAGE sql AS 'DELETE FROM koperasi';
CREATE SCHEMA rahasia; CREATE TABLE rahasia.gaji (jumlah INTEGER); INSERT INTO rahasia.gaji VALUES (7);
CREATE TYPE rahasia.jabatan AS ENUM ('x');
CREATE EXTENSION dblink; CREATE EXTENSION tablefunc; CREATE EXTENSION postgres_fdw;
CREATE ROLE pembaca LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO pembaca;
";

#[tokio::test]
async fn postgresql_alone() {
    let Some(server) = ThrowAwayServer::start().await else {
        return;
    };
    server.execute(TABLES).await;
    server.execute(SURROUNDINGS).await;
    let folder = server.folder();
    let table = Table::read(Dialect::Postgresql);
    for (index, user) in ["pembaca", "kai"].into_iter().enumerate() {
        let column = Column::Engine(index);
        let database: Arc<dyn Database> =
            database::connect(&server.url(user).parse().unwrap(), &[])
                .await
                .unwrap();
        let mut seen = Vec::new();
        for attack in table.attacks() {
            let outcome = outcome(&*database, attack, column, folder).await;
            seen.push(outcome.to_owned());
        }
        table.compare(column, &seen);
    }
    // Whoever it was: the tables are as they were.
    let count = "SELECT count(*)::text || max(status) FROM koperasi";
    let database = database::connect(&server.url("pembaca").parse().unwrap(), &[])
        .await
        .unwrap();
    let query = database.guard().unchecked(count);
    let limits = super::super::limits();
    let result = database.query(&query, limits).await.unwrap();
    assert_eq!(
        serde_json::to_value(&result.rows[0]).unwrap(),
        serde_json::json!({"?column?": "4Tidak Aktif"})
    );
    server.stop().await;
}
