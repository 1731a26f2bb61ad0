//! The attacks without the guard: what is left of them when only the engine's session stands in the way.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use kai_core::database::{self, Database, DatabaseError, Dialect, QueryLimits};
use kai_test_support::database_server::{DatabaseServer, Kind};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlConnection, PgConnection,
    sqlite::SqliteConnectOptions,
};
use tempfile::TempDir;

use super::super::{TABLES, queries};
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
fn refusal(message: &str) -> &'static str {
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
fn timeout(attack: &Attack, column: Column) -> Duration {
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
    connection.close().await.unwrap();
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

/// What the attacks on MariaDB find beside what the questions are asked of.
const SURROUNDINGS_ON_MARIADB: &str = "
CREATE FUNCTION hapus_semua() RETURNS INT BEGIN DELETE FROM koperasi; RETURN 1; END;
CREATE PROCEDURE bersihkan() DELETE FROM koperasi;
CREATE SEQUENCE urutan;
CREATE DATABASE rahasia; CREATE TABLE rahasia.gaji (jumlah INTEGER); INSERT INTO rahasia.gaji VALUES (7);
CREATE USER lain@'%'; CREATE USER pembaca@'%'; GRANT SELECT ON kai_uji.* TO pembaca@'%';
";

#[tokio::test]
async fn mariadb_alone() {
    let Some(server) = DatabaseServer::start(Kind::MariaDb, None).await else {
        return;
    };
    let mut connection = MySqlConnection::connect(&server.url()).await.unwrap();
    // A lock that is left is told, instead of being waited for all day.
    connection
        .execute("SET lock_wait_timeout = 10")
        .await
        .unwrap();
    prepare(&mut connection).await;
    let version: String = sqlx::query_scalar("SELECT VERSION()")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let is_recorded = is_recorded(&version, "10.11.");
    let table = Table::read(Dialect::Mysql);
    for (index, user) in ["pembaca", "kai"].into_iter().enumerate() {
        let column = Column::Engine(index);
        let url = server
            .url()
            .replace("kai@", &format!("{user}@"))
            .replace("/mysql", "/kai_uji");
        let uri = url.parse().unwrap();
        let mut database = database::connect(&uri, &[]).await.unwrap();
        let mut seen = Vec::new();
        for attack in table.attacks() {
            let folder = open_folder();
            let shown = folder.path().to_str().unwrap();
            let outcome = outcome(&*database, attack, column, shown).await;
            seen.push(outcome.to_owned());
            if matches!(outcome, "ran" | "error") {
                // What one leaves behind, such as a lock, must not decide about the next.
                database.close().await;
                if !is_whole(&mut connection).await {
                    assert_eq!(user, "kai", "a reader got through with {}", attack.text());
                    prepare(&mut connection).await;
                }
                database = database::connect(&uri, &[]).await.unwrap();
            }
        }
        if is_recorded {
            table.compare(column, &seen);
        }
    }
}

/// Makes what the attacks on MariaDB are made on, also where one of them has got through.
async fn prepare(connection: &mut MySqlConnection) {
    let setup = format!(
        "{CLEARING_ON_MARIADB} CREATE DATABASE kai_uji CHARACTER SET utf8mb4; USE kai_uji; {} \
         {SURROUNDINGS_ON_MARIADB}",
        queries::schema(Dialect::Mysql)
    );
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(setup)))
        .await
        .unwrap();
}

/// Whether the tables are as they were.
async fn is_whole(connection: &mut MySqlConnection) -> bool {
    let rows = "SELECT (SELECT COUNT(*) FROM kai_uji.koperasi WHERE status <> 'x') = 4 \
                AND (SELECT COUNT(*) FROM rahasia.gaji WHERE jumlah = 7) = 1 \
                AND (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'kai_uji') = 8";
    sqlx::query_scalar::<_, bool>(rows)
        .fetch_one(connection)
        .await
        .unwrap_or(false)
}

/// What an attack may have left.
const CLEARING_ON_MARIADB: &str = "
DROP DATABASE IF EXISTS kai_uji; DROP DATABASE IF EXISTS rahasia;
DROP USER IF EXISTS lain@'%'; DROP USER IF EXISTS pembaca@'%';
";

/// Whether the server is of the version whose behaviour the table records. Others word and order their
/// refusals in other ways: on them each attack is tried, and only the data is looked at.
fn is_recorded(version: &str, recorded: &str) -> bool {
    let is_recorded = version.starts_with(recorded);
    if !is_recorded {
        eprintln!(
            "the table of attacks records version {recorded}x and this server is {version}: what it did \
             with each attack is not compared, only that the data is as it was"
        );
    }
    assert!(
        is_recorded || !is_update(),
        "the table records version {recorded}x; this server, {version}, must not write it anew"
    );
    is_recorded
}

/// A folder that a server can write to, which may run as another user. Each attack has one of its own: a file
/// that an earlier one has written must not decide about the next.
fn open_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    folder
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
    let Some(server) = DatabaseServer::start(Kind::Postgresql, None).await else {
        return;
    };
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(format!(
            "{TABLES} {SURROUNDINGS}"
        ))))
        .await
        .unwrap();
    let version: String = sqlx::query_scalar("SHOW server_version")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let is_recorded = is_recorded(&version, "15.");
    let table = Table::read(Dialect::Postgresql);
    for (index, user) in ["pembaca", "kai"].into_iter().enumerate() {
        let column = Column::Engine(index);
        let url = server.url().replace("kai@", &format!("{user}@"));
        let database = database::connect(&url.parse().unwrap(), &[]).await.unwrap();
        let mut seen = Vec::new();
        for attack in table.attacks() {
            let folder = open_folder();
            let shown = folder.path().to_str().unwrap();
            let outcome = outcome(&*database, attack, column, shown).await;
            seen.push(outcome.to_owned());
        }
        if is_recorded {
            table.compare(column, &seen);
        }
    }
    // Whoever it was: the tables are as they were.
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM koperasi WHERE status <> 'x'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(count, 4);
}
