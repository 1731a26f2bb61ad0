//! `KaiConnectionsWorkflow`, which names the databases that can be asked.

use temporalio_client::WorkflowStartOptions;
use temporalio_common::UntypedWorkflow;
use temporalio_common::data_converters::RawValue;
use uuid::Uuid;

use crate::harness::{CONNECTION, Stack, soon};
use crate::histories;

#[tokio::test]
async fn the_connections_are_told_by_a_workflow() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let id = format!("connections-{}", Uuid::new_v4());
    let workflow = UntypedWorkflow::new("KaiConnectionsWorkflow");
    let options = WorkflowStartOptions::new(&stack.queue, &id).build();
    let started = stack
        .client()
        .start_workflow(workflow, RawValue::new(Vec::new()), options);
    soon("the start", started).await.unwrap();
    let told = stack.result(&id).await.unwrap();
    assert_eq!(told[0]["alias"], CONNECTION, "{told}");
    assert!(!told.to_string().contains("sqlite://"), "{told}");
    histories::keep(&stack, &id, "connections").await;
}
