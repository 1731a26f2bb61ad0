//! `/metrics`: what the receiver counts, for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::hub::Hub;
use crate::metrics::Metrics;

/// The page.
pub(super) async fn page(State(hub): State<Arc<Hub>>) -> Response {
    let metrics = hub.metrics();
    let sessions = i64::try_from(hub.sessions()).unwrap_or(i64::MAX);
    metrics.sessions.set(sessions);
    match metrics.page() {
        Ok(page) => ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], page).into_response(),
        Err(error) => {
            tracing::error!("cannot write the page of metrics: {error}");
            let message = "the metrics cannot be written; the log says more";
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}
