//! The hub: every session there is, found by its id, bounded in number, freed when unused.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kai_core::ids::SessionId;
use thiserror::Error;
use tokio::time::Instant;

use crate::backend::Due;
use crate::frame::EventId;
use crate::log::{LogLimits, Start, Visit};
use crate::metrics::{self, Metrics, Why};
use crate::producer::{Post, Refused};
use crate::session::{Appended, NotAttached, Session};
use crate::subscription::Subscription;

/// The limits and times that a hub keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubOptions {
    /// How many sessions there may be.
    pub max_sessions: usize,
    /// How many subscribers each may have.
    pub max_subscribers: usize,
    /// How much of each is kept.
    pub log: LogLimits,
    /// How long a stream stays open without an event.
    pub idle_timeout: Duration,
    /// How long a stream may be silent before a comment is sent.
    pub keepalive: Duration,
    /// How long a session that nobody uses is kept.
    pub retention: Duration,
}

/// Why an event was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublishError {
    /// No session can hold it.
    #[error("the event is larger than a session may be ({limit} bytes, SSE_MAX_BYTES_PER_SESSION)")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// It would begin a session too many.
    #[error("there are too many sessions ({limit}, SSE_MAX_SESSIONS); try again later")]
    TooManySessions {
        /// The limit.
        limit: usize,
    },
    /// The hub is shutting down.
    #[error("the receiver is shutting down; try again")]
    Stopping,
    /// Where the sessions are kept cannot be reached, or took too long.
    #[error(
        "the receiver's Redis takes nothing at the moment; send this again, and give it a number if it must not be stored twice"
    )]
    Unavailable,
    /// Its stamp is not in order.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// What became of an event that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It was stored, with this id.
    Stored(EventId),
    /// It had been stored before.
    Duplicate,
}

/// What became of many events: those that were taken, then perhaps one that was not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// How many were stored.
    pub accepted: usize,
    /// How many had been stored before.
    pub duplicates: usize,
    /// The id of the last that was stored.
    pub last: Option<EventId>,
    /// Why the next one was not taken, nor any behind it.
    pub refused: Option<PublishError>,
}

/// Why a visitor was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubscribeError {
    /// It would begin a session too many.
    #[error("there are too many sessions")]
    TooManySessions,
    /// The session has as many as it may have.
    #[error("the session has too many subscribers")]
    TooManySubscribers,
    /// The hub is shutting down.
    #[error("the receiver is shutting down")]
    Stopping,
    /// Where the sessions are kept cannot be reached, or took too long.
    #[error("the receiver's Redis answers nothing at the moment")]
    Unavailable,
}

/// What a visitor gets.
#[derive(Debug)]
pub enum Opening {
    /// A stream.
    Stream(Box<Subscription>),
    /// Nothing: its cursor stands on the end of its run.
    Finished,
}

type Shard = HashMap<SessionId, Arc<Session>>;

/// The sessions.
///
/// Locks are taken in one order only: a shard, then a session. Publishers and readers hold a shard
/// just long enough to find a session.
#[derive(Debug)]
pub struct Hub {
    options: HubOptions,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
    sessions: AtomicUsize,
    stopping: AtomicBool,
    metrics: Arc<Metrics>,
    /// Set when the logs here follow others, which are kept elsewhere.
    due: Option<Arc<Due>>,
}

impl Hub {
    /// Enough that two cores rarely want the same one.
    const SHARDS: usize = 64;

    /// An empty hub.
    pub fn new(options: HubOptions) -> Arc<Self> {
        Self::with(options, None)
    }

    /// An empty hub whose logs follow others: events are not published to it, but taken over from
    /// there, and `due` learns what is read here.
    pub(crate) fn of_replicas(options: HubOptions, due: Arc<Due>) -> Arc<Self> {
        Self::with(options, Some(due))
    }

    fn with(options: HubOptions, due: Option<Arc<Due>>) -> Arc<Self> {
        Arc::new(Self {
            options,
            hasher: RandomState::new(),
            shards: (0..Self::SHARDS).map(|_| Mutex::default()).collect(),
            sessions: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            metrics: Arc::default(),
            due,
        })
    }

    /// The limits and times.
    pub fn options(&self) -> &HubOptions {
        &self.options
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    /// What it and everything around it counts.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Adds an event to a session, which begins with it if need be. Never waits for subscribers.
    pub fn publish(
        &self,
        session: &SessionId,
        post: impl Into<Post>,
    ) -> Result<Receipt, PublishError> {
        let post = post.into();
        if let Some(error) = self.too_large(&post) {
            return Err(error);
        }
        let appended = self.append(session, std::iter::once(post))?;
        match (appended.refused, appended.last) {
            (Some(refused), _) => Err(refused.into()),
            (None, Some(id)) => Ok(Receipt::Stored(id)),
            (None, None) => Ok(Receipt::Duplicate),
        }
    }

    /// Adds events in their order, up to the first that cannot be taken. Nothing comes between them,
    /// and subscribers are woken once.
    pub fn publish_all(&self, session: &SessionId, mut posts: Vec<Post>) -> Published {
        let too_large = self.cut_too_large(&mut posts);
        if posts.is_empty() {
            return Published {
                refused: too_large,
                ..Published::default()
            };
        }
        match self.append(session, posts.into_iter()) {
            Ok(appended) => Published {
                accepted: appended.accepted,
                duplicates: appended.duplicates,
                last: appended.last,
                refused: appended.refused.map(PublishError::from).or(too_large),
            },
            Err(error) => Published {
                refused: Some(error),
                ..Published::default()
            },
        }
    }

    /// Drops the first event that no session can hold, and all behind it; says so.
    pub(crate) fn cut_too_large(&self, posts: &mut Vec<Post>) -> Option<PublishError> {
        let (index, error) = posts
            .iter()
            .enumerate()
            .find_map(|(index, post)| Some((index, self.too_large(post)?)))?;
        posts.truncate(index);
        Some(error)
    }

    fn too_large(&self, post: &Post) -> Option<PublishError> {
        let limit = self.options.log.bytes;
        (post.draft.len_at_most() > limit).then_some(PublishError::TooLarge { limit })
    }

    fn append(
        &self,
        session: &SessionId,
        mut posts: impl Iterator<Item = Post>,
    ) -> Result<Appended, PublishError> {
        if self.is_stopping() {
            return Err(PublishError::Stopping);
        }
        loop {
            let found = self.session(session).ok_or(PublishError::TooManySessions {
                limit: self.options.max_sessions,
            })?;
            // Freed in the meantime: the next look-up begins it anew.
            if let Ok(appended) = found.append(&mut posts) {
                return Ok(appended);
            }
        }
    }

    /// Opens a visit to a session, which begins with it if need be.
    pub fn subscribe(
        self: &Arc<Self>,
        session: &SessionId,
        visit: &Visit,
    ) -> Result<Opening, SubscribeError> {
        let opened = self.open(session, visit);
        if let Err(error) = &opened {
            self.count_refusal(*error);
        }
        opened
    }

    /// The same, for one who counts a refusal elsewhere.
    pub(crate) fn open(
        self: &Arc<Self>,
        session: &SessionId,
        visit: &Visit,
    ) -> Result<Opening, SubscribeError> {
        loop {
            let found = self.enter(session)?;
            if let Some(opening) = self.attach(found, visit)? {
                return Ok(opening);
            }
        }
    }

    /// Counts a visitor that was not let in.
    pub(crate) fn count_refusal(&self, error: SubscribeError) {
        let why = match error {
            SubscribeError::TooManySessions => Why::TooManySessions,
            SubscribeError::TooManySubscribers => Why::TooManySubscribers,
            SubscribeError::Stopping | SubscribeError::Unavailable => Why::Unavailable,
        };
        metrics::count(&self.metrics.streams_refused, why);
    }

    /// Finds the session that a visitor wants to go to, or begins it.
    pub(crate) fn enter(&self, session: &SessionId) -> Result<Arc<Session>, SubscribeError> {
        if self.is_stopping() {
            return Err(SubscribeError::Stopping);
        }
        self.session(session).ok_or(SubscribeError::TooManySessions)
    }

    /// Opens a visit to a session that was found; none when it was freed in the meantime.
    pub(crate) fn attach(
        self: &Arc<Self>,
        found: Arc<Session>,
        visit: &Visit,
    ) -> Result<Option<Opening>, SubscribeError> {
        match found.attach(visit, self.options.max_subscribers) {
            Ok(Start::Finished) => Ok(Some(Opening::Finished)),
            Ok(Start::At(place)) => {
                let subscription = Subscription::new(Arc::clone(self), found, &place);
                Ok(Some(Opening::Stream(Box::new(subscription))))
            }
            Err(NotAttached::Full) => Err(SubscribeError::TooManySubscribers),
            Err(NotAttached::Freed) => Ok(None),
        }
    }

    /// Finds a session.
    pub(crate) fn find(&self, session: &SessionId) -> Option<Arc<Session>> {
        lock(self.shard(session)).get(session).cloned()
    }

    /// Frees the sessions that at `now` nobody has used for the retention time; returns how many.
    pub fn sweep(&self, now: Instant) -> usize {
        let mut freed = Vec::new();
        for shard in &self.shards {
            let mut shard = lock(shard);
            let unused = |_: &SessionId, session: &mut Arc<Session>| {
                session.free(now, self.options.retention)
            };
            freed.extend(shard.extract_if(unused).map(|(_, session)| session));
            if shard.len() < shard.capacity() / 4 {
                shard.shrink_to_fit();
            }
        }
        self.sessions.fetch_sub(freed.len(), Ordering::Relaxed);
        // The logs are dropped here, when no lock is held any more.
        freed.len()
    }

    /// Takes no more events, and lets every open stream end once it has sent what there is.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        // A stream that did not see the flag was in its shard before this looks there, and began to
        // listen for the bell before it looked for the flag; so the bell reaches it.
        for shard in &self.shards {
            let sessions: Vec<_> = lock(shard).values().cloned().collect();
            for session in sessions {
                session.wake();
            }
        }
    }

    /// The sessions there are at some moment.
    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        let shards = self.shards.iter();
        shards
            .flat_map(|shard| lock(shard).values().cloned().collect::<Vec<_>>())
            .collect()
    }

    /// Whether [`Hub::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Counts a visitor out of its session, which is freed at once if nothing ever happened there.
    pub(crate) fn leave(&self, session: &Session) {
        if !session.detach() {
            return;
        }
        let mut shard = lock(self.shard(session.id()));
        // In the meantime somebody may have come back, or the session may be another one.
        let same = shard
            .get(session.id())
            .is_some_and(|found| std::ptr::eq(Arc::as_ptr(found), session));
        if same && session.free(Instant::now(), Duration::MAX) {
            shard.remove(session.id());
            self.sessions.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Finds a session or begins it; none when there are too many.
    fn session(&self, id: &SessionId) -> Option<Arc<Session>> {
        let mut shard = lock(self.shard(id));
        if let Some(session) = shard.get(id) {
            return Some(Arc::clone(session));
        }
        if self.sessions.fetch_add(1, Ordering::Relaxed) >= self.options.max_sessions {
            self.sessions.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let session = Arc::new(Session::new(
            id.clone(),
            self.options.log,
            Arc::clone(&self.metrics),
            self.due.clone(),
        ));
        shard.insert(id.clone(), Arc::clone(&session));
        Some(session)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a remainder is below what it was divided by"
    )]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "any bits of a hash will do"
    )]
    fn shard(&self, id: &SessionId) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(id) as usize % self.shards.len()]
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // Maps are whole between their operations, so a panic elsewhere spoils nothing.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
