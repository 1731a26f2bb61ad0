//! The HTTP routes: each decodes, calls the backend, encodes.

mod api;
mod crowded;
mod docs;
mod error;
mod events;
mod gate;
mod health;
mod measured;
mod metrics;
mod openapi;
mod own;
mod page;
mod sample;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRef, FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use kai_core::ids::SessionId;

use crate::access::{Access, Right};
use crate::backend::Backend;
use crate::hosts::Hosts;
use crate::hub::Hub;
use crate::origins::Origins;
use crate::runs::Runs;
use error::ApiError;
use gate::Gate;
use measured::Measured;
use own::Own;

pub(crate) use gate::bearer;
pub(crate) use sample::{Samples, samples};

/// What the routes keep to, beside the hub's own limits.
#[derive(Debug)]
pub(crate) struct RouteOptions {
    pub(crate) access: Arc<Access>,
    pub(crate) origins: Option<Origins>,
    /// The names by which it may be asked without a token.
    pub(crate) hosts: Hosts,
    pub(crate) max_body_bytes: usize,
    pub(crate) body_within: Duration,
    /// None on a receiver that only shows streams.
    pub(crate) runs: Option<Arc<Runs>>,
}

/// All routes over one backend.
pub(crate) fn router(backend: &Backend, options: &RouteOptions) -> Router {
    let hub = backend.hub();
    let publish = post(events::publish).layer(DefaultBodyLimit::max(options.max_body_bytes));
    let measured = Measured {
        hub: Arc::clone(hub),
        within: options.body_within,
    };
    let publish = guard(publish, hub, options, Right::Publish).route_layer(measured);
    let stream = guard(get(stream::open), hub, options, Right::Subscribe);
    assemble(backend, options, publish, stream)
}

/// The routes for connections that are too many: they put off publishers and subscribers.
pub(crate) fn crowded(backend: &Backend, options: &RouteOptions) -> Router {
    assemble(backend, options, post(crowded::publish), get(crowded::open))
}

type Routes = MethodRouter<Backend>;

/// Most routes need no more of a backend than its hub.
impl FromRef<Backend> for Arc<Hub> {
    fn from_ref(backend: &Backend) -> Self {
        Self::clone(backend.hub())
    }
}

fn assemble(backend: &Backend, options: &RouteOptions, publish: Routes, stream: Routes) -> Router {
    let router = Router::new()
        .route("/events/{session_id}", publish)
        .route("/stream/{session_id}", stream)
        .route("/docs", get(docs::page))
        .route("/openapi.json", get(openapi::description))
        .route("/metrics", get(metrics::page))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .with_state(backend.clone())
        .merge(for_people(options))
        .fallback(async || ApiError::new(StatusCode::NOT_FOUND, "Not Found"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        });
    with_origins(router, options)
}

/// The page, and what it asks.
fn for_people(options: &RouteOptions) -> Router {
    let routes = Router::new()
        .route("/", get(page::document))
        .route("/assets/{file}", get(page::asset))
        .merge(api::routes(options));
    if options.runs.is_none() || !options.access.is_open(Right::Ask) {
        return routes;
    }
    let own = Arc::new(Own {
        hosts: options.hosts.clone(),
        origins: options.origins.clone(),
    });
    routes.route_layer(from_fn_with_state(own, own::pass))
}

fn with_origins(router: Router, options: &RouteOptions) -> Router {
    match &options.origins {
        // Outermost, so that pages can read refusals, too.
        Some(origins) => router.layer(origins.layer()),
        None => router,
    }
}

/// Puts a gate before a route, unless it is open to everybody.
fn guard(route: Routes, hub: &Arc<Hub>, options: &RouteOptions, right: Right) -> Routes {
    if options.access.is_open(right) {
        return route;
    }
    let gate = Gate {
        hub: Arc::clone(hub),
        access: Arc::clone(&options.access),
        right,
    };
    route.route_layer(from_fn_with_state(gate, gate::pass))
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
