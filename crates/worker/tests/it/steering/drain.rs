//! A worker that is told to stop while another one is there.

use std::time::{Duration, Instant};

use super::input;
use crate::crash::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use crate::crash::script::{Hold, OPS, Op, name};
use crate::harness::soon;
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
        subscriber.until("session_resumed").await;
    }
    let took = asked.elapsed();
    eprintln!("{RUNS} runs went to another worker within {took:?} of the signal");
    assert!(took < Duration::from_secs(1) + TAKEOVER, "{took:?}");
    first.line("Worker shutdown complete").await;
    assert!(first.ended().await.success());
    for (run, workflow) in workflows.iter().enumerate() {
        let events = fleet.completed(run, workflow).await;
        assert_each_event_once(run, &events);
        assert_eq!(resumptions(&events), 1);
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
    assert_eq!(fleet.world.ops(0), OPS);
    histories::keep(&fleet.stack, &workflow, "resumed_after_a_crash").await;
}
