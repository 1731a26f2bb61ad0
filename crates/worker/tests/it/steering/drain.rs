//! A worker that is told to stop while another one is there.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Cli, input};
use crate::crash::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use crate::crash::script::{Hold, OPS, Op, name};
use crate::harness::{Subscriber, Worker, soon};
use crate::histories;

/// How soon another worker goes on with a run that was cut.
const TAKEOVER: Duration = Duration::from_secs(5);

/// More than go to one worker by chance.
const RUNS: usize = 6;

#[tokio::test]
async fn runs_that_a_stopping_worker_cannot_finish_go_to_another_one_at_once() {
    let holds: Vec<(usize, Op, Hold)> = (0..RUNS)
        .map(|run| (run, Op::Turn1, Hold::Before))
        .collect();
    // So long that only a handover, and no lost heartbeat, can be this quick.
    let timeout = Duration::from_mins(1);
    let started = Fleet::start(StoreKind::Postgres, &holds, Duration::ZERO, timeout).await;
    let Some((fleet, mut news)) = started else {
        return;
    };
    let grace = [("KAI_SHUTDOWN_GRACE_SECONDS", "1")];
    let mut first = fleet.worker_with(&grace).await;
    let mut workflows = Vec::new();
    let mut subscribers = Vec::new();
    for run in 0..RUNS {
        subscribers.push(fleet.stack.receiver.subscribe(&name(run)).await);
        workflows.push(fleet.stack.submit(&input(&fleet, run)).await);
        soon("the model's second turn", news.recv()).await.unwrap();
    }
    let _second = fleet.worker().await;
    let asked = Instant::now();
    first.signal("TERM");
    for subscriber in &mut subscribers {
        let events = subscriber.until("session_resumed").await;
        let resumed = &events.last().unwrap().1;
        assert_eq!(resumed["reason"], "shutdown", "{resumed}");
        let message = resumed["message"].as_str().unwrap();
        assert!(message.contains("pekerjanya dihentikan"), "{message}");
    }
    let took = asked.elapsed();
    eprintln!("{RUNS} runs went to another worker within {took:?} of the signal");
    assert!(took < Duration::from_secs(1) + TAKEOVER, "{took:?}");
    first.line("Worker shutdown complete").await;
    assert!(first.ended().await.success());
    for (run, workflow) in workflows.iter().enumerate() {
        let events = fleet.completed(run, workflow).await;
        assert_each_event_once(run, &events);
        assert_eq!(resumptions(&events), ["shutdown"]);
        assert_eq!(fleet.world.ops(run), OPS, "a finished step was done again");
    }
    histories::keep(&fleet.stack, &workflows[0], "cut_by_shutdown").await;
}

#[tokio::test]
async fn a_second_signal_leaves_the_run_to_another_worker() {
    let holds = [(0, Op::Turn1, Hold::Before)];
    let timeout = Duration::from_secs(3);
    let started = Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await;
    let Some((fleet, mut news)) = started else {
        return;
    };
    let mut first = fleet.worker().await;
    let workflow = fleet.stack.submit(&input(&fleet, 0)).await;
    soon("the model's second turn", news.recv()).await.unwrap();
    let _second = fleet.worker().await;
    first.signal("TERM");
    first.line("Shutting down worker...").await;
    first.signal("TERM");
    assert_eq!(first.ended().await.code(), Some(130));
    let events = fleet.completed(0, &workflow).await;
    assert_each_event_once(0, &events);
    assert_eq!(resumptions(&events), ["lost"]);
    assert_eq!(fleet.world.ops(0), OPS);
    histories::keep(&fleet.stack, &workflow, "resumed_after_a_crash").await;
}

/// How much time a worker has that is told to stop, where nobody should wait for that.
const GRACE: Duration = Duration::from_secs(40);

/// Reads to the end of a run that was cancelled: its result. The workflow's next step may wait a second
/// for the worker that had it in memory, and the worker that comes after it begins anew.
async fn cancelled_in_time(subscriber: &mut Subscriber, asked: Instant) -> Value {
    let events = subscriber.until("done").await;
    let took = asked.elapsed();
    eprintln!("a run that was cancelled while its worker stopped ended after {took:?}");
    assert!(took < GRACE / 4, "the end was told after {took:?}");
    assert!(events.iter().all(|(kind, _)| kind != "session_resumed"));
    let result = events.last().unwrap().1["result"].clone();
    assert_eq!(result["status"], "cancelled", "{result}");
    result
}

/// A fleet with one run under way, whose only worker is told to stop and may take its time.
async fn draining() -> Option<(Fleet, Worker, String, Subscriber)> {
    let holds = [(0, Op::Turn1, Hold::Before)];
    let timeout = Duration::from_secs(10);
    let started = Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await;
    let (fleet, mut news) = started?;
    let grace = GRACE.as_secs().to_string();
    let settings = [("KAI_SHUTDOWN_GRACE_SECONDS", grace.as_str())];
    let mut worker = fleet.worker_with(&settings).await;
    let subscriber = fleet.stack.receiver.subscribe(&name(0)).await;
    let workflow = fleet.stack.submit(&input(&fleet, 0)).await;
    soon("the model's second turn", news.recv()).await.unwrap();
    worker.signal("TERM");
    worker.line("Shutting down worker...").await;
    Some((fleet, worker, workflow, subscriber))
}

#[tokio::test]
async fn a_run_whose_workflow_is_terminated_while_its_worker_stops_ends_its_stream() {
    let Some((fleet, mut worker, workflow, mut subscriber)) = draining().await else {
        return;
    };
    let asked = Instant::now();
    let cli = Cli::new(&fleet.stack, &workflow);
    cli.workflow(&["terminate"]).await.unwrap();
    let told = cancelled_in_time(&mut subscriber, asked).await;
    assert_eq!(
        told["error"],
        "the run was cancelled: its workflow was terminated"
    );
    // Nothing is left to wait for.
    worker.line("Worker shutdown complete").await;
    assert!(worker.ended().await.success());
    assert!(asked.elapsed() < GRACE);
}

#[tokio::test]
async fn a_run_that_is_cancelled_while_its_worker_stops_ends_and_goes_to_no_other() {
    let Some((fleet, mut first, workflow, mut subscriber)) = draining().await else {
        return;
    };
    let _second = fleet.worker().await;
    let asked = Instant::now();
    let cli = Cli::new(&fleet.stack, &workflow);
    cli.workflow(&["cancel"]).await.unwrap();
    let events = subscriber.until("done").await;
    let took = asked.elapsed();
    // The workflow's next step waits a second for the worker that had it in memory.
    assert!(
        took < Duration::from_secs(4),
        "the end was told after {took:?}"
    );
    assert!(events.iter().all(|(kind, _)| kind != "session_resumed"));
    let result = &events.last().unwrap().1["result"];
    assert_eq!(result["status"], "cancelled", "{result}");
    let failure = fleet.stack.result(&workflow).await.unwrap_err();
    assert!(failure.to_lowercase().contains("cancel"), "{failure}");
    first.line("Worker shutdown complete").await;
    assert!(first.ended().await.success());
}
