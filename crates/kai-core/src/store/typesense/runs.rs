//! Runs in Typesense: each is a log whose entries are documents with numbered ids.
//!
//! A takeover is an entry, as a finished step is. Whoever wants to write creates the next number, and
//! of several who want the same one succeeds. So a worker whose run was taken over finds its next
//! number taken, and can write no more: the same promise as that of a row that is locked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::client::{Created, Import};
use super::key::{Filter, Key};
use super::run_log::{Entry, Log};
use super::schema::RUNS;
use super::{Typesense, TypesenseError};
use crate::store::StoreError;
use crate::store::taking::{KeptRun, TakenRun, Wish};

/// How long to try for a run that others take at the same moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest pause between two tries, in milliseconds.
const PAUSE_MILLIS: u64 = 20;

/// An entry of a run's log.
#[derive(Serialize, Deserialize)]
struct EntryDocument {
    id: String,
    run: Key,
    /// What people would call the run.
    name: String,
    slot: u32,
    /// In microseconds.
    at: i64,
    /// 1 where the run has ended by this entry.
    ended: u8,
    nonce: Key,
    /// An [`Entry`] as JSON.
    entry: String,
}

/// Where an entry stands, without what it says.
#[derive(Deserialize)]
struct Place {
    run: Key,
    slot: u32,
    at: i64,
    ended: u8,
}

/// A run that this process owns.
#[derive(Debug, Clone)]
pub(in crate::store) struct LoggedRun {
    typesense: Typesense,
    run: Key,
    name: String,
    generation: u32,
    cursor: Arc<Cursor>,
}

/// How far the owner has written.
#[derive(Debug)]
struct Cursor {
    next_slot: AtomicU32,
    last_step: AtomicU32,
    ended: AtomicBool,
}

impl Typesense {
    /// Takes a run for an attempt.
    pub(in crate::store) async fn take_run(
        &self,
        run: [&str; 3],
        wish: &Wish<'_>,
    ) -> Result<(LoggedRun, TakenRun), StoreError> {
        let run = Key::of(&run);
        let deadline = Instant::now() + PATIENCE;
        let mut log = self.log(&run).await?;
        loop {
            if (wish.scheduled_at, wish.attempt) < log.owner {
                return Err(StoreError::TakenOver);
            }
            let is_other_activity = log.activity_id != wish.activity_id;
            let begins =
                log.kept.generation == 0 || (wish.may_ask_again && is_other_activity && log.ended);
            let generation = log.kept.generation.saturating_add(1);
            let begun = KeptRun::begun(log.kept.generation, wish.now);
            let kept = if begins { &begun } else { &log.kept };
            let taken = Entry::Taken {
                generation,
                activity_id: wish.activity_id.to_owned(),
                scheduled_at: wish.scheduled_at,
                attempt: wish.attempt,
                task_id: kept.task_id.as_str().to_owned(),
                started_at: kept.started_at,
                begins,
            };
            let ended = log.ended && !begins;
            let document = entry_document((&run, wish.name), log.next_slot, &taken, ended);
            let created = self.client.create(&RUNS, &document.id, &document).await?;
            if created == Created::New {
                if begins {
                    self.forget_steps(&run, &log.steps).await?;
                }
                let last_step = log.steps_in_order().last().map_or(0, |(number, _)| *number);
                let owned = LoggedRun {
                    typesense: self.clone(),
                    run,
                    name: wish.name.to_owned(),
                    generation,
                    cursor: Arc::new(Cursor {
                        next_slot: AtomicU32::new(log.next_slot.saturating_add(1)),
                        last_step: AtomicU32::new(if begins { 0 } else { last_step }),
                        ended: AtomicBool::new(ended),
                    }),
                };
                let steps = if begins {
                    Vec::new()
                } else {
                    log.steps_in_order()
                };
                let taken = TakenRun {
                    generation,
                    steps: steps.into_iter().map(|(_, token)| token).collect(),
                    run: if begins { begun } else { log.kept },
                };
                return Ok((owned, taken));
            }
            if Instant::now() >= deadline {
                return Err(TypesenseError::Contended.into());
            }
            // What was written meanwhile, and no more: the log may be long, and its owner quick.
            let since = i64::from(log.next_slot);
            let new = Filter::is("run", &run).and(&Filter::at_least("slot", since));
            if !self.read_into(&mut log, &new).await? {
                let pause = rand::random_range(0..=PAUSE_MILLIS);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
    }

    pub(in crate::store) async fn run_has_ended(&self, run: [&str; 3]) -> Result<bool, StoreError> {
        Ok(self.log(&Key::of(&run)).await?.ended)
    }

    /// Deletes the logs of runs that ended before one moment, or were left before another.
    pub(in crate::store) async fn forget_runs(
        &self,
        ended_before: DateTime<Utc>,
        left_before: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let ended_before = ended_before.timestamp_micros();
        let left_before = left_before.timestamp_micros();
        let has_ended = Filter::equals("ended", 1).and(&Filter::below("at", ended_before));
        let mut old = self.places(&has_ended).await?;
        old.extend(self.places(&Filter::below("at", left_before)).await?);
        let mut runs: Vec<Key> = old.into_iter().map(|place| place.run).collect();
        runs.sort();
        runs.dedup();
        for run in runs {
            let of_run = Filter::is("run", &run);
            let entries = self.places(&of_run).await?;
            let Some(last) = entries.iter().max_by_key(|entry| entry.slot) else {
                continue;
            };
            let before = if last.ended == 1 {
                ended_before
            } else {
                left_before
            };
            if last.at < before {
                // Whoever takes the run at this moment keeps the entry that says so.
                let old = of_run.and(&Filter::below("at", before));
                self.client.delete_all(&RUNS, &old).await?;
            }
        }
        Ok(())
    }

    async fn places(&self, filter: &Filter) -> Result<Vec<Place>, StoreError> {
        let fields = Some("run,slot,at,ended");
        Ok(self.client.all(&RUNS, Some(filter), fields).await?)
    }

    async fn log(&self, run: &Key) -> Result<Log, StoreError> {
        let mut log = Log::default();
        self.read_into(&mut log, &Filter::is("run", run)).await?;
        Ok(log)
    }

    /// Reads entries into a log, and says whether there were any.
    async fn read_into(&self, log: &mut Log, entries: &Filter) -> Result<bool, StoreError> {
        let mut documents: Vec<EntryDocument> = self.client.all(&RUNS, Some(entries), None).await?;
        documents.sort_by_key(|document| document.slot);
        let before = log.next_slot;
        for document in documents {
            // After a gap nothing counts: the number that is missing decides who goes on.
            if log.next_slot != document.slot && log.next_slot != 0 {
                break;
            }
            let entry = serde_json::from_str(&document.entry)
                .map_err(|_| TypesenseError::Damaged(RUNS.name))?;
            log.add(document.slot, entry);
        }
        Ok(log.next_slot > before)
    }

    /// Forgets what steps say. That they were there stays: their numbers must not be free again.
    async fn forget_steps(&self, run: &Key, steps: &[(u32, Entry)]) -> Result<(), StoreError> {
        let emptied: Vec<Value> = steps
            .iter()
            .filter(|(_, entry)| entry.says_something())
            .map(|(slot, entry)| {
                let mut entry = entry.clone();
                entry.forget_content();
                json!({"id": id(run, *slot), "entry": json!(entry).to_string()})
            })
            .collect();
        Ok(self.client.import(&RUNS, Import::Update, &emptied).await?)
    }
}

impl LoggedRun {
    pub(in crate::store) async fn save_step(
        &self,
        number: u32,
        kind: &'static str,
        content: String,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let step = Entry::Step {
            generation: self.generation,
            number,
            step: kind.to_owned(),
            content: Some(content),
            delivery,
        };
        self.append(&step).await?;
        self.cursor.last_step.fetch_max(number, Ordering::AcqRel);
        Ok(())
    }

    pub(in crate::store) async fn end(
        &self,
        status: &'static str,
        outcome: String,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let ended = Entry::Ended {
            generation: self.generation,
            status: status.to_owned(),
            outcome,
            delivery,
        };
        self.cursor.ended.store(true, Ordering::Release);
        self.append(&ended).await
    }

    pub(in crate::store) async fn close(&self, delivery: Option<String>) -> Result<(), StoreError> {
        let log = self.typesense.log(&self.run).await?;
        let closed = Entry::Closed {
            generation: self.generation,
            delivery,
        };
        self.append(&closed).await?;
        self.typesense.forget_steps(&self.run, &log.steps).await
    }

    pub(in crate::store) async fn leave(
        &self,
        failed: bool,
        untouched: bool,
        delivery: Option<String>,
    ) -> Result<(), StoreError> {
        let left = Entry::Left {
            generation: self.generation,
            failed,
            untouched,
            delivery,
        };
        self.append(&left).await
    }

    /// Writes the next entry, unless somebody else has the run.
    async fn append(&self, entry: &Entry) -> Result<(), StoreError> {
        let client = &self.typesense.client;
        loop {
            let slot = self.cursor.next_slot.load(Ordering::Acquire);
            let next = slot.saturating_add(1);
            let ended = self.cursor.ended.load(Ordering::Acquire);
            let document = entry_document((&self.run, &self.name), slot, entry, ended);
            let kept_before = self.kept_before(entry);
            if kept_before.is_none() {
                let created = client.create(&RUNS, &document.id, &document).await?;
                if created == Created::New {
                    self.cursor.next_slot.fetch_max(next, Ordering::AcqRel);
                    return Ok(());
                }
            }
            let there: Option<EntryDocument> = client.get(&RUNS, &document.id).await?;
            let there: Option<Entry> = there
                .map(|there| serde_json::from_str(&there.entry))
                .transpose()
                .map_err(|_| TypesenseError::Damaged(RUNS.name))?;
            match (there, kept_before) {
                (Some(there), _) if there.generation() > self.generation => {
                    return Err(StoreError::TakenOver);
                }
                (_, Some(number)) => return Err(TypesenseError::StepIsKept(number).into()),
                // An earlier try of ours, of which no answer had come.
                (Some(there), None) => {
                    self.cursor.next_slot.fetch_max(next, Ordering::AcqRel);
                    if there.repeats(entry) {
                        return Ok(());
                    }
                }
                // The run was forgotten, or this node of a cluster has not heard of the entry yet.
                (None, None) => return Err(TypesenseError::Contended.into()),
            }
        }
    }

    /// The number of a step that the run has already.
    fn kept_before(&self, entry: &Entry) -> Option<u32> {
        match entry {
            Entry::Step { number, .. } => {
                (*number <= self.cursor.last_step.load(Ordering::Acquire)).then_some(*number)
            }
            _ => None,
        }
    }
}

fn id(run: &Key, slot: u32) -> String {
    format!("{run}-{slot}")
}

fn entry_document(
    (run, name): (&Key, &str),
    slot: u32,
    entry: &Entry,
    ended: bool,
) -> EntryDocument {
    EntryDocument {
        id: id(run, slot),
        run: run.clone(),
        name: name.to_owned(),
        slot,
        at: Utc::now().timestamp_micros(),
        ended: u8::from(ended),
        nonce: Key::random(),
        entry: json!(entry).to_string(),
    }
}
