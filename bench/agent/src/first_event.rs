//! How long a run of the offline model takes from the start of its activity until its first event: taking the
//! run up in the store, finding and decrypting the connection, reading what is known of it, the first turn.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use kai_core::agent::{Agent, AgentLimits, AgentMode, AgentTask, EventSink, Thread};
use kai_core::analyst::Analyst;
use kai_core::database::QueryLimits;
use kai_core::event::AgentEvent;
use kai_core::ids::{SessionId, TaskId};
use kai_core::language::Language;
use kai_core::offline::OfflineModel;
use kai_core::recorder::{RunRecorder, TakenRun};
use kai_core::store::{Attempt, Cipher, RunKey, Store};
use kai_test_support::postgres::{TestDatabase, fresh_database};
use tokio_util::sync::CancellationToken;

use crate::report::Samples;

/// A table to ask of.
const TABLE: &str = "CREATE TABLE koperasi (id INTEGER PRIMARY KEY, nama TEXT, provinsi TEXT); \
     INSERT INTO koperasi VALUES (1, 'Maju', 'Bali'), (2, 'Tani', 'Aceh');";

const CONNECTION: &str = "toko";
const QUESTION: &str = "Ada berapa koperasi di Bali?";

/// Measures so many runs on PostgreSQL, with each kind of store.
pub(crate) async fn measure_all(
    folder: &Path,
    runs: usize,
) -> anyhow::Result<Vec<(&'static str, Samples)>> {
    let target = server().await?;
    target.execute(TABLE).await;
    let shared = server().await?;
    let file = format!("sqlite://{}", folder.join("store.db").display());
    let mut all = Vec::new();
    for (name, store) in [
        ("PostgreSQL, store in SQLite", file.as_str()),
        ("PostgreSQL, store in PostgreSQL", shared.url()),
    ] {
        let analyst = analyst(store, &target).await?;
        let mut times = Vec::with_capacity(runs);
        // The first run warms up the store; the database is connected to anew by each.
        for run in 0..=runs {
            let time = until_first_event(&analyst, run).await?;
            if run > 0 {
                times.push(time);
            }
        }
        all.push((name, Samples::new(times)));
    }
    target.close().await;
    shared.close().await;
    Ok(all)
}

async fn server() -> anyhow::Result<TestDatabase> {
    fresh_database()
        .await
        .context("there is no PostgreSQL to measure with; run scripts/bench-agent")
}

async fn analyst(store: &str, target: &TestDatabase) -> anyhow::Result<Analyst> {
    let store = Store::open(&store.parse()?).await?;
    let cipher = Cipher::from_key(&Cipher::generate_key())?;
    let limits = AgentLimits {
        max_turns: 20,
        language: Language::Indonesian,
    };
    let analyst = Analyst::new(
        store,
        Some(cipher),
        Agent::new(Arc::new(OfflineModel::new(Language::Indonesian)), limits),
        QueryLimits {
            timeout: Duration::from_secs(10),
            max_rows: 1000,
            max_bytes: 1 << 20,
        },
    );
    analyst
        .store_connection(CONNECTION, target.url(), CONNECTION)
        .await?;
    Ok(analyst)
}

/// Does what the activity does, and tells when the first event came.
async fn until_first_event(analyst: &Analyst, run: usize) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let session = SessionId::new("bench");
    let workflow = format!("bench-{run}");
    let key = RunKey::new(&workflow, "1", &session, CONNECTION, QUESTION);
    let attempt = Attempt {
        activity_id: "1".to_owned(),
        scheduled_at: SystemTime::now(),
        number: 1,
        may_ask_again: false,
    };
    let (taken, so_far) = analyst
        .take_run(key, &attempt)
        .await?
        .context("the analyst has a key")?;
    let recorder = RunRecorder::new(TakenRun::read(taken, so_far, &session)?, None);
    let task = AgentTask {
        id: TaskId::generate(),
        prompt: QUESTION.to_owned(),
        plan: None,
        mode: AgentMode::default(),
        thread: Thread::default(),
    };
    let (first, cancel) = (FirstEvent::default(), CancellationToken::new());
    analyst
        .go_on(CONNECTION, &task, None, &recorder, &first, &cancel)
        .await?;
    let first = first.0.get().context("the run had no event")?;
    Ok(first.duration_since(begun))
}

/// Keeps when the first event came.
#[derive(Default)]
struct FirstEvent(OnceLock<Instant>);

impl EventSink for FirstEvent {
    fn emit(&self, _: AgentEvent) {
        self.0.get_or_init(Instant::now);
    }
}
