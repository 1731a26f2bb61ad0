//! The sample questions: their queries run on both databases, with equal and unambiguous results.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::fmt::Display;

use koperasi::{Dialect, Language, Question, questions};
use rust_decimal::Decimal;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Row, TypeInfo, ValueRef};

/// A value as it is compared: databases differ in the types that they give to the same number.
#[derive(Debug, Clone)]
enum Cell {
    Null,
    Text(String),
    Number(f64),
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(a), Self::Text(b)) => a == b,
            // SQLite averages in binary, PostgreSQL in decimal.
            (Self::Number(a), Self::Number(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
            _ => false,
        }
    }
}

type Table = Vec<Vec<Cell>>;

async fn sqlite() -> SqlitePool {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await
        .unwrap();
    let script = koperasi::sql(Dialect::Sqlite);
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&pool)
        .await
        .unwrap();
    pool
}

async fn sqlite_rows(pool: &SqlitePool, sql: &str) -> Table {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .fetch_all(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(sqlite_cells).collect()
}

fn sqlite_cells(row: &SqliteRow) -> Vec<Cell> {
    (0..row.columns().len())
        .map(|index| {
            let raw = row.try_get_raw(index).unwrap();
            match raw.type_info().name() {
                "NULL" => Cell::Null,
                "INTEGER" => number(row.get::<i64, _>(index)),
                "REAL" => number(row.get::<f64, _>(index)),
                _ => Cell::Text(row.get(index)),
            }
        })
        .collect()
}

async fn postgres_rows(pool: &PgPool, sql: &str) -> Table {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .fetch_all(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(postgres_cells).collect()
}

fn postgres_cells(row: &PgRow) -> Vec<Cell> {
    (0..row.columns().len())
        .map(|index| {
            if row.try_get_raw(index).unwrap().is_null() {
                return Cell::Null;
            }
            match row.column(index).type_info().name() {
                "INT4" => number(row.get::<i32, _>(index)),
                "INT8" => number(row.get::<i64, _>(index)),
                "NUMERIC" => number(row.get::<Decimal, _>(index)),
                "TEXT" => Cell::Text(row.get(index)),
                other => panic!("no sample question needs a column of type {other}"),
            }
        })
        .collect()
}

fn number(value: impl Display) -> Cell {
    Cell::Number(value.to_string().parse().unwrap())
}

/// The rows in one order, whichever the database returned them in.
fn sorted(mut rows: Table) -> Table {
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

#[test]
fn the_questions_are_balanced_and_distinct() {
    let questions = questions().unwrap();
    let count = |language| questions.iter().filter(|q| q.language == language).count();
    assert!(questions.len() >= 40);
    assert_eq!(count(Language::Indonesian), count(Language::English));
    assert_eq!(
        questions[0].question,
        "Tampilkan top 5 provinsi dengan rata-rata modal awal koperasi tertinggi"
    );
    let ids: HashSet<_> = questions.iter().map(|q| &q.id).collect();
    let texts: HashSet<_> = questions.iter().map(|q| &q.question).collect();
    assert_eq!((ids.len(), texts.len()), (questions.len(), questions.len()));
}

#[tokio::test]
async fn every_gold_query_has_an_unambiguous_answer() {
    let pool = sqlite().await;
    for Question {
        id, sql, ordered, ..
    } in questions().unwrap()
    {
        let sql = sql.for_dialect(Dialect::Sqlite);
        let rows = sqlite_rows(&pool, sql).await;
        assert!(!rows.is_empty(), "{id} has no rows");
        assert!(
            rows.iter().flatten().all(|cell| *cell != Cell::Null),
            "{id} answers with NULL"
        );
        for (index, row) in rows.iter().enumerate() {
            assert!(!rows[..index].contains(row), "{id} repeats {row:?}");
        }
        if ordered {
            no_ties(&id, &one_row_more(&pool, sql).await);
        }
    }
}

/// The rows of a ranking and the one that just missed it.
async fn one_row_more(pool: &SqlitePool, sql: &str) -> Table {
    let longer = sql.split_once(" LIMIT ").map(|(query, limit)| {
        let limit: u32 = limit.parse().unwrap();
        format!("{query} LIMIT {}", limit + 1)
    });
    sqlite_rows(pool, longer.as_deref().unwrap_or(sql)).await
}

fn no_ties(id: &str, ranking: &Table) {
    for pair in ranking.windows(2) {
        assert_ne!(pair[0].last(), pair[1].last(), "{id} has a tie");
    }
}

#[tokio::test]
async fn the_sizes_and_the_awkward_names_are_there() {
    let pool = sqlite().await;
    for (sql, least, most) in [
        ("SELECT COUNT(*) FROM provinsi", 38, 38),
        ("SELECT COUNT(*) FROM kabupaten", 514, 514),
        (
            "SELECT COUNT(*) FROM kabupaten WHERE jenis = 'Kota'",
            98,
            98,
        ),
        ("SELECT COUNT(*) FROM koperasi", 3_000, 5_000),
        ("SELECT COUNT(DISTINCT nama) - COUNT(*) FROM koperasi", 0, 0),
        ("SELECT COUNT(*) FROM anggota", 10_000, 15_000),
        ("SELECT COUNT(*) FROM pinjaman", 8_000, 11_000),
        ("SELECT COUNT(*) FROM simpanan", 13_000, 17_000),
        ("SELECT COUNT(*) FROM \"Laporan Tahunan\"", 5_000, 8_000),
        (
            "SELECT COUNT(*) FROM koperasi WHERE modal_awal IS NULL",
            100,
            500,
        ),
        (
            "SELECT COUNT(*) FROM koperasi WHERE nama LIKE '%Jum''at Berkah%'",
            1,
            500,
        ),
        (
            "SELECT COUNT(*) FROM koperasi WHERE nama LIKE '% – %'",
            1,
            500,
        ),
        (
            "SELECT COUNT(*) FROM anggota WHERE nama LIKE '%Nuñez'",
            1,
            500,
        ),
        ("SELECT COUNT(*) FROM pragma_foreign_key_check", 0, 0),
    ] {
        let rows = sqlite_rows(&pool, sql).await;
        let Cell::Number(count) = rows[0][0] else {
            panic!("{sql} is no number")
        };
        assert!(
            f64::from(least) <= count && count <= f64::from(most),
            "{sql}: {count}"
        );
    }
}

/// Needs a server: `KAI_TEST_POSTGRES_URL` names a database in which others may be created.
#[tokio::test]
async fn both_databases_give_the_same_answers() {
    let Ok(url) = std::env::var("KAI_TEST_POSTGRES_URL") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must set KAI_TEST_POSTGRES_URL"
        );
        eprintln!("skipped: KAI_TEST_POSTGRES_URL is not set");
        return;
    };
    let sqlite = sqlite().await;
    let server = PgPool::connect(&url).await.unwrap();
    let name = format!("koperasi_{}", uuid::Uuid::new_v4().simple());
    let create = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(&server)
        .await
        .unwrap();

    let options = server.connect_options().as_ref().clone().database(&name);
    let postgres = PgPool::connect_with(options).await.unwrap();
    let script = koperasi::sql(Dialect::Postgresql);
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&postgres)
        .await
        .unwrap();
    let mut differing = Vec::new();
    for Question {
        id, sql, ordered, ..
    } in questions().unwrap()
    {
        let mut here = sqlite_rows(&sqlite, sql.for_dialect(Dialect::Sqlite)).await;
        let mut there = postgres_rows(&postgres, sql.for_dialect(Dialect::Postgresql)).await;
        if !ordered {
            (here, there) = (sorted(here), sorted(there));
        }
        if here != there {
            differing.push(id);
        }
    }
    postgres.close().await;
    let drop = format!("DROP DATABASE {name}");
    sqlx::raw_sql(AssertSqlSafe(drop))
        .execute(&server)
        .await
        .unwrap();
    assert_eq!(differing, Vec::<String>::new());
}
