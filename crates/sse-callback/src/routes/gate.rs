//! The gate before a route: lets a request through when its token covers the session.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::SessionPath;
use super::error::ApiError;
use crate::access::{Access, Denied, Right};
use crate::hub::Hub;
use crate::metrics::{self, Why};

/// A gate: who is let through, and to what.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) hub: Arc<Hub>,
    pub(super) access: Arc<Access>,
    pub(super) right: Right,
}

/// Goes on to the route, or says why not.
pub(super) async fn pass(
    State(gate): State<Gate>,
    SessionPath(session): SessionPath,
    request: Request,
    next: Next,
) -> Response {
    let token = token(gate.right, request.headers(), request.uri());
    match gate
        .access
        .check(gate.right, token.as_deref(), session.as_str())
    {
        Ok(()) => next.run(request).await,
        Err(denied) => {
            let session = session.as_str();
            tracing::warn!(
                session,
                "turned away a request for session {session:?}: {denied}"
            );
            let error = ApiError::from(denied);
            // Publishers' refusals are counted by their status, where their time is taken.
            if gate.right == Right::Subscribe {
                let why = match error.status() {
                    StatusCode::FORBIDDEN => Why::Forbidden,
                    _ => Why::Unauthorized,
                };
                metrics::count(&gate.hub.metrics().streams_refused, why);
            }
            error.into_response()
        }
    }
}

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

/// The token of the header; for subscribers also that of the query, since a browser's
/// `EventSource` cannot set headers.
fn token(right: Right, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(token) = header_token(headers) {
        return Some(token);
    }
    match right {
        Right::Publish | Right::Ask => None,
        Right::Subscribe => match Query::<TokenQuery>::try_from_uri(uri) {
            Ok(Query(query)) => query.token,
            Err(_) => Some(String::new()),
        },
    }
}

/// The token of the header.
pub(super) fn header_token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?;
    // What cannot be read is a wrong token, not a missing one.
    let text = value.to_str().unwrap_or_default();
    Some(bearer(text).unwrap_or_default().to_owned())
}

/// The token of a header `Authorization`; none when it holds something else.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        let (status, challenge) = match denied {
            Denied::Missing => (StatusCode::UNAUTHORIZED, r#"Bearer realm="kai""#),
            Denied::Wrong | Denied::Expired => (
                StatusCode::UNAUTHORIZED,
                r#"Bearer realm="kai", error="invalid_token""#,
            ),
            Denied::NoPublishing | Denied::NoReading | Denied::NoAsking => (
                StatusCode::FORBIDDEN,
                r#"Bearer realm="kai", error="insufficient_scope""#,
            ),
        };
        Self::new(status, denied.to_string()).challenging(challenge)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_is_found_where_it_may_be() {
        let uri: Uri = "/stream/s?token=a%2Bb&replay=all".parse().unwrap();
        let bare: Uri = "/stream/s?replay=all".parse().unwrap();
        let twice: Uri = "/stream/s?token=a&token=b".parse().unwrap();
        let none = HeaderMap::new();
        let with = |value: &'static str| {
            HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))])
        };
        let found = |right, headers: &HeaderMap, uri| token(right, headers, uri);
        assert_eq!(found(Right::Subscribe, &none, &uri).as_deref(), Some("a+b"));
        assert_eq!(found(Right::Subscribe, &none, &bare), None);
        assert_eq!(found(Right::Subscribe, &none, &twice).as_deref(), Some(""));
        assert_eq!(found(Right::Publish, &none, &uri), None);
        for (value, expected) in [
            ("Bearer t", "t"),
            ("bearer  t ", "t"),
            ("Basic dTpw", ""),
            ("t", ""),
            ("", ""),
        ] {
            let got = found(Right::Subscribe, &with(value), &uri);
            assert_eq!(got.as_deref(), Some(expected), "{value}");
        }
    }
}
