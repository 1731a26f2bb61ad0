//! Runs that people steer by updates, which are answered: by the status, or by why they are refused.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Cli, input, plan, until_ended, until_pause};
use crate::crash::fleet::{Fleet, StoreKind, assert_each_event_once};
use crate::crash::script::{Hold, OPS, Op, name};
use crate::harness::{Stack, soon};
use crate::histories;

/// Fails unless the update is refused in these words.
async fn refused(cli: &Cli<'_>, update: &str, input: Option<&Value>, words: &str) {
    let refusal = cli.update(update, input).await.unwrap_err();
    assert!(refusal.contains(words), "{update} {input:?}: {refusal}");
}

#[tokio::test]
async fn an_update_is_answered_by_the_status_or_by_why_it_is_refused() {
    let holds = [(0, Op::Turn1, Hold::Before), (1, Op::Turn1, Hold::Before)];
    let timeout = Duration::from_secs(10);
    let started = Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await;
    let Some((fleet, mut news)) = started else {
        return;
    };
    let _worker = fleet.worker().await;
    let mut subscriber = fleet.stack.receiver.subscribe(&name(0)).await;
    let workflow = fleet.stack.submit(&input(&fleet, 0)).await;
    soon("the second turn", news.recv()).await.unwrap();
    let cli = Cli::new(&fleet.stack, &workflow);

    refused(&cli, "resume", None, "the run is not paused").await;
    for decision in ["accept_plan", "reject_plan"] {
        refused(&cli, decision, None, "without require_plan_approval").await;
    }
    for wrong in [json!(7), json!({"why": "lunch"})] {
        refused(
            &cli,
            "pause",
            Some(&wrong),
            "the argument is to be a reason",
        )
        .await;
    }
    assert_eq!(cli.status().await, "running");

    let reason = json!({"reason": "lunch"});
    let status = cli.update("pause", Some(&reason)).await.unwrap();
    assert_eq!(
        status,
        json!({"status": "pausing", "reason": "lunch", "plan": null})
    );
    let told = until_pause(&mut subscriber).await;
    assert!(told.contains("(lunch)"), "{told}");
    refused(&cli, "pause", None, "the run is paused already").await;
    let status = cli.update("resume", None).await.unwrap();
    assert_eq!(status["status"], "running");
    let mut events = fleet.completed(0, &workflow).await;
    events.retain(|event| !super::is_pause(&event.kind, &event.data));
    assert_each_event_once(0, &events);
    assert_eq!(fleet.world.ops(0), OPS);
    // Too late: Temporal itself refuses what is sent to a workflow that has ended.
    for update in ["pause", "resume", "stop", "accept_plan", "reject_plan"] {
        refused(&cli, update, None, "workflow execution already completed").await;
    }
    histories::keep(&fleet.stack, &workflow, "updated").await;

    let mut subscriber = fleet.stack.receiver.subscribe(&name(1)).await;
    let workflow = fleet.stack.submit(&input(&fleet, 1)).await;
    soon("the second turn", news.recv()).await.unwrap();
    let cli = Cli::new(&fleet.stack, &workflow);
    let asked = Instant::now();
    let status = cli.update("stop", Some(&json!("wrong question"))).await;
    assert_eq!(
        status.unwrap(),
        json!({"status": "stopping", "reason": "wrong question", "plan": null})
    );
    let (reason, told) = until_ended(&mut subscriber, asked).await;
    assert_eq!(reason, "the run was stopped: wrong question");
    assert_eq!(fleet.stack.result(&workflow).await.unwrap(), told);
    histories::keep(&fleet.stack, &workflow, "stopped_by_an_update").await;
}

#[tokio::test]
async fn a_plan_is_decided_on_by_updates() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let (workflow, mut subscriber, _) = plan::proposed(&stack, "s1").await;
    let cli = Cli::new(&stack, &workflow);
    plan::until_waiting(&cli).await;
    let reason = json!({"reason": "di provinsi Bali"});
    let status = cli.update("reject_plan", Some(&reason)).await.unwrap();
    assert_eq!(status["status"], "planning");
    plan::next_plan(&mut subscriber).await;
    plan::until_waiting(&cli).await;
    // What was decided in a pause waits for its end, and cannot be decided again.
    cli.update("pause", None).await.unwrap();
    until_pause(&mut subscriber).await;
    let status = cli.update("accept_plan", None).await.unwrap();
    assert_eq!(status["status"], "paused");
    refused(&cli, "accept_plan", None, "the plan was accepted already").await;
    refused(&cli, "reject_plan", None, "the plan was accepted already").await;
    let status = cli.update("resume", None).await.unwrap();
    assert_eq!(status["status"], "running");
    let result = stack.result(&workflow).await.unwrap();
    let answer = result["final_answer"].as_str().unwrap();
    assert!(answer.contains("**1**"), "{answer}");
    histories::keep(&stack, &workflow, "plan_decided_by_updates").await;

    let (workflow, mut subscriber, _) = plan::proposed(&stack, "s2").await;
    let cli = Cli::new(&stack, &workflow);
    plan::until_waiting(&cli).await;
    let asked = Instant::now();
    let status = cli.update("reject_plan", None).await.unwrap();
    assert_eq!(status["status"], "stopping");
    let (reason, _) = until_ended(&mut subscriber, asked).await;
    assert_eq!(reason, "the plan was rejected");
}
