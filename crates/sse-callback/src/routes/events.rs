//! `POST /events/{session_id}`: takes one event, or many.

use std::fmt;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use kai_core::ids::SessionId;
use thiserror::Error;

use super::SessionPath;
use super::error::ApiError;
use crate::backend::Backend;
use crate::batch;
use crate::envelope::{self, EnvelopeError};
use crate::hub::{PublishError, Receipt};
use crate::metrics::Why;
use crate::producer::Refused;

/// Tells a publisher what this receiver can do beyond the original, which sends no such header.
const CAPABILITIES: (&str, &str) = ("kai-receiver", "ndjson, fenced");

/// Adds what the body holds to the session of the address.
pub(super) async fn publish(
    State(backend): State<Backend>,
    session: Result<SessionPath, ApiError>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match session {
        Ok(SessionPath(session)) => take(&backend, &session, is_batch(&headers), body).await,
        Err(error) => ([CAPABILITIES], error).into_response(),
    }
}

/// What a publisher is told whose event is in the session.
pub(super) fn taken(receipt: Receipt) -> Response {
    let answer = match receipt {
        Receipt::Stored(_) => r#"{"status":"ok"}"#,
        Receipt::Duplicate => r#"{"status":"ok","duplicate":true}"#,
    };
    taken_as(Bytes::from_static(answer.as_bytes()))
}

fn taken_as(answer: Bytes) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    ([CAPABILITIES], kind, answer).into_response()
}

/// Whether the request says that its body holds an envelope on each line.
fn is_batch(headers: &HeaderMap) -> bool {
    let is_ndjson = |value: &HeaderValue| {
        let mut parts = value.as_bytes().split(|byte| *byte == b';');
        parts.next().is_some_and(|essence| {
            essence
                .trim_ascii()
                .eq_ignore_ascii_case(batch::MEDIA_TYPE.as_bytes())
        })
    };
    headers.get(header::CONTENT_TYPE).is_some_and(is_ndjson)
}

async fn take(
    backend: &Backend,
    session: &SessionId,
    is_batch: bool,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let taken = if is_batch {
        take_many(backend, session, body).await
    } else {
        let taken = take_one(backend, session, body).await;
        taken.map_err(Refusal::from)
    };
    match taken {
        Ok(answer) => answer,
        Err(refusal) => {
            let session = session.as_str();
            // That Redis is away is told once, and not for every event.
            if matches!(
                refusal.error,
                EventError::Publish(PublishError::Unavailable)
            ) {
                tracing::debug!(session, "put off an event for session {session:?}");
            } else {
                tracing::warn!(
                    session,
                    "refused an event for session {session:?}: {refusal}"
                );
            }
            ([CAPABILITIES], ApiError::from(refusal)).into_response()
        }
    }
}

async fn take_one(
    backend: &Backend,
    session: &SessionId,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, EventError> {
    let post = envelope::read(&body?)?;
    Ok(taken(backend.publish(session, post).await?))
}

async fn take_many(
    backend: &Backend,
    session: &SessionId,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let batch = batch::read(&body.map_err(EventError::from)?);
    let published = backend.publish_all(session, batch.posts).await;
    let (accepted, duplicates) = (published.accepted, published.duplicates);
    // What the hub refused stands before what could not be read.
    let failed = match (published.refused, batch.wrong) {
        (Some(error), _) => {
            let line = batch.lines.get(accepted + duplicates).copied();
            Some((line.unwrap_or_default(), error.into()))
        }
        (None, Some((line, error))) => Some((line, error.into())),
        (None, None) => None,
    };
    match failed {
        None => Ok(accepted_many(accepted, duplicates)),
        Some((line, error)) => Err(Refusal {
            error,
            progress: Some(Progress {
                line,
                accepted,
                duplicates,
            }),
        }),
    }
}

fn accepted_many(accepted: usize, duplicates: usize) -> Response {
    taken_as(Bytes::from(format!(
        r#"{{"status":"ok","accepted":{accepted},"duplicates":{duplicates}}}"#
    )))
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

/// How far the receiver came with the lines of a body.
#[derive(Debug, Clone, Copy)]
struct Progress {
    /// The first line that was not taken.
    line: usize,
    accepted: usize,
    duplicates: usize,
}

/// Why a request was refused, or all of it from some line on.
#[derive(Debug)]
struct Refusal {
    error: EventError,
    progress: Option<Progress>,
}

impl From<EventError> for Refusal {
    fn from(error: EventError) -> Self {
        Self {
            error,
            progress: None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Progress { line, .. }) = self.progress {
            write!(f, "line {line}: ")?;
        }
        self.error.fmt(f)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { error, progress } = refusal;
        let answer = Self::from(error);
        match progress {
            None => answer,
            Some(progress) => answer
                .with("line", progress.line as u64)
                .with("accepted", progress.accepted as u64)
                .with("duplicates", progress.duplicates as u64),
        }
    }
}

impl From<EventError> for ApiError {
    fn from(error: EventError) -> Self {
        let message = error.to_string();
        match error {
            EventError::Body(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "the body is larger than SSE_MAX_BODY_BYTES allows",
                )
            }
            EventError::Body(rejection) => Self::new(rejection.status(), message),
            EventError::Envelope(wrong) => Self::invalid(wrong.location(), wrong.code(), &message),
            EventError::Publish(error) => match error {
                PublishError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, message),
                PublishError::TooManySessions { .. } => {
                    Self::later(StatusCode::TOO_MANY_REQUESTS, message, 10)
                }
                PublishError::Stopping | PublishError::Unavailable => {
                    Self::later(StatusCode::SERVICE_UNAVAILABLE, message, 1)
                }
                PublishError::Refused(Refused::Hole { expected }) => {
                    Self::new(StatusCode::CONFLICT, message).with("expected_seq", expected)
                }
                PublishError::Refused(Refused::OlderAttempt { .. } | Refused::EarlierRun) => {
                    Self::new(StatusCode::FORBIDDEN, message).counted_as(Why::Fenced)
                }
            },
        }
    }
}
