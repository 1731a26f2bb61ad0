//! Every line that belongs to a run says which one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{free_port, model, worker_command};
use crate::harness::{CONNECTION, QUESTION, Stack, Worker};
use crate::steering::Cli;

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

/// What a line of text says of the run that it belongs to: the line's outermost span.
fn context(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(" run{")?;
    rest.split_once('}').map(|(context, _)| context)
}

/// The lines of text that our own crates have logged, but for those of the health endpoints.
fn own_text(rest: &[String]) -> Vec<&str> {
    let lines = rest.iter().map(String::as_str);
    let own = lines.filter(|line| line.contains(" kai_core::") || line.contains(" kai_worker::"));
    own.filter(|line| !line.contains(" kai_worker::health"))
        .collect()
}

/// Fails unless the line names all that tells a run from others; gives its activity.
fn assert_names<'a>(line: &'a str, workflow: &str, session: &str) -> &'a str {
    let context = context(line).unwrap_or_else(|| panic!("no run is named: {line}"));
    let value = |name: &str| {
        let (_, rest) = context
            .split_once(&format!("{name}="))
            .unwrap_or_else(|| panic!("no {name}: {line}"));
        rest.split(' ').next().unwrap().trim_matches('"')
    };
    assert_eq!(value("workflow_id"), workflow, "{line}");
    assert_eq!(value("run_id").len(), 36, "{line}");
    assert_eq!(value("session"), session, "{line}");
    value("activity")
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
    let lines = own_text(&rest);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("the run will be tried again")),
        "{rest:?}"
    );
    for line in lines {
        assert_eq!(assert_names(line, &workflow, "l2"), "chat_streaming");
        assert!(!line.contains("run begins"), "{line}");
    }
}

/// A run whose plan is accepted after a pause, and one that is stopped while it is paused, by a worker
/// that says all it can, to a receiver that is not there. Gives their workflows and what was logged.
async fn steered(stack: &Stack, format: &str) -> ([String; 2], Vec<String>) {
    let mut command = stack.command(&["run"]);
    command
        .env("RUST_LOG", "warn,kai_core=trace,kai_worker=trace")
        .env("LOG_FORMAT", format);
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    let nowhere = free_port().await;
    let mut workflows = Vec::new();
    for (session, ending) in [("accepted", "accept_plan"), ("stopped", "stop")] {
        let input = json!({"prompt": QUESTION, "connection_id": CONNECTION,
                           "conversation_id": session, "require_plan_approval": true,
                           "callback_url": format!("http://127.0.0.1:{nowhere}/events/{session}")});
        let workflow = stack.submit(&input).await;
        let cli = Cli::new(stack, &workflow);
        cli.until_status("awaiting_approval").await;
        cli.signal("pause").await;
        cli.until_status("paused").await;
        cli.signal(ending).await;
        if ending == "accept_plan" {
            cli.signal("resume").await;
        }
        stack.result(&workflow).await.unwrap();
        workflows.push(workflow);
    }
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    let rest = worker.rest().await;
    (workflows.try_into().unwrap(), rest)
}

/// What is logged of a plan, an answer and an end is found under the names of their activities.
fn assert_activities(found: &BTreeSet<String>) {
    for activity in ["chat_streaming", "end_run"] {
        assert!(found.contains(activity), "{activity}: {found:?}");
    }
}

#[tokio::test]
async fn every_line_of_a_steered_run_names_it_in_text() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let ([accepted, stopped], rest) = steered(&stack, "text").await;
    let mut found = BTreeSet::new();
    for line in own_text(&rest) {
        let (workflow, session) = if line.contains(&accepted) {
            (&accepted, "accepted")
        } else {
            (&stopped, "stopped")
        };
        found.insert(assert_names(line, workflow, session).to_owned());
    }
    assert_activities(&found);
}

#[tokio::test]
async fn every_line_of_a_steered_run_names_it_in_json() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let (workflows, rest) = steered(&stack, "json").await;
    let mut found = BTreeSet::new();
    for line in rest.iter().filter(|line| line.starts_with('{')) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let target = entry["target"].as_str().unwrap();
        let is_own = target.starts_with("kai_") && target != "kai_worker::health";
        let in_run = entry["spans"].as_array().unwrap().contains(&json!("run"));
        if !is_own && !in_run {
            continue;
        }
        let workflow = entry["workflow_id"].as_str().unwrap_or_default();
        let number = workflows.iter().position(|known| known == workflow);
        let number = number.unwrap_or_else(|| panic!("no run is named: {line}"));
        assert_eq!(entry["session"], ["accepted", "stopped"][number], "{line}");
        assert_eq!(entry["run_id"].as_str().unwrap().len(), 36, "{line}");
        found.insert(entry["activity"].as_str().unwrap().to_owned());
    }
    assert_activities(&found);
}
