//! Workers that are killed at random moments while runs come and go.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use super::script::OPS;
use crate::harness::{Worker, soon};

/// How many workers are there at any time, those that are just starting included.
const WORKERS: usize = 4;

/// How many workers are there when one is killed.
const READY: usize = 3;

/// How many runs are under way at any time.
const RUNS_AT_ONCE: usize = 8;

/// How many workers are killed, for each kind of store.
const KILLS: usize = 50;

/// A worker is killed after at most so long since the one before.
const LONGEST_PAUSE_MS: u128 = 600;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_workers_die_every_run_is_completed_once_with_sqlite() {
    whenever_workers_die_every_run_is_completed_once(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_workers_die_every_run_is_completed_once_with_postgres() {
    whenever_workers_die_every_run_is_completed_once(StoreKind::Postgres).await;
}

async fn whenever_workers_die_every_run_is_completed_once(kind: StoreKind) {
    let pace = Duration::from_millis(20);
    let timeout = Duration::from_secs(2);
    let Some((fleet, _news)) = Fleet::start(kind, &[], pace, timeout).await else {
        return;
    };
    let fleet = Arc::new(fleet);
    let ending = Arc::new(AtomicBool::new(false));
    let numbers = Arc::new(AtomicUsize::new(0));
    let mut runs = JoinSet::new();
    for _ in 0..RUNS_AT_ONCE {
        let (fleet, ending, numbers) = (fleet.clone(), ending.clone(), numbers.clone());
        runs.spawn(async move {
            let mut takeovers = 0;
            while !ending.load(Ordering::Relaxed) {
                takeovers += one_run(&fleet, numbers.fetch_add(1, Ordering::Relaxed)).await;
            }
            takeovers
        });
    }
    let (ready, mut started) = mpsc::unbounded_channel();
    let start = || {
        let (fleet, ready) = (fleet.clone(), ready.clone());
        tokio::spawn(async move {
            // Nobody listens any more once all kills are done.
            let _ = ready.send(fleet.worker().await);
        });
    };
    for _ in 0..WORKERS {
        start();
    }
    let mut workers = VecDeque::new();
    for _ in 0..KILLS {
        tokio::time::sleep(random_pause()).await;
        while workers.len() < READY {
            workers.push_back(soon("a worker", started.recv()).await.unwrap());
        }
        // The oldest: it is the likeliest to have runs.
        let mut worker: Worker = workers.pop_front().unwrap();
        worker.signal("KILL");
        worker.ended().await;
        start();
    }
    ending.store(true, Ordering::Relaxed);
    let takeovers: i64 = runs.join_all().await.into_iter().sum();
    let runs = numbers.load(Ordering::Relaxed);
    eprintln!("{kind:?}: {KILLS} kills, {runs} runs, {takeovers} takeovers");
    assert!(takeovers > 0, "no kill hit a run");
}

/// Submits a run and looks at what became of it. Returns how often it was taken over.
async fn one_run(fleet: &Fleet, run: usize) -> i64 {
    let workflow = fleet.submit(run).await;
    let events = fleet.completed(run, &workflow).await;
    assert_each_event_once(run, &events);
    let (generation, steps) = fleet.kept(run).await;
    let takeovers = generation - 1;
    assert_eq!(
        steps, 0,
        "the steps of a run that has ended are still there"
    );
    let reasons = resumptions(&events);
    assert!(
        reasons.iter().all(|reason| *reason == "lost"),
        "{reasons:?}"
    );
    let resumed = i64::try_from(reasons.len()).unwrap();
    assert!(
        resumed <= takeovers,
        "{resumed} resumptions, {takeovers} takeovers"
    );

    // A takeover may cost the one step that was under way, and never one before that.
    let ops = fleet.world.ops(run);
    assert!(ops.is_sorted(), "{ops:?}");
    let mut each_once = ops.clone();
    each_once.dedup();
    assert_eq!(each_once, OPS, "{ops:?}");
    let repeated = i64::try_from(ops.len() - OPS.len()).unwrap();
    assert!(repeated <= takeovers, "{ops:?}, {takeovers} takeovers");
    takeovers
}

fn random_pause() -> Duration {
    let milliseconds = Uuid::new_v4().as_u128() % LONGEST_PAUSE_MS;
    Duration::from_millis(u64::try_from(milliseconds).unwrap())
}
