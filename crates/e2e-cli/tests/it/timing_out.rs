//! `--timeout`: a run whose result does not come in time is cancelled, and its caller told.

use std::process::Stdio;
use std::time::Duration;

use futures::StreamExt as _;
use kai_core::ids::short_hex;
use kai_temporal::Server;
use serde_json::Value;
use tempfile::TempDir;
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::{
    Client, WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowListOptions,
};
use temporalio_common::UntypedWorkflow;
use tokio::process::Command;

use crate::harness::{Receiver, beside, object, run, soon};

/// The workflow on a task queue that nobody else uses, once Temporal lists it: listing lags behind.
async fn workflow_on(client: &Client, queue: &str) -> String {
    let query = format!("TaskQueue = '{queue}'");
    soon("the workflow", async {
        loop {
            let mut listed = client.list_workflows(&query, WorkflowListOptions::builder().build());
            if let Some(found) = listed.next().await {
                return found.unwrap().id().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_run_without_a_result_in_time_is_cancelled_and_its_caller_told() {
    let Some(temporal) = kai_test_support::service("KAI_TEST_TEMPORAL_ADDRESS") else {
        return;
    };
    let receiver = Receiver::start().await;
    let queue = format!("nobody-{}", short_hex());
    let late = run(&[
        "--connection-id",
        "koperasi",
        "--temporal-host",
        &temporal,
        "--temporal-task-queue",
        &queue,
        "--callback-host",
        &receiver.url,
        "--timeout",
        "1",
        "--json",
    ])
    .await;
    assert_eq!(late.status.code(), Some(1));
    let reason = format!(
        "no result within 1 s (--timeout); is a kai-worker polling the task queue '{queue}'?"
    );
    assert_eq!(object(&late)["error"], reason);
    let said = String::from_utf8(late.stderr).unwrap();
    assert_eq!(said, format!("kai-e2e: {reason}\n"));

    let server = Server::plain(temporal.clone(), queue.clone());
    let client = server.connect("test").await.unwrap();
    let workflow = workflow_on(&client, &queue).await;
    let workflow = client.get_workflow_handle::<UntypedWorkflow>(&workflow);
    let history = workflow.fetch_history(WorkflowFetchHistoryOptions::default());
    let history = soon("the history", history.to_json()).await.unwrap();
    let history: Value = serde_json::from_slice(&history).unwrap();
    let asked = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|event| {
            let attributes =
                &event["attributes"]["WorkflowExecutionCancelRequestedEventAttributes"];
            attributes["cause"].as_str()
        });
    assert_eq!(asked, Some("no result in time"), "{history}");

    // A worker that comes later ends it as cancelled.
    let Some(worker) = beside("kai-worker") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let _worker = Command::new(worker)
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .env("TEMPORAL_HOST", &temporal)
        .env("TEMPORAL_CONFIG_FILE", "/dev/null")
        .env("TEMPORAL_TASK_QUEUE", &queue)
        .env("HEALTH_PORT", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ended = workflow.get_result(WorkflowGetResultOptions::default());
    let ended = soon("the end of the workflow", ended).await;
    assert!(
        matches!(ended, Err(WorkflowGetResultError::Cancelled { .. })),
        "{:?}",
        ended.err()
    );
}
