//! Tails of runs that have ended: what is still being delivered when a run is reported, kept so that
//! another worker can send it when the one that does so is lost.
//!
//! A tail is due when whoever delivers it must have ended. A worker that takes it takes the run over,
//! as an attempt does, so the receiver knows the two apart whatever the clocks say.

use chrono::{DateTime, TimeDelta, Utc};

use super::runs::{OwnedRun, RunKeeper, RunKey, RunSoFar, time};
use super::taking::{FORGET_STEPS, kept_run, of_run, steps_of};
use super::{Cipher, Keeper, Record, Statement, Store, StoreError};
use crate::ids::SessionId;

/// How long whoever delivers a tail has it for itself: longer than delivering may take.
const LEASE: TimeDelta = TimeDelta::seconds(15);

/// How long after its run a tail is worth sending: by then nobody waits for it any more.
const WORTH: TimeDelta = TimeDelta::minutes(10);

pub(super) const FORGET_TAIL: &str =
    "DELETE FROM agent_tails WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3";

/// What a lost worker has left undelivered of a run that had ended.
#[derive(Debug)]
pub struct LeftTail {
    /// The run, which is this process's now.
    pub run: OwnedRun,
    /// What is known of it.
    pub so_far: RunSoFar,
    /// The session that it streams to.
    pub session: SessionId,
    /// Where its events go.
    pub callback: String,
}

impl OwnedRun {
    /// Keeps where the rest of a run that has ended goes, and how far its events had been delivered,
    /// until the run is closed. A store in Typesense keeps no tails.
    ///
    /// # Errors
    /// As [`save_step`](Self::save_step).
    pub async fn keep_tail(&self, callback: &str, delivery: String) -> Result<(), StoreError> {
        let RunKeeper::Sql(backend) = &self.keeper else {
            return Ok(());
        };
        let now = Utc::now();
        let mut transaction = backend.begin().await?;
        self.touch(&mut transaction, Some(delivery)).await?;
        // One that is kept already was taken from a lost worker, and expires as before.
        let keep = Statement::new(
            "INSERT INTO agent_tails (workflow_id, run_id, prompt_hash, session_id, callback, \
               due_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (workflow_id, run_id, prompt_hash) DO UPDATE SET due_at = $6",
        );
        let keep = of_run(keep, &self.key)
            .bind(self.key.session.as_str())
            .bind(self.cipher.encrypt(callback))
            .bind(time(now + LEASE))
            .bind(time(now + WORTH));
        transaction.execute(keep).await?;
        transaction.commit().await
    }
}

impl Store {
    /// Takes a tail that a lost worker has left, if there is one, and forgets those that nobody waits
    /// for any more.
    ///
    /// # Errors
    /// When the store cannot be asked, or what it holds was encrypted with another key.
    pub async fn take_left_tail(&self, cipher: &Cipher) -> Result<Option<LeftTail>, StoreError> {
        let Keeper::Sql(backend) = &self.keeper else {
            return Ok(None);
        };
        let now = Utc::now();
        // Nearly always there is none, and reading disturbs nobody.
        let due = Statement::new(
            "SELECT t.*, r.connection FROM agent_tails t JOIN agent_runs r \
               ON r.workflow_id = t.workflow_id AND r.run_id = t.run_id \
               AND r.prompt_hash = t.prompt_hash \
             WHERE t.due_at <= $1 AND r.status <> 'running' ORDER BY t.due_at LIMIT 1",
        );
        let Some(tail) = backend.fetch_optional(due.bind(time(now))).await? else {
            return Ok(None);
        };
        let key = key(&tail)?;
        let due_at = tail.text("due_at")?;
        let mut transaction = backend.begin().await?;
        if has_expired(&tail, now)? {
            for forget in [FORGET_TAIL, FORGET_STEPS] {
                transaction
                    .execute(of_run(Statement::new(forget), &key))
                    .await?;
            }
            transaction.commit().await?;
            return Ok(None);
        }
        // Of several workers that have found it, one changes it.
        let claim = Statement::new(
            "UPDATE agent_tails SET due_at = $4 \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3 AND due_at = $5",
        );
        let claim = of_run(claim, &key).bind(time(now + LEASE)).bind(due_at);
        if transaction.execute(claim).await? == 0 {
            return Ok(None);
        }
        let own = Statement::new(
            "UPDATE agent_runs SET generation = generation + 1 \
             WHERE workflow_id = $1 AND run_id = $2 AND prompt_hash = $3 AND status <> 'running' \
             RETURNING *",
        );
        let run = transaction.fetch_all(of_run(own, &key)).await?;
        let Some(run) = run.first().map(|row| kept_run(row, now)).transpose()? else {
            return Ok(None);
        };
        let steps = steps_of(&mut transaction, &key).await?;
        transaction.commit().await?;

        let callback = tail.text("callback")?;
        let callback = cipher.decrypt(&callback);
        Ok(Some(LeftTail {
            session: key.session.clone(),
            callback: callback.ok_or(StoreError::WrongKeyForRun)?,
            run: OwnedRun {
                keeper: RunKeeper::Sql(backend.clone()),
                cipher: cipher.clone(),
                generation: run.generation,
                key,
            },
            so_far: RunSoFar::decrypted(run, steps, cipher)?,
        }))
    }
}

fn key(tail: &Record) -> Result<RunKey, StoreError> {
    Ok(RunKey {
        workflow_id: tail.text("workflow_id")?,
        run_id: tail.text("run_id")?,
        session: SessionId::new(tail.text("session_id")?),
        connection: tail.text("connection")?,
        prompt_hash: tail.text("prompt_hash")?,
    })
}

fn has_expired(tail: &Record, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tail.text("expires_at")? <= time(now))
}
