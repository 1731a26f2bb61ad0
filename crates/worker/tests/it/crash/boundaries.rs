//! A worker that is killed at every boundary between two steps, and in the middle of each kind of step.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::time::{Duration, Instant};

use super::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use super::script::{Hold, OPS, Op};
use crate::harness::soon;

/// Where a run is when its worker is killed, and how many of its steps are finished by then.
const MOMENTS: [(Op, Hold, i64); 13] = [
    (Op::Turn0, Hold::Before, 0),
    (Op::Turn0, Hold::Middle, 0),
    (Op::Query0, Hold::Before, 1),
    (Op::Query0, Hold::After, 1),
    (Op::Turn1, Hold::Before, 2),
    (Op::Turn1, Hold::Middle, 2),
    (Op::Query1, Hold::Before, 3),
    (Op::Query2, Hold::Before, 4),
    (Op::Turn2, Hold::Before, 5),
    (Op::Turn2, Hold::Middle, 5),
    (Op::Done, Hold::Before, 6),
    (Op::Done, Hold::After, 6),
    (Op::Turn2, Hold::Before, 5),
];

/// The run whose events get stuck on their way from its first tool on, until its worker is killed.
const UNTOLD: usize = 12;

/// How soon the runs of a dead worker have to be completed once another one is there.
const TAKEOVER: Duration = Duration::from_secs(15);

#[tokio::test]
async fn at_every_step_another_worker_goes_on_with_sqlite() {
    at_every_step_another_worker_goes_on(StoreKind::Sqlite).await;
}

#[tokio::test]
async fn at_every_step_another_worker_goes_on_with_postgres() {
    at_every_step_another_worker_goes_on(StoreKind::Postgres).await;
}

async fn at_every_step_another_worker_goes_on(kind: StoreKind) {
    let mut holds: Vec<(usize, Op, Hold)> = MOMENTS
        .iter()
        .enumerate()
        .map(|(run, &(op, hold, _))| (run, op, hold))
        .collect();
    holds.push((UNTOLD, Op::Told, Hold::Before));
    let timeout = Duration::from_secs(10);
    let Some((fleet, mut news)) = Fleet::start(kind, &holds, Duration::ZERO, timeout).await else {
        return;
    };
    let mut first = fleet.worker().await;
    let mut workflows = BTreeMap::new();
    // What is held at its end is given up after a few seconds, so it comes last.
    for at_the_end in [false, true] {
        let mut missing = BTreeSet::new();
        for &(run, op, _) in &holds {
            if (MOMENTS[run].0 == Op::Done) != at_the_end {
                continue;
            }
            missing.insert((run, op));
            if let Entry::Vacant(entry) = workflows.entry(run) {
                entry.insert(fleet.submit(run).await);
            }
        }
        soon("the moment to kill the worker", async {
            while !missing.is_empty() {
                missing.remove(&news.recv().await.unwrap());
            }
        })
        .await;
        if !at_the_end {
            fleet.beats(&workflows[&UNTOLD], "step=5").await;
        }
    }
    first.signal("KILL");
    first.ended().await;
    for (run, (op, hold, steps)) in MOMENTS.into_iter().enumerate() {
        // An end counts as a takeover.
        let generation = 1 + i64::from(op == Op::Done);
        assert_eq!(
            fleet.kept(run).await,
            (generation, steps),
            "{op:?} {hold:?}"
        );
    }
    let _second = fleet.worker().await;
    let ready = Instant::now();

    let completed = workflows.iter().map(async |(run, workflow)| {
        let events = fleet.completed(*run, workflow).await;
        (events, ready.elapsed())
    });
    let completed = futures::future::join_all(completed).await;
    for (run, ((op, hold, _), (events, took))) in MOMENTS.into_iter().zip(completed).enumerate() {
        assert!(took < TAKEOVER, "{op:?} {hold:?} took {took:?}");
        assert_each_event_once(run, &events);
        // Of a run that had ended there is nothing to go on with.
        let resumed: &[&str] = if op == Op::Done { &[] } else { &["lost"] };
        assert_eq!(resumptions(&events), resumed, "{op:?} {hold:?}");
        assert_eq!(fleet.kept(run).await, (3, 0), "{op:?} {hold:?}");

        // What had begun and was not finished is done again, and nothing else.
        let mut expected = OPS.to_vec();
        if let (Some(at), false) = (
            OPS.iter().position(|other| *other == op),
            hold == Hold::Before,
        ) {
            expected.insert(at, op);
        }
        assert_eq!(fleet.world.ops(run), expected, "{op:?} {hold:?}");
    }
}
