//! Other clients: Temporal's own command line, and Python as the original's callers use it.

use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

use crate::harness::{CONNECTION, QUESTION, Stack, soon, stderr, stdout, test_files};

/// Runs the workflow by the `temporal` command and gives its result.
async fn execute(stack: &Stack, cli: &str, input: &Value) -> Value {
    let id = format!("cli-{}", Uuid::new_v4());
    let output = Command::new(cli)
        .args([
            "workflow",
            "execute",
            "--address",
            &stack.temporal,
            "--output",
            "json",
        ])
        .args([
            "--type",
            "KaiChatWorkflow",
            "--task-queue",
            &stack.queue,
            "--workflow-id",
            &id,
        ])
        .args(["--input", &input.to_string()])
        .output();
    let output = soon("the temporal command", output).await.unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let whole: Value = serde_json::from_str(&stdout(&output)).unwrap();
    whole["result"].clone()
}

#[tokio::test]
async fn the_temporal_command_runs_the_workflow() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let Some(cli) = kai_test_support::service("KAI_TEST_TEMPORAL_CLI") else {
        return;
    };
    let _worker = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("test-1").await;
    for input in [
        json!({"prompt": QUESTION, "connection_id": CONNECTION, "conversation_id": "test-1",
               "callback_url": stack.receiver.callback("test-1")}),
        json!({"prompt": QUESTION, "connection_id": CONNECTION}),
        json!({"prompt": QUESTION, "connection_id": CONNECTION, "conversation_id": null,
               "callback_url": null, "colour": {"unknown": ["to", "us"]}}),
    ] {
        let result = execute(&stack, &cli, &input).await;
        assert_eq!(result["status"], "completed", "{input}: {result}");
    }
    subscriber.until("done").await;
}

#[tokio::test]
async fn a_python_client_runs_the_workflow_and_watches_it() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let Some(python) = kai_test_support::service("KAI_TEST_PYTHON") else {
        return;
    };
    let _worker = stack.worker().await;
    let output = Command::new(python)
        .arg(test_files().join("python/interop.py"))
        .args([
            &stack.temporal,
            &stack.queue,
            &stack.receiver.url(),
            CONNECTION,
            QUESTION,
        ])
        .kill_on_drop(true)
        .output();
    let output = soon("the Python client", output).await.unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let seen: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(seen["result"]["status"], "completed");
    let events = seen["events"].as_array().unwrap();
    let last = events.last().unwrap();
    assert_eq!(last["event"], "done");
    assert_eq!(last["data"]["result"], seen["result"]);
}
