//! The sample database with its sample questions.

use koperasi::{Dialect, questions, sql};

use crate::driver::{Bench, Case};

#[tokio::test]
async fn every_sample_question_gives_the_gold_rows() {
    let bench = Bench::new(&sql(Dialect::Sqlite)).await;
    let cases: Vec<Case> = questions()
        .unwrap()
        .into_iter()
        .map(|question| Case {
            question: question.question,
            gold: question.sql.for_dialect(Dialect::Sqlite).to_owned(),
            ordered: question.ordered,
        })
        .collect();
    bench.check_all(&cases).await;
}
