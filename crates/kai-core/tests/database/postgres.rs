//! A real PostgreSQL server behind the interface that the agent uses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kai_core::database::{
    self, Database, DatabaseError, Dialect, ForeignKey, QueryLimits, QueryResult,
};
use kai_test_support::postgres::{TestDatabase, fresh_database};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::{TABLES, limits, queries};

pub(crate) async fn connect(test: &TestDatabase, schemas: &[&str]) -> Arc<dyn Database> {
    let schemas: Vec<_> = schemas.iter().map(|name| (*name).to_owned()).collect();
    database::connect(&test.url().parse().unwrap(), &schemas)
        .await
        .unwrap()
}

pub(crate) async fn ask(
    database: &dyn Database,
    sql: &str,
    limits: QueryLimits,
) -> Result<QueryResult, DatabaseError> {
    let checked = database.guard().check(sql).unwrap();
    database.query(&checked, limits).await
}

#[tokio::test]
async fn questions_run() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(&queries::schema(Dialect::Postgresql)).await;
    let database = connect(&test, &[]).await;
    queries::ask_all(&*database, "public", limits()).await;
    test.close().await;
}

/// What the small sample database does not have.
const CATALOGUE: &str = r#"
COMMENT ON TABLE koperasi IS 'Koperasi yang terdaftar';
COMMENT ON COLUMN koperasi.modal_awal IS 'Modal awal dalam rupiah';
CREATE VIEW koperasi_aktif AS SELECT nama FROM koperasi WHERE status = 'Aktif';
CREATE TYPE warna AS ENUM ('merah', 'putih');
CREATE SCHEMA arsip;
CREATE TABLE arsip."order" (a INTEGER, b TEXT, w warna, k VARCHAR(9), panjang TEXT,
PRIMARY KEY (a, b));
INSERT INTO arsip."order" SELECT n, n::text, 'merah', 'k' || n % 60, repeat('x', 51)
FROM generate_series(1, 61) AS n;
CREATE TABLE arsip.anak (x INTEGER, y TEXT, p INTEGER REFERENCES public.provinsi,
FOREIGN KEY (x, y) REFERENCES arsip."order");
CREATE TABLE jurnal (t INTEGER) PARTITION BY RANGE (t);
CREATE TABLE jurnal_1 PARTITION OF jurnal FOR VALUES FROM (0) TO (9);
CREATE SCHEMA lain; CREATE TABLE lain.gaji (x INTEGER);
"#;

/// A database with all of that, and a connection to two of its schemas.
async fn with_catalogue() -> Option<(TestDatabase, Arc<dyn Database>)> {
    let test = fresh_database().await?;
    test.execute(TABLES).await;
    test.execute(CATALOGUE).await;
    let database = connect(&test, &["public", "arsip"]).await;
    Some((test, database))
}

#[tokio::test]
async fn tables_are_listed_by_schema_and_name() {
    let Some((_test, database)) = with_catalogue().await else {
        return;
    };
    let tables = database.list_tables().await.unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Laporan Tahunan",
            "jurnal",
            "kabupaten",
            "koperasi",
            "koperasi_aktif",
            "provinsi",
            "arsip.anak",
            "arsip.order",
        ]
    );
    assert_eq!(
        tables[3].description.as_deref(),
        Some("Koperasi yang terdaftar")
    );
    assert_eq!(tables[3].column_count, 8);
}

#[tokio::test]
async fn tables_are_described_with_keys_comments_and_values() {
    let Some((_test, database)) = with_catalogue().await else {
        return;
    };
    let wanted = [
        "koperasi",
        "lain.gaji",
        "tidak_ada",
        "arsip.order",
        "arsip.anak",
        "koperasi_aktif",
    ];
    let tables = database
        .describe_tables(&wanted.map(str::to_owned))
        .await
        .unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        ["koperasi", "arsip.order", "arsip.anak", "koperasi_aktif"]
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
    assert_eq!(koperasi[5].data_type, "numeric(18,2)");
    assert_eq!(
        koperasi[5].description.as_deref(),
        Some("Modal awal dalam rupiah")
    );
    assert!(koperasi[5].nullable && !koperasi[5].low_cardinality);
    assert_eq!(
        koperasi[6].categories,
        ["Aktif", "Dibekukan", "Tidak Aktif"]
    );

    let order = &tables[1].columns;
    let low: Vec<_> = order.iter().map(|column| column.low_cardinality).collect();
    // An integer; 61 values; an enum; 60 values; one value that is too long.
    assert_eq!(low, [false, false, true, true, false]);
    assert_eq!(order[2].categories, ["merah"]);
    assert_eq!(order[3].data_type, "character varying(9)");

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
            ("x", "arsip.order", "a"),
            ("y", "arsip.order", "b"),
            ("p", "provinsi", "id")
        ]
    );
    // What is shown of a table, quoted, names it in a query.
    let sql = format!(
        "SELECT * FROM {}",
        Dialect::Postgresql.quote_table("arsip.order")
    );
    ask(&*database, &sql, limits()).await.unwrap();
}

#[tokio::test]
async fn values_keep_their_meaning() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(
        "CREATE TYPE warna AS ENUM ('merah', 'putih'); \
         CREATE TYPE titik AS (x INTEGER, y TEXT); \
         CREATE DOMAIN rupiah AS NUMERIC(18,2); \
         CREATE TABLE nilai (n INTEGER, kind TEXT, w warna, t titik, r rupiah); \
         INSERT INTO nilai VALUES (1, 'a', 'merah', (1, 'a b'), 12.50)",
    )
    .await;
    let database = connect(&test, &[]).await;
    for (expression, expected) in [
        ("NULL", json!(null)),
        ("TRUE", json!(true)),
        ("9007199254740993::bigint", json!(9_007_199_254_740_993_i64)),
        ("(-7)::smallint", json!(-7)),
        ("0.1::real", json!(0.1)),
        ("0.1::double precision", json!(0.1)),
        ("'NaN'::double precision", json!("NaN")),
        ("12.50::numeric", json!(12.5)),
        ("150000000.00::numeric(18,2)", json!(150_000_000)),
        ("(-0.0001)::numeric", json!(-0.0001)),
        ("10000::numeric", json!(10_000)),
        ("100000000.0001::numeric", json!(100_000_000.000_1)),
        (
            "123456789012345678901234567890.123456789::numeric",
            json!("123456789012345678901234567890.123456789"),
        ),
        ("'NaN'::numeric", json!("NaN")),
        ("1::numeric / 3", json!("0.33333333333333333333")),
        ("'2024-02-29'::date", json!("2024-02-29")),
        ("'0044-03-15 BC'::date", json!("-0043-03-15")),
        ("'infinity'::date", json!("infinity")),
        ("'13:05:00.250'::time", json!("13:05:00.250")),
        ("'24:00'::time", json!("24:00:00")),
        (
            "'2024-02-29 13:05:00'::timestamp",
            json!("2024-02-29T13:05:00"),
        ),
        (
            "'2024-02-29 13:05:00.5+07'::timestamptz",
            json!("2024-02-29T06:05:00.500Z"),
        ),
        ("'-infinity'::timestamp", json!("-infinity")),
        (
            "INTERVAL '1 year 2 months 3 days 04:05:06.7'",
            json!("P1Y2M3DT4H5M6.7S"),
        ),
        ("decode('00ff', 'hex')", json!("AP8=")),
        ("'{\"a\": [1, null]}'::json", json!({"a": [1, null]})),
        ("'{\"a\": [1, null]}'::jsonb", json!({"a": [1, null]})),
        ("'1e999'::json", json!("1e999")),
        (
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
            json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ),
        ("ARRAY['a', NULL, 'b']", json!(["a", null, "b"])),
        ("ARRAY[[1, 2], [3, 4]]", json!([[1, 2], [3, 4]])),
        ("ARRAY[1.5, 2.25]::numeric[]", json!([1.5, 2.25])),
        ("ARRAY['2024-02-29']::date[]", json!(["2024-02-29"])),
        ("'{}'::text[]", json!([])),
        ("'ab'::char(4)", json!("ab  ")),
        ("w", json!("merah")),
        ("ARRAY[w]", json!(["merah"])),
        ("r", json!(12.5)),
        // Types that are read as text.
        ("'192.168.0.1/24'::inet", json!("192.168.0.1/24")),
        ("'[1,5)'::int4range", json!("[1,5)")),
        ("t", json!("(1,\"a b\")")),
        ("ROW(1, 'a')", json!("(1,a)")),
        ("'13:05:00+07'::timetz", json!("13:05:00+07")),
        ("to_tsvector('simple', 'b a')", json!("'a':2 'b':1")),
    ] {
        let sql = format!("SELECT {expression} AS v, 'z' AS v FROM nilai");
        let result = ask(&*database, &sql, limits())
            .await
            .unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(result.columns, ["v", "v_2"]);
        assert_eq!(result.rows[0]["v"], expected, "{expression}");
        assert_eq!(result.rows[0]["v_2"], "z", "{expression}");
    }
}

#[tokio::test]
async fn rows_and_bytes_are_limited() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(TABLES).await;
    let database = connect(&test, &[]).await;
    let many = "SELECT i FROM generate_series(1, 10000000) AS i";
    let few_rows = QueryLimits {
        max_rows: 7,
        ..limits()
    };
    for _ in 0..6 {
        // More often than there are connections: each is free again.
        let result = ask(&*database, many, few_rows).await.unwrap();
        assert_eq!((result.rows.len(), result.truncated), (7, true));
    }
    let few_bytes = QueryLimits {
        max_bytes: 40,
        ..limits()
    };
    let result = ask(&*database, many, few_bytes).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (10, true));
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

/// Takes minutes: the cross join of a series with itself, twice.
const SLOW: &str = "SELECT COUNT(*) FROM generate_series(1, 100000) AS a \
     CROSS JOIN generate_series(1, 100000) AS b";

#[tokio::test]
async fn a_query_that_takes_too_long_is_stopped() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let database = connect(&test, &[]).await;
    let short = QueryLimits {
        timeout: Duration::from_secs(1),
        ..limits()
    };
    let start = Instant::now();
    let error = ask(&*database, SLOW, short).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the query ran longer than 1 seconds and was stopped"
    );
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(!error.is_retryable());
    ask(&*database, "SELECT 1", limits()).await.unwrap();
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let database = connect(&test, &[]).await;
    let checked = database.guard().check(SLOW).unwrap();
    let query = database.query(&checked, limits());
    assert!(
        tokio::time::timeout(Duration::from_millis(500), query)
            .await
            .is_err()
    );
    // The server looks once a second whether the client is still there.
    let mut watcher = PgConnection::connect(test.url()).await.unwrap();
    let start = Instant::now();
    loop {
        let running: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND state = 'active' AND query LIKE '%CROSS JOIN%' AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut watcher)
        .await
        .unwrap();
        if running == 0 {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "it still runs");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_transaction_is_read_only_and_leaves_nothing_behind() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(
        "CREATE TABLE log (a INTEGER); \
         CREATE FUNCTION coalesce_log(a INTEGER) RETURNS INTEGER LANGUAGE sql AS \
           'INSERT INTO log VALUES (1) RETURNING a'; \
         CREATE VIEW jahat AS SELECT coalesce_log(1) AS a;",
    )
    .await;
    let database = connect(&test, &[]).await;
    let error = ask(&*database, "SELECT * FROM jahat", limits())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot execute INSERT in a read-only transaction"
    );
    for _ in 0..20 {
        ask(&*database, "SELECT 1 AS satu", limits()).await.unwrap();
    }
    let mut watcher = PgConnection::connect(test.url()).await.unwrap();
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'kai' AND state <> 'idle'",
    )
    .fetch_one(&mut watcher)
    .await
    .unwrap();
    assert_eq!(open, 0);
}

#[tokio::test]
async fn a_wrong_query_is_told_in_the_database_s_words() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(TABLES).await;
    let database = connect(&test, &[]).await;
    let error = ask(&*database, "SELECT k.namaa FROM koperasi k", limits())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column k.namaa does not exist (Perhaps you meant to reference the column \"k.nama\".)"
    );
    assert!(!error.is_retryable());
    // Rows before the error do not make it a result.
    let error = ask(
        &*database,
        "SELECT 1 / (3 - i) FROM generate_series(1, 5) AS i",
        limits(),
    )
    .await
    .unwrap_err();
    assert_eq!(error.to_string(), "division by zero");
}
