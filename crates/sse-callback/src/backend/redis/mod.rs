//! Sessions in a Redis that several receivers share: each a stream of events and a state beside it.
//!
//! Publishing is one script in Redis and touches nothing here. The logs in this process are replicas:
//! a [`Follower`] brings them up to date, for the sessions that somebody here reads, whenever a bell
//! rings. Everything behind a subscription works on a replica as on any log. See
//! `docs/decisions/0007-sessions-in-redis.md`.

mod address;
mod followed;
mod follower;
mod link;
mod question;
mod queue;
mod script;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt as _, stream};
use kai_core::ids::SessionId;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};

use super::Due;
use crate::hub::{Hub, HubOptions, Opening, PublishError, Published, Receipt, SubscribeError};
use crate::log::Visit;
use crate::producer::{Post, Refused};
use crate::session::Session;
pub use address::{Address, AddressParser, InvalidAddress};
pub use follower::Follower;
use link::{Link, PATIENCE};
use script::{Added, Publishing, Refusal};

/// How long a replica is kept that nobody reads any more.
const LINGER: Duration = Duration::from_secs(10);

/// How often the log is told that Redis refuses.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How many events one call of a script may add: Redis takes a million arguments in one command.
const EVENTS_IN_A_CALL: usize = 100_000;

/// How many subscribers may wait for the follower to notice them.
const REQUESTS: usize = 256;

/// The sessions in Redis, as the routes see them.
#[derive(Debug)]
pub struct Redis {
    hub: Arc<Hub>,
    limits: HubOptions,
    link: watch::Receiver<Option<Link>>,
    requests: mpsc::Sender<Request>,
    /// When the log was told last that Redis refuses.
    told: Mutex<Option<Instant>>,
}

/// A replica that is to be brought up to date before somebody reads it.
#[derive(Debug)]
struct Request {
    session: Arc<Session>,
    done: oneshot::Sender<()>,
}

impl Redis {
    /// The sessions in the Redis at `address`, and the follower that has to run beside them. Tries to
    /// connect; without success the receiver starts all the same, and takes events when Redis is there.
    pub async fn open(address: Address, limits: HubOptions) -> (Arc<Self>, Follower) {
        // Installing it a second time is refused and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let due = Arc::new(Due::default());
        let hub = Hub::of_replicas(
            HubOptions {
                retention: LINGER.min(limits.retention),
                ..limits
            },
            Arc::clone(&due),
        );
        let (requests, requested) = mpsc::channel(REQUESTS);
        let (shown, link) = watch::channel(None);
        let redis = Arc::new(Self {
            hub: Arc::clone(&hub),
            limits,
            link,
            requests,
            told: Mutex::default(),
        });
        let metrics = Arc::clone(hub.metrics());
        let follower = Follower::new(address, limits, due, metrics, shown, requested).await;
        (redis, follower)
    }

    /// The replicas.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// Whether Redis answers.
    pub fn is_up(&self) -> bool {
        self.link.borrow().is_some()
    }

    /// See [`Hub::publish`].
    pub async fn publish(&self, session: &SessionId, post: Post) -> Result<Receipt, PublishError> {
        let published = self.publish_all(session, vec![post]).await;
        match published {
            Published {
                refused: Some(error),
                ..
            } => Err(error),
            Published {
                last: Some(last), ..
            } => Ok(Receipt::Stored(last)),
            Published { .. } => Ok(Receipt::Duplicate),
        }
    }

    /// See [`Hub::publish_all`]. Of events that were refused because Redis did not answer, some or all
    /// may have been stored.
    pub async fn publish_all(&self, session: &SessionId, mut posts: Vec<Post>) -> Published {
        let mut published = Published::default();
        if self.hub.is_stopping() {
            published.refused = Some(PublishError::Stopping);
            return published;
        }
        let too_large = self.hub.cut_too_large(&mut posts);
        for posts in posts.chunks(EVENTS_IN_A_CALL) {
            match self.add(session, posts).await {
                Ok(added) => {
                    published.accepted += added.stored;
                    published.duplicates += added.repeated;
                    if added.stored > 0 {
                        published.last = added.head;
                    }
                    if let Some(refusal) = added.refused {
                        published.refused = Some(self.refused(refusal));
                        return published;
                    }
                }
                Err(error) => {
                    published.refused = Some(error);
                    return published;
                }
            }
        }
        published.refused = too_large;
        published
    }

    async fn add(&self, session: &SessionId, posts: &[Post]) -> Result<Added, PublishError> {
        // Cloned, as nothing may be locked while Redis works.
        let link = self.link.borrow().clone();
        let mut link = link.ok_or(PublishError::Unavailable)?;
        let publishing = Publishing {
            server: &link.server,
            seen: self.hub.find(session).map(|replica| replica.head()),
            max_sessions: self.limits.max_sessions,
            max_events: self.limits.log.events,
            max_bytes: self.limits.log.bytes,
            retention: self.limits.retention,
        };
        let metrics = self.hub.metrics();
        let began = Instant::now();
        let adding = script::publish(&mut link.commands, session, &publishing, posts);
        let answer = timeout(PATIENCE, adding).await;
        metrics.backend_duration.observe(began.elapsed());
        match answer {
            Ok(Ok(added)) => {
                metrics.events_received.inc_by(added.stored as u64);
                metrics.duplicates.inc_by(added.repeated as u64);
                metrics.events_evicted.inc_by(added.evicted);
                Ok(added)
            }
            Ok(Err(error)) => {
                metrics.backend_errors.inc();
                if error.is_fatal() {
                    // The follower tells.
                    link.lost.cancel();
                } else if self.may_tell() {
                    tracing::error!("Redis refuses events: {error}");
                }
                Err(PublishError::Unavailable)
            }
            Err(_) => {
                metrics.backend_errors.inc();
                link.lost.cancel();
                Err(PublishError::Unavailable)
            }
        }
    }

    /// Whether it is time to tell the log of refusals again.
    fn may_tell(&self) -> bool {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let may = told.is_none_or(|told| now >= told + TELL_EVERY);
        if may {
            *told = Some(now);
        }
        may
    }

    fn refused(&self, refusal: Refusal) -> PublishError {
        match refusal {
            Refusal::Full => PublishError::TooManySessions {
                limit: self.limits.max_sessions,
            },
            Refusal::Hole(expected) => Refused::Hole { expected }.into(),
            Refusal::OlderAttempt(current) => Refused::OlderAttempt { current }.into(),
            Refusal::EarlierRun => Refused::EarlierRun.into(),
        }
    }

    /// See [`Hub::subscribe`]. The replica is brought up to date first.
    pub async fn subscribe(
        &self,
        session: &SessionId,
        visit: &Visit,
    ) -> Result<Opening, SubscribeError> {
        let opened = timeout(PATIENCE, self.open_visit(session, visit)).await;
        let opened = opened.unwrap_or(Err(SubscribeError::Unavailable));
        if let Err(error) = &opened {
            self.hub.count_refusal(*error);
        }
        opened
    }

    async fn open_visit(
        &self,
        session: &SessionId,
        visit: &Visit,
    ) -> Result<Opening, SubscribeError> {
        loop {
            let found = self.hub.enter(session)?;
            self.load(&found).await?;
            if let Some(opening) = self.hub.attach(found, visit)? {
                return Ok(opening);
            }
        }
    }

    /// Waits until a replica is as it is in Redis now.
    async fn load(&self, session: &Arc<Session>) -> Result<(), SubscribeError> {
        if !self.is_up() {
            return Err(SubscribeError::Unavailable);
        }
        let (done, loaded) = oneshot::channel();
        let request = Request {
            session: Arc::clone(session),
            done,
        };
        // Both fail when the follower has ended, or lost Redis.
        let sent = self.requests.send(request).await;
        sent.map_err(|_| SubscribeError::Unavailable)?;
        loaded.await.map_err(|_| SubscribeError::Unavailable)
    }

    /// Brings all replicas up to date, unless Redis is away or slow.
    pub async fn settle(&self) {
        let replicas = stream::iter(self.hub.all());
        let loads = replicas.for_each_concurrent(REQUESTS, async |replica| {
            // What is missing then is read at another receiver, or after the restart.
            let _ = self.load(&replica).await;
        });
        if timeout(PATIENCE, loads).await.is_err() {
            tracing::warn!("not all streams have everything that Redis has; they go on elsewhere");
        }
    }
}
