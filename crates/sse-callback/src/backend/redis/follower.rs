//! Keeps replicas up to date: connects, listens for bells, asks for what is new, comes back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use kai_core::ids::SessionId;
use rand::Rng as _;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Request;
use super::address::Address;
use super::followed::{Asked, Followed, Need, Step};
use super::link::{self, Link, LinkError};
use super::question::Question;
use super::queue::Queue;
use super::script::{self, ScriptError};
use crate::backend::Due;
use crate::hub::HubOptions;
use crate::metrics::Metrics;

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

/// How the time with one link ended.
enum End {
    Stopped,
    Lost(ScriptError),
}

/// What was done.
enum Done {
    Asked(SessionId, Result<(), ScriptError>, Asked),
    Silenced(SessionId, Result<(), ScriptError>),
    Checked(Result<(), LinkError>),
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
        self.followed.values_mut().for_each(Followed::failed);
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
        // What happens goes before what is done for every session by turns.
        let (mut queue, mut turns) = (Queue::default(), Queue::default());
        // Bells may have been missed.
        for (session, followed) in &mut self.followed {
            followed.needs(Need::News);
            turns.push(session.clone());
        }
        let mut belt = every((self.limits.retention / 3).min(self.limits.keepalive));
        let mut check = every(CHECK_EVERY);
        loop {
            while work.len() < AT_ONCE
                && let Some(session) = queue.pop().or_else(|| turns.pop())
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
                    Done::Silenced(session, Ok(())) => {
                        if let Some(followed) = self.followed.get_mut(&session) {
                            followed.unheard();
                            queue.push(session);
                        }
                    }
                    Done::Asked(session, Ok(()), asked) => {
                        let followed = self.followed.get_mut(&session);
                        if followed.is_some_and(|followed| followed.up_to_date(asked)) {
                            queue.push(session);
                        }
                    }
                    Done::Silenced(_, Err(error)) | Done::Asked(_, Err(error), _)
                        if error.is_fatal() =>
                    {
                        return End::Lost(error);
                    }
                    Done::Silenced(session, Err(error)) | Done::Asked(session, Err(error), _) => {
                        self.failed(&session, &error);
                    }
                },
                Some(Request { session, done }) = self.requests.recv() => {
                    queue.push(session.id().clone());
                    let followed = self.followed.entry(session.id().clone()).or_default();
                    followed.request(session, done);
                }
                () = self.due.changed() => self.note(&mut queue),
                _ = belt.tick() => {
                    for (session, followed) in &mut self.followed {
                        followed.needs(Need::Keeping);
                        turns.push(session.clone());
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
                            turns.push(session.clone());
                        }
                    }
                }
            }
        }
    }

    /// Takes over what rang and what was read.
    fn note(&mut self, queue: &mut Queue) {
        let list = self.due.take();
        for session in list.rung {
            // A bell may ring on for a session that nobody follows any more.
            if let Some(followed) = self.followed.get_mut(&session) {
                followed.needs(Need::News);
                queue.push(session);
            }
        }
        for (session, read) in list.read {
            self.followed
                .entry(session.clone())
                .or_default()
                .was_read(read);
            queue.push(session);
        }
    }

    /// Begins what has to be done about a session. What is being done already comes back here.
    fn begin(&mut self, link: &Link, session: SessionId, work: &Work) {
        let Some(followed) = self.followed.get_mut(&session) else {
            return;
        };
        match followed.next(self.limits.retention) {
            Step::Wait => {}
            Step::Forget => {
                self.followed.remove(&session);
            }
            Step::Silence => {
                let mut bells = link.bells.clone();
                let silence = async move {
                    let silenced = bells.unsubscribe(script::channel(&session)).await;
                    Done::Silenced(session, silenced.map_err(ScriptError::from))
                };
                work.push(silence.boxed());
            }
            Step::Ask(question, asked) => {
                let link = link.clone();
                let ask = async move {
                    let answer = question.ask(link, &session).await;
                    Done::Asked(session, answer, asked)
                };
                work.push(ask.boxed());
            }
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
            followed.failed();
        }
    }

    /// Tells Redis what was read, so that another receiver does not show it again.
    async fn last_notes(&mut self, link: &Link) {
        self.note(&mut Queue::default());
        let unread =
            |(session, followed): (SessionId, Followed)| Some((session, followed.unread()?));
        let unread: Vec<_> = self.followed.drain().filter_map(unread).collect();
        let notes = unread.into_iter().map(|(session, read)| {
            let question = Question {
                replica: None,
                listen: false,
                read: Some(read),
                keep: None,
            };
            let link = link.clone();
            async move { question.ask(link, &session).await.is_ok() }.boxed()
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
