//! `/healthz` and `/readyz`: whether the receiver lives, and whether it takes events.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::backend::Backend;

/// It answers, so it lives.
pub(super) async fn live() -> Json<Value> {
    Json(json!({"status": "healthy"}))
}

/// Ready while it can take events: until it shuts down, and as long as it reaches what it keeps them in.
pub(super) async fn ready(State(backend): State<Backend>) -> (StatusCode, Json<Value>) {
    if backend.is_ready() {
        (StatusCode::OK, Json(json!({"status": "ready"})))
    } else {
        let body = Json(json!({"status": "not_ready"}));
        (StatusCode::SERVICE_UNAVAILABLE, body)
    }
}
