//! Every line that belongs to a run says which one.

use serde_json::{Value, json};

use super::{free_port, model, worker_command};
use crate::harness::{CONNECTION, QUESTION, Stack, Worker};

/// What is logged about a run.
async fn lines(worker: &mut Worker) -> Vec<Value> {
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    let rest = worker.rest().await;
    let lines = rest.iter().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn every_line_of_a_run_names_its_workflow_run_and_session() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    // Retried once, with failing queries, to a receiver that is not there.
    let model = model::start(1).await;
    let mut command = worker_command(&stack, &format!("http://{model}/v1"), 0);
    command.env("RUST_LOG", "warn,kai_core=trace,kai_worker=trace");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    let nowhere = free_port().await;
    let input = json!({"prompt": QUESTION, "connection_id": CONNECTION, "conversation_id": "l1",
                       "callback_url": format!("http://127.0.0.1:{nowhere}/events/l1")});
    let workflow = stack.submit(&input).await;
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );

    let lines = lines(&mut worker).await;
    let of_the_run: Vec<&Value> = lines
        .iter()
        .filter(|line| line["target"].as_str().unwrap().starts_with("kai_"))
        .filter(|line| line["target"] != "kai_worker::health")
        .collect();
    let said = |text: &str| {
        let message = |line: &Value| {
            line["fields"]["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        assert!(
            of_the_run.iter().any(|line| message(line).contains(text)),
            "{text}: {lines:#?}"
        );
    };
    said("run begins");
    said("will be tried again");
    said("the receiver is away");
    said("run ends");
    for line in &of_the_run {
        assert_eq!(line["workflow_id"], workflow.as_str(), "{line}");
        assert!(
            line["run_id"].as_str().is_some_and(|id| id.len() == 36),
            "{line}"
        );
        assert_eq!(line["session"], "l1", "{line}");
        assert_eq!(line["activity"], "chat_streaming", "{line}");
    }
}

#[tokio::test]
async fn a_filter_that_lets_only_warnings_through_still_says_which_run_they_belong_to() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let model = model::start(1).await;
    let mut command = worker_command(&stack, &format!("http://{model}/v1"), 0);
    command.env("RUST_LOG", "warn").env("LOG_FORMAT", "text");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    let workflow = stack.submit(&stack.question("l2")).await;
    stack.result(&workflow).await.unwrap();
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    let rest = worker.rest().await;
    let retried = rest
        .iter()
        .find(|line| line.contains("the run will be tried again"));
    let line = retried.unwrap();
    assert!(
        line.contains(&format!("workflow_id=\"{workflow}\"")),
        "{line}"
    );
    assert!(line.contains("session=l2"), "{line}");
    assert!(
        !rest.iter().any(|line| line.contains("run begins")),
        "{rest:?}"
    );
}
