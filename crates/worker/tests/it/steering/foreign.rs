//! A workflow that is not ours calls the activities, and is cancelled while their worker stops.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use temporalio_client::{WorkflowCancelOptions, WorkflowStartOptions};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_common::{UntypedActivity, UntypedWorkflow};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::{
    ActivityCancellationType, ActivityOptions, Runtime, Worker, WorkerOptions, WorkflowContext,
    WorkflowResult,
};
use uuid::Uuid;

use crate::harness::{CONNECTION, Stack, soon};
use crate::lifecycle::LockedDatabase;

/// How much time the worker has; nobody should wait for that.
const GRACE: Duration = Duration::from_secs(40);

/// Calls one activity: its name, the queue of its worker, and its arguments.
#[workflow]
#[derive(Default)]
struct ForeignWorkflow;

#[workflow_methods]
impl ForeignWorkflow {
    #[run]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Value) -> WorkflowResult<Value> {
        let converter = PayloadConverter::default();
        let text = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
        let arguments = call["arguments"].as_array().into_iter().flatten();
        let arguments = arguments
            .flat_map(|argument| RawValue::from_value(argument, &converter).payloads)
            .collect();
        let options = ActivityOptions::with_start_to_close_timeout(Duration::from_mins(5))
            .heartbeat_timeout(Duration::from_secs(10))
            .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
            .task_queue(text("queue"))
            .build();
        let activity = UntypedActivity::new(text("activity"));
        let result = ctx.execute_activity(activity, RawValue::new(arguments), options);
        Ok(result.await?.to_value(&converter))
    }
}

/// Cancels the workflow of an activity whose worker stops, once the activity is under way, and gives
/// how soon the workflow failed, and with what.
async fn cancelled_while_its_worker_stops(
    stack: &Stack,
    activity: &str,
    arguments: Value,
    under_way: impl Future<Output = ()>,
) -> (Duration, String) {
    let mut command = stack.command(&["run"]);
    command.env("KAI_SHUTDOWN_GRACE_SECONDS", GRACE.as_secs().to_string());
    let mut worker = crate::harness::Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    let queue = format!("foreign-{}", Uuid::new_v4());
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default()).unwrap();
    let options = WorkerOptions::new(&queue)
        .register_workflow::<ForeignWorkflow>()
        .unwrap()
        .build();
    let mut foreign = Worker::new(&runtime, stack.client().clone(), options).unwrap();
    let id = format!("foreign-{}", Uuid::new_v4());
    let cancelling = async {
        let call = json!({"activity": activity, "queue": stack.queue, "arguments": arguments});
        let input = RawValue::from_value(&call, &PayloadConverter::default());
        let workflow = UntypedWorkflow::new("ForeignWorkflow");
        let options = WorkflowStartOptions::new(&queue, &id).build();
        let handle = stack.client().start_workflow(workflow, input, options);
        let handle = soon("the start", handle).await.unwrap();
        under_way.await;
        worker.signal("TERM");
        worker.line("Shutting down worker...").await;
        let asked = Instant::now();
        let cancel = handle.cancel(WorkflowCancelOptions::default());
        soon("the cancellation", cancel).await.unwrap();
        let failure = stack.result(&id).await.unwrap_err();
        (asked.elapsed(), failure)
    };
    let outcome = tokio::select! {
        outcome = cancelling => outcome,
        ended = foreign.run() => panic!("the foreign worker ended: {ended:?}"),
    };
    worker.line("Worker shutdown complete").await;
    assert!(worker.ended().await.success());
    outcome
}

#[tokio::test]
async fn a_run_of_another_workflow_ends_its_stream() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(_locked) = LockedDatabase::create(&stack).await else {
        return;
    };
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let arguments = json!([
        crate::harness::QUESTION,
        CONNECTION,
        "s1",
        stack.receiver.callback("s1")
    ]);
    let under_way = async {
        subscriber.until("tool_start").await;
    };
    let ending = cancelled_while_its_worker_stops(&stack, "chat_streaming", arguments, under_way);
    let (took, failure) = ending.await;
    assert!(failure.to_lowercase().contains("cancel"), "{failure}");
    assert!(!failure.contains("WorkerShutdown"), "{failure}");
    assert!(took < GRACE / 4, "the activity ended after {took:?}");
    let events = subscriber.until("done").await;
    let result = &events.last().unwrap().1["result"];
    assert_eq!(result["error"], "the run was cancelled");
    assert_eq!(result["status"], "cancelled");
}

#[tokio::test]
async fn other_work_of_another_workflow_counts_as_cancelled() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(mut locked) = LockedDatabase::create(&stack).await else {
        return;
    };
    let under_way = locked.until_somebody_waits();
    let scan = json!([CONNECTION]);
    let ending = cancelled_while_its_worker_stops(&stack, "scan_schema", scan, under_way);
    let (took, failure) = ending.await;
    assert!(failure.to_lowercase().contains("cancel"), "{failure}");
    assert!(!failure.contains("WorkerShutdown"), "{failure}");
    assert!(took < GRACE / 4, "the activity ended after {took:?}");
}
