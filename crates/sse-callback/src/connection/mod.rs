//! One connection: its deadlines, its limits, and the requests that come over it.

mod deadline;
mod guarded;
mod phase;
mod rewind;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::hot::{HandOver, Hot, Next};
use crate::metrics::Metrics;
use phase::Requests;
use rewind::Rewind;

pub(crate) use deadline::Deadline;
pub(crate) use guarded::Guarded;
pub(crate) use phase::{Arrived, Doing, Phase};

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
    /// The short way, where there is one.
    pub(crate) hot: Option<Arc<Hot>>,
    /// Ends a connection as soon as its open stream or request is through.
    pub(crate) stop: CancellationToken,
}

/// Whether a connection may stay for more than one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// As long as it likes.
    Long,
    /// There are too many.
    OneRequest,
}

/// Serves a connection until it ends: the short way first, and by hyper from the first request on that
/// the short way leaves to it.
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
        hot,
        stop,
    } = terms;
    let _open = Counted::new(&metrics);
    if let Err(error) = socket::prepare(&stream, patience.write) {
        tracing::debug!(%peer, "cannot set the options of {peer}'s connection: {error}");
    }
    let phase = Arc::new(Phase::default());
    let mut guarded = Guarded::new(stream, Arc::clone(&phase), patience, Arc::clone(&metrics));
    let begun = match &hot {
        Some(hot) if stay == Stay::Long => match hot.serve(&mut guarded, &phase, &stop).await {
            Ok(Next::HandOver(begun)) => begun,
            Ok(Next::Ended) => return,
            Err(error) => {
                tracing::debug!(%peer, "the connection of {peer} broke: {error}");
                return;
            }
        },
        _ => HandOver::default(),
    };
    let requests = Requests::new(router, phase, begun.arrived);
    let stream = Rewind::new(begun.bytes, guarded);
    // In a box, so that the tasks of connections that hyper never sees are small.
    if let Err(error) = Box::pin(by_hyper(stream, requests, stay, stop)).await {
        tracing::debug!(%peer, "the connection of {peer} broke: {error}");
    }
}

async fn by_hyper(
    stream: Rewind<Guarded<TcpStream>>,
    requests: Requests,
    stay: Stay,
    stop: CancellationToken,
) -> hyper::Result<()> {
    let connection = http1::Builder::new()
        .max_header_size(MAX_HEADER_BYTES)
        // Ours tells a slow header from an idle connection, and costs no timer for each request.
        .header_read_timeout(None)
        .keep_alive(stay == Stay::Long)
        .serve_connection(TokioIo::new(stream), requests);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // First, so that it knows of what has been said already: only who has said nothing is closed.
        biased;
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
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
