//! The health endpoints: `/healthz`, 503 until the worker polls, and `/readyz`, 503 also while Temporal
//! is away: a worker that waits for Temporal is well, and restarting it would help nobody. Beside them
//! `/metrics`.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use temporalio_client::Client;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// How often Temporal is asked whether it is there.
const INTERVAL: Duration = Duration::from_secs(3);

/// Whether the worker polls, and whether anybody answers it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    polling: AtomicBool,
    /// Temporal did not answer when it was last asked.
    away: AtomicBool,
}

impl Health {
    /// The worker polls, or no longer does.
    pub fn set_polling(&self, polling: bool) {
        self.0.polling.store(polling, Ordering::Relaxed);
    }

    fn is_polling(&self) -> bool {
        self.0.polling.load(Ordering::Relaxed)
    }

    fn is_ready(&self) -> bool {
        self.is_polling() && !self.0.away.load(Ordering::Relaxed)
    }

    /// Asks Temporal from time to time whether it is there; never ends by itself.
    pub async fn watch(self, client: Client) {
        let mut timer = tokio::time::interval(INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            timer.tick().await;
            let away = !kai_temporal::answers(&client).await;
            let was_away = self.0.away.swap(away, Ordering::Relaxed);
            match (was_away, away) {
                (false, true) => tracing::warn!("Temporal does not answer; not ready"),
                (true, false) => tracing::info!("Temporal answers again; ready"),
                _ => {}
            }
        }
    }

    /// Serves the endpoints until `stop` is cancelled.
    pub async fn serve(
        self,
        metrics: Arc<Metrics>,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> io::Result<()> {
        let page = {
            let health = self.clone();
            move || async move { page(&health, &metrics) }
        };
        let routes = Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", get(page))
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
    answer(health.is_ready(), "ready", "not_ready")
}

fn page(health: &Health, metrics: &Metrics) -> Response {
    match metrics.page(health.is_ready()) {
        Ok(page) => ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], page).into_response(),
        Err(error) => {
            tracing::error!("cannot write the page of metrics: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn answer(good: bool, yes: &str, no: &str) -> (StatusCode, Json<Value>) {
    if good {
        (StatusCode::OK, Json(json!({"status": yes})))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": no})))
    }
}
