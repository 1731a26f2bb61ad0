//! Values that are larger than what may be read never leave PostgreSQL: a row would be received whole before
//! anything here could look at it.

use std::time::Duration;

use kai_core::database::{self, Database, QueryLimits};
use kai_test_support::postgres::fresh_database;
use serde_json::json;

use super::limits;
use super::memory::growth_of;
use super::postgres::ask;

/// How large a value is.
const HUGE: usize = 150_000_000;

/// How much more memory the process may have had. The other tests of this program run at the same time.
const MOST: u64 = 100 << 20;

/// The second of four rows is huge.
async fn database() -> Option<(
    kai_test_support::postgres::TestDatabase,
    std::sync::Arc<dyn Database>,
)> {
    let test = fresh_database().await?;
    test.execute(&format!(
        "CREATE DOMAIN catatan AS TEXT; CREATE DOMAIN daftar AS TEXT[]; \
         CREATE TYPE isian AS (isi TEXT); \
         CREATE TABLE besar AS SELECT i AS id, CASE i WHEN 2 THEN repeat('x', {HUGE}) ELSE 'kecil' END AS isi, \
           'a'::text AS lain FROM generate_series(1, 4) AS i",
    ))
    .await;
    let database = database::connect(&test.url().parse().unwrap(), &[])
        .await
        .unwrap();
    Some((test, database))
}

#[tokio::test]
async fn rows_end_before_one_that_is_too_wide() {
    let Some((_test, database)) = database().await else {
        return;
    };
    let limits = QueryLimits {
        timeout: Duration::from_mins(1),
        ..limits()
    };
    let grown = growth_of(async {
        for value in [
            "isi",
            "isi::catatan",
            "isi::varchar",
            "isi::bpchar",
            "isi || random()::text",
            "isi::bytea",
            "to_json(isi)",
            "to_jsonb(isi)",
            "ARRAY[isi]",
            "ARRAY[isi]::daftar",
            "ROW(isi)",
            "ROW(isi)::isian",
        ] {
            let sql = format!("SELECT id, {value} AS v FROM besar ORDER BY id");
            let result = ask(&*database, &sql, limits)
                .await
                .unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!((result.rows.len(), result.truncated), (1, true), "{value}");
            assert_eq!(result.rows[0]["id"], 1, "{value}");
            assert_eq!(result.columns, ["id", "v"]);
        }
        // One that is built by the query.
        let built = "SELECT replace(repeat('x', 10000), 'x', repeat('y', 10000)) AS v";
        let result = ask(&*database, built, limits).await.unwrap();
        assert_eq!((result.rows.len(), result.truncated), (0, true));
    })
    .await;
    assert!(grown < MOST, "{} MiB more", grown >> 20);
}

#[tokio::test]
async fn the_columns_of_a_row_count_together() {
    let Some((_test, database)) = database().await else {
        return;
    };
    let few = QueryLimits {
        max_bytes: 30,
        ..limits()
    };
    let wide = "SELECT repeat('a', 10) AS a, repeat('b', 10) AS b, repeat('c', 11) AS c";
    let result = ask(&*database, wide, few).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (0, true));
    let fits = "SELECT repeat('a', 10) AS a, repeat('b', 10) AS b, repeat('c', 10) AS c";
    let result = ask(&*database, fits, few).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (1, false));
}

#[tokio::test]
async fn measuring_changes_nothing_of_a_result() {
    let Some((_test, database)) = database().await else {
        return;
    };
    // Its own names, twice; an order; a volatile value that is the same in the whole row; NULLs; none at all.
    let query = "WITH r AS (SELECT id, lain, random() AS acak FROM besar) \
                 SELECT id AS fits, lain AS c0, lain AS c0, NULL::text AS q, acak, \
                   (acak = acak AND acak::text = acak::text) AS sama, 'x ' AS kata, 'ab'::char(4) AS rata \
                 FROM r ORDER BY id DESC LIMIT 2 OFFSET 1";
    let result = ask(&*database, query, limits()).await.unwrap();
    assert_eq!(
        result.columns,
        ["fits", "c0", "c0_2", "q", "acak", "sama", "kata", "rata"]
    );
    let ids: Vec<_> = result.rows.iter().map(|row| row["fits"].clone()).collect();
    assert_eq!(ids, [json!(3), json!(2)]);
    for row in &result.rows {
        assert_eq!(
            (
                &row["c0"],
                &row["q"],
                &row["sama"],
                &row["kata"],
                &row["rata"]
            ),
            (
                &json!("a"),
                &json!(null),
                &json!(true),
                &json!("x "),
                &json!("ab  ")
            )
        );
    }
    for (query, rows) in [
        ("VALUES ('a', 1), ('b', 2)", 2),
        ("(SELECT 'a' AS v) UNION ALL (SELECT 'b' ORDER BY 1)", 2),
        ("SELECT lain FROM besar WHERE false", 0),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n::text FROM t",
            5,
        ),
    ] {
        let result = ask(&*database, query, limits()).await.unwrap();
        assert_eq!(
            (result.rows.len(), result.truncated),
            (rows, false),
            "{query}"
        );
    }
    let plan = database
        .guard()
        .check("SELECT lain FROM besar")
        .unwrap()
        .explained();
    assert!(
        !database
            .query(&plan, limits())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test]
async fn samples_of_a_table_with_a_huge_value_are_read_without_it() {
    let Some((test, database)) = database().await else {
        return;
    };
    test.execute("CREATE TABLE kecil AS SELECT 1 AS id, 'a' AS nama")
        .await;
    let names = ["besar".to_owned(), "kecil".to_owned()];
    let grown = growth_of(async {
        let described = database.describe_tables(&names).await.unwrap();
        assert_eq!(described.len(), 2);
        // Together they are too large; then each is asked for by itself.
        let error = database.first_rows(&names, limits()).await.unwrap_err();
        assert!(!error.is_retryable(), "{error}");
    })
    .await;
    assert!(grown < MOST, "{} MiB more", grown >> 20);
}
