//! Runs in the store from outside: who owns one, what is kept of it, and for how long.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say where"
)]

use std::time::{Duration, SystemTime};

use kai_core::config::Secret;
use kai_core::ids::SessionId;
use kai_core::store::{
    Attempt, Cipher, OwnedRun, RunEndStatus, RunKey, RunSoFar, Store, StoreError, StoreUrl,
    TypesenseAccess,
};
use kai_test_support::postgres::{TestDatabase, fresh_database};
use kai_test_support::typesense::{self, TestCollections, fresh_collections};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use tempfile::TempDir;

const SECRET: &str = "Koperasi Sejahtera";

/// A store of any kind, and the key to it.
struct Place {
    store: Store,
    cipher: Cipher,
    kept_in: KeptIn,
}

enum KeptIn {
    File(TempDir),
    Server(TestDatabase),
    Typesense(TestCollections),
}

impl KeptIn {
    fn url(&self) -> StoreUrl {
        let text = match self {
            Self::File(folder) => format!("sqlite://{}", folder.path().join("kai.db").display()),
            Self::Server(database) => database.url().to_owned(),
            Self::Typesense(collections) => collections.url(),
        };
        let url: StoreUrl = text.parse().unwrap();
        url.with_typesense(TypesenseAccess {
            api_key: Some(Secret::from(typesense::KEY.to_owned())),
            ..TypesenseAccess::default()
        })
    }
}

impl Place {
    async fn open(kept_in: KeptIn) -> Self {
        Self {
            store: Store::open(&kept_in.url()).await.unwrap(),
            cipher: Cipher::from_key(&Cipher::generate_key()).unwrap(),
            kept_in,
        }
    }

    async fn take(&self, attempt: &Attempt) -> Result<(OwnedRun, RunSoFar), StoreError> {
        self.store.take_run(key("q"), attempt, &self.cipher).await
    }

    /// Changes what is kept in a file or on a server.
    async fn change(&self, sql: String) {
        let sql = AssertSqlSafe(sql);
        match &self.kept_in {
            KeptIn::File(folder) => {
                let path = folder.path().join("kai.db");
                let url = format!("sqlite://{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query(sql).execute(&mut connection).await.unwrap();
            }
            KeptIn::Server(database) => {
                let mut connection = PgConnection::connect(database.url()).await.unwrap();
                sqlx::query(sql).execute(&mut connection).await.unwrap();
            }
            KeptIn::Typesense(_) => panic!("Typesense knows no statements"),
        }
    }

    /// Everything that is kept in a column of a table, or in the entries of runs' logs.
    async fn column(&self, column: &str, table: &str) -> Vec<String> {
        let sql = AssertSqlSafe(format!("SELECT {column} FROM {table} ORDER BY run_id"));
        match &self.kept_in {
            KeptIn::File(folder) => {
                let path = folder.path().join("kai.db");
                let url = format!("sqlite://{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            KeptIn::Server(database) => {
                let mut connection = PgConnection::connect(database.url()).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            KeptIn::Typesense(collections) => {
                let entries = collections.documents("agent_runs").await;
                entries
                    .iter()
                    .map(logged_entry)
                    .filter_map(|entry| entry[column].as_str().map(str::to_owned))
                    .collect()
            }
        }
    }

    /// The runs that are kept, or those of which steps are, each once.
    async fn runs(&self, table: &str) -> Vec<String> {
        let mut runs = match &self.kept_in {
            KeptIn::Typesense(collections) => {
                let entries = collections.documents("agent_runs").await;
                let wanted = entries
                    .iter()
                    .filter(|entry| table == "agent_runs" || logged_entry(entry)["kind"] == "step");
                let names = wanted.map(|entry| entry["name"].as_str().unwrap());
                names
                    .map(|name| name.split('/').nth(1).unwrap().to_owned())
                    .collect()
            }
            _ => self.column("run_id", table).await,
        };
        runs.sort();
        runs.dedup();
        runs
    }

    /// Makes a run that was last written to in this year.
    async fn written_in(&self, run: &str, year: i32) {
        let sql = format!(
            "UPDATE agent_runs SET updated_at = '{year}-01-01T00:00:00.000000Z' WHERE run_id = '{run}'"
        );
        match &self.kept_in {
            KeptIn::File(_) | KeptIn::Server(_) => self.change(sql).await,
            KeptIn::Typesense(collections) => {
                let is_of_run = |entry: &Value| {
                    entry["name"]
                        .as_str()
                        .unwrap()
                        .contains(&format!("/{run}/"))
                };
                let at = i64::from(year - 1970) * 365 * 86_400 * 1_000_000;
                collections
                    .change("agent_runs", is_of_run, &json!({"at": at}))
                    .await;
            }
        }
    }
}

fn logged_entry(document: &Value) -> Value {
    serde_json::from_str(document["entry"].as_str().unwrap()).unwrap()
}

/// A store of each kind that there is here: every test is for all of them.
async fn places() -> Vec<Place> {
    let mut kept_in = vec![KeptIn::File(TempDir::new().unwrap())];
    kept_in.extend(fresh_database().await.map(KeptIn::Server));
    kept_in.extend(fresh_collections().map(KeptIn::Typesense));
    let mut places = Vec::new();
    for kept_in in kept_in {
        places.push(Place::open(kept_in).await);
    }
    places
}

fn key(prompt: &str) -> RunKey {
    RunKey::new("wf", "run", &SessionId::new("s"), "toko", prompt)
}

fn attempt(activity: &str, scheduled: u64, number: u32) -> Attempt {
    Attempt {
        activity_id: activity.to_owned(),
        scheduled_at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + scheduled),
        number,
        may_ask_again: true,
    }
}

/// The same of a workflow that asks only once.
fn only_attempt(activity: &str, scheduled: u64, number: u32) -> Attempt {
    Attempt {
        may_ask_again: false,
        ..attempt(activity, scheduled, number)
    }
}

fn is_taken_over<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result.unwrap_err(), StoreError::TakenOver)
}

#[tokio::test]
async fn a_later_attempt_goes_on_with_the_steps_and_shuts_the_earlier_one_out() {
    for place in places().await {
        let (mut first, so_far) = place.take(&attempt("1", 0, 1)).await.unwrap();
        assert!(!so_far.touched && so_far.steps.is_empty() && so_far.outcome.is_none());
        first.save_step(1, "turn", SECRET, None).await.unwrap();
        let delivery = Some("so far".to_owned());
        first
            .save_step(2, "tool_result", "two", delivery.clone())
            .await
            .unwrap();

        let (second, later) = place.take(&attempt("1", 0, 2)).await.unwrap();
        assert_eq!(later.steps, [SECRET, "two"]);
        assert_eq!(later.delivery, delivery);
        assert_eq!(
            (later.task_id, later.started_at),
            (so_far.task_id, so_far.started_at)
        );
        assert!(later.touched);
        assert_eq!((first.generation(), second.generation()), (1, 2));
        assert_eq!(first.key().name(), second.key().name());

        // Whoever was thought dead can do nothing any more, nor come back.
        assert!(is_taken_over(
            first.save_step(3, "turn", "late", None).await
        ));
        assert!(is_taken_over(
            first.end(RunEndStatus::Finished, "late", None).await
        ));
        assert!(is_taken_over(first.close(None).await));
        assert!(is_taken_over(first.leave(true, true, None).await));
        assert!(is_taken_over(place.take(&attempt("1", 0, 1)).await));
        second.save_step(3, "turn", "three", None).await.unwrap();
        let (_, last) = place.take(&attempt("1", 0, 3)).await.unwrap();
        assert_eq!(last.steps, [SECRET, "two", "three"]);

        // The rows of a customer's database are in nobody's sight.
        let kept = place.column("content", "agent_steps").await.concat();
        assert!(
            !kept.contains("Koperasi") && kept.starts_with("gAAAA"),
            "{kept}"
        );
        let other = Cipher::from_key(&Cipher::generate_key()).unwrap();
        let wrong = place
            .store
            .take_run(key("q"), &attempt("1", 0, 4), &other)
            .await;
        assert!(matches!(wrong.unwrap_err(), StoreError::WrongKeyForRun));
    }
}

#[tokio::test]
async fn a_run_that_has_ended_is_told_again_to_its_own_activity_only() {
    for place in places().await {
        let (mut run, _) = place.take(&attempt("1", 0, 1)).await.unwrap();
        run.save_step(1, "turn", "one", None).await.unwrap();
        run.end(RunEndStatus::Finished, SECRET, None).await.unwrap();
        // Killed before what was left could be delivered.
        let (run, so_far) = place.take(&attempt("1", 0, 2)).await.unwrap();
        assert_eq!(so_far.outcome.as_deref(), Some(SECRET));
        assert_eq!(so_far.steps, ["one"]);
        run.close(Some("all".to_owned())).await.unwrap();
        let (_, so_far) = place.take(&attempt("1", 0, 3)).await.unwrap();
        assert_eq!(so_far.outcome.as_deref(), Some(SECRET));
        assert!(so_far.steps.is_empty());
        let kept = place.column("outcome", "agent_runs").await.concat();
        assert!(!kept.contains("Koperasi"), "{kept}");

        // Another activity of the workflow asks the same again.
        let task_id = so_far.task_id;
        let (_, anew) = place.take(&attempt("2", 60, 1)).await.unwrap();
        assert!(anew.outcome.is_none() && !anew.touched && anew.delivery.is_none());
        assert_ne!(anew.task_id, task_id);
        assert!(is_taken_over(place.take(&attempt("1", 0, 4)).await));
    }
}

#[tokio::test]
async fn a_run_that_is_asked_for_once_has_ended_for_every_activity() {
    for place in places().await {
        assert!(!place.store.run_has_ended(&key("q")).await.unwrap());
        let (mut run, so_far) = place.take(&only_attempt("1", 0, 1)).await.unwrap();
        let task_id = so_far.task_id;
        run.save_step(1, "turn", "one", None).await.unwrap();
        assert!(!place.store.run_has_ended(&key("q")).await.unwrap());
        run.end(RunEndStatus::Finished, "all", None).await.unwrap();
        assert!(place.store.run_has_ended(&key("q")).await.unwrap());
        // The worker dies before Temporal hears of it, and another activity is to end the run.
        let (_, so_far) = place.take(&only_attempt("2", 60, 1)).await.unwrap();
        assert_eq!(so_far.outcome.as_deref(), Some("all"));
        assert_eq!(so_far.task_id, task_id);
    }
}

#[tokio::test]
async fn another_activity_goes_on_with_a_run_that_was_left() {
    for place in places().await {
        let (run, _) = place.take(&attempt("1", 0, 4)).await.unwrap();
        run.save_step(1, "turn", "one", None).await.unwrap();
        run.leave(true, false, None).await.unwrap();
        let (_, so_far) = place.take(&attempt("2", 60, 1)).await.unwrap();
        assert_eq!(so_far.steps, ["one"]);
        assert_eq!(so_far.failures, 1);

        // Another question of the same workflow is another run.
        let (_, other) = place
            .store
            .take_run(key("r"), &attempt("3", 60, 1), &place.cipher)
            .await
            .unwrap();
        assert!(other.steps.is_empty());
        assert_ne!(key("q").name(), key("r").name());
    }
}

#[tokio::test]
async fn a_run_of_which_nobody_saw_anything_is_untouched() {
    for place in places().await {
        let (run, _) = place.take(&attempt("1", 0, 1)).await.unwrap();
        run.leave(true, true, None).await.unwrap();
        let (_, so_far) = place.take(&attempt("1", 0, 2)).await.unwrap();
        assert!(!so_far.touched);
        assert_eq!(so_far.failures, 1);
        // This time the worker dies, and nobody knows what it has shown.
        let (_, so_far) = place.take(&attempt("1", 0, 3)).await.unwrap();
        assert!(so_far.touched);
    }
}

#[tokio::test]
async fn old_runs_are_forgotten_with_their_steps() {
    for place in places().await {
        for (prompt, ended, updated) in [
            ("ended long ago", true, 2000),
            ("left long ago", false, 2000),
            ("ended now", true, 2999),
            ("left now", false, 2999),
        ] {
            let key = RunKey::new("wf", prompt, &SessionId::new("s"), "toko", prompt);
            let attempt = attempt("1", 0, 1);
            let (mut run, _) = place
                .store
                .take_run(key, &attempt, &place.cipher)
                .await
                .unwrap();
            run.save_step(1, "turn", "one", None).await.unwrap();
            if ended {
                run.end(RunEndStatus::Failed, "outcome", None)
                    .await
                    .unwrap();
            }
            place.written_in(prompt, updated).await;
        }
        // A worker looks for old runs when it takes its first one.
        let store = Store::open(&place.kept_in.url()).await.unwrap();
        let attempt = attempt("1", 0, 1);
        let taken = store.take_run(key("q"), &attempt, &place.cipher);
        taken.await.unwrap();
        let runs = place.runs("agent_runs").await;
        assert_eq!(runs, ["ended now", "left now", "run"]);
        let steps = place.runs("agent_steps").await;
        assert_eq!(steps, ["ended now", "left now"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_attempts_at_once_the_latest_has_the_run() {
    for place in places().await {
        let takes = (1..=16).map(|number| {
            let (store, cipher) = (place.store.clone(), place.cipher.clone());
            tokio::spawn(async move {
                let run = store
                    .take_run(key("q"), &attempt("1", 0, number), &cipher)
                    .await;
                let Ok((run, _)) = run else {
                    return (number, false);
                };
                let saved = run.save_step(1, "turn", "one", None).await;
                (number, saved.is_ok())
            })
        });
        let outcomes = futures::future::try_join_all(takes).await.unwrap();
        // One of them was the first to save; all who took the run after it would save step 2.
        let saved = outcomes.iter().filter(|(_, saved)| *saved).count();
        assert_eq!(saved, 1, "{outcomes:?}");
        let (_, so_far) = place.take(&attempt("1", 0, 17)).await.unwrap();
        assert_eq!(so_far.steps, ["one"]);
    }
}

const LONG_AGO: &str = "2001-01-01T00:00:00.000000Z";

/// The stores that keep tails: those in databases.
async fn places_of_tails() -> Vec<Place> {
    let mut places = places().await;
    places.retain(|place| !matches!(place.kept_in, KeptIn::Typesense(_)));
    places
}

/// A run that has ended, and whose last events are still on their way.
async fn ended_with_tail(place: &Place, callback: &str) -> OwnedRun {
    let (mut run, _) = place.take(&attempt("1", 0, 1)).await.unwrap();
    run.save_step(1, "turn", "one", None).await.unwrap();
    run.end(RunEndStatus::Finished, "outcome", None)
        .await
        .unwrap();
    run.keep_tail(callback, "position".to_owned())
        .await
        .unwrap();
    run
}

#[tokio::test]
async fn what_a_lost_worker_has_left_is_taken_once_when_it_is_due() {
    for place in places_of_tails().await {
        let callback = format!("http://receiver/events/s?token={SECRET}");
        let lost = ended_with_tail(&place, &callback).await;
        assert!(!place.column("callback", "agent_tails").await[0].contains("token"));
        let look = async || place.store.take_left_tail(&place.cipher).await.unwrap();
        assert!(look().await.is_none(), "whoever delivers it has time");

        let due = format!("UPDATE agent_tails SET due_at = '{LONG_AGO}'");
        place.change(due.clone()).await;
        // Of two workers that look at the same moment, one has it.
        let (one, other) = tokio::join!(look(), look());
        assert!(one.is_some() != other.is_some());
        let tail = one.or(other).unwrap();
        assert_eq!(tail.callback, callback);
        assert_eq!(tail.session.as_str(), "s");
        assert_eq!(tail.so_far.outcome.as_deref(), Some("outcome"));
        assert_eq!(tail.so_far.delivery.as_deref(), Some("position"));
        assert_eq!(tail.so_far.steps, ["one"]);
        assert_eq!(tail.run.generation(), lost.generation() + 1);
        // The one that was thought lost writes nothing any more.
        assert!(is_taken_over(lost.close(None).await));
        assert!(look().await.is_none(), "it is being delivered");

        // Whoever took it may be lost, too.
        place.change(due).await;
        let tail = look().await.unwrap();
        tail.run.close(None).await.unwrap();
        assert!(place.runs("agent_tails").await.is_empty());
        assert!(place.runs("agent_steps").await.is_empty());
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_forgotten() {
    for place in places_of_tails().await {
        ended_with_tail(&place, "http://receiver").await;
        place
            .change(format!(
                "UPDATE agent_tails SET due_at = '{LONG_AGO}', expires_at = '{LONG_AGO}'"
            ))
            .await;
        let left = place.store.take_left_tail(&place.cipher).await.unwrap();
        assert!(left.is_none());
        assert!(place.runs("agent_tails").await.is_empty());
        assert!(place.runs("agent_steps").await.is_empty());
    }
}

#[tokio::test]
async fn a_later_run_of_the_session_cuts_what_is_left_of_an_earlier_one() {
    for place in places_of_tails().await {
        ended_with_tail(&place, "http://receiver").await;
        let later = key("another question");
        let attempt = attempt("2", 1, 1);
        let taking = place.store.take_run(later, &attempt, &place.cipher);
        taking.await.unwrap();
        assert!(place.runs("agent_tails").await.is_empty());
    }
}
