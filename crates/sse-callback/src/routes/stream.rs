//! `GET /stream/{session_id}`: a session's events as they come.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;

use super::SessionPath;
use super::error::ApiError;
use crate::backend::Backend;
use crate::format::{Format, Translation};
use crate::hub::{Opening, SubscribeError};
use crate::log::Visit;
use crate::subscription::{Subscription, refusal};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Deserialize)]
pub(super) struct StreamQuery {
    last_event_id: Option<String>,
    replay: Option<Replay>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Replay {
    All,
}

/// Opens a stream. A browser's `EventSource` gives up for good on any status but 200, so a receiver
/// that has no room answers 200, says when to come again, and ends.
pub(super) async fn open(
    State(backend): State<Backend>,
    SessionPath(session): SessionPath,
    query: Result<Query<StreamQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(error) => {
            let message = format!(
                "{}; known are last_event_id=ID, replay=all and \
                 format=native, agui or aisdk",
                error.body_text()
            );
            return ApiError::invalid(&["query"], "query_invalid", &message).into_response();
        }
    };
    let visit = Visit {
        cursor: cursor(&headers, query.last_event_id),
        replay_all: query.replay.is_some(),
    };
    let opening = backend.subscribe(&session, &visit).await;
    let session = session.as_str();
    match opening {
        Ok(Opening::Stream(subscription)) => {
            tracing::debug!(session, "opened a stream of session {session:?}");
            let body = match query.format.vocabulary() {
                None => frames(*subscription),
                Some(vocabulary) => translated(Translation::join(*subscription, vocabulary).await),
            };
            event_stream(query.format, body)
        }
        Ok(Opening::Finished) => StatusCode::NO_CONTENT.into_response(),
        // That Redis is away is told once, and not for every stream.
        Err(SubscribeError::Unavailable) => {
            tracing::debug!(session, "put off a stream of session {session:?}");
            put_off(query.format)
        }
        Err(error) => {
            tracing::warn!(session, "put off a stream of session {session:?}: {error}");
            put_off(query.format)
        }
    }
}

/// Asks to come again later.
pub(super) fn put_off(format: Format) -> Response {
    event_stream(format, Body::from(refusal()))
}

/// The header is the one that moves with the events, so it goes before the query.
fn cursor(headers: &HeaderMap, query: Option<String>) -> Option<String> {
    headers
        .get(LAST_EVENT_ID)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .filter(|cursor| !cursor.is_empty())
        .or(query.filter(|cursor| !cursor.is_empty()))
}

fn frames(subscription: Subscription) -> Body {
    Body::from_stream(stream::unfold(subscription, async |mut subscription| {
        let frame = subscription.next().await?;
        Some((Ok::<_, Infallible>(frame), subscription))
    }))
}

fn translated(translation: Translation) -> Body {
    Body::from_stream(stream::unfold(translation, async |mut translation| {
        let frames = translation.next().await?;
        Some((Ok::<_, Infallible>(frames), translation))
    }))
}

pub(super) fn event_stream(format: Format, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONNECTION, "keep-alive"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let marked = format
        .header()
        .map(|(name, value)| [(HeaderName::from_static(name), value)]);
    (headers, marked, body).into_response()
}
