//! Workers that are killed at random moments while runs come and go.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::fleet::{Event, Fleet, Standing, StoreKind, assert_each_event_once, resumptions};
use super::script::{self, OPS, Op};
use crate::harness::{Worker, soon};
use crate::histories;

/// How many workers are there at any time, those that are just starting included.
const WORKERS: usize = 4;

/// How many workers are there when one is killed.
const READY: usize = 3;

/// How often runs are left to be completed, with nobody killed meanwhile, for each kind of store.
const ROUNDS: usize = 5;

/// How many workers are killed with a run under way before that.
const KILLS: usize = 10;

/// How long the model takes for each piece of a turn.
const PACE: Duration = Duration::from_millis(20);

/// How long after the last kill of a round every run that was under way has to be completed, without what
/// its last attempt worked: many runs go on at the same moment then, and share the machine. The boundaries
/// show the same with the work, one run at a time.
const TAKEOVER: Duration = Duration::from_secs(15);

/// What differs between the two passes.
struct Pass {
    store: StoreKind,
    /// How soon Temporal gives a killed worker's runs to another one.
    heartbeat_timeout: Duration,
    /// How many runs are under way at any time: enough for some to move while others wait for that.
    runs_at_once: usize,
    /// A worker is killed after at most so long since the one before, in milliseconds.
    longest_pause: u128,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_workers_die_every_run_is_completed_once_with_sqlite() {
    whenever_workers_die_every_run_is_completed_once(Pass {
        store: StoreKind::Sqlite,
        heartbeat_timeout: Duration::from_secs(3),
        runs_at_once: 8,
        longest_pause: 600,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_workers_die_every_run_is_completed_once_with_postgres() {
    whenever_workers_die_every_run_is_completed_once(Pass {
        store: StoreKind::Postgres,
        heartbeat_timeout: Duration::from_secs(10),
        runs_at_once: 12,
        longest_pause: 2500,
    })
    .await;
}

/// A worker was killed with a run under way.
#[derive(Debug)]
struct Hit {
    /// How the run stood in the store then; nothing where it had not been taken yet.
    standing: Option<Standing>,
    /// How many operations of the run had been asked for.
    asked: usize,
}

impl Hit {
    /// How many of the run's operations were finished and kept.
    fn kept(&self) -> usize {
        match &self.standing {
            None => 0,
            Some(standing) if standing.status == "running" => {
                usize::try_from(standing.steps).unwrap()
            }
            // Of a run that has ended the steps may be gone.
            Some(_) => OPS.len(),
        }
    }
}

/// What is known of the runs.
#[derive(Default)]
struct Runs {
    /// The hits of each run.
    hits: Mutex<HashMap<usize, Vec<Hit>>>,
    /// When each run was completed, and how long its last attempt took.
    ends: Mutex<Vec<(Instant, Duration)>>,
    under_way: watch::Sender<BTreeSet<usize>>,
}

/// What became of the runs of one pass.
#[derive(Default)]
struct Tally {
    takeovers: usize,
    /// Runs of which it is known exactly how often they had to say that they were resumed.
    exact: usize,
}

async fn whenever_workers_die_every_run_is_completed_once(pass: Pass) {
    let Pass {
        store,
        heartbeat_timeout,
        runs_at_once,
        longest_pause,
    } = pass;
    let Some((fleet, _news)) = Fleet::start(store, &[], PACE, heartbeat_timeout).await else {
        return;
    };
    let fleet = Arc::new(fleet);
    let known = Arc::new(Runs::default());
    let ending = Arc::new(AtomicBool::new(false));
    let numbers = Arc::new(AtomicUsize::new(0));
    let mut runs = JoinSet::new();
    for _ in 0..runs_at_once {
        let (fleet, known) = (fleet.clone(), known.clone());
        let (ending, numbers) = (ending.clone(), numbers.clone());
        runs.spawn(async move {
            let mut tally = Tally::default();
            while !ending.load(Ordering::Relaxed) {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                one_run(&fleet, &known, number, &mut tally).await;
            }
            tally
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
    let (mut kills, mut idle) = (0, 0);
    let (mut longest_wait, mut slowest) = (Duration::ZERO, Duration::ZERO);
    for round in 1..=ROUNDS {
        let mut last = Instant::now();
        while kills < round * KILLS {
            soon("something that a run does", fleet.world.next()).await;
            tokio::time::sleep(random_pause(longest_pause)).await;
            while workers.len() < READY {
                workers.push_back(soon("a worker", started.recv()).await.unwrap());
            }
            // The oldest: it is the likeliest to have runs.
            let worker = workers.pop_front().unwrap();
            last = Instant::now();
            if kill(&fleet, &known, worker).await {
                kills += 1;
            } else {
                idle += 1;
            }
            start();
        }
        known.completed().await;
        let waited = known.longest_wait(last);
        assert!(
            waited < TAKEOVER,
            "a run waited {waited:?} after the last kill of round {round}"
        );
        longest_wait = longest_wait.max(waited);
        slowest = slowest.max(last.elapsed());
    }
    ending.store(true, Ordering::Relaxed);
    let tallies = runs.join_all().await;
    let takeovers: usize = tallies.iter().map(|tally| tally.takeovers).sum();
    let exact: usize = tallies.iter().map(|tally| tally.exact).sum();
    let runs = numbers.load(Ordering::Relaxed);
    eprintln!(
        "{store:?}: {kills} kills with runs under way and {idle} without, {runs} runs, \
         {takeovers} takeovers, {exact} runs resumed as often as it must be, \
         completed at the latest {slowest:?} after the last kill of a round, of which {longest_wait:?} at most \
         passed before or after the work"
    );
    assert!(takeovers >= kills / 2, "{takeovers} takeovers");
    assert!(exact > 0);
}

/// Kills a worker, and notes how each of its runs stood. Tells whether there was one.
async fn kill(fleet: &Fleet, known: &Runs, mut worker: Worker) -> bool {
    worker.signal("KILL");
    worker.ended().await;
    let mut under_way = false;
    for run in runs_under_way(&worker.rest().await) {
        // Nobody goes on with it before the heartbeat timeout has passed.
        let standing = fleet.standing(run).await;
        let asked = fleet.world.ops(run).len();
        under_way |= standing.as_ref().is_some_and(|s| s.status == "running");
        let hit = Hit { standing, asked };
        let mut hits = known.hits.lock().unwrap();
        hits.entry(run).or_default().push(hit);
    }
    under_way
}

/// The runs that a worker had begun and not ended, by what it has logged.
fn runs_under_way(log: &[String]) -> BTreeSet<usize> {
    let mut under_way = BTreeSet::new();
    for line in log {
        let entry: Value = serde_json::from_str(line).unwrap_or_default();
        let message = entry["fields"]["message"].as_str().unwrap_or_default();
        let Some(run) = script::run_in(message) else {
            continue;
        };
        if message.ends_with(": run begins") {
            under_way.insert(run);
        } else if message.ends_with(": run ends") || message.ends_with(": run had ended") {
            under_way.remove(&run);
        }
    }
    under_way
}

impl Runs {
    /// Waits until every run that is under way now is completed.
    async fn completed(&self) {
        let mut under_way = self.under_way.subscribe();
        let now = under_way.borrow().clone();
        let completed = under_way.wait_for(|left| left.is_disjoint(&now));
        let completed = soon("the runs of the killed workers", completed).await;
        drop(completed.unwrap());
    }

    /// How long a run waited at most that was completed after a kill, besides the work of its last attempt.
    fn longest_wait(&self, kill: Instant) -> Duration {
        let ends = self.ends.lock().unwrap();
        let waits = ends
            .iter()
            .map(|(end, worked)| end.saturating_duration_since(kill).saturating_sub(*worked));
        waits.max().unwrap()
    }
}

/// Submits a run and looks at what became of it.
async fn one_run(fleet: &Fleet, known: &Runs, run: usize, tally: &mut Tally) {
    known.under_way.send_modify(|runs| {
        runs.insert(run);
    });
    let workflow = fleet.submit(run).await;
    let events = fleet.completed(run, &workflow).await;
    let completed = Instant::now();
    let worked = histories::last_attempt(&fleet.stack, &workflow).await;
    known.ends.lock().unwrap().push((completed, worked));
    known.under_way.send_modify(|runs| {
        runs.remove(&run);
    });
    assert_each_event_once(run, &events);
    let (generation, steps) = fleet.kept(run).await;
    assert_eq!(
        steps, 0,
        "the steps of a run that has ended are still there"
    );

    let hits = known.hits.lock().unwrap().remove(&run);
    let hits = hits.unwrap_or_default();

    // Each time the run was taken up and killed before its end, another worker went on with it.
    let lost: Vec<&Standing> = hits
        .iter()
        .filter_map(|hit| hit.standing.as_ref())
        .filter(|standing| standing.status == "running")
        .collect();
    let takeovers = lost.iter().map(|standing| standing.generation);
    let takeovers = takeovers.collect::<BTreeSet<i64>>().len();
    // The first, those that went on, and the end. What there is beyond that nobody was killed for: the
    // answer of an end was lost, or a worker that lives could not beat in time.
    let generations = usize::try_from(generation).unwrap();
    let unexplained = generations.checked_sub(takeovers + 2);
    let unexplained = unexplained.unwrap_or_else(|| panic!("{generation}, {hits:?}"));
    assert_done_once(&fleet.world.ops(run), &hits, unexplained);
    assert_resumed(&events, &lost, takeovers, unexplained, tally);
    tally.takeovers += takeovers;
}

/// No operation is done again whose step was kept when a worker was killed: only the one that was under
/// way then, or whose step was just about to be kept.
fn assert_done_once(ops: &[Op], hits: &[Hit], unexplained: usize) {
    assert!(ops.is_sorted(), "{ops:?}");
    let mut each_once = ops.to_vec();
    each_once.dedup();
    assert_eq!(each_once, OPS, "{ops:?}");
    for hit in hits {
        let again = ops[hit.asked..]
            .iter()
            .find(|op| OPS[..hit.kept()].contains(op));
        assert_eq!(again, None, "was kept and is done again: {ops:?}, {hits:?}");
    }
    let under_way: Vec<Op> = hits
        .iter()
        .filter_map(|hit| OPS.get(hit.kept()).copied())
        .collect();
    for op in OPS {
        let times = ops.iter().filter(|other| **other == op).count();
        let lost = under_way.iter().filter(|other| **other == op).count();
        assert!(times <= 1 + lost + unexplained, "{op:?}: {ops:?}, {hits:?}");
    }
}

/// One `session_resumed` for each takeover. One that was killed before its first step was kept may not
/// have got to say so; every other one did.
fn assert_resumed(
    events: &[Event],
    lost: &[&Standing],
    takeovers: usize,
    unexplained: usize,
    tally: &mut Tally,
) {
    let reasons = resumptions(events);
    assert!(
        reasons.iter().all(|reason| *reason == "lost"),
        "{reasons:?}"
    );
    let resumed = reasons.len();
    let progressed = lost.windows(2).filter(|pair| pair[1].steps > pair[0].steps);
    // The last one has completed the run; there was something left to do unless all steps were kept.
    let all = i64::try_from(OPS.len()).unwrap();
    let last = lost.last().is_some_and(|standing| standing.steps < all);
    let least = progressed.count() + usize::from(last);
    assert!(
        (least..=takeovers + unexplained).contains(&resumed),
        "{resumed} resumptions, {lost:?}"
    );
    let is_exact = takeovers > 0 && least == takeovers && unexplained == 0;
    tally.exact += usize::from(is_exact);
}

fn random_pause(longest: u128) -> Duration {
    let milliseconds = Uuid::new_v4().as_u128() % longest;
    Duration::from_millis(u64::try_from(milliseconds).unwrap())
}
