//! Conversations that grow longer than the model reads.

use kai_core::agent::{Earlier, Exchange, Step};
use kai_core::ids::SessionId;
use kai_core::model::openai::{Family, ModelLimits};
use kai_test_support::model::Reply;
use serde_json::{Value, json};

use super::{QUERY, Shop, going_on, hasty, query_turn};

/// Every row many times: a result of some 12,000 characters.
fn long_query() -> String {
    let filler = "long ".repeat(36);
    format!(
        "SELECT a.name, b.name AS other, '{filler}' AS filler \
         FROM customer a, customer b, customer c, customer d"
    )
}

fn long_turn(id: &str) -> Reply {
    Reply::calls(&[(id, "sql_query", json!({"query": long_query()}))])
}

fn too_long() -> Reply {
    Reply::status(400, "This model's maximum context length is 8192 tokens")
}

fn answer() -> Reply {
    Reply::text(&["<answer>Two cities.</answer>"])
}

/// The results of tools in a request.
fn results(request: &Value) -> Vec<&str> {
    let messages = request["messages"].as_array().unwrap();
    let tools = messages.iter().filter(|message| message["role"] == "tool");
    tools
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn older_results_are_shortened_when_the_service_says_it_is_too_much() {
    let replies = vec![long_turn("a"), query_turn(), too_long(), answer()];
    let run = Shop::open(replies).await.run().await;
    assert_eq!(run.result().final_answer, "Two cities.");
    assert_eq!(run.result().sql_queries.len(), 2);
    let (before, after) = (results(&run.requests[2]), results(&run.requests[3]));
    assert!(before[0].len() > 8_000);
    assert!(
        after[0].len() < 1_000 && after[0].contains("shortened"),
        "{}",
        after[0]
    );
    assert_eq!(
        before[1], after[1],
        "what the model has not answered to stays"
    );
    assert_eq!(run.requests[3]["messages"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn what_cannot_be_shortened_is_summarised_by_the_model_once() {
    let replies = vec![
        long_turn("a"),
        too_long(),
        Reply::text(&["customer has a city; ", "Bandung 2."]),
        query_turn(),
        answer(),
    ];
    let shop = Shop::open(replies).await;
    let steps = going_on::steps(shop).await;
    let kinds: Vec<&str> = steps.iter().map(Step::kind).collect();
    assert_eq!(
        kinds,
        [
            "turn",
            "tool_result",
            "summary",
            "turn",
            "tool_result",
            "turn"
        ]
    );

    // Another worker goes on after the summary, and does not ask for it again.
    let mut shop = Shop::open(vec![query_turn(), answer()]).await;
    shop.task.thread.session = Some(SessionId::new("s"));
    let earlier = Earlier {
        session: SessionId::new("s"),
        steps: steps[..3].to_vec(),
        begun: chrono::Utc::now(),
        cut_by: None,
    };
    let seen = super::Seen::default();
    let cancel = tokio_util::sync::CancellationToken::new();
    let log = going_on::Kept::default();
    let go_on = shop.agent.go_on(
        &shop.task,
        &shop.context,
        Some(earlier),
        &log,
        &seen,
        &cancel,
    );
    let result = go_on.await.unwrap();
    assert_eq!(result.final_answer, "Two cities.");
    assert_eq!(
        result.sql_queries.len(),
        2,
        "queries of before the summary still count"
    );
    let requests = shop.service.requests();
    assert_eq!(requests.len(), 2);
    let messages = requests[0]["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    let question = messages[1]["content"].as_str().unwrap();
    assert!(question.starts_with(&shop.task.prompt), "{question}");
    assert!(
        question.ends_with("customer has a city; Bandung 2."),
        "{question}"
    );
}

#[tokio::test]
async fn the_summary_is_asked_for_without_tools_and_with_less_if_need_be() {
    let replies = vec![
        long_turn("a"),
        too_long(),
        too_long(),
        Reply::text(&["Bandung 2."]),
        answer(),
    ];
    let run = Shop::open(replies).await.run().await;
    assert_eq!(run.result().final_answer, "Two cities.");
    let asked = |at: usize| {
        let request: &Value = &run.requests[at];
        assert_eq!(request.get("tools"), None);
        request["messages"][1]["content"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(asked(2).contains("How many customers"));
    assert!(asked(2).len() > asked(3).len());
}

#[tokio::test]
async fn a_question_that_is_too_long_by_itself_is_refused_with_a_reason() {
    let run = Shop::open(vec![too_long()]).await.run().await;
    let error = run.outcome.unwrap_err();
    assert!(!error.is_retryable());
    assert!(
        error.to_string().contains("ask a narrower question"),
        "{error}"
    );
    assert!(error.to_string().contains("8192 tokens"), "{error}");
}

#[tokio::test]
async fn what_is_known_not_to_fit_is_not_sent() {
    let limits = ModelLimits {
        context_tokens: Some(6_000),
        ..hasty()
    };
    let replies = vec![
        long_turn("a"),
        Reply::text(&["Bandung 2."]),
        query_turn(),
        answer(),
    ];
    let run = Shop::with(Family::OpenAi, limits, replies)
        .await
        .run()
        .await;
    assert_eq!(run.result().final_answer, "Two cities.");
    let most = run
        .requests
        .iter()
        .map(|request| request.to_string().len())
        .max();
    assert!(most.unwrap() < 6_000 * 3, "{most:?}");
}

#[tokio::test]
async fn earlier_questions_are_told_before_the_question_and_left_out_first() {
    let mut shop = Shop::open(vec![query_turn(), too_long(), answer()]).await;
    shop.task.thread.history = vec![Exchange {
        question: "Who lives in Bogor?".to_owned(),
        sql_queries: vec!["SELECT name FROM customer WHERE city = 'Bogor'".to_owned()],
        answer: "Cici does.".to_owned(),
    }];
    let run = shop.run().await;
    assert_eq!(run.result().final_answer, "Two cities.");
    assert_eq!(
        run.result().sql_queries,
        [QUERY],
        "earlier queries are not this run's"
    );
    let roles = |at: usize| -> Vec<&str> {
        let messages = run.requests[at]["messages"].as_array().unwrap();
        messages
            .iter()
            .map(|message| message["role"].as_str().unwrap())
            .collect()
    };
    assert_eq!(roles(0), ["system", "user", "assistant", "user"]);
    assert_eq!(
        roles(1),
        ["system", "user", "assistant", "user", "assistant", "tool"]
    );
    assert_eq!(roles(2), ["system", "user", "assistant", "tool"]);
    let first = run.requests[0]["messages"].as_array().unwrap();
    assert!(
        first[0]["content"]
            .as_str()
            .unwrap()
            .contains("same conversation")
    );
    assert_eq!(first[1]["content"], "Who lives in Bogor?");
    let told = first[2]["content"].as_str().unwrap();
    assert!(
        told.contains("city = 'Bogor'") && told.contains("Cici does."),
        "{told}"
    );
    assert_eq!(first[2].get("tool_calls"), None);
}
