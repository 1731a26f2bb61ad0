//! Runs whose plan a person has to agree to.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Cli, until_ended, until_pause};
use crate::harness::{Stack, Subscriber, Worker};
use crate::histories;

/// Submits a question that needs an agreed plan, and waits until the plan is shown.
pub(super) async fn proposed(stack: &Stack, session: &str) -> (String, Subscriber, Vec<Value>) {
    let mut subscriber = stack.receiver.subscribe(session).await;
    let mut input = stack.question(session);
    input["require_plan_approval"] = true.into();
    let workflow = stack.submit(&input).await;
    let todos = next_plan(&mut subscriber).await;
    (workflow, subscriber, todos)
}

pub(super) async fn next_plan(subscriber: &mut Subscriber) -> Vec<Value> {
    let events = subscriber.until("todo_update").await;
    events.last().unwrap().1["todos"]
        .as_array()
        .unwrap()
        .clone()
}

fn statuses(todos: &[Value]) -> Vec<&str> {
    todos
        .iter()
        .map(|todo| todo["status"].as_str().unwrap())
        .collect()
}

/// Waits until the workflow waits for a person: it does so right after the plan was shown.
pub(super) async fn until_waiting(cli: &Cli<'_>) -> Value {
    loop {
        let status = cli.query("get_status").await;
        if status["status"] == "awaiting_approval" {
            return status;
        }
        assert_eq!(status["status"], "planning");
    }
}

#[tokio::test]
async fn a_plan_is_shown_and_carried_out_when_a_person_accepts_it() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let (workflow, mut subscriber, todos) = proposed(&stack, "s1").await;
    assert_eq!(todos[0]["content"], "Persetujuan atas rencana ini");
    let states = statuses(&todos);
    assert_eq!(states[0], "in_progress");
    assert!(
        states[1..].iter().all(|state| *state == "pending"),
        "{states:?}"
    );
    let plan: Vec<&str> = todos[1..]
        .iter()
        .map(|t| t["content"].as_str().unwrap())
        .collect();
    let text = plan.join("\n");
    for part in ["Baca tabel: koperasi", "Jalankan kueri: SELECT COUNT(*)"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let cli = Cli::new(&stack, &workflow);
    let status = until_waiting(&cli).await;
    assert_eq!(status["plan"], json!(plan));
    assert_eq!(cli.query("is_running").await, json!(false));
    assert_eq!(cli.pending_activities().await, 0);

    // It can be paused also now; what is decided meanwhile counts afterwards.
    cli.signal("pause").await;
    until_pause(&mut subscriber).await;
    assert_eq!(cli.status().await, "paused");
    cli.signal("accept_rfc").await;
    cli.signal("resume").await;
    let begun = next_plan(&mut subscriber).await;
    assert_eq!(statuses(&begun)[0], "completed");
    assert_eq!(statuses(&begun)[1], "in_progress");
    let finished = next_plan(&mut subscriber).await;
    assert!(
        statuses(&finished)
            .iter()
            .all(|state| *state == "completed")
    );
    let done = subscriber.until("done").await;
    let result = stack.result(&workflow).await.unwrap();
    assert_eq!(done.last().unwrap().1["result"], result);
    assert_eq!(result["status"], "completed", "{result}");
    histories::keep(&stack, &workflow, "plan_accepted").await;
}

#[tokio::test]
async fn a_rejected_plan_is_made_anew_by_the_reason_or_ends_the_run() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let (workflow, mut subscriber, first) = proposed(&stack, "s1").await;
    let cli = Cli::new(&stack, &workflow);
    until_waiting(&cli).await;
    cli.signal_with("reject_plan", &json!({"reason": "di provinsi Bali"}))
        .await;
    let second = next_plan(&mut subscriber).await;
    assert_ne!(first, second);
    let text = json!(second).to_string();
    assert!(text.contains("Bali"), "{text}");
    until_waiting(&cli).await;
    let asked = Instant::now();
    cli.signal("reject_plan").await;
    let (reason, told) = until_ended(&mut subscriber, asked).await;
    assert_eq!(reason, "the plan was rejected");
    assert_eq!(told["status"], "cancelled");
    assert_eq!(stack.result(&workflow).await.unwrap(), told);
    histories::keep(&stack, &workflow, "plan_refused").await;

    // The answer follows what was said against the first plan.
    let (workflow, mut subscriber, _) = proposed(&stack, "s2").await;
    let cli = Cli::new(&stack, &workflow);
    until_waiting(&cli).await;
    cli.signal_with("reject_plan", &json!("di provinsi Bali"))
        .await;
    next_plan(&mut subscriber).await;
    until_waiting(&cli).await;
    cli.signal("accept_plan").await;
    let result = stack.result(&workflow).await.unwrap();
    let answer = result["final_answer"].as_str().unwrap();
    assert!(answer.contains("**1**"), "{answer}");

    // A third plan is the last one.
    let (workflow, mut subscriber, _) = proposed(&stack, "s3").await;
    let cli = Cli::new(&stack, &workflow);
    for _ in 0..2 {
        until_waiting(&cli).await;
        cli.signal_with("reject_plan", &json!("di provinsi Bali"))
            .await;
        next_plan(&mut subscriber).await;
    }
    until_waiting(&cli).await;
    let asked = Instant::now();
    cli.signal_with("reject_plan", &json!("no")).await;
    let (reason, _) = until_ended(&mut subscriber, asked).await;
    assert_eq!(reason, "the plan was rejected: no");
}

#[tokio::test]
async fn a_plan_that_nobody_answers_ends_the_run_and_one_can_be_stopped() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let mut command = stack.command(&["run"]);
    command.env("KAI_PLAN_TIMEOUT_SECONDS", "5");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;

    let (workflow, mut subscriber, _) = proposed(&stack, "s1").await;
    let (stopped, mut stopped_subscriber, _) = proposed(&stack, "s2").await;
    let asked = Instant::now();
    Cli::new(&stack, &stopped).signal("stop").await;
    let (reason, told) = until_ended(&mut stopped_subscriber, asked).await;
    assert_eq!(reason, "the run was stopped");
    assert_eq!(told["status"], "cancelled");
    assert_eq!(stack.result(&stopped).await.unwrap(), told);
    histories::keep(&stack, &stopped, "stopped_while_its_plan_waits").await;

    let events = subscriber.until("done").await;
    let expected = "nobody accepted or rejected the plan within 5 seconds";
    assert_eq!(events[0].1["error"], expected);
    assert_eq!(events[1].1["result"]["status"], "failed");
    let failure = stack.result(&workflow).await.unwrap_err();
    assert!(failure.contains(expected), "{failure}");
    histories::keep(&stack, &workflow, "plan_not_answered").await;
}
