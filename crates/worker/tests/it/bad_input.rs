//! What is wrong is said in one clear line, and never tried again.

use serde_json::json;

use crate::harness::{CONNECTION, QUESTION, Stack};
use crate::histories;

#[tokio::test]
async fn an_unknown_connection_fails_once_and_at_once() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let mut input = stack.question("s1");
    input["connection_id"] = "nowhere".into();
    let workflow = stack.submit(&input).await;
    let failure = stack.result(&workflow).await.unwrap_err();
    assert!(
        failure.contains("Connection nowhere not found"),
        "{failure}"
    );
    let events = subscriber.until("done").await;
    assert_eq!(events.len(), 2);
    assert_eq!(
        events[0].1,
        json!({"type": "error", "error": "Connection nowhere not found"})
    );
    assert_eq!(events[1].1["result"]["status"], "failed");
    histories::keep(&stack, &workflow, "failed").await;
}

#[tokio::test]
async fn wrong_input_ends_the_workflow_with_a_reason() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    for (input, reason) in [
        (json!({"connection_id": CONNECTION}), "prompt"),
        (json!("a question"), "KaiChatWorkflow"),
        (
            json!({"prompt": "  ", "connection_id": CONNECTION}),
            "the prompt is empty",
        ),
        (
            json!({"prompt": QUESTION, "connection_id": CONNECTION, "callback_url": "file:///tmp/x"}),
            "http://",
        ),
        (
            json!({"prompt": QUESTION, "connection_id": CONNECTION,
                   "callback_url": "http://169.254.169.254/"}),
            "link-local",
        ),
    ] {
        let workflow = stack.submit(&input).await;
        let failure = stack.result(&workflow).await.unwrap_err();
        assert!(failure.contains(reason), "{input}: {failure}");
        if reason == "prompt" {
            histories::keep(&stack, &workflow, "bad_input").await;
        }
    }
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_answered_with_what_is_possible() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let workflow = stack
        .submit(&json!({"prompt": "Apakah besok hujan di bulan?", "connection_id": CONNECTION}))
        .await;
    let result = stack.result(&workflow).await.unwrap();
    assert_eq!(result["status"], "partial", "{result}");
    assert_eq!(result["sql_queries"], json!([]));
    assert!(
        result["final_answer"]
            .as_str()
            .unwrap()
            .contains("koperasi"),
        "{result}"
    );
}
