//! Taking a run: what is asked and what is told, whatever keeps runs, and how it is done in rows.

use chrono::{DateTime, Utc};

use super::backend::{Backend, Transaction};
use super::runs::{Attempt, RunKey, time};
use super::{Record, Statement, StoreError};
use crate::ids::TaskId;

pub(super) const FORGET_STEPS: &str =
    "DELETE FROM agent_steps WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3";

/// How a run is wanted: an attempt, in the words of what keeps runs.
pub(super) struct Wish<'a> {
    pub(super) name: &'a str,
    pub(super) activity_id: &'a str,
    pub(super) scheduled_at: i64,
    pub(super) attempt: u32,
    pub(super) may_ask_again: bool,
    pub(super) now: DateTime<Utc>,
}

/// A run as it is kept, without its steps; the outcome is a token.
#[derive(Debug)]
pub(super) struct KeptRun {
    pub(super) generation: u32,
    pub(super) task_id: TaskId,
    pub(super) started_at: DateTime<Utc>,
    pub(super) failures: u32,
    pub(super) untouched: bool,
    pub(super) delivery: Option<String>,
    pub(super) outcome: Option<String>,
}

impl KeptRun {
    /// A run that begins after this many takeovers.
    pub(super) fn begun(generation: u32, now: DateTime<Utc>) -> Self {
        Self {
            generation,
            task_id: TaskId::generate(),
            started_at: now,
            failures: 0,
            untouched: true,
            delivery: None,
            outcome: None,
        }
    }
}

impl Default for KeptRun {
    fn default() -> Self {
        Self::begun(0, DateTime::UNIX_EPOCH)
    }
}

/// A run that was taken, as it was before that. Its steps are tokens.
pub(super) struct TakenRun {
    pub(super) generation: u32,
    pub(super) run: KeptRun,
    pub(super) steps: Vec<String>,
}

/// Takes the run in its row.
pub(super) async fn take_row(
    backend: &Backend,
    key: &RunKey,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<TakenRun, StoreError> {
    let mut transaction = backend.begin().await?;
    let row = lock_or_insert(&mut transaction, key, attempt, now).await?;
    let owner = (row.integer("scheduled_at")?, row.integer("attempt")?);
    if (attempt.scheduled_at_micros(), i64::from(attempt.number)) < owner {
        return Err(StoreError::TakenOver);
    }
    let is_other_activity = row.text("activity_id")? != attempt.activity_id;
    let begins = row.integer("generation")? == 0
        || (attempt.may_ask_again && is_other_activity && row.text("status")? != "running");
    if begins {
        let begin = Statement::new(
            "UPDATE agent_runs SET status = 'running', task_id = $4, failures = 0, \
                   untouched = 1, delivery = NULL, outcome = NULL, started_at = $5 \
                 WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3",
        );
        let begin = of_run(begin, key)
            .bind(TaskId::generate().as_str())
            .bind(time(now));
        transaction.execute(begin).await?;
        transaction
            .execute(of_run(Statement::new(FORGET_STEPS), key))
            .await?;
        // What is left of the session's earlier runs must not come among this one's events.
        let cut = Statement::new("DELETE FROM agent_tails WHERE session_id = $1");
        transaction.execute(cut.bind(key.session.as_str())).await?;
    }
    let taken = Statement::new(
        "SELECT * FROM agent_runs \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3",
    );
    let taken = transaction.fetch_one(of_run(taken, key)).await?;
    let own = Statement::new(
        "UPDATE agent_runs SET generation = generation + 1, activity_id = $4, \
               scheduled_at = $5, attempt = $6, untouched = 0, updated_at = $7 \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3",
    );
    let own = of_run(own, key)
        .bind(attempt.activity_id.as_str())
        .bind(attempt.scheduled_at_micros())
        .bind(i64::from(attempt.number))
        .bind(time(now));
    transaction.execute(own).await?;
    let steps = steps_of(&mut transaction, key).await?;
    transaction.commit().await?;

    let run = kept_run(&taken, now)?;
    Ok(TakenRun {
        generation: run.generation.saturating_add(1),
        steps,
        run,
    })
}

/// A run's row.
pub(super) fn kept_run(row: &Record, now: DateTime<Utc>) -> Result<KeptRun, StoreError> {
    Ok(KeptRun {
        generation: whole(row.integer("generation")?),
        task_id: TaskId::new(row.text("task_id")?),
        started_at: DateTime::parse_from_rfc3339(&row.text("started_at")?)
            .map_or(now, |started| started.to_utc()),
        failures: whole(row.integer("failures")?),
        untouched: row.integer("untouched")? != 0,
        delivery: row.optional_text("delivery")?,
        outcome: row.optional_text("outcome")?,
    })
}

/// The tokens of a run's steps.
pub(super) async fn steps_of(
    transaction: &mut Transaction,
    key: &RunKey,
) -> Result<Vec<String>, StoreError> {
    let steps = Statement::new(
        "SELECT content FROM agent_steps \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3 ORDER BY number",
    );
    let steps = transaction.fetch_all(of_run(steps, key)).await?;
    steps.iter().map(|step| step.text("content")).collect()
}

/// The run's row, locked until the transaction ends; a new one with generation 0 if there is none.
async fn lock_or_insert(
    transaction: &mut Transaction,
    key: &RunKey,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Record, StoreError> {
    // The update that changes nothing takes the lock, in both kinds of database.
    let insert = Statement::new(
        "INSERT INTO agent_runs (workflow_id, run_id, prompt_hash, session_id, connection, task_id, \
           status, activity_id, scheduled_at, attempt, generation, failures, untouched, started_at, \
           updated_at) \
         VALUES ($1, $2, $3, $4, $5, '', 'running', $6, $7, $8, 0, 0, 1, $9, $9) \
         ON CONFLICT (workflow_id, run_id, prompt_hash) \
         DO UPDATE SET updated_at = agent_runs.updated_at RETURNING *",
    );
    let insert = of_run(insert, key)
        .bind(key.session.as_str())
        .bind(key.connection.as_str())
        .bind(attempt.activity_id.as_str())
        .bind(attempt.scheduled_at_micros())
        .bind(i64::from(attempt.number))
        .bind(time(now));
    transaction.fetch_one(insert).await
}

/// The same statement with the run's key as its first three parameters.
pub(super) fn of_run(statement: Statement, key: &RunKey) -> Statement {
    statement
        .bind(key.workflow_id.as_str())
        .bind(key.run_id.as_str())
        .bind(key.prompt_hash.as_str())
}

fn whole(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
