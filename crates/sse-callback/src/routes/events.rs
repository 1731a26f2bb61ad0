//! `POST /events/{session_id}`: takes one event.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use kai_core::ids::SessionId;
use thiserror::Error;

use super::SessionPath;
use super::error::ApiError;
use crate::envelope::{self, EnvelopeError};
use crate::hub::{Hub, PublishError};

/// Adds the event of the body to the session of the address.
pub(super) async fn publish(
    State(hub): State<Arc<Hub>>,
    SessionPath(session): SessionPath,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match accept(&hub, &session, body) {
        Ok(()) => (
            [(header::CONTENT_TYPE, "application/json")],
            r#"{"status":"ok"}"#,
        )
            .into_response(),
        Err(error) => {
            let session = session.as_str();
            tracing::warn!(session, "refused an event for session {session:?}: {error}");
            ApiError::from(error).into_response()
        }
    }
}

fn accept(
    hub: &Hub,
    session: &SessionId,
    body: Result<Bytes, BytesRejection>,
) -> Result<(), EventError> {
    let draft = envelope::read(&body?)?;
    hub.publish(session, draft)?;
    Ok(())
}

/// Why an event was refused.
#[derive(Debug, Error)]
enum EventError {
    #[error("{}", .0.body_text())]
    Body(#[from] BytesRejection),
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl From<EventError> for ApiError {
    fn from(error: EventError) -> Self {
        match &error {
            EventError::Body(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "the body is larger than SSE_MAX_BODY_BYTES allows",
                )
            }
            EventError::Body(rejection) => Self::new(rejection.status(), error.to_string()),
            EventError::Envelope(wrong) => {
                Self::invalid(wrong.location(), wrong.code(), &error.to_string())
            }
            EventError::Publish(PublishError::TooLarge { .. }) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            EventError::Publish(PublishError::TooManySessions { .. }) => {
                Self::later(StatusCode::TOO_MANY_REQUESTS, error.to_string(), 10)
            }
            EventError::Publish(PublishError::Stopping) => {
                Self::later(StatusCode::SERVICE_UNAVAILABLE, error.to_string(), 1)
            }
        }
    }
}
