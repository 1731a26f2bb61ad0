//! The server around the hub: listens, serves connections, sweeps, and shuts down in time.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures::future::OptionFuture;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::{Access, Right};
use crate::backend::redis::{Follower, Redis};
use crate::backend::{Backend, Kind};
use crate::connection::{self, Patience, Stay, Terms};
use crate::cores::Cores;
use crate::hot::Hot;
use crate::hub::Hub;
use crate::memory;
use crate::metrics::{self, Why};
use crate::routes::{self, RouteOptions};
use crate::runs::Runs;
use crate::settings::Settings;

/// How long connections may take to end by themselves: shutdown is to be over within 30 s.
const GRACE: Duration = Duration::from_secs(25);

/// How many connections more than allowed are told to come again later; further ones are closed
/// without a word.
const TOLD_SO: usize = 100;

/// How often unused sessions are looked for, at most and at least.
const SWEEP_EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// After how many sessions and connections that ended their memory is given back to the system.
const GIVE_BACK_AFTER: u64 = 1_000;

/// Why the receiver cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another program listens there.
    #[error(
        "port {port} on {host} is taken; stop the other program or choose another with --port or SSE_PORT"
    )]
    PortTaken {
        /// The address.
        host: String,
        /// The port.
        port: u16,
    },
    /// The operating system refuses the address.
    #[error(
        "cannot listen on {host}, port {port}: {source}; choose an address of this machine with --host or SSE_HOST, and a port that this user may use"
    )]
    Listen {
        /// The address.
        host: String,
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing says where the Redis is.
    #[error("SSE_BACKEND is redis, so REDIS_URL has to say where it is: redis://HOST:PORT")]
    NoRedis,
    /// The operating system gives no threads.
    #[error("cannot start the threads that serve connections: {0}; allow this user more of them")]
    Threads(io::Error),
    /// An answer that never changes cannot be made.
    #[error("cannot prepare the usual answers: {0}")]
    Answers(axum::Error),
}

/// A receiver that listens, and serves once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    backend: Backend,
    follower: Option<Follower>,
    router: Router,
    crowded: Router,
    hot: Option<Arc<Hot>>,
    cores: Cores,
    max_connections: usize,
    patience: Patience,
}

impl Server {
    /// Begins to listen, to show streams only.
    pub async fn bind(settings: &Settings) -> Result<Self, StartError> {
        Self::bind_with(settings, None).await
    }

    /// Begins to listen. Questions can be asked through this Temporal server, if there is one, by way
    /// of the runtime that this is called on.
    pub async fn bind_with(
        settings: &Settings,
        temporal: Option<kai_temporal::Server>,
    ) -> Result<Self, StartError> {
        let (host, port) = (settings.host.clone(), settings.port);
        // An IPv6 address may stand in brackets, as it does in URLs.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let bound = async {
            let listener = TcpListener::bind((bare, port)).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bound.await.map_err(|source: io::Error| {
            if source.kind() == io::ErrorKind::AddrInUse {
                StartError::PortTaken { host, port }
            } else {
                StartError::Listen { host, port, source }
            }
        })?;
        let (backend, follower) = backend(settings).await?;
        let access = Arc::new(Access::new(&settings.secrets()));
        if let Some(warning) = access.warning(!address.ip().is_loopback()) {
            tracing::warn!("{warning}");
        }
        let runs = temporal.map(|temporal| {
            let callback_host = settings.callback_host(address);
            tracing::info!(
                "questions can be asked here, through Temporal at {}; workers answer to {callback_host}",
                temporal.address
            );
            if access.is_open(Right::Ask) && !address.ip().is_loopback() {
                tracing::warn!(
                    "no token is required: anybody who reaches this address can ask the databases; set SSE_SUBSCRIBE_TOKEN or SSE_JWT_SECRET"
                );
            }
            Arc::new(Runs::at(temporal, callback_host))
        });
        let options = RouteOptions {
            access: Arc::clone(&access),
            origins: settings.cors_origins.clone(),
            hosts: settings.hosts(),
            max_body_bytes: settings.max_body_bytes.get(),
            body_within: settings.body_timeout_seconds,
            runs,
        };
        Ok(Self {
            hot: short_way(&backend, access, &options).await?,
            cores: Cores::start().map_err(StartError::Threads)?,
            listener,
            address,
            router: routes::router(&backend, &options),
            crowded: routes::crowded(&backend, &options),
            max_connections: settings.max_connections.map_or(usize::MAX, usize::from),
            patience: settings.patience(),
            backend,
            follower,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then lets open streams and requests end. When it returns, within 30
    /// seconds of `stop`, nothing of it runs any more; dropping it ends everything at once.
    pub async fn run(self, stop: CancellationToken) {
        let hub = Arc::clone(self.backend.hub());
        let connections = Connections {
            router: self.router,
            crowded: self.crowded,
            max: self.max_connections,
            tasks: TaskTracker::new(),
            terms: Terms {
                patience: self.patience,
                metrics: Arc::clone(hub.metrics()),
                hot: self.hot,
                stop: stop.child_token(),
            },
            cores: self.cores,
        };
        let follower_stop = CancellationToken::new();
        let _end_when_dropped = follower_stop.clone().drop_guard();
        let follower = self.follower.map(|follower| {
            let running = follower.run(follower_stop.clone());
            tokio::spawn(running)
        });
        tokio::select! {
            () = stop.cancelled() => {}
            never = connections.accept_from(&self.listener) => match never {},
            never = sweep(&hub) => match never {},
        }
        drop(self.listener);
        self.backend.settle().await;
        hub.stop();
        connections.tasks.close();
        if timeout(GRACE, connections.tasks.wait()).await.is_err() {
            let left = connections.tasks.len();
            tracing::warn!(
                left,
                "cutting {left} connections that did not end by themselves"
            );
        }
        // Ends what may still run there.
        drop(connections);
        // Last, as it tells what the streams that ended now have shown.
        follower_stop.cancel();
        if let Some(Err(error)) = OptionFuture::from(follower).await {
            tracing::error!("the follower of Redis broke down: {error}");
        }
    }
}

async fn backend(settings: &Settings) -> Result<(Backend, Option<Follower>), StartError> {
    match settings.backend {
        Kind::Memory => Ok((Backend::Memory(Hub::new(settings.hub())), None)),
        Kind::Redis => {
            let address = settings.redis_url.clone().ok_or(StartError::NoRedis)?;
            let (redis, follower) = Redis::open(address, settings.hub()).await;
            Ok((Backend::Redis(redis), Some(follower)))
        }
    }
}

/// The short way, which answers from memory without waiting; sessions in Redis go through the routes.
async fn short_way(
    backend: &Backend,
    access: Arc<Access>,
    options: &RouteOptions,
) -> Result<Option<Arc<Hot>>, StartError> {
    let Backend::Memory(hub) = backend else {
        return Ok(None);
    };
    let hot = Hot::new(
        Arc::clone(hub),
        access,
        options.max_body_bytes,
        options.body_within,
        routes::samples(options).await,
    );
    Ok(Some(Arc::new(hot.await.map_err(StartError::Answers)?)))
}

/// What the connections share.
struct Connections {
    router: Router,
    /// What those get that are too many.
    crowded: Router,
    max: usize,
    tasks: TaskTracker,
    terms: Terms,
    cores: Cores,
}

impl Connections {
    async fn accept_from(&self, listener: &TcpListener) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.serve(stream, peer),
                Err(error) => {
                    // Out of file descriptors, most often: give connections time to end.
                    tracing::warn!("cannot accept a connection: {error}");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let others = self.tasks.len();
        let (router, stay) = if others < self.max {
            (&self.router, Stay::Long)
        } else if others < self.max.saturating_add(TOLD_SO) {
            (&self.crowded, Stay::OneRequest)
        } else {
            metrics::count(&self.terms.metrics.connections_cut, Why::TooManyConnections);
            return;
        };
        let Some((core, place)) = self.cores.quietest() else {
            return;
        };
        let (router, terms) = (router.clone(), self.terms.clone());
        let serve = async move {
            let _place = place;
            // The runtime there has to know the socket, and this one to forget it.
            match stream.into_std().and_then(TcpStream::from_std) {
                Ok(stream) => connection::serve(stream, peer, router, stay, terms).await,
                Err(error) => tracing::warn!("cannot take {peer}'s connection: {error}"),
            }
        };
        self.tasks.spawn_on(serve, core);
    }
}

async fn sweep(hub: &Hub) -> Infallible {
    let (most, least) = SWEEP_EVERY;
    let mut ticks = interval((hub.options().retention / 10).clamp(most, least));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sessions, mut given_back) = (0, 0);
    loop {
        ticks.tick().await;
        let freed = hub.sweep(Instant::now());
        if freed > 0 {
            let left = hub.sessions();
            tracing::debug!(freed, left, "freed {freed} sessions, {left} are left");
        }
        sessions += freed as u64;
        let ended = sessions + hub.metrics().connections_ended();
        if ended >= given_back + GIVE_BACK_AFTER {
            given_back = ended;
            // It walks through all that is free, which other connections need not wait for.
            if let Err(error) = spawn_blocking(memory::give_back).await {
                tracing::warn!("cannot give memory back: {error}");
            }
        }
    }
}
