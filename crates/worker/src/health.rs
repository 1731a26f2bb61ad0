//! The health endpoints: `/healthz` and `/readyz`, 503 until the worker polls.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Whether the worker polls.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<AtomicBool>);

impl Health {
    /// The worker polls, or no longer does.
    pub fn set_polling(&self, polling: bool) {
        self.0.store(polling, Ordering::Relaxed);
    }

    fn is_polling(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Serves the endpoints until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let routes = Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .with_state(self);
        axum::serve(listener, routes)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
    }
}

async fn healthz(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    answer(health.is_polling(), "healthy", "starting")
}

async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    answer(health.is_polling(), "ready", "not_ready")
}

fn answer(good: bool, yes: &str, no: &str) -> (StatusCode, Json<Value>) {
    if good {
        (StatusCode::OK, Json(json!({"status": yes})))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": no})))
    }
}
