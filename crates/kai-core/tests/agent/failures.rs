//! What the agent does when the model's service fails, at any point and in any way.

use std::time::{Duration, Instant};

use kai_core::config::Secret;
use kai_core::event::AgentEvent;
use kai_core::model::openai::{Family, Key, ModelLimits, OpenAiModel};
use kai_core::model::{ChatModel as _, ChatRequest};
use kai_test_support::model::{End, Reply};
use serde_json::{Value, json};

use super::{QUERY, Shop, hasty, query_turn, run};

fn answer() -> Reply {
    Reply::text(&["<answer>Two ", "cities.</answer>"])
}

/// Asked for again three times, which takes about two seconds.
fn patient() -> ModelLimits {
    ModelLimits {
        max_retries: 3,
        first_byte: Duration::from_secs(20),
        silence: Duration::from_millis(400),
        ..ModelLimits::default()
    }
}

#[tokio::test]
async fn an_overloaded_service_is_asked_again_when_it_wants_to_be() {
    let replies = vec![
        Reply::status(503, "overloaded"),
        Reply::status(429, "slow down").header("retry-after", "1"),
        query_turn(),
        Reply::status(429, "slow down").header("retry-after-ms", "7"),
        answer(),
    ];
    let begun = Instant::now();
    let run = Shop::with(Family::OpenAi, patient(), replies)
        .await
        .run()
        .await;
    assert_eq!(run.result().final_answer, "Two cities.");
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "it asked for a second"
    );
    assert_eq!(run.requests.len(), 5);
    assert!(
        !run.kinds().contains(&"session_resumed"),
        "nobody saw anything of it"
    );
}

#[tokio::test]
async fn a_service_that_wants_to_be_left_alone_for_long_is() {
    for wait in ["3600", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let reply = Reply::status(429, "come back later").header("retry-after", wait);
        let run = Shop::with(Family::OpenAi, patient(), vec![reply])
            .await
            .run()
            .await;
        let error = run.outcome.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert!(error.to_string().contains("429 come back later"), "{error}");
        assert_eq!(run.requests.len(), 1);
    }
}

#[tokio::test]
async fn errors_of_the_service_say_what_to_do_and_whether_to_try_again() {
    for (turn, retryable, said) in [
        (
            Reply::status(401, "bad key sk-hush"),
            false,
            "openai/gpt-test refused the key; check OPENAI_API_KEY",
        ),
        (
            Reply::status(404, "no such model"),
            false,
            "openai/gpt-test is not a model of its service; check CHAT_MODEL (404 no such model)",
        ),
        (
            Reply::deltas(&[json!("cut")]).ending(End::Cut),
            true,
            "the stream broke",
        ),
        (
            Reply::text(&["<thinking>Let me"]).and(Reply::chunks(&[
                json!({"error": {"message": "out of capacity"}}),
            ])),
            true,
            "out of capacity",
        ),
        (
            Reply::json(
                200,
                &json!({"error": {"message": "Insufficient credits", "code": 402}}),
            ),
            false,
            "check the account of OPENAI_API_KEY",
        ),
        (Reply::text(&[" "]), true, "it said nothing"),
        (
            Reply::raw(["data: {\"choices\": [{]}\n\n"]),
            true,
            "no JSON",
        ),
        (
            Reply::chunks(&[
                json!({"choices": [{"delta": {}, "finish_reason": "content_filter"}]}),
            ]),
            false,
            "content filter",
        ),
    ] {
        let run = run(vec![turn]).await;
        let error = run.outcome.unwrap_err();
        assert_eq!(error.is_retryable(), retryable, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.to_string().contains("sk-hush"), "{error}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_or_falls_silent_is_not_waited_for() {
    let limits = ModelLimits {
        first_byte: Duration::from_millis(300),
        silence: Duration::from_millis(300),
        ..hasty()
    };
    let silent = Reply::text(&["<answer>One"]).ending(End::Hang);
    let run = Shop::with(Family::OpenAi, limits, vec![silent])
        .await
        .run()
        .await;
    let error = run.outcome.unwrap_err();
    assert!(
        error.to_string().contains("nothing came for 300ms"),
        "{error}"
    );

    // A listener whose connections nobody takes up.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let run = Shop::served_at(&url, limits).await.run().await;
    let error = run.outcome.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(
        error.to_string().contains("did not answer within 300ms"),
        "{error}"
    );
}

#[tokio::test]
async fn a_cancelled_run_does_not_wait_for_its_next_try() {
    let reply = Reply::status(503, "overloaded").header("retry-after", "50");
    let shop = Shop::with(Family::OpenAi, patient(), vec![reply]).await;
    let cancel = tokio_util::sync::CancellationToken::new();
    let seen = super::Seen::default();
    let running = shop.agent.run(&shop.task, &shop.context, &seen, &cancel);
    let cancelling = async {
        while shop.service.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let begun = Instant::now();
    let (outcome, ()) = tokio::join!(running, cancelling);
    assert!(matches!(
        outcome,
        Err(kai_core::agent::AgentError::Cancelled)
    ));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn the_key_is_shown_and_nothing_else_of_the_environment() {
    let shop = Shop::open(vec![answer()]).await;
    shop.run().await;
    let headers = shop.service.asked()[0].headers.clone();
    assert_eq!(headers["authorization"], "Bearer sk-hush");
    assert!(
        headers
            .keys()
            .all(|name| !name.as_str().starts_with("openai")),
        "{headers:?}"
    );

    // Without a key there is no header; with one that fits into none, no panic.
    let url = shop.service.url();
    for secret in [None, Some("sk\nhush")] {
        let key = secret.map(|secret| Key {
            secret: Secret::from(secret.to_owned()),
            setting: "OPENAI_API_KEY",
        });
        let model = OpenAiModel::new(Family::Ollama, "m", &url, key.as_ref(), hasty()).unwrap();
        let request = ChatRequest {
            messages: &[],
            tools: &[],
        };
        assert!(
            model.next_turn(request).await.is_err(),
            "the script has no more turns"
        );
        let asked = shop.service.asked();
        assert_eq!(asked.last().unwrap().headers.get("authorization"), None);
    }
}

/// The texts of the answer that count: those after the last `session_resumed`.
fn told(events: &[AgentEvent]) -> String {
    let mut told = String::new();
    for event in events {
        match event {
            AgentEvent::Token { content } => told.push_str(content),
            AgentEvent::SessionResumed { .. } => told.clear(),
            _ => {}
        }
    }
    told
}

#[tokio::test]
async fn a_turn_that_breaks_at_any_point_is_told_again_and_its_text_counts_once() {
    let turn = || {
        Reply::text(&[
            "<thinking>So.</thinking>",
            "<answer>Two ",
            "cities.",
            "</answer>",
        ])
    };
    let whole = turn().packets();
    for packets in 0..=whole {
        for end in [End::Cut, End::Unsaid, End::Hang] {
            let broken = turn().first(packets).ending(end);
            let replies = vec![query_turn(), broken, turn()];
            let run = Shop::with(Family::OpenAi, patient(), replies)
                .await
                .run()
                .await;
            let result = run.result();
            assert_eq!(
                result.final_answer, "Two cities.",
                "{end:?} after {packets}"
            );
            assert_eq!(told(&run.events), "Two cities.", "{end:?} after {packets}");
            assert_eq!(
                result.sql_queries,
                [QUERY],
                "what is done is not done again"
            );
            let resumed = run
                .kinds()
                .iter()
                .filter(|kind| **kind == "session_resumed")
                .count();
            assert_eq!(resumed, usize::from(packets > 0), "{end:?} after {packets}");
            assert_eq!(run.requests[1], run.requests[2]);
        }
    }
}

#[tokio::test]
async fn calls_of_a_turn_that_breaks_are_not_made() {
    let cut = Reply::deltas(&[
        json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "list_tables", "arguments": "{}"}}]}),
        json!({"tool_calls": [{"index": 1, "id": "b", "function": {"name": "sql_query", "arguments": "{\"query\": \"SEL"}}]}),
    ]);
    for end in [End::Cut, End::Unsaid] {
        let replies = vec![cut.clone().ending(end), query_turn(), answer()];
        let run = Shop::with(Family::OpenAi, patient(), replies)
            .await
            .run()
            .await;
        let tools = run
            .kinds()
            .iter()
            .filter(|kind| **kind == "tool_start")
            .count();
        assert_eq!(tools, 1, "{end:?}");
        assert_eq!(run.result().sql_queries, [QUERY]);
    }
}

#[tokio::test]
async fn a_field_that_the_service_does_not_know_is_left_out_from_then_on() {
    let refusal = "stream_options: Extra inputs are not permitted";
    let run = run(vec![
        Reply::status(422, refusal),
        Reply::status(400, "Unknown name \"seed\""),
        query_turn(),
        answer(),
    ])
    .await;
    assert_eq!(run.result().final_answer, "Two cities.");
    let has = |request: &Value| {
        (
            request.get("stream_options").is_some(),
            request.get("seed").is_some(),
        )
    };
    let sent: Vec<_> = run.requests.iter().map(has).collect();
    assert_eq!(
        sent,
        [(true, true), (false, true), (false, false), (false, false)]
    );
}
