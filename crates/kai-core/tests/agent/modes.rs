//! What each mode answers.

use kai_core::agent::AgentMode;
use kai_core::wire::RunStatus;
use kai_test_support::model::Reply;
use serde_json::{Value, json};

use super::{QUERY, Run, Shop, query_turn};

fn answer() -> Reply {
    Reply::text(&[
        "<thinking>Done.</thinking><answer>Bandung leads with 2.",
        "<suggestions>- Why?</suggestions></answer>",
    ])
}

async fn run_in(mode: AgentMode, turns: Vec<Reply>) -> Run {
    let mut shop = Shop::open(turns).await;
    shop.task.mode = mode;
    shop.run().await
}

#[tokio::test]
async fn query_gives_the_rows_and_no_words() {
    let probe = Reply::calls(&[("p", "sql_query", json!({"query": "SELECT 1 AS one"}))]);
    let run = run_in(AgentMode::Query, vec![probe, query_turn(), answer()]).await;
    let result = run.result();
    assert_eq!(result.status, RunStatus::Completed);
    assert_eq!(
        result.final_answer,
        "| city | customers |\n| --- | --- |\n| Bandung | 2 |\n| Bogor | 1 |\n\nRows: 2"
    );
    assert_eq!(result.sql_queries.len(), 2);
    assert!(result.suggested_questions.is_empty());
    assert!(result.artifacts.is_empty());
    let kinds = run.kinds();
    assert!(
        !kinds.contains(&"token") && !kinds.contains(&"suggestions"),
        "{kinds:?}"
    );
    assert_eq!(kinds.last(), Some(&"answer"));
    assert_eq!(kinds.iter().filter(|kind| **kind == "answer").count(), 1);
    assert!(kinds.contains(&"thinking"));
}

#[tokio::test]
async fn script_gives_the_statement_to_be_run_elsewhere() {
    let run = run_in(AgentMode::Script, vec![query_turn(), answer()]).await;
    let result = run.result();
    assert_eq!(result.status, RunStatus::Completed);
    assert_eq!(result.final_answer, format!("```sql\n{QUERY}\n```"));
    assert_eq!(
        result.artifacts,
        [json!({"type": "sql", "name": "query.sql", "content": QUERY})]
    );
    assert_eq!(run.kinds().last(), Some(&"answer"));
}

#[tokio::test]
async fn a_question_back_is_told_in_every_mode() {
    for name in AgentMode::NAMES {
        let mode = AgentMode::from_name(name).unwrap();
        let turn = Reply::text(&["<answer>Which city do you mean?</answer>"]);
        let run = run_in(mode, vec![turn]).await;
        assert_eq!(run.result().final_answer, "Which city do you mean?");
        assert_eq!(run.result().status, RunStatus::Partial);
        assert_eq!(run.kinds().len(), 1, "it is told once");
    }
}

#[tokio::test]
async fn the_other_modes_give_the_models_words() {
    for mode in [AgentMode::Analysis, AgentMode::FullAutonomy] {
        let run = run_in(mode, vec![query_turn(), answer()]).await;
        assert_eq!(run.result().final_answer, "Bandung leads with 2.");
        assert_eq!(run.result().suggested_questions.len(), 1);
        let told: Value = run.requests[0]["messages"][0]["content"].clone();
        let is_analysis = told.as_str().unwrap().contains("This is an analysis");
        assert_eq!(is_analysis, mode == AgentMode::Analysis);
    }
}

#[tokio::test]
async fn words_outside_of_tags_are_the_answer_and_thoughts_are_not() {
    let turn = Reply::text(&["<thinking>Two, I think.</thinking>\nTwo cities."]);
    let run = run_in(AgentMode::default(), vec![query_turn(), turn]).await;
    assert_eq!(run.result().final_answer, "Two cities.");
    let only_thoughts = Reply::text(&["<thinking>Two cities.</thinking>"]);
    let run = run_in(AgentMode::default(), vec![query_turn(), only_thoughts]).await;
    assert_eq!(run.result().final_answer, "Two cities.");
}
