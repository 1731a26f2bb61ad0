//! Small HTTP servers of the benchmark itself, which end when they are dropped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as Probe};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::error::BenchError;

/// How long the late receiver takes for an answer: as long as workers wait for it.
const LATE: Duration = Duration::from_secs(3);

/// A server at work.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// Dropped, it ends the server.
    _task: JoinSet<()>,
}

/// Serves on a free port.
pub(crate) async fn serve(routes: Router) -> Result<Served, BenchError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(BenchError::io("listening"))?;
    let address = listener.local_addr().map_err(BenchError::io("listening"))?;
    let mut task = JoinSet::new();
    task.spawn(async move {
        // It ends only with the benchmark.
        let _ = axum::serve(listener, routes).await;
    });
    Ok(Served {
        address,
        _task: task,
    })
}

/// A receiver that answers every post after three seconds.
pub(crate) async fn late_receiver() -> Result<Served, BenchError> {
    serve(Router::new().route("/events/{session}", post(late_answer))).await
}

async fn late_answer() -> impl IntoResponse {
    tokio::time::sleep(LATE).await;
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/json"),
    );
    (headers, r#"{"status":"ok"}"#)
}

/// A port on which nobody listens.
pub(crate) fn free_port() -> Result<u16, BenchError> {
    let port = || Probe::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    Ok(port()
        .map_err(BenchError::io("looking for a free port"))?
        .port())
}
