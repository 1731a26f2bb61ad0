//! `/healthz` and `/readyz`: whether the receiver lives, and whether it takes events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::hub::Hub;

/// It answers, so it lives.
pub(super) async fn live() -> Json<Value> {
    Json(json!({"status": "healthy"}))
}

/// Ready until it shuts down.
pub(super) async fn ready(State(hub): State<Arc<Hub>>) -> (StatusCode, Json<Value>) {
    if hub.is_stopping() {
        let body = Json(json!({"status": "not_ready"}));
        (StatusCode::SERVICE_UNAVAILABLE, body)
    } else {
        (StatusCode::OK, Json(json!({"status": "ready"})))
    }
}
