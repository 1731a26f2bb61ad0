//! Workers that are killed when their run is reported and its last events are still on their way.

use std::time::Duration;

use super::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use super::proxy;
use super::script::{Hold, Op};
use crate::harness::soon;

/// How long the receiver takes for each answer: it does not keep up, and is known to number events
/// before the run ends.
const DELAY: Duration = Duration::from_millis(1500);

/// How long the model takes for each piece, so that the run takes longer than a few answers.
const PACE: Duration = Duration::from_millis(150);

#[tokio::test]
async fn what_a_killed_worker_had_not_delivered_is_delivered_once_with_sqlite() {
    what_a_killed_worker_had_not_delivered_is_delivered_once(StoreKind::Sqlite).await;
}

#[tokio::test]
async fn what_a_killed_worker_had_not_delivered_is_delivered_once_with_postgres() {
    what_a_killed_worker_had_not_delivered_is_delivered_once(StoreKind::Postgres).await;
}

async fn what_a_killed_worker_had_not_delivered_is_delivered_once(kind: StoreKind) {
    const BEFORE_DONE: usize = 0;
    const AFTER_DONE: usize = 1;
    let holds = [(AFTER_DONE, Op::Done, Hold::After)];
    let timeout = Duration::from_secs(10);
    let Some((fleet, mut news)) = Fleet::start(kind, &holds, PACE, timeout).await else {
        return;
    };
    let slow = proxy::slow(DELAY, fleet.receiver.to_string()).await;

    // Killed before the receiver has `done`.
    let mut worker = fleet.worker().await;
    let first = fleet.submit_to(BEFORE_DONE, slow).await;
    fleet.stack.result(&first).await.unwrap();
    worker.signal("KILL");
    worker.ended().await;
    assert!(
        !fleet.world.has_seen(BEFORE_DONE, Op::Done),
        "the receiver had everything before the worker was killed"
    );

    // Killed when the receiver has `done`, and its answer is still on its way.
    let mut worker = fleet.worker().await;
    let second = fleet.submit_to(AFTER_DONE, slow).await;
    fleet.stack.result(&second).await.unwrap();
    soon("done on its way", news.recv()).await.unwrap();
    worker.signal("KILL");
    worker.ended().await;

    let _worker = fleet.worker().await;
    for (run, workflow) in [(BEFORE_DONE, &first), (AFTER_DONE, &second)] {
        let events = fleet.completed(run, workflow).await;
        assert_each_event_once(run, &events);
        let resumed = resumptions(&events);
        assert!(resumed.is_empty(), "nothing had to be gone on with");
    }
    fleet.no_tails().await;
    for (run, workflow) in [(BEFORE_DONE, &first), (AFTER_DONE, &second)] {
        let events = fleet.completed(run, workflow).await;
        assert_each_event_once(run, &events);
        let (generation, steps) = fleet.kept(run).await;
        assert!(
            generation >= 3,
            "taken up, ended, taken up for what was left"
        );
        assert_eq!(steps, 0);
    }
}
