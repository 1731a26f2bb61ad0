//! The sample database on both servers: its questions pass the guard and give as many rows, and its
//! catalogue says the same.

use std::sync::Arc;

use kai_core::database::{self, Database, Table};
use kai_test_support::postgres::fresh_database;
use koperasi::{Dialect, questions};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::limits;
use super::postgres::{ask, connect};

async fn sqlite(folder: &TempDir) -> Arc<dyn Database> {
    let path = folder.path().join("koperasi.db");
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(koperasi::sql(Dialect::Sqlite))))
        .await
        .unwrap();
    let uri = format!("sqlite://{}", path.display());
    database::connect(&uri.parse().unwrap(), &[]).await.unwrap()
}

async fn described(database: &dyn Database) -> Vec<Table> {
    let names: Vec<_> = database
        .list_tables()
        .await
        .unwrap()
        .into_iter()
        .map(|table| table.name)
        .collect();
    let mut tables = database.describe_tables(&names).await.unwrap();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    tables
}

#[tokio::test]
async fn both_databases_answer_the_sample_questions() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(&koperasi::sql(Dialect::Postgresql)).await;
    let postgresql = connect(&test, &[]).await;
    let folder = TempDir::new().unwrap();
    let sqlite = sqlite(&folder).await;

    for question in questions().unwrap() {
        let here = ask(
            &*sqlite,
            question.sql.for_dialect(Dialect::Sqlite),
            limits(),
        )
        .await;
        let there = ask(
            &*postgresql,
            question.sql.for_dialect(Dialect::Postgresql),
            limits(),
        )
        .await;
        let (here, there) = (here.unwrap(), there.unwrap());
        assert_eq!(here.rows.len(), there.rows.len(), "{}", question.id);
        assert!(!here.rows.is_empty(), "{}", question.id);
    }

    let (here, there) = (described(&*sqlite).await, described(&*postgresql).await);
    assert_eq!(here.len(), there.len());
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here.name, there.name);
        for (here, there) in here.columns.iter().zip(&there.columns) {
            assert_eq!(here.name, there.name);
            assert_eq!(here.is_primary_key, there.is_primary_key, "{}", here.name);
            assert_eq!(here.nullable, there.nullable, "{}", here.name);
            assert_eq!(here.foreign_key, there.foreign_key, "{}", here.name);
            assert_eq!(here.categories, there.categories, "{}", here.name);
        }
        assert!(there.description.is_some(), "{}", there.name);
    }
}
