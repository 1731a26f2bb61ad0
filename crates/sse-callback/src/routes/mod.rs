//! The HTTP routes: each decodes, calls the hub, encodes.

mod docs;
mod error;
mod events;
mod health;
mod stream;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use kai_core::ids::SessionId;

use crate::hub::Hub;
use error::ApiError;

/// All routes over one hub.
pub(crate) fn router(hub: Arc<Hub>, max_body_bytes: usize) -> Router {
    Router::new()
        .route(
            "/events/{session_id}",
            post(events::publish).layer(DefaultBodyLimit::max(max_body_bytes)),
        )
        .route("/stream/{session_id}", get(stream::open))
        .route("/docs", get(docs::page))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(async || ApiError::new(StatusCode::NOT_FOUND, "Not Found"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .with_state(hub)
}

/// The session that an address names.
struct SessionPath(SessionId);

impl SessionPath {
    /// Long enough for any id of a conversation or a workflow.
    const MAX_BYTES: usize = 1_024;
}

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let refused = |code, message| ApiError::invalid(&["path", "session_id"], code, message);
        match path {
            Ok(Path(id)) if id.len() <= Self::MAX_BYTES => Ok(Self(SessionId::new(id))),
            Ok(_) => Err(refused(
                "string_too_long",
                "the session id must not be longer than 1024 bytes",
            )),
            Err(_) => Err(refused("string_unicode", "the session id must be UTF-8")),
        }
    }
}
