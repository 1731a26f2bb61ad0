//! The answers that the short way gives, as the routes give them.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures::stream;
use tower::Service as _;

use super::{RouteOptions, events, stream as streams, with_origins};
use crate::format::Format;
use crate::hub::Receipt;

/// One of each.
pub(crate) struct Samples {
    /// An event was stored.
    pub(crate) stored: Response,
    /// It had been stored before.
    pub(crate) duplicate: Response,
    /// A stream begins.
    pub(crate) stream: Response,
}

/// Has them made by a router, with all that it adds to answers.
pub(crate) async fn samples(options: &RouteOptions) -> Samples {
    let id = crate::frame::EventId {
        epoch: crate::frame::Epoch::random(),
        seq: 1,
    };
    Samples {
        stored: routed(options, move || events::taken(Receipt::Stored(id))).await,
        duplicate: routed(options, || events::taken(Receipt::Duplicate)).await,
        stream: routed(options, || {
            let endless = stream::pending::<Result<Vec<u8>, axum::Error>>();
            streams::event_stream(Format::Native, Body::from_stream(endless))
        })
        .await,
    }
}

async fn routed(
    options: &RouteOptions,
    answer: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> Response {
    let router = Router::new().fallback(async move || answer());
    let answered = with_origins(router, options).call(Request::new(Body::empty()));
    match answered.await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
