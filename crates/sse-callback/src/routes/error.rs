//! How a refused request is answered: a status and `{"detail": …}`, as the original's clients know
//! it: a list of mistakes with their places for 422, a sentence for everything else.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

use crate::metrics::Why;

/// A refused request.
pub(super) struct ApiError {
    status: StatusCode,
    body: Map<String, Value>,
    retry_after: Option<u32>,
    challenge: Option<&'static str>,
    why: Option<Why>,
}

impl ApiError {
    /// A refusal in a sentence.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::detailed(status, Value::String(message.into()))
    }

    /// A refusal for now; the client may come again after some seconds.
    pub(super) fn later(status: StatusCode, message: impl Into<String>, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(status, message)
        }
    }

    /// A body that takes too long to arrive.
    pub(super) fn slow_body() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "the body did not arrive in time (SSE_BODY_TIMEOUT_SECONDS)",
        )
    }

    /// A mistake in the request, with the place where it is.
    pub(super) fn invalid(location: &[&str], code: &str, message: &str) -> Self {
        Self::detailed(
            StatusCode::UNPROCESSABLE_ENTITY,
            json!([{"type": code, "loc": location, "msg": message}]),
        )
    }

    fn detailed(status: StatusCode, detail: Value) -> Self {
        Self {
            status,
            body: Map::from_iter([("detail".to_owned(), detail)]),
            retry_after: None,
            challenge: None,
            why: None,
        }
    }

    /// A further field beside `detail`, for programs.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// Tells what kind of token would help.
    pub(super) fn challenging(self, challenge: &'static str) -> Self {
        Self {
            challenge: Some(challenge),
            ..self
        }
    }

    /// Counts under a reason of its own, where the status alone stands for another.
    pub(super) fn counted_as(self, why: Why) -> Self {
        Self {
            why: Some(why),
            ..self
        }
    }

    /// The status that it is answered with.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after = self
            .retry_after
            .map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let challenge = self
            .challenge
            .map(|challenge| [(header::WWW_AUTHENTICATE, challenge)]);
        let why = self.why.map(Extension);
        (self.status, retry_after, challenge, why, Json(self.body)).into_response()
    }
}
