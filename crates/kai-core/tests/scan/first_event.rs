//! The first event of a run of the offline model: it comes before the database is connected to. How long it
//! takes is a measurement, run by hand.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kai_core::agent::{AgentError, AgentMode, AgentTask, EventSink, Thread};
use kai_core::analyst::AnalystError;
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::harness::{Case, Place, case, cases};

/// How many runs are measured.
const RUNS: usize = 50;

#[derive(Default)]
struct FirstEvent(OnceLock<Instant>);

impl EventSink for FirstEvent {
    fn emit(&self, _: AgentEvent) {
        self.0.get_or_init(Instant::now);
    }
}

fn task() -> AgentTask {
    AgentTask {
        id: TaskId::generate(),
        prompt: "Ada berapa koperasi di Bali?".to_owned(),
        plan: None,
        mode: AgentMode::default(),
        thread: Thread::default(),
    }
}

async fn until_first_event(case: &Case) -> Duration {
    let task = task();
    let (first, cancel) = (FirstEvent::default(), CancellationToken::new());
    let begun = Instant::now();
    let answer = case.analyst.answer("toko", &task, &first, &cancel).await;
    answer.unwrap();
    *first.0.get().unwrap() - begun
}

/// Tells that there was an event, and which was the first.
#[derive(Default)]
struct Told {
    first: OnceLock<&'static str>,
    told: Notify,
}

impl EventSink for Told {
    fn emit(&self, event: AgentEvent) {
        self.first.get_or_init(|| event.kind());
        self.told.notify_one();
    }
}

#[tokio::test]
async fn whoever_asked_is_told_something_before_the_database_answers() {
    // Takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let case = case(Place::file(), Place::file()).await;
    for uri in ["postgres://kai@127.0.0.1", "mysql://kai@127.0.0.1"] {
        let uri = format!("{uri}:{port}/toko");
        let stored = case.analyst.store_connection("c-2", &uri, "diam").await;
        stored.unwrap();
        let (told, cancel) = (Told::default(), CancellationToken::new());
        let question = task();
        let run = case.analyst.answer("diam", &question, &told, &cancel);
        let stop = async {
            told.told.notified().await;
            cancel.cancel();
        };
        let (ended, ()) = tokio::join!(run, stop);
        assert!(matches!(
            ended,
            Err(AnalystError::Agent(AgentError::Cancelled))
        ));
        assert_eq!(told.first.get(), Some(&"thinking"), "{uri}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_ends_the_run_as_ever() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let case = case(Place::file(), Place::file()).await;
    let uri = format!("postgres://kai:sangat-rahasia@127.0.0.1:{port}/toko");
    let stored = case.analyst.store_connection("c-2", &uri, "hilang").await;
    stored.unwrap();
    let (told, cancel) = (Told::default(), CancellationToken::new());
    let ended = case.analyst.answer("hilang", &task(), &told, &cancel).await;
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), "Database");
    assert!(error.is_retryable(), "{error}");
    assert!(!format!("{error:?}").contains("rahasia"), "{error:?}");
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
            Place::MariaDb(_) => "MariaDB",
            Place::Typesense(_) => "Typesense",
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
