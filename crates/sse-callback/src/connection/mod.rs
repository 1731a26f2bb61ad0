//! One connection: its deadlines, its limits, and the requests that come over it.

mod deadline;
mod guarded;
mod phase;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
use guarded::Guarded;
use phase::{Phase, Requests};

/// How large a request's header may be; hyper refuses what is larger, or has more than 100 fields,
/// with 431.
const MAX_HEADER_BYTES: usize = 32 * 1_024;

/// How long a peer may take, or be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the first byte of a request's header to the last; the first header of a connection
    /// counts from its beginning.
    pub header: Duration,
    /// From an answer to the next request.
    pub idle: Duration,
    /// Until it takes something of what is written to it.
    pub write: Duration,
}

/// What the connections of a server have in common.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) patience: Patience,
    pub(crate) metrics: Arc<Metrics>,
    /// Ends a connection as soon as its open stream or request is through.
    pub(crate) stop: CancellationToken,
    /// Ends it at once.
    pub(crate) abort: CancellationToken,
}

/// Whether a connection may stay for more than one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// As long as it likes.
    Long,
    /// There are too many.
    OneRequest,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stay: Stay,
    terms: Terms,
) {
    let Terms {
        patience,
        metrics,
        stop,
        abort,
    } = terms;
    let _open = Counted::new(&metrics);
    if let Err(error) = socket::prepare(&stream, patience.write) {
        tracing::debug!(%peer, "cannot set the options of {peer}'s connection: {error}");
    }
    let phase = Arc::new(Phase::default());
    let guarded = Guarded::new(stream, Arc::clone(&phase), patience, Arc::clone(&metrics));
    let connection = http1::Builder::new()
        .max_header_size(MAX_HEADER_BYTES)
        // Ours tells a slow header from an idle connection, and costs no timer for each request.
        .header_read_timeout(None)
        .keep_alive(stay == Stay::Long)
        .serve_connection(TokioIo::new(guarded), Requests::new(router, phase));
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
}

/// Counts a connection while it is open.
struct Counted<'a>(&'a Metrics);

impl<'a> Counted<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        metrics.connections.inc();
        metrics.connections_accepted.inc();
        Self(metrics)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}
