//! The sample database with its sample questions, on all three databases.

use kai_test_support::{mysql, postgres};
use koperasi::{Dialect, questions, sql};

use crate::driver::{Bench, Case};

fn sample_questions(dialect: Dialect) -> Vec<Case> {
    let case = |question: koperasi::Question| Case {
        question: question.question,
        gold: question.sql.for_dialect(dialect).to_owned(),
        ordered: question.ordered,
    };
    questions().unwrap().into_iter().map(case).collect()
}

#[tokio::test]
async fn every_sample_question_gives_the_gold_rows_on_sqlite() {
    let bench = Bench::new(&sql(Dialect::Sqlite)).await;
    bench.check_all(&sample_questions(Dialect::Sqlite)).await;
}

#[tokio::test]
async fn every_sample_question_gives_the_gold_rows_on_postgresql() {
    let Some(database) = postgres::fresh_database().await else {
        return;
    };
    database.execute(&sql(Dialect::Postgresql)).await;
    let bench = Bench::at(database.url()).await;
    bench
        .check_all(&sample_questions(Dialect::Postgresql))
        .await;
}

#[tokio::test]
async fn every_sample_question_gives_the_gold_rows_on_mariadb() {
    let Some(database) = mysql::fresh_database().await else {
        return;
    };
    database.execute(&sql(Dialect::Mysql)).await;
    let bench = Bench::at(database.url()).await;
    bench.check_all(&sample_questions(Dialect::Mysql)).await;
}
