//! How a refused request is answered: a status and `{"detail": …}`, as the original's clients know
//! it: a list of mistakes with their places for 422, a sentence for everything else.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refused request.
pub(super) struct ApiError {
    status: StatusCode,
    detail: Value,
    retry_after: Option<u32>,
    challenge: Option<&'static str>,
}

impl ApiError {
    /// A refusal in a sentence.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            detail: Value::String(message.into()),
            retry_after: None,
            challenge: None,
        }
    }

    /// A refusal for now; the client may come again after some seconds.
    pub(super) fn later(status: StatusCode, message: impl Into<String>, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(status, message)
        }
    }

    /// A mistake in the request, with the place where it is.
    pub(super) fn invalid(location: &[&str], code: &str, message: &str) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: json!([{"type": code, "loc": location, "msg": message}]),
            retry_after: None,
            challenge: None,
        }
    }

    /// Tells what kind of token would help.
    pub(super) fn challenging(self, challenge: &'static str) -> Self {
        Self {
            challenge: Some(challenge),
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
        let body = Json(json!({"detail": self.detail}));
        (self.status, retry_after, challenge, body).into_response()
    }
}
