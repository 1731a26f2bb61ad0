//! A run that another worker can go on with: its steps are kept in the store, and its events are kept
//! with them until they have been delivered.
//!
//! Text is shown as it arrives. Every other event waits until the step that it follows from is kept:
//! what somebody has seen of a tool is never done again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use crate::agent::{Earlier, EventSink, RunLog, RunLogError, Step};
use crate::delivery::{Backlog, CallbackUrl, Delivery, Position, PositionReader, Producer, Tail};
use crate::event::AgentEvent;
use crate::ids::{SessionId, TaskId};
use crate::result::AgentResult;
use crate::spans::{self, Outcome};
use crate::store::{OwnedRun, RunEndStatus, RunSoFar, StoreError};

mod left_tails;

pub use left_tails::LeftTails;

/// How a run ended: its result and, where it has no answer, the kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// What `done` carries.
    pub result: AgentResult,
    /// Why there is no answer.
    pub failure: Option<RunFailure>,
}

/// Why a run has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunFailure {
    /// An error of this kind that trying again cannot mend.
    Error(String),
    /// It was cancelled.
    Cancelled,
}

impl RunEnd {
    fn status(&self) -> RunEndStatus {
        match self.failure {
            None => RunEndStatus::Finished,
            Some(RunFailure::Error(_)) => RunEndStatus::Failed,
            Some(RunFailure::Cancelled) => RunEndStatus::Cancelled,
        }
    }
}

/// Something that is kept, with those events up to it that had not been delivered yet.
#[derive(Serialize, Deserialize)]
struct Entry<T> {
    what: T,
    /// Which takeover of the run published the events.
    generation: u32,
    /// How many events that takeover had published before these.
    before: u64,
    events: Vec<AgentEvent>,
    /// Which takeover publishes the last of them, as its first, where that is another one: `done`.
    #[serde(default)]
    last_generation: Option<u32>,
}

impl<T> Entry<T> {
    /// Takes out the last event where another takeover publishes it than the others.
    fn take_last(&mut self) -> Option<Entry<()>> {
        let generation = self.last_generation?;
        Some(Entry {
            what: (),
            generation,
            before: 0,
            events: vec![self.events.pop()?],
            last_generation: None,
        })
    }

    /// Takes out the events that are not done with.
    fn pending(&mut self, position: Option<Position>) -> Vec<AgentEvent> {
        let mut events = std::mem::take(&mut self.events);
        let Some(position) = position else {
            return events;
        };
        let done = match self.generation.cmp(&position.attempt) {
            std::cmp::Ordering::Less => u64::MAX,
            std::cmp::Ordering::Equal => position.settled.saturating_sub(self.before),
            std::cmp::Ordering::Greater => 0,
        };
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        events.drain(..done.min(events.len()));
        events
    }
}

/// A run that was taken, as it stands.
pub struct TakenRun {
    /// The id it has had from its first attempt.
    pub task_id: TaskId,
    /// How often it failed in a way that may pass.
    pub failures: u32,
    /// What earlier attempts have left, if subscribers may have seen anything of them.
    pub earlier: Option<Earlier>,
    /// How it ended, if it did.
    pub end: Option<RunEnd>,
    run: OwnedRun,
    position: Option<Position>,
    backlogs: Vec<Backlog>,
}

/// A kept run says something that this version does not understand.
#[derive(Debug, thiserror::Error)]
#[error("the run was kept by another version, which has to go on with it: {0}")]
pub struct OtherVersion(#[from] serde_json::Error);

/// Another attempt has the run.
#[derive(Debug, thiserror::Error)]
#[error("a later attempt has taken the run over")]
pub struct TakenOver;

impl TakenRun {
    /// Reads what is kept of a run.
    ///
    /// # Errors
    /// When another version wrote it.
    pub fn read(
        run: OwnedRun,
        so_far: RunSoFar,
        session: &SessionId,
    ) -> Result<Self, OtherVersion> {
        let position: Option<Position> = so_far
            .delivery
            .as_deref()
            .map(serde_json::from_str)
            .transpose()?;
        let mut backlogs: Vec<Backlog> = Vec::new();
        let mut keep = |generation: u32, events: Vec<AgentEvent>| match backlogs.last_mut() {
            Some(last) if last.attempt == generation => last.events.extend(events),
            _ => backlogs.push(Backlog {
                attempt: generation,
                events,
            }),
        };
        let mut steps = Vec::with_capacity(so_far.steps.len());
        for text in &so_far.steps {
            let mut entry: Entry<Step> = serde_json::from_str(text)?;
            keep(entry.generation, entry.pending(position));
            steps.push(entry.what);
        }
        let mut end = None;
        if let Some(text) = &so_far.outcome {
            let mut entry: Entry<RunEnd> = serde_json::from_str(text)?;
            let last = entry.take_last();
            keep(entry.generation, entry.pending(position));
            if let Some(mut last) = last {
                keep(last.generation, last.pending(position));
            }
            end = Some(entry.what);
        }
        backlogs.retain(|backlog| !backlog.events.is_empty());
        let earlier = (so_far.touched || !steps.is_empty()).then(|| Earlier {
            session: session.clone(),
            steps,
            begun: so_far.started_at,
            cut_by: None,
        });
        Ok(Self {
            task_id: so_far.task_id,
            failures: so_far.failures,
            earlier,
            end,
            run,
            position,
            backlogs,
        })
    }

    /// Who publishes the run's events now.
    pub fn producer(&self) -> Producer {
        producer(&self.run)
    }

    /// How far its events had been delivered, and those that may not have been.
    pub fn undelivered(&mut self) -> (Option<Position>, Vec<Backlog>) {
        (self.position, std::mem::take(&mut self.backlogs))
    }
}

/// Records a run: takes its events and its steps.
pub struct RunRecorder {
    run: Option<OwnedRun>,
    delivery: Option<Delivery>,
    position: Option<PositionReader>,
    /// How many steps are kept.
    steps: AtomicU32,
    unkept: Mutex<Unkept>,
    /// Whether an earlier attempt may have shown something.
    touched: bool,
}

/// The events since the last step that was kept.
#[derive(Default)]
struct Unkept {
    /// How many events this takeover has published before these.
    before: u64,
    events: Vec<AgentEvent>,
    /// How many of them have been passed on.
    shown: usize,
}

impl RunRecorder {
    /// Records in the store.
    pub fn new(taken: TakenRun, delivery: Option<Delivery>) -> Self {
        let steps = taken
            .earlier
            .as_ref()
            .map_or(0, |earlier| earlier.steps.len());
        Self {
            position: delivery.as_ref().map(Delivery::position),
            steps: AtomicU32::new(u32::try_from(steps).unwrap_or(u32::MAX)),
            touched: taken.earlier.is_some(),
            run: Some(taken.run),
            delivery,
            unkept: Mutex::default(),
        }
    }

    /// Keeps nothing, for a run that could not be taken: events are passed on, and that is all.
    pub fn unkept(delivery: Option<Delivery>) -> Self {
        Self {
            run: None,
            position: None,
            steps: AtomicU32::new(0),
            touched: false,
            delivery,
            unkept: Mutex::default(),
        }
    }

    /// How many steps are kept.
    pub fn steps(&self) -> u32 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Ends the run: keeps how, delivers what is left with `done` as the last event, and forgets the
    /// steps. Whoever asks for the run again is told the same. A store that is away at the end costs
    /// only that.
    ///
    /// A receiver that keeps up has `done` when this returns. One that has not answered at all yet is
    /// given so much `patience`; what is left for it goes on beside.
    ///
    /// # Errors
    /// When another attempt has the run. Then nothing is delivered.
    pub async fn end(&mut self, end: &RunEnd, patience: Duration) -> Result<(), TakenOver> {
        let done = AgentEvent::Done {
            result: Box::new(end.result.clone()),
        };
        let entry = self.run.as_ref().map(|run| {
            let mut entry = self.entry(run, end);
            if self.delivery.is_some() {
                entry.events.push(done.clone());
                entry.last_generation = Some(run.generation_of_end());
            }
            json(&entry)
        });
        let position = self.position_now();
        let mut speaker = None;
        if let (Some(run), Some(entry)) = (&mut self.run, entry) {
            match timed("end", run.end(end.status(), &entry, position)).await {
                Ok(()) => speaker = Some(producer(run)),
                Err(StoreError::TakenOver) => return Err(TakenOver),
                Err(error) => tracing::warn!(%error, "the end of a run could not be kept"),
            }
        }
        self.show_kept();
        if let Some(delivery) = self.delivery.take() {
            let position = delivery.position();
            let callback = delivery.callback().clone();
            let tail = match speaker {
                Some(speaker) => delivery.finish_as(speaker, done, patience).await,
                None => delivery.finish(Some(done), patience).await,
            };
            self.leave_tail(tail, callback, position).await;
        } else {
            self.close().await;
        }
        Ok(())
    }

    /// Delivers what is left of a run that had ended before, with as much patience.
    pub async fn finish(&mut self, patience: Duration) {
        if let Some(delivery) = self.delivery.take() {
            let position = delivery.position();
            let callback = delivery.callback().clone();
            let tail = delivery.finish(None, patience).await;
            self.leave_tail(tail, callback, position).await;
        } else {
            self.close().await;
        }
    }

    /// Lets what is left, if there is anything, go on beside, kept until it is delivered or given up.
    async fn leave_tail(
        &self,
        tail: Option<Tail>,
        callback: CallbackUrl,
        position: PositionReader,
    ) {
        let Some(tail) = tail else {
            return self.close().await;
        };
        // Boxed, since transactions are large and this lives as long as the receiver takes.
        let closing = Box::pin(close(self.run.clone(), self.position.clone()));
        let run = self.run.clone();
        if position.get().knows_receiver() {
            // The run is not reported before that: nobody would look for its tail.
            keep_tail(run, &callback, position.get()).await;
            return tail.go_on(async {}, closing);
        }
        let keeping = Box::pin(async move {
            if let Some(position) = position.numbered().await {
                keep_tail(run, &callback, position).await;
            }
        });
        tail.go_on(keeping, closing);
    }

    async fn close(&self) {
        Box::pin(close(self.run.clone(), self.position.clone())).await;
    }

    /// Leaves the run to the next attempt, after a failure that may pass or without one.
    pub async fn leave(&mut self, failed: bool) {
        let untouched = {
            let unkept = self.lock();
            !self.touched && self.steps() == 0 && unkept.shown == 0
        };
        // The next attempt tells what did not arrive.
        if let Some(delivery) = self.delivery.take()
            && let Some(tail) = delivery.finish(None, Duration::ZERO).await
        {
            tail.cut().await;
        }
        let Some(run) = &self.run else { return };
        let leaving = run.leave(failed, untouched, self.position_now());
        match timed("leave", leaving).await {
            Ok(()) | Err(StoreError::TakenOver) => {}
            Err(error) => tracing::warn!(%error, "an attempt could not be noted"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Unkept> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn position_now(&self) -> Option<String> {
        self.position.as_ref().map(|position| json(&position.get()))
    }

    /// What is kept now: this, and the events up to it that have not been delivered.
    fn entry<T>(&self, run: &OwnedRun, what: T) -> Entry<T> {
        let position = self.position.as_ref().map(PositionReader::get);
        let unkept = self.lock();
        let mut entry = Entry {
            what,
            generation: run.generation(),
            before: unkept.before,
            events: unkept.events.clone(),
            last_generation: None,
        };
        drop(unkept);
        let all = entry.events.len();
        entry.events = entry.pending(position);
        entry.before += (all - entry.events.len()) as u64;
        entry
    }

    /// Passes on what waited for its step to be kept.
    fn show_kept(&self) {
        let mut unkept = self.lock();
        let shown = std::mem::take(&mut unkept.shown);
        let events = std::mem::take(&mut unkept.events);
        unkept.before += events.len() as u64;
        if let Some(delivery) = &self.delivery {
            for event in events.into_iter().skip(shown) {
                delivery.emit(event);
            }
        }
    }
}

/// Who publishes the events of a run at this moment.
fn producer(run: &OwnedRun) -> Producer {
    Producer::new(run.key().name(), run.generation())
}

/// Keeps what is left to deliver of a run, so that another worker can do so. Only where the receiver
/// numbers events: of another one nobody could tell afterwards what it has.
async fn keep_tail(run: Option<OwnedRun>, callback: &CallbackUrl, position: Position) {
    let Some(run) = run else { return };
    match timed("tail", run.keep_tail(callback.as_str(), json(&position))).await {
        Ok(()) | Err(StoreError::TakenOver) => {}
        Err(error) => {
            tracing::warn!(%error, "what is left to deliver of a run could not be kept");
        }
    }
}

/// Forgets what is not needed any more. When that fails, it is forgotten later with the run.
async fn close(run: Option<OwnedRun>, position: Option<PositionReader>) {
    let Some(run) = run else { return };
    let position = position.map(|position| json(&position.get()));
    match timed("close", run.close(position)).await {
        Ok(()) | Err(StoreError::TakenOver) => {}
        Err(error) => {
            tracing::warn!(%error, "the steps of a run that has ended could not be forgotten");
        }
    }
}

impl EventSink for RunRecorder {
    fn emit(&self, event: AgentEvent) {
        let Some(delivery) = &self.delivery else {
            return;
        };
        if self.run.is_none() {
            delivery.emit(event);
            return;
        }
        let mut unkept = self.lock();
        let waits = unkept.shown < unkept.events.len() || !is_shown_at_once(&event);
        unkept.events.push(event.clone());
        if !waits {
            unkept.shown += 1;
            delivery.emit(event);
        }
    }
}

#[async_trait]
impl RunLog for RunRecorder {
    async fn save(&self, step: &Step) -> Result<(), RunLogError> {
        if let Some(run) = &self.run {
            let number = self.steps().saturating_add(1);
            let entry = json(&self.entry(run, step));
            let saving = run.save_step(number, step.kind(), &entry, self.position_now());
            timed(spans::STEP, saving).await.map_err(not_kept)?;
            self.steps.store(number, Ordering::Relaxed);
        }
        self.show_kept();
        Ok(())
    }
}

/// Does it in a span of its own, which says how it went.
async fn timed<T>(
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let span = spans::store(operation);
    let result = work.instrument(span.clone()).await;
    Outcome::from(&result).note_on(&span);
    result
}

fn is_shown_at_once(event: &AgentEvent) -> bool {
    matches!(
        event,
        AgentEvent::Thinking { .. }
            | AgentEvent::Token { .. }
            | AgentEvent::Suggestions { .. }
            | AgentEvent::SessionResumed { .. }
    )
}

fn not_kept(error: StoreError) -> RunLogError {
    match error {
        StoreError::TakenOver => RunLogError::TakenOver,
        error => RunLogError::NotKept {
            retryable: error.is_retryable(),
            source: error.into(),
        },
    }
}

/// Our own types, which have only texts for keys: writing them to memory cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
