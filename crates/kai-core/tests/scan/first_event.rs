//! How long a run of the offline model takes until its first event: a measurement, run by hand.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kai_core::agent::{AgentMode, AgentTask, EventSink, Thread};
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use tokio_util::sync::CancellationToken;

use crate::harness::{Case, Place, cases};

/// How many runs are measured.
const RUNS: usize = 50;

#[derive(Default)]
struct FirstEvent(OnceLock<Instant>);

impl EventSink for FirstEvent {
    fn emit(&self, _: AgentEvent) {
        self.0.get_or_init(Instant::now);
    }
}

async fn until_first_event(case: &Case) -> Duration {
    let task = AgentTask {
        id: TaskId::generate(),
        prompt: "Ada berapa koperasi di Bali?".to_owned(),
        plan: None,
        mode: AgentMode::default(),
        thread: Thread::default(),
    };
    let (first, cancel) = (FirstEvent::default(), CancellationToken::new());
    let begun = Instant::now();
    let answer = case.analyst.answer("toko", &task, &first, &cancel).await;
    answer.unwrap();
    *first.0.get().unwrap() - begun
}

#[tokio::test]
#[ignore = "a measurement"]
async fn until_the_first_event_of_the_offline_model() {
    for case in cases().await {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            times.push(until_first_event(&case).await);
        }
        times.sort();
        let kind = |place: &Place| match place {
            Place::File(_) => "SQLite",
            Place::Server(_) => "PostgreSQL",
        };
        println!(
            "store {}, database {}: median {:.1?}, slowest {:.1?}",
            kind(&case.store_place),
            kind(&case.target),
            times[RUNS / 2],
            times[RUNS - 1],
        );
    }
}
