//! The check of an open receiver that asks: whether a browser's request is for it, and from a page of
//! its own. Where tokens are required it is not needed, since other sites have none.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::hosts::Hosts;
use crate::origins::Origins;

/// What is the receiver's own.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) hosts: Hosts,
    pub(super) origins: Option<Origins>,
}

/// Goes on to the route, or says why not.
pub(super) async fn pass(State(own): State<Arc<Own>>, request: Request, next: Next) -> Response {
    match own.check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

impl Own {
    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
        let named = uri.authority().map(Authority::as_str);
        let hosts = headers.get_all(header::HOST).iter().map(text);
        // A request that names no host is not a browser's.
        for host in named.into_iter().chain(hosts) {
            if !self.hosts.allow(host) {
                tracing::warn!("turned away a request for the host {host:?}");
                let message = format!(
                    "this receiver is not asked by the name {host:?}: use its address or localhost, \
                     allow the name with SSE_ALLOWED_HOSTS, or require a token (SSE_SUBSCRIBE_TOKEN)"
                );
                return Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, message));
            }
        }
        if *method == Method::POST && !self.is_from_own_page(headers) {
            let origin = headers.get(header::ORIGIN).map(text).unwrap_or_default();
            tracing::warn!("turned away a request of a page of {origin:?}");
            let message = "this comes from a page of another origin: list it in SSE_CORS_ORIGINS, or \
                           allow the name of this receiver with SSE_ALLOWED_HOSTS";
            return Err(ApiError::new(StatusCode::FORBIDDEN, message));
        }
        Ok(())
    }

    /// Whether a request comes from a page of this receiver, from one that is listed, or from none.
    fn is_from_own_page(&self, headers: &HeaderMap) -> bool {
        let origin = headers.get(header::ORIGIN);
        let is_listed = |origin| self.origins.as_ref().is_some_and(|all| all.allow(origin));
        if origin.is_some_and(is_listed) {
            return true;
        }
        // Browsers send it where the connection is one to this machine or encrypted; what it says is
        // true behind a proxy, too.
        if let Some(site) = headers.get("sec-fetch-site") {
            return site == "same-origin" || site == "none";
        }
        let Some(origin) = origin else {
            return true;
        };
        let Some((_, origin)) = text(origin).split_once("://") else {
            return false;
        };
        headers.get(header::HOST).map(text) == Some(origin) || self.hosts.list(origin)
    }
}

/// The text of a header; one that is none is nobody's name.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or("\u{fffd}")
}
