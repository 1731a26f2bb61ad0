//! `scan` of a database of many tables: a person sees a bar, a pipe gets lines.

use std::path::Path;
use std::process::Output;

use kai_test_support::terminal::{at_a_terminal, drawn};
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::harness::{kai_worker, soon, stderr, stdout};

const TABLES: usize = 400;

/// A folder with a connection `large` to so many tables.
async fn prepared() -> TempDir {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("large.db");
    let uri = format!("sqlite://{}", path.display());
    let mut database = sqlx::SqliteConnection::connect(&format!("{uri}?mode=rwc"))
        .await
        .unwrap();
    let tables = (0..TABLES).map(|number| {
        format!(
            "CREATE TABLE t_{number} (id INTEGER PRIMARY KEY, nama TEXT, jenis TEXT); \
             INSERT INTO t_{number} VALUES (1, 'satu', 'a'), (2, 'dua', 'b');"
        )
    });
    let tables = tables.collect::<Vec<_>>().join("\n");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("BEGIN; {tables} COMMIT")))
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    run(folder.path(), &["init"]).await;
    run(
        folder.path(),
        &["connection", "create", &uri, "-a", "large"],
    )
    .await;
    folder
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = kai_worker(folder, arguments).output();
    let output = soon(&format!("{arguments:?}"), output).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

#[tokio::test]
async fn a_person_sees_a_bar_and_a_pipe_gets_lines() {
    let folder = prepared().await;
    let at = folder.path();

    let seen = at_a_terminal(&kai_worker(at, &["scan", "large"])).output();
    let seen = soon("the scan", seen).await.unwrap();
    let said = stdout(&seen);
    assert!(seen.status.success(), "{said}");
    let places = drawn(&said, TABLES, " tables (");
    assert!(places.is_sorted(), "{places:?}");
    assert!(
        places.iter().any(|place| (1..TABLES).contains(place)),
        "{places:?}"
    );
    assert!(
        said.contains(&format!("{TABLES} tables scanned.")),
        "{said:?}"
    );
    assert!(!said.contains("[scan]"), "{said:?}");

    let piped = run(at, &["scan", "large"]).await;
    let told = stderr(&piped);
    assert!(!told.contains(['\x1b', '\r']), "{told:?}");
    assert!(!stdout(&piped).contains('\x1b'));
    let places = drawn(&told, TABLES, " tables\n");
    assert!(places.is_sorted(), "{told}");
    assert!((2..=11).contains(&places.len()), "{told}");
    assert_eq!(places.last(), Some(&TABLES), "{told}");
    assert_eq!(told.lines().count(), places.len(), "{told}");
    assert!(
        told.lines().all(|line| line.starts_with("[scan] ")),
        "{told}"
    );

    // A program that reads the result is told nothing else.
    let read = run(at, &["scan", "large", "--json"]).await;
    assert_eq!(stderr(&read), "");
    let result: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(result["scanned_count"], TABLES);
}
