//! Runs of the agent, kept so that another worker can go on with one: who owns it, the steps that
//! are finished, and what it came to.
//!
//! What steps and outcomes say is the caller's; here they are texts, encrypted. Every takeover raises
//! the run's generation, and only the latest one may write.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::backend::{Backend, Transaction};
use super::tails::FORGET_TAIL;
use super::taking::{FORGET_STEPS, KeptRun, Wish, of_run, take_row};
use super::typesense::LoggedRun;
use super::{Cipher, Keeper, Statement, Store, StoreError};
use crate::ids::{SessionId, TaskId};

/// How long the outcome of a run that has ended is kept, for the attempt that asks for it because
/// the answer of the one before was lost.
const KEEP_ENDED: TimeDelta = TimeDelta::days(1);

/// How long a run is kept that nobody has gone on with.
const KEEP_UNFINISHED: TimeDelta = TimeDelta::days(30);

/// How often, at most, this process looks for runs to forget.
const FORGET_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The run that an attempt works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKey {
    pub(super) workflow_id: String,
    pub(super) run_id: String,
    pub(super) session: SessionId,
    pub(super) connection: String,
    pub(super) prompt_hash: String,
}

impl RunKey {
    /// The run of this workflow that answers this question. A workflow may ask several.
    pub fn new(
        workflow_id: &str,
        run_id: &str,
        session: &SessionId,
        connection: &str,
        prompt: &str,
    ) -> Self {
        let mut hash = Sha256::new();
        for part in [session.as_str(), connection, prompt] {
            // The length keeps the parts apart.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut prompt_hash = String::new();
        for byte in hash.finalize() {
            // Writing to a text cannot fail.
            let _ = write!(prompt_hash, "{byte:02x}");
        }
        Self {
            workflow_id: workflow_id.to_owned(),
            run_id: run_id.to_owned(),
            session: session.clone(),
            connection: connection.to_owned(),
            prompt_hash,
        }
    }

    /// What tells this run from all others.
    fn parts(&self) -> [&str; 3] {
        [&self.workflow_id, &self.run_id, &self.prompt_hash]
    }

    /// A name for the run that is the same for every attempt at it.
    pub fn name(&self) -> String {
        let hash = self.prompt_hash.get(..8).unwrap_or_default();
        format!("{}/{}/{hash}", self.workflow_id, self.run_id)
    }
}

/// Who wants a run: which attempt at which activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The activity's id, unique in its workflow.
    pub activity_id: String,
    /// When the activity was scheduled; a later one takes a run over from an earlier one.
    pub scheduled_at: SystemTime,
    /// Which attempt at the activity, from 1.
    pub number: u32,
    /// Whether its workflow may ask the same question twice. If not, a run that has ended has ended
    /// for every later activity, too.
    pub may_ask_again: bool,
}

impl Attempt {
    pub(super) fn scheduled_at_micros(&self) -> i64 {
        DateTime::<Utc>::from(self.scheduled_at).timestamp_micros()
    }
}

/// A run that this process owns, until another attempt takes it over.
#[derive(Debug, Clone)]
pub struct OwnedRun {
    pub(super) keeper: RunKeeper,
    pub(super) cipher: Cipher,
    pub(super) key: RunKey,
    pub(super) generation: u32,
}

/// What keeps a run.
#[derive(Debug, Clone)]
pub(super) enum RunKeeper {
    /// A row, and rows of its steps.
    Sql(Backend),
    /// A log.
    Typesense(LoggedRun),
}

/// What is known of a run that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSoFar {
    /// The id it has had from its first attempt.
    pub task_id: TaskId,
    /// When its first attempt began.
    pub started_at: DateTime<Utc>,
    /// How often it failed in a way that may pass.
    pub failures: u32,
    /// Whether an earlier attempt may have shown something of it.
    pub touched: bool,
    /// How far its events had been delivered, in the words of who saved it.
    pub delivery: Option<String>,
    /// Its finished steps, in order; none of a run that was closed.
    pub steps: Vec<String>,
    /// What it came to, once it has ended.
    pub outcome: Option<String>,
}

impl RunSoFar {
    /// What is kept of a run, whose steps and outcome are tokens.
    pub(super) fn decrypted(
        run: KeptRun,
        steps: Vec<String>,
        cipher: &Cipher,
    ) -> Result<Self, StoreError> {
        let opened = |token: String| cipher.decrypt(&token).ok_or(StoreError::WrongKeyForRun);
        Ok(Self {
            task_id: run.task_id,
            started_at: run.started_at,
            failures: run.failures,
            touched: !run.untouched,
            delivery: run.delivery,
            steps: steps.into_iter().map(opened).collect::<Result<_, _>>()?,
            outcome: run.outcome.map(opened).transpose()?,
        })
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEndStatus {
    /// With an answer, or with what could be found.
    Finished,
    /// Without one.
    Failed,
    /// By request.
    Cancelled,
}

impl RunEndStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Store {
    /// Takes a run: begins it, or takes it over from an earlier attempt, which can write no more. A
    /// run that has ended is told as it ended to a later attempt at the same activity; for another
    /// activity of a workflow that may ask again it begins anew.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] when a later attempt has the run; otherwise when the store cannot be
    /// asked, or what it holds was encrypted with another key.
    pub async fn take_run(
        &self,
        key: RunKey,
        attempt: &Attempt,
        cipher: &Cipher,
    ) -> Result<(OwnedRun, RunSoFar), StoreError> {
        let now = Utc::now();
        if self.forgetting.is_due(now) {
            self.forget_old_runs(now).await?;
        }
        let (keeper, taken) = match &self.keeper {
            Keeper::Sql(backend) => {
                let taken = take_row(backend, &key, attempt, now).await?;
                (RunKeeper::Sql(backend.clone()), taken)
            }
            Keeper::Typesense(typesense) => {
                let wish = Wish {
                    name: &key.name(),
                    activity_id: &attempt.activity_id,
                    scheduled_at: attempt.scheduled_at_micros(),
                    attempt: attempt.number,
                    may_ask_again: attempt.may_ask_again,
                    now,
                };
                let (run, taken) = typesense.take_run(key.parts(), &wish).await?;
                (RunKeeper::Typesense(run), taken)
            }
        };
        let so_far = RunSoFar::decrypted(taken.run, taken.steps, cipher)?;
        let owned = OwnedRun {
            keeper,
            cipher: cipher.clone(),
            generation: taken.generation,
            key,
        };
        Ok((owned, so_far))
    }
}

impl Store {
    /// Whether the run has ended; one that is not known has not.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn run_has_ended(&self, key: &RunKey) -> Result<bool, StoreError> {
        let ended = Statement::new(
            "SELECT status FROM agent_runs \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3 AND status <> 'running'",
        );
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => return typesense.run_has_ended(key.parts()).await,
        };
        let rows = backend.fetch_all(of_run(ended, key)).await?;
        Ok(!rows.is_empty())
    }
}

/// When old runs were last forgotten, in seconds since 1970.
#[derive(Debug, Clone, Default)]
pub(super) struct Forgetting(Arc<AtomicI64>);

impl Forgetting {
    /// Whether it is time again. The next one to ask is told that it is not.
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let last = self.0.load(Ordering::Relaxed);
        (now - last).abs() >= FORGET_EVERY.num_seconds()
            && self
                .0
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

impl Store {
    async fn forget_old_runs(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            Keeper::Sql(backend) => backend,
            Keeper::Typesense(typesense) => {
                return typesense
                    .forget_runs(now - KEEP_ENDED, now - KEEP_UNFINISHED)
                    .await;
            }
        };
        let ended =
            Statement::new("DELETE FROM agent_runs WHERE status <> 'running' AND updated_at < $1");
        let unfinished =
            Statement::new("DELETE FROM agent_runs WHERE status = 'running' AND updated_at < $1");
        for (statement, age) in [(ended, KEEP_ENDED), (unfinished, KEEP_UNFINISHED)] {
            backend.execute(statement.bind(time(now - age))).await?;
        }
        Ok(())
    }
}

impl OwnedRun {
    /// Which takeover of the run this is, from 1. Its end counts as another one.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// What the generation is when the run has ended.
    pub fn generation_of_end(&self) -> u32 {
        self.generation.saturating_add(1)
    }

    /// The run.
    pub fn key(&self) -> &RunKey {
        &self.key
    }

    /// Keeps a finished step, and how far the run's events had been delivered by then.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] when a later attempt has the run; otherwise when the store cannot be
    /// asked.
    pub async fn save_step(
        &self,
        number: u32,
        kind: &'static str,
        content: &str,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            RunKeeper::Sql(backend) => backend,
            RunKeeper::Typesense(run) => {
                let token = self.cipher.encrypt(content);
                return run.save_step(number, kind, token, delivery).await;
            }
        };
        let mut transaction = backend.begin().await?;
        self.touch(&mut transaction, delivery).await?;
        let insert = Statement::new(
            "INSERT INTO agent_steps (workflow_id, run_id, prompt_hash, number, kind, content) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        let insert = of_run(insert, &self.key)
            .bind(i64::from(number))
            .bind(kind)
            .bind(self.cipher.encrypt(content));
        transaction.execute(insert).await?;
        transaction.commit().await
    }

    /// Keeps what the run came to, and raises the generation: so the number of its last event follows
    /// from nothing but that it is the last.
    ///
    /// # Errors
    /// As [`save_step`](Self::save_step).
    pub async fn end(
        &mut self,
        status: RunEndStatus,
        outcome: &str,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let raised = self.generation_of_end();
        let backend = match &mut self.keeper {
            RunKeeper::Sql(backend) => backend.clone(),
            RunKeeper::Typesense(run) => {
                let token = self.cipher.encrypt(outcome);
                run.end(status.name(), token, delivery).await?;
                self.generation = raised;
                return Ok(());
            }
        };
        let mut transaction = backend.begin().await?;
        self.touch(&mut transaction, delivery).await?;
        let end = Statement::new(
            "UPDATE agent_runs SET status = $4, outcome = $5, generation = $6 \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3",
        );
        let end = of_run(end, &self.key)
            .bind(status.name())
            .bind(self.cipher.encrypt(outcome))
            .bind(i64::from(raised));
        transaction.execute(end).await?;
        transaction.commit().await?;
        self.generation = raised;
        Ok(())
    }

    /// Forgets the steps and the tail of a run that has ended, since its events have been delivered this
    /// far.
    ///
    /// # Errors
    /// As [`save_step`](Self::save_step).
    pub async fn close(&self, delivery: Option<String>) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            RunKeeper::Sql(backend) => backend,
            RunKeeper::Typesense(run) => return run.close(delivery).await,
        };
        let mut transaction = backend.begin().await?;
        self.touch(&mut transaction, delivery).await?;
        for forget in [FORGET_STEPS, FORGET_TAIL] {
            transaction
                .execute(of_run(Statement::new(forget), &self.key))
                .await?;
        }
        transaction.commit().await
    }

    /// Leaves the run to the next attempt: after a failure that may pass, and as `untouched` when
    /// nobody has seen anything of it.
    ///
    /// # Errors
    /// As [`save_step`](Self::save_step).
    pub async fn leave(
        &self,
        failed: bool,
        untouched: bool,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let backend = match &self.keeper {
            RunKeeper::Sql(backend) => backend,
            RunKeeper::Typesense(run) => return run.leave(failed, untouched, delivery).await,
        };
        let mut transaction = backend.begin().await?;
        self.touch(&mut transaction, delivery).await?;
        let leave = Statement::new(
            "UPDATE agent_runs SET failures = failures + $4, untouched = $5 \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3",
        );
        let leave = of_run(leave, &self.key)
            .bind(i64::from(failed))
            .bind(i64::from(untouched));
        transaction.execute(leave).await?;
        transaction.commit().await
    }

    /// Locks the run's row if it is still this process's, and notes how far its events are.
    pub(super) async fn touch(
        &self,
        transaction: &mut Transaction,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let touch = Statement::new(
            "UPDATE agent_runs SET delivery = $5, updated_at = $6 \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3 AND generation = $4",
        );
        let touch = of_run(touch, &self.key)
            .bind(i64::from(self.generation))
            .bind(delivery)
            .bind(time(Utc::now()));
        if transaction.execute(touch).await? == 0 {
            return Err(StoreError::TakenOver);
        }
        Ok(())
    }
}

/// All of one length, so that text is ordered as the times are.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
