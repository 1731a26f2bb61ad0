//! Keeps replicas up to date: connects, listens for bells, asks for what is new, comes back.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use kai_core::ids::SessionId;
use rand::Rng as _;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Request;
use super::address::Address;
use super::link::{self, Link, LinkError, PATIENCE};
use super::script::{self, Following, ScriptError};
use crate::backend::Due;
use crate::backend::due;
use crate::frame::EventId;
use crate::hub::HubOptions;
use crate::metrics::Metrics;
use crate::session::Session;

/// How many sessions are asked about at the same time.
const AT_ONCE: usize = 32;

/// How often Redis is asked whether it is there, and replicas are looked for that nobody needs.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// How long to wait before another attempt to connect: the first and the longest wait.
const RECONNECT_AFTER: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// After this time a link counts as good.
const STEADY: Duration = Duration::from_secs(5);

/// How long the last notes may take at the end.
const LAST_NOTES: Duration = Duration::from_secs(1);

/// The follower; it does its work in [`Follower::run`].
#[derive(Debug)]
pub struct Follower {
    address: Address,
    limits: HubOptions,
    due: Arc<Due>,
    metrics: Arc<Metrics>,
    shown: watch::Sender<Option<Link>>,
    requests: mpsc::Receiver<Request>,
    followed: HashMap<SessionId, Followed>,
    first: Option<Link>,
    /// How long to wait before the next attempt to connect.
    wait: Duration,
}

/// A session that somebody here reads, or has read to an end that Redis does not know of yet.
#[derive(Debug, Default)]
struct Followed {
    replica: Option<Arc<Session>>,
    /// Whether its bell is heard.
    listening: bool,
    /// Whether something is being done about it; there is never more than one thing.
    busy: bool,
    /// Whether the replica lacks something, as far as is known.
    stale: bool,
    /// Whether Redis is to be told that the session is in use.
    in_use: bool,
    /// An end of a run that a subscriber was given, and Redis is to be told of.
    read: Option<EventId>,
    /// Who waits for it to be up to date.
    waiting: Vec<oneshot::Sender<()>>,
}

/// How the time with one link ended.
enum End {
    Stopped,
    Lost(ScriptError),
}

/// What was done.
enum Done {
    Followed(SessionId, Result<(), ScriptError>, Asked),
    Unheard(SessionId, Result<(), ScriptError>),
    Checked(Result<(), LinkError>),
}

/// What a question to Redis was asked for.
struct Asked {
    read: Option<EventId>,
    waiting: Vec<oneshot::Sender<()>>,
}

type Work = FuturesUnordered<BoxFuture<'static, Done>>;

impl Follower {
    pub(super) async fn new(
        address: Address,
        limits: HubOptions,
        due: Arc<Due>,
        metrics: Arc<Metrics>,
        shown: watch::Sender<Option<Link>>,
        requests: mpsc::Receiver<Request>,
    ) -> Self {
        let first = match Link::make(&address, &due).await {
            Ok(link) => {
                for warning in link::warnings(&link).await {
                    tracing::warn!("{warning}");
                }
                metrics.backend_up.set(1);
                shown.send_replace(Some(link.clone()));
                Some(link)
            }
            Err(error) => {
                metrics.backend_errors.inc();
                metrics.backend_up.set(0);
                tracing::warn!(
                    "cannot reach the Redis at {address}: {error}; trying until it is there"
                );
                None
            }
        };
        Self {
            address,
            limits,
            due,
            metrics,
            shown,
            requests,
            followed: HashMap::new(),
            first,
            wait: RECONNECT_AFTER.0,
        }
    }

    /// Follows until `stop`. Then Redis is told what was read last, if it is there.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut link = self.first.take();
        loop {
            let now = match link.take() {
                Some(link) => link,
                None => match self.reconnect(&stop).await {
                    Some(link) => link,
                    None => return,
                },
            };
            let since = Instant::now();
            match self.follow_over(&now, &stop).await {
                End::Stopped => return,
                End::Lost(error) => self.lost(&error),
            }
            // A link that breaks as soon as it is made is not made again at once.
            if since.elapsed() > STEADY {
                self.wait = RECONNECT_AFTER.0;
            }
        }
    }

    fn lost(&mut self, error: &ScriptError) {
        self.shown.send_replace(None);
        self.metrics.backend_up.set(0);
        self.metrics.backend_errors.inc();
        let address = &self.address;
        tracing::warn!(
            "lost the Redis at {address}: {error}; streams wait, and publishers are put off"
        );
        for followed in self.followed.values_mut() {
            followed.listening = false;
            followed.busy = false;
            // Those who wait are put off as their senders go.
            followed.waiting.clear();
        }
    }

    /// Tries until there is a link; none when it is to stop.
    async fn reconnect(&mut self, stop: &CancellationToken) -> Option<Link> {
        let since = Instant::now();
        loop {
            let wait = self.wait;
            self.wait = (wait * 2).min(RECONNECT_AFTER.1);
            let attempt = async {
                // Not all receivers at the same moment.
                let jitter = rand::rng().random_range(0.5..1.0);
                sleep(wait.mul_f64(jitter)).await;
                Link::make(&self.address, &self.due).await
            };
            tokio::pin!(attempt);
            let made = loop {
                tokio::select! {
                    () = stop.cancelled() => return None,
                    // Dropped, so that its subscriber is put off at once.
                    Some(_) = self.requests.recv() => {}
                    made = &mut attempt => break made,
                }
            };
            match made {
                Ok(link) => {
                    let away = since.elapsed().as_secs_f64();
                    let address = &self.address;
                    tracing::info!("connected to the Redis at {address} after {away:.1} seconds");
                    self.metrics.backend_up.set(1);
                    self.shown.send_replace(Some(link.clone()));
                    return Some(link);
                }
                Err(error) => {
                    self.metrics.backend_errors.inc();
                    tracing::debug!("cannot reach Redis yet: {error}");
                }
            }
        }
    }

    async fn follow_over(&mut self, link: &Link, stop: &CancellationToken) -> End {
        let mut work = Work::new();
        let mut checking = false;
        // Bells may have been missed.
        let mut queue: VecDeque<SessionId> = self.followed.keys().cloned().collect();
        for followed in self.followed.values_mut() {
            followed.stale = true;
        }
        let mut belt = every((self.limits.retention / 3).min(self.limits.keepalive));
        let mut check = every(CHECK_EVERY);
        loop {
            while work.len() < AT_ONCE
                && let Some(session) = queue.pop_front()
            {
                self.begin(link, session, &work);
            }
            tokio::select! {
                () = stop.cancelled() => {
                    self.last_notes(link).await;
                    return End::Stopped;
                }
                () = link.lost.cancelled() => return End::Lost(ScriptError::Closed),
                Some(done) = work.next() => match done {
                    Done::Checked(result) => {
                        checking = false;
                        if let Err(error) = result {
                            return End::Lost(error.into());
                        }
                    }
                    Done::Unheard(session, result) => {
                        if let Err(error) = result {
                            return End::Lost(error);
                        }
                        self.unheard(session, &mut queue);
                    }
                    Done::Followed(session, Ok(()), asked) => {
                        self.up_to_date(session, asked, &mut queue);
                    }
                    Done::Followed(_, Err(error), _) if error.is_fatal() => {
                        return End::Lost(error);
                    }
                    Done::Followed(session, Err(error), _) => self.failed(&session, &error),
                },
                Some(request) = self.requests.recv() => self.requested(request, &mut queue),
                () = self.due.changed() => self.note(&mut queue),
                _ = belt.tick() => {
                    for (session, followed) in &mut self.followed {
                        followed.stale = true;
                        followed.in_use = true;
                        queue.push_back(session.clone());
                    }
                }
                _ = check.tick() => {
                    if !checking {
                        checking = true;
                        let link = link.clone();
                        work.push(async move { Done::Checked(link.check().await) }.boxed());
                    }
                    for (session, followed) in &self.followed {
                        if followed.is_unused() {
                            queue.push_back(session.clone());
                        }
                    }
                }
            }
        }
    }

    /// Takes over what rang and what was read.
    fn note(&mut self, queue: &mut VecDeque<SessionId>) {
        let list = self.due.take();
        for session in list.rung {
            // A bell may ring on for a session that nobody follows any more.
            if let Some(followed) = self.followed.get_mut(&session) {
                followed.stale = true;
                queue.push_back(session);
            }
        }
        for (session, read) in list.read {
            let followed = self.followed.entry(session.clone()).or_default();
            followed.read = Some(followed.read.map_or(read, |noted| due::later(noted, read)));
            queue.push_back(session);
        }
    }

    fn requested(&mut self, request: Request, queue: &mut VecDeque<SessionId>) {
        let Request { session, done } = request;
        let id = session.id().clone();
        let followed = self.followed.entry(id.clone()).or_default();
        let same = |replica: &Arc<Session>| Arc::ptr_eq(replica, &session);
        if !followed.replica.as_ref().is_some_and(same) {
            followed.replica = Some(session);
        }
        followed.stale = true;
        followed.in_use = true;
        followed.waiting.push(done);
        queue.push_back(id);
    }

    /// Begins what has to be done about a session, unless something is being done already, behind
    /// which it is looked at again.
    fn begin(&mut self, link: &Link, session: SessionId, work: &Work) {
        let Some(followed) = self.followed.get_mut(&session) else {
            return;
        };
        if followed.busy {
            return;
        }
        if followed.is_unused() {
            if !followed.listening {
                self.followed.remove(&session);
                return;
            }
            followed.busy = true;
            let mut bells = link.bells.clone();
            let silence = async move {
                let unheard = bells.unsubscribe(script::channel(&session)).await;
                Done::Unheard(session, unheard.map_err(ScriptError::from))
            };
            work.push(silence.boxed());
            return;
        }
        if !followed.stale && followed.read.is_none() {
            return;
        }
        let replica = followed
            .replica
            .clone()
            .filter(|replica| !replica.is_freed());
        let question = Question {
            link: link.clone(),
            listen: replica.is_some() && !followed.listening,
            replica,
            in_use: std::mem::take(&mut followed.in_use),
            retention: self.limits.retention,
        };
        let asked = Asked {
            read: followed.read,
            waiting: std::mem::take(&mut followed.waiting),
        };
        followed.listening |= question.listen;
        followed.stale = false;
        followed.busy = true;
        let ask = async move {
            let answer = question.ask(&session, asked.read).await;
            Done::Followed(session, answer, asked)
        };
        work.push(ask.boxed());
    }

    fn up_to_date(&mut self, session: SessionId, asked: Asked, queue: &mut VecDeque<SessionId>) {
        let Some(followed) = self.followed.get_mut(&session) else {
            return;
        };
        followed.busy = false;
        if followed.read == asked.read {
            followed.read = None;
        }
        for waiting in asked.waiting {
            // Whoever gave up does not need it any more.
            let _ = waiting.send(());
        }
        if followed.stale || followed.read.is_some() || followed.is_unused() {
            queue.push_back(session);
        }
    }

    /// Something is wrong with this session alone. It is asked about again when the belt comes round,
    /// or when the next subscriber comes; those who wait are put off.
    fn failed(&mut self, session: &SessionId, error: &ScriptError) {
        self.metrics.backend_errors.inc();
        tracing::warn!(
            session = session.as_str(),
            "cannot read session {:?} from Redis: {error}",
            session.as_str()
        );
        if let Some(followed) = self.followed.get_mut(session) {
            followed.busy = false;
            followed.listening = false;
        }
    }

    fn unheard(&mut self, session: SessionId, queue: &mut VecDeque<SessionId>) {
        if let Some(followed) = self.followed.get_mut(&session) {
            followed.busy = false;
            followed.listening = false;
            queue.push_back(session);
        }
    }

    /// Tells Redis what was read, so that another receiver does not show it again.
    async fn last_notes(&mut self, link: &Link) {
        self.note(&mut VecDeque::new());
        let unread = |(session, followed): (SessionId, Followed)| Some((session, followed.read?));
        let unread: Vec<_> = self.followed.drain().filter_map(unread).collect();
        let retention = self.limits.retention;
        let notes = unread.into_iter().map(|(session, read)| {
            let question = Question {
                link: link.clone(),
                listen: false,
                replica: None,
                in_use: false,
                retention,
            };
            async move { question.ask(&session, Some(read)).await.is_ok() }.boxed()
        });
        let mut notes = futures::stream::iter(notes.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        let told = async { while notes.next().await.is_some() {} };
        if timeout(LAST_NOTES, told).await.is_err() {
            tracing::warn!(
                "Redis could not be told of all that was read; some runs may be shown again"
            );
        }
    }
}

impl Followed {
    /// Whether nothing of it is needed any more.
    fn is_unused(&self) -> bool {
        let freed = |replica: &Arc<Session>| replica.is_freed();
        !self.busy
            && self.read.is_none()
            && self.waiting.is_empty()
            && self.replica.as_ref().is_none_or(freed)
    }
}

/// Everything that is needed to bring a replica up to date.
struct Question {
    link: Link,
    /// None when there is only something to tell.
    replica: Option<Arc<Session>>,
    listen: bool,
    in_use: bool,
    retention: Duration,
}

impl Question {
    /// Tells what was read, and brings the replica up to date.
    async fn ask(mut self, session: &SessionId, read: Option<EventId>) -> Result<(), ScriptError> {
        if self.listen {
            // First, so that what comes after the answer rings.
            self.link.bells.subscribe(script::channel(session)).await?;
        }
        loop {
            let standing = self.replica.as_ref().map(|replica| replica.standing());
            let following = Following {
                standing,
                read,
                in_use: self.in_use,
                retention_ms: self.retention.as_millis(),
            };
            let asking = script::follow(&mut self.link.commands, session, &following);
            let answer = timeout(PATIENCE, asking).await;
            let page = answer.map_err(|_| ScriptError::Late)??;
            let Some(replica) = &self.replica else {
                return Ok(());
            };
            let head = page.as_ref().map_or(0, |page| page.head);
            replica.follow(page);
            // There is more when the page was full.
            if replica.head().seq >= head {
                return Ok(());
            }
        }
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once, when there is nothing to do yet.
    ticks.reset();
    ticks
}

impl From<LinkError> for ScriptError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Redis(error) => Self::Redis(error),
            LinkError::Late => Self::Late,
        }
    }
}
