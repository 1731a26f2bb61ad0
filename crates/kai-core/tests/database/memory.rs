//! A result of gigabytes costs no more memory than the limits, and no more time than its first rows.

use std::fs;
use std::time::{Duration, Instant};

use kai_core::database::{self, Database, QueryLimits};
use kai_test_support::{mysql, postgres};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::limits;
use super::mysql::NUMBERS;
use super::postgres::ask;

/// More than ten million rows of a kilobyte, from tables that have some thousands.
const MANY: &str = "SELECT a.n, b.n AS m, r.isi FROM angka a CROSS JOIN angka b CROSS JOIN isi r";

/// How much more memory the process may have had: the limits are one megabyte of values. The other
/// tests of this program run at the same time.
const MOST: u64 = 96 << 20;

/// The most memory that the process has had at once, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim()
        .trim_end_matches("kB")
        .trim()
        .parse::<u64>()
        .unwrap()
        * 1024
}

/// How much more memory the process has had at once while this was done, in bytes.
pub(crate) async fn growth_of(work: impl Future<Output = ()>) -> u64 {
    // From now on the peak is counted anew.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = peak();
    work.await;
    peak().saturating_sub(before)
}

async fn costs_little(database: &dyn Database) {
    let grown = growth_of(read_many(database)).await;
    assert!(grown < MOST, "{} MiB more", grown >> 20);
}

async fn read_many(database: &dyn Database) {
    let start = Instant::now();
    for limits in [
        limits(),
        QueryLimits {
            max_rows: usize::MAX,
            ..limits()
        },
    ] {
        let result = ask(database, MANY, limits).await.unwrap();
        assert!(result.truncated);
        assert!(
            (900..=1000).contains(&result.rows.len()),
            "{}",
            result.rows.len()
        );
    }
    assert!(start.elapsed() < Duration::from_secs(10), "it read on");
}

#[tokio::test]
async fn on_postgresql() {
    let Some(test) = postgres::fresh_database().await else {
        return;
    };
    test.execute(
        "CREATE TABLE angka AS SELECT n FROM generate_series(1, 5000) AS n; \
         CREATE TABLE isi AS SELECT repeat('x', 1000) AS isi",
    )
    .await;
    let uri = test.url().parse().unwrap();
    costs_little(&*database::connect(&uri, &[]).await.unwrap()).await;
}

#[tokio::test]
async fn on_mariadb() {
    let Some(test) = mysql::fresh_database().await else {
        return;
    };
    test.execute(NUMBERS).await;
    test.execute("CREATE TABLE isi AS SELECT REPEAT('x', 1000) AS isi")
        .await;
    let uri = test.url().parse().unwrap();
    costs_little(&*database::connect(&uri, &[]).await.unwrap()).await;
}

#[tokio::test]
async fn on_sqlite() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("banyak.db");
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    let script = "CREATE TABLE angka AS WITH RECURSIVE s(n) AS \
           (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000) SELECT n FROM s; \
         CREATE TABLE isi AS SELECT printf('%1000d', 1) AS isi";
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(script)))
        .await
        .unwrap();
    let uri = format!("sqlite://{}", path.display()).parse().unwrap();
    costs_little(&*database::connect(&uri, &[]).await.unwrap()).await;
}
