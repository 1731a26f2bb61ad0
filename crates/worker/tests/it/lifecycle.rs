//! Workers that are killed or stopped while a run is under way.

use std::time::{Duration, Instant};

use kai_test_support::postgres::TestDatabase;
use sqlx::{Connection as _, PgConnection};
use temporalio_client::WorkflowCancelOptions;

use crate::harness::{SAMPLE, Stack, soon};

/// The sample in PostgreSQL, its table locked, so that every query of a run waits until it is
/// unlocked: the middle of a run, for as long as a test needs it.
pub(crate) struct LockedDatabase {
    lock: PgConnection,
    _database: TestDatabase,
}

impl LockedDatabase {
    /// `None` when there is no PostgreSQL here.
    pub(crate) async fn create(stack: &Stack) -> Option<Self> {
        let database = kai_test_support::postgres::fresh_database().await?;
        let mut lock = PgConnection::connect(database.url()).await.unwrap();
        sqlx::raw_sql(SAMPLE).execute(&mut lock).await.unwrap();
        stack.connect_to(database.url()).await;
        sqlx::raw_sql("BEGIN; LOCK TABLE koperasi IN ACCESS EXCLUSIVE MODE")
            .execute(&mut lock)
            .await
            .unwrap();
        Some(Self {
            lock,
            _database: database,
        })
    }

    /// Waits until a statement waits for the table.
    pub(crate) async fn until_somebody_waits(&mut self) {
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted \
                       AND relation = 'koperasi'::regclass)";
        soon("a statement that waits", async {
            loop {
                let waits = sqlx::query_scalar(waiting).fetch_one(&mut self.lock).await;
                if waits.unwrap() {
                    return;
                }
            }
        })
        .await;
    }

    pub(crate) async fn unlock(&mut self) {
        sqlx::raw_sql("COMMIT")
            .execute(&mut self.lock)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_run_survives_a_worker_that_is_killed() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(mut database) = LockedDatabase::create(&stack).await else {
        return;
    };
    let mut first = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let workflow = stack.submit(&stack.question("s1")).await;
    subscriber.until("tool_start").await;
    first.signal("KILL");
    first.ended().await;
    database.unlock().await;
    let _second = stack.worker().await;
    let result = stack.result(&workflow).await.unwrap();
    assert_eq!(result["status"], "completed");
    let events = subscriber.until("done").await;
    assert_eq!(events.last().unwrap().1["result"], result);
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_the_run_first() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(mut database) = LockedDatabase::create(&stack).await else {
        return;
    };
    let mut worker = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let workflow = stack.submit(&stack.question("s1")).await;
    subscriber.until("tool_start").await;
    worker.signal("TERM");
    worker.line("Shutting down worker...").await;
    database.unlock().await;
    let events = subscriber.until("done").await;
    assert_eq!(events.last().unwrap().1["result"]["status"], "completed");
    worker.line("Worker shutdown complete").await;
    assert!(worker.ended().await.success());
    // The workflow's own last task is for the next worker, if this one left before it came.
    let _next = stack.worker().await;
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );
}

#[tokio::test]
async fn a_run_that_does_not_finish_in_time_goes_to_the_next_worker() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(mut database) = LockedDatabase::create(&stack).await else {
        return;
    };
    let mut command = stack.command(&["run"]);
    command.env("KAI_SHUTDOWN_GRACE_SECONDS", "1");
    let mut first = crate::harness::Worker::spawn(command);
    first
        .line("Worker is healthy and ready to process tasks")
        .await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let workflow = stack.submit(&stack.question("s1")).await;
    subscriber.until("tool_start").await;
    first.signal("TERM");
    first.line("Worker shutdown complete").await;
    assert!(first.ended().await.success());
    database.unlock().await;
    let _second = stack.worker().await;
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );
    let events = subscriber.until("done").await;
    assert!(
        events.iter().all(|(kind, _)| kind != "error"),
        "the cut showed as an error"
    );
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(_locked) = LockedDatabase::create(&stack).await else {
        return;
    };
    let mut worker = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    stack.submit(&stack.question("s1")).await;
    subscriber.until("tool_start").await;
    worker.signal("INT");
    worker
        .line("Received signal SIGINT, initiating graceful shutdown...")
        .await;
    worker.signal("INT");
    assert_eq!(worker.ended().await.code(), Some(130));
}

#[tokio::test]
async fn a_cancelled_workflow_ends_the_run_and_the_stream() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(_locked) = LockedDatabase::create(&stack).await else {
        return;
    };
    let _worker = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let workflow = stack.submit(&stack.question("s1")).await;
    subscriber.until("tool_start").await;
    let handle = stack
        .client()
        .get_workflow_handle::<temporalio_common::UntypedWorkflow>(&workflow);
    let asked = Instant::now();
    soon(
        "the cancellation",
        handle.cancel(WorkflowCancelOptions::default()),
    )
    .await
    .unwrap();
    let events = subscriber.until("done").await;
    // Its query waits for a lock, for as long as nobody stops it.
    let took = asked.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "the end was told after {took:?}"
    );
    let result = &events.last().unwrap().1["result"];
    let reason = result["error"].as_str().unwrap();
    assert!(reason.starts_with("the run was cancelled"), "{reason}");
    assert_eq!(result["status"], "cancelled");
    assert!(
        stack
            .result(&workflow)
            .await
            .unwrap_err()
            .to_lowercase()
            .contains("cancel")
    );
}
