//! `/api`: asking questions and steering their runs. On a receiver without Temporal all of it answers 501.

mod connections;
mod questions;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::error::ApiError;
use super::{RouteOptions, gate};
use crate::access::{Access, Denied, Right};
use crate::runs::{Runs, RunsError};

/// How large a body may be: a question, and some words around it.
const MAX_BODY: usize = 64 * 1024;

/// After how many seconds it is worth to try again.
const RETRY_AFTER: u32 = 5;

/// What these routes share.
#[derive(Clone)]
pub(super) struct Api {
    runs: Option<Arc<Runs>>,
    access: Arc<Access>,
    body_within: Duration,
}

/// The routes under `/api`.
pub(super) fn routes(options: &RouteOptions) -> Router {
    let api = Api {
        runs: options.runs.clone(),
        access: Arc::clone(&options.access),
        body_within: options.body_within,
    };
    Router::new()
        .route("/api/connections", get(connections::list))
        .route("/api/questions", post(questions::ask))
        .route("/api/sessions", get(sessions::list))
        .route("/api/sessions/{session_id}", get(sessions::show))
        .route("/api/sessions/{session_id}/{order}", post(sessions::tell))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(api)
}

/// What a body says, if it arrives in time.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<Api> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        match timeout(api.body_within, Json::from_request(request, api)).await {
            Ok(read) => Ok(read.map(|Json(said)| Self(said))?),
            Err(_) => Err(ApiError::slow_body()),
        }
    }
}

/// Somebody who wants something, on a receiver that can do it.
struct Visitor {
    runs: Arc<Runs>,
    access: Arc<Access>,
    token: Option<String>,
}

impl FromRequestParts<Api> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let Some(runs) = &api.runs else {
            return Err(ApiError::new(
                StatusCode::NOT_IMPLEMENTED,
                "this receiver only shows streams; start it with --temporal-host to ask questions here",
            ));
        };
        Ok(Self::new(runs, &api.access, &parts.headers))
    }
}

impl Visitor {
    fn new(runs: &Arc<Runs>, access: &Arc<Access>, headers: &HeaderMap) -> Self {
        Self {
            runs: Arc::clone(runs),
            access: Arc::clone(access),
            token: gate::header_token(headers),
        }
    }

    /// Whether the visitor may do this in a session.
    fn check(&self, right: Right, session: &str) -> Result<(), Denied> {
        self.access.check(right, self.token.as_deref(), session)
    }

    /// Whether the visitor may do this in any session.
    fn check_any(&self, right: Right) -> Result<(), Denied> {
        self.access.check_any(right, self.token.as_deref())
    }
}

impl From<RunsError> for ApiError {
    fn from(error: RunsError) -> Self {
        let message = error.to_string();
        match error {
            RunsError::Unreachable | RunsError::NoWorker => {
                Self::later(StatusCode::SERVICE_UNAVAILABLE, message, RETRY_AFTER)
            }
            RunsError::NotFound => Self::new(StatusCode::NOT_FOUND, message),
            RunsError::Busy | RunsError::Ended => Self::new(StatusCode::CONFLICT, message),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let message = rejection.body_text();
        match rejection.status() {
            // Pages from elsewhere can send other types without asking, so only this one is read.
            status @ (StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::PAYLOAD_TOO_LARGE) => {
                Self::new(status, message)
            }
            _ => Self::invalid(&["body"], "json_invalid", &message),
        }
    }
}
