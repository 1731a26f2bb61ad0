//! A real SQLite file behind the interface that the agent uses.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kai_core::database::{
    self, ConnectionUri, Database, DatabaseError, Dialect, ForeignKey, QueryLimits, QueryResult,
};
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{TABLES, limits, queries};

/// A database file in a folder of its own.
struct File {
    folder: TempDir,
}

impl File {
    async fn new(sql: &str) -> Self {
        let file = Self {
            folder: TempDir::new().unwrap(),
        };
        let mut connection = SqliteConnectOptions::new()
            .filename(file.path())
            .create_if_missing(true)
            .connect()
            .await
            .unwrap();
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
            .await
            .unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("koperasi.db")
    }

    fn uri(&self) -> ConnectionUri {
        format!("sqlite://{}", self.path().display())
            .parse()
            .unwrap()
    }

    async fn connect(&self) -> std::sync::Arc<dyn Database> {
        database::connect(&self.uri(), &[]).await.unwrap()
    }
}

async fn ask(
    database: &dyn Database,
    sql: &str,
    limits: QueryLimits,
) -> Result<QueryResult, DatabaseError> {
    let checked = database.guard().check(sql).unwrap();
    database.query(&checked, limits).await
}

#[tokio::test]
async fn questions_run() {
    let file = File::new(&queries::schema(Dialect::Sqlite)).await;
    let database = file.connect().await;
    queries::ask_all(&*database, "main", limits()).await;
}

#[tokio::test]
async fn the_catalogue_tells_tables_columns_keys_and_values() {
    let file = File::new(&format!(
        "{TABLES} \
         CREATE VIEW koperasi_aktif AS SELECT nama FROM koperasi WHERE status = 'Aktif'; \
         CREATE VIEW rusak AS SELECT * FROM tidak_ada; \
         CREATE TABLE pasangan (a INTEGER, b TEXT, PRIMARY KEY (a, b)); \
         CREATE TABLE anak (x INTEGER, y TEXT, p REFERENCES provinsi, \
             FOREIGN KEY (x, y) REFERENCES pasangan); \
         CREATE TABLE \"a.b\" (\"kolom \"\"aneh\"\"\" TEXT);"
    ))
    .await;
    let database = file.connect().await;

    let tables = database.list_tables().await.unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    for name in ["Laporan Tahunan", "koperasi", "koperasi_aktif", "\"a.b\""] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert_eq!(
        tables
            .iter()
            .find(|t| t.name == "koperasi")
            .unwrap()
            .column_count,
        8
    );

    let wanted = [
        "koperasi",
        "tidak_ada",
        "rusak",
        "Laporan Tahunan",
        "anak",
        "\"a.b\"",
        "koperasi_aktif",
    ];
    let tables = database
        .describe_tables(&wanted.map(str::to_owned))
        .await
        .unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "koperasi",
            "Laporan Tahunan",
            "anak",
            "\"a.b\"",
            "koperasi_aktif"
        ]
    );

    let koperasi = &tables[0].columns;
    assert!(koperasi[0].is_primary_key && !koperasi[0].nullable);
    assert_eq!(
        koperasi[1].foreign_key,
        Some(ForeignKey {
            field_name: "id".to_owned(),
            reference_table: "kabupaten".to_owned()
        })
    );
    assert_eq!(koperasi[5].data_type, "NUMERIC(18,2)");
    assert!(koperasi[5].nullable && !koperasi[5].low_cardinality);
    assert!(koperasi[6].low_cardinality);
    assert_eq!(
        koperasi[6].categories,
        ["Aktif", "Dibekukan", "Tidak Aktif"]
    );

    let references: Vec<_> = tables[2]
        .columns
        .iter()
        .map(|column| {
            let key = column.foreign_key.as_ref().unwrap();
            (
                column.name.as_str(),
                key.reference_table.as_str(),
                key.field_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        references,
        [
            ("x", "pasangan", "a"),
            ("y", "pasangan", "b"),
            ("p", "provinsi", "id")
        ]
    );
    assert_eq!(tables[3].columns[0].name, "kolom \"aneh\"");
    // What is shown of a table, quoted, names it in a query.
    let sql = format!("SELECT * FROM {}", Dialect::Sqlite.quote_table("\"a.b\""));
    ask(&*database, &sql, limits()).await.unwrap();
}

#[tokio::test]
async fn whole_numbers_that_say_yes_and_no_are_told_and_others_are_not() {
    let sql = "CREATE TABLE lamp (id INTEGER PRIMARY KEY, lit INT, watts INT, note TEXT); \
               INSERT INTO lamp VALUES (1, 0, 40, 'neither'), (2, 1, 1, NULL), (3, NULL, 0, NULL);";
    let file = File::new(sql).await;
    let database = file.connect().await;
    let lamp = database
        .describe_tables(&["lamp".to_owned()])
        .await
        .unwrap()
        .remove(0);
    let values: Vec<&[String]> = lamp
        .columns
        .iter()
        .map(|c| c.categories.as_slice())
        .collect();
    assert_eq!(values[1], ["0", "1"]);
    assert!(values[0].is_empty() && values[2].is_empty());
    assert_eq!(values[3], ["neither"]);
}

#[tokio::test]
async fn values_keep_their_class() {
    let file = File::new(
        "CREATE TABLE t (a, b, c, d, e, f NUMERIC); \
         INSERT INTO t VALUES (9007199254740993, 0.1, 'Ñ', x'00ff', NULL, '12.50'), \
         (-1, 9e999, '', x'', NULL, 'x')",
    )
    .await;
    let database = file.connect().await;
    let result = ask(&*database, "SELECT *, a, a FROM t", limits())
        .await
        .unwrap();
    assert_eq!(result.columns, ["a", "b", "c", "d", "e", "f", "a_2", "a_3"]);
    assert_eq!(
        serde_json::to_value(&result.rows).unwrap(),
        json!([
            {"a": 9_007_199_254_740_993_i64, "b": 0.1, "c": "Ñ", "d": "AP8=", "e": null, "f": 12.5,
             "a_2": 9_007_199_254_740_993_i64, "a_3": 9_007_199_254_740_993_i64},
            {"a": -1, "b": "Infinity", "c": "", "d": "", "e": null, "f": "x", "a_2": -1, "a_3": -1},
        ])
    );
    assert!(!result.truncated);
}

#[tokio::test]
async fn rows_and_bytes_are_limited() {
    let file = File::new(TABLES).await;
    let database = file.connect().await;
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let few_rows = QueryLimits {
        max_rows: 7,
        ..limits()
    };
    let result = ask(&*database, many, few_rows).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (7, true));
    let few_bytes = QueryLimits {
        max_bytes: 80,
        ..limits()
    };
    let result = ask(&*database, many, few_bytes).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (10, true));
    // Exactly as many as there are is not truncated.
    let exact = QueryLimits {
        max_rows: 4,
        ..limits()
    };
    let result = ask(&*database, "SELECT * FROM koperasi", exact)
        .await
        .unwrap();
    assert_eq!((result.rows.len(), result.truncated), (4, false));
    let none = ask(
        &*database,
        "SELECT nama, id FROM koperasi WHERE 1 = 0",
        limits(),
    )
    .await
    .unwrap();
    assert_eq!(none.columns, ["nama", "id"]);
}

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
     SELECT COUNT(*) FROM n";

#[tokio::test]
async fn a_query_that_takes_too_long_is_stopped() {
    let file = File::new(TABLES).await;
    let database = file.connect().await;
    let short = QueryLimits {
        timeout: Duration::from_millis(200),
        ..limits()
    };
    let start = Instant::now();
    let error = ask(&*database, ENDLESS, short).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Timeout(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(!error.is_retryable());
    ask(&*database, "SELECT 1", limits()).await.unwrap();
}

#[tokio::test]
async fn one_call_that_looks_at_no_clock_is_not_waited_for() {
    let file = File::new(TABLES).await;
    let database = file.connect().await;
    let guard = database.guard();
    // Half a minute in one call, which the guard does not let through.
    let trimmed = "WITH t(x) AS (SELECT replace(printf('%999d', 0), ' ', 'A_THOUSAND_TIMES')), \
         u(x, y) AS (SELECT x, replace(substr(x, 1, 10000), '0', 'b') || '0' FROM t) \
         SELECT length(trim(x, y)) FROM u"
        .replace("A_THOUSAND_TIMES", &"0".repeat(1000));
    let error = guard.check(&trimmed).unwrap_err().to_string();
    assert!(error.contains("trim needs a plain text"), "{error}");
    let short = QueryLimits {
        timeout: Duration::from_millis(200),
        ..limits()
    };
    let start = Instant::now();
    let query = guard.unchecked(&trimmed);
    let error = database.query(&query, short).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Timeout(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(15));
    ask(&*database, "SELECT 1", limits()).await.unwrap();
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped() {
    let file = File::new(TABLES).await;
    let database = file.connect().await;
    // As many as there are connections: were one still running, the last question would wait.
    for _ in 0..4 {
        let checked = database.guard().check(ENDLESS).unwrap();
        let query = database.query(&checked, limits());
        assert!(
            tokio::time::timeout(Duration::from_millis(50), query)
                .await
                .is_err()
        );
    }
    let start = Instant::now();
    ask(&*database, "SELECT 1", limits()).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn nothing_can_be_written() {
    let file = File::new(TABLES).await;
    let before = std::fs::read(file.path()).unwrap();
    let database = file.connect().await;
    ask(&*database, "SELECT * FROM koperasi", limits())
        .await
        .unwrap();
    drop(database);
    assert_eq!(std::fs::read(file.path()).unwrap(), before);
    let names: Vec<_> = std::fs::read_dir(file.folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_without_the_path() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rahasia.db");
    let uri: ConnectionUri = format!("sqlite://{}", path.display()).parse().unwrap();
    let missing = database::connect(&uri, &[]).await.err().unwrap();
    assert!(missing.to_string().contains("does not exist"), "{missing}");
    assert!(!path.exists());

    std::fs::write(
        &path,
        "this is no database, but it is long enough to be read as one".repeat(99),
    )
    .unwrap();
    let other = database::connect(&uri, &[]).await.err().unwrap();
    assert!(other.to_string().contains("not a database"), "{other}");

    let uri: ConnectionUri = format!("sqlite://{}", folder.path().display())
        .parse()
        .unwrap();
    let directory = database::connect(&uri, &[]).await.err().unwrap();
    for error in [missing, other, directory] {
        assert!(matches!(error, DatabaseError::File(_)), "{error:?}");
        assert!(!error.is_retryable());
        assert!(!format!("{error} {error:?}").contains(folder.path().to_str().unwrap()));
    }
}

#[tokio::test]
async fn a_wrong_query_is_told_in_the_database_s_words() {
    let file = File::new(TABLES).await;
    let database = file.connect().await;
    let error = ask(&*database, "SELECT umur FROM koperasi", limits())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no such column: umur");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn only_what_its_own_guard_checked_runs() {
    let file = File::new(TABLES).await;
    let database = file.connect().await;
    let other = database::guard::check("SELECT 1", Dialect::Postgresql).unwrap();
    let error = database.query(&other, limits()).await.unwrap_err();
    assert!(matches!(error, DatabaseError::OtherGuard));
}
