//! The server around the hub: listens, serves connections, sweeps, and shuts down in time.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::hub::Hub;
use crate::routes;
use crate::settings::Settings;

/// How long connections may take to end by themselves: shutdown is to be over within 30 s.
const GRACE: Duration = Duration::from_secs(25);

/// How long a connection may take to send a request's headers, or be idle between requests. Longer
/// than publishers keep unused connections, so that these are never closed under their hands.
const HEADERS_WITHIN: Duration = Duration::from_mins(2);

/// How often unused sessions are looked for, at most and at least.
const SWEEP_EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

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
}

/// A receiver that listens, and serves once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    hub: Arc<Hub>,
    router: Router,
}

impl Server {
    /// Begins to listen.
    pub async fn bind(settings: &Settings) -> Result<Self, StartError> {
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
        let hub = Hub::new(settings.hub());
        let router = routes::router(Arc::clone(&hub), settings.max_body_bytes.get());
        Ok(Self {
            listener,
            address,
            hub,
            router,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then lets open streams and requests end. When it returns, within 30
    /// seconds of `stop`, nothing of it runs any more; dropping it ends everything at once.
    pub async fn run(self, stop: CancellationToken) {
        let connections = Connections {
            router: self.router,
            tasks: TaskTracker::new(),
            stop: stop.child_token(),
            abort: CancellationToken::new(),
        };
        let _end_when_dropped = (
            connections.abort.clone().drop_guard(),
            connections.stop.clone().drop_guard(),
        );
        tokio::select! {
            () = stop.cancelled() => {}
            never = connections.accept_from(self.listener) => match never {},
            never = sweep(&self.hub) => match never {},
        }
        self.hub.stop();
        connections.tasks.close();
        if timeout(GRACE, connections.tasks.wait()).await.is_err() {
            let left = connections.tasks.len();
            tracing::warn!(
                left,
                "cutting {left} connections that did not end by themselves"
            );
            connections.abort.cancel();
            connections.tasks.wait().await;
        }
    }
}

/// What the connections share.
struct Connections {
    router: Router,
    tasks: TaskTracker,
    /// Ends connections as soon as their open streams and requests are through.
    stop: CancellationToken,
    /// Ends what is left after that.
    abort: CancellationToken,
}

impl Connections {
    async fn accept_from(&self, listener: TcpListener) -> Infallible {
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
        // Events are small and wanted at once.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, "cannot switch off Nagle's algorithm for {peer}: {error}");
        }
        let service = TowerToHyperService::new(self.router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), service);
        let (stop, abort) = (self.stop.clone(), self.abort.clone());
        self.tasks.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    tokio::select! {
                        ended = connection => ended,
                        () = abort.cancelled() => return,
                    }
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%peer, "the connection of {peer} broke: {error}");
            }
        });
    }
}

async fn sweep(hub: &Hub) -> Infallible {
    let (most, least) = SWEEP_EVERY;
    let mut ticks = interval((hub.options().retention / 10).clamp(most, least));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let freed = hub.sweep(Instant::now());
        if freed > 0 {
            let left = hub.sessions();
            tracing::debug!(freed, left, "freed {freed} sessions, {left} are left");
        }
    }
}
