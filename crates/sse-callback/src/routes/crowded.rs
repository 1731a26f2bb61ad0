//! What is answered when there are too many connections: come again later, in words that each kind
//! of client understands.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::stream;
use crate::format::Format;
use crate::hub::Hub;
use crate::metrics::{self, Why};

/// How soon a publisher may try again.
const RETRY_AFTER_SECONDS: u32 = 5;

/// Puts a publisher off.
pub(super) async fn publish(State(hub): State<Arc<Hub>>) -> Response {
    metrics::count(&hub.metrics().publishes_refused, Why::TooManyConnections);
    let message = "there are too many connections (SSE_MAX_CONNECTIONS); try again later";
    ApiError::later(
        StatusCode::SERVICE_UNAVAILABLE,
        message,
        RETRY_AFTER_SECONDS,
    )
    .into_response()
}

/// Puts a subscriber off.
pub(super) async fn open(State(hub): State<Arc<Hub>>) -> Response {
    metrics::count(&hub.metrics().streams_refused, Why::TooManyConnections);
    stream::put_off(Format::default())
}
