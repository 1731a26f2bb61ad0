//! Runs that are ended before they have an answer.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Cli, input, until_ended, until_pause};
use crate::crash::fleet::{Fleet, StoreKind, assert_each_event_once};
use crate::crash::script::{Hold, OPS, Op, name};
use crate::harness::{Subscriber, soon};
use crate::histories;

/// A fleet with so many runs under way, all waiting for their model.
async fn waiting(
    runs: usize,
) -> Option<(Fleet, crate::harness::Worker, Vec<(String, Subscriber)>)> {
    let holds: Vec<(usize, Op, Hold)> = (0..runs)
        .map(|run| (run, Op::Turn1, Hold::Before))
        .collect();
    let timeout = Duration::from_secs(10);
    let (fleet, mut news) =
        Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await?;
    let worker = fleet.worker().await;
    let mut under_way = Vec::new();
    for run in 0..runs {
        let subscriber = fleet.stack.receiver.subscribe(&name(run)).await;
        let workflow = fleet.stack.submit(&input(&fleet, run)).await;
        news.recv().await.unwrap();
        under_way.push((workflow, subscriber));
    }
    Some((fleet, worker, under_way))
}

#[tokio::test]
async fn a_run_that_is_ended_says_who_ended_it() {
    let Some((fleet, _worker, mut runs)) = waiting(5).await else {
        return;
    };
    let stack = &fleet.stack;

    // Stopped while it works.
    let (workflow, subscriber) = &mut runs[0];
    let cli = Cli::new(stack, workflow);
    let asked = Instant::now();
    cli.signal_with("stop", &json!("wrong question")).await;
    let (reason, told) = until_ended(subscriber, asked).await;
    assert_eq!(reason, "the run was stopped: wrong question");
    assert_eq!(told["status"], "cancelled");
    let result = stack.result(workflow).await.unwrap();
    assert_eq!(result, told);
    let status = cli.query("get_status").await;
    assert_eq!(status["status"], "cancelled");
    assert_eq!(status["reason"], "the run was stopped: wrong question");
    assert_eq!(fleet.kept(0).await.1, 0, "its steps are forgotten");
    histories::keep(stack, workflow, "stopped").await;

    // Stopped while it is paused.
    let (workflow, subscriber) = &mut runs[1];
    let cli = Cli::new(stack, workflow);
    cli.signal("pause").await;
    until_pause(subscriber).await;
    let asked = Instant::now();
    cli.signal("stop").await;
    let (reason, told) = until_ended(subscriber, asked).await;
    assert_eq!(reason, "the run was stopped");
    assert_eq!(told["status"], "cancelled");
    assert_eq!(stack.result(workflow).await.unwrap(), told);
    histories::keep(stack, workflow, "stopped_while_paused").await;

    // Cancelled, as any workflow can be.
    let (workflow, subscriber) = &mut runs[2];
    let cli = Cli::new(stack, workflow);
    let asked = Instant::now();
    cli.workflow(&["cancel"]).await.unwrap();
    let (reason, told) = until_ended(subscriber, asked).await;
    assert!(reason.starts_with("the run was cancelled"), "{reason}");
    assert_eq!(told["status"], "cancelled");
    let failure = stack.result(workflow).await.unwrap_err();
    assert!(failure.to_lowercase().contains("cancel"), "{failure}");
    assert_eq!(cli.status().await, "cancelled");
    histories::keep(stack, workflow, "cancelled").await;

    // Terminated: the workflow can say nothing any more.
    let (workflow, subscriber) = &mut runs[3];
    let cli = Cli::new(stack, workflow);
    let asked = Instant::now();
    cli.workflow(&["terminate"]).await.unwrap();
    let (reason, told) = until_ended(subscriber, asked).await;
    assert_eq!(reason, "the run was cancelled: its workflow was terminated");
    assert_eq!(told["status"], "cancelled");

    // A viewer who leaves ends nothing.
    let (workflow, subscriber) = runs.pop().unwrap();
    drop(subscriber);
    let cli = Cli::new(stack, &workflow);
    assert_eq!(cli.status().await, "running");
    cli.signal("pause").await;
    cli.signal("resume").await;
    fleet.completed(4, &workflow).await;
}

#[tokio::test]
async fn a_run_that_had_its_answer_when_its_worker_was_lost_cannot_be_stopped_or_paused_any_more() {
    let holds = [(0, Op::Done, Hold::After), (1, Op::Done, Hold::After)];
    let timeout = Duration::from_secs(5);
    let started = Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await;
    let Some((fleet, mut news)) = started else {
        return;
    };
    // Each tells its viewers all there is, and its worker is lost before Temporal knows.
    let mut worker = fleet.worker().await;
    let stopped = fleet.submit(0).await;
    soon("done", news.recv()).await.unwrap();
    worker.signal("KILL");
    worker.ended().await;
    let cli = Cli::new(&fleet.stack, &stopped);
    cli.signal("stop").await;
    let mut worker = fleet.worker().await;
    assert_told_once(&fleet, 0, &cli).await;
    histories::keep(&fleet.stack, &stopped, "stopped_after_its_answer").await;

    let paused = fleet.submit(1).await;
    soon("done", news.recv()).await.unwrap();
    worker.signal("KILL");
    worker.ended().await;
    let cli = Cli::new(&fleet.stack, &paused);
    cli.signal("pause").await;
    let _worker = fleet.worker().await;
    // The next attempt may be there before the pause comes into force, and end the run.
    soon("the pause or the end", async {
        loop {
            match cli.status().await.as_str() {
                "paused" => return cli.signal("resume").await,
                "completed" => return,
                _ => {}
            }
        }
    })
    .await;
    assert_told_once(&fleet, 1, &cli).await;
}

/// Fails unless the run is completed, and its viewers were told every event once.
async fn assert_told_once(fleet: &Fleet, run: usize, cli: &Cli<'_>) {
    let events = fleet.completed(run, cli.workflow).await;
    assert_each_event_once(run, &events);
    assert_eq!(fleet.world.ops(run), OPS, "a finished step was done again");
    assert_eq!(cli.status().await, "completed");
}
