//! Takes the time of publishing requests, ends those that take too long, and counts the refused.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tower::{Layer, Service};

use super::error::ApiError;
use crate::connection::Arrived;
use crate::hub::Hub;
use crate::metrics::{self, Why};

/// The layer around the route.
#[derive(Clone)]
pub(super) struct Measured {
    pub(super) hub: Arc<Hub>,
    pub(super) within: Duration,
}

impl<S> Layer<S> for Measured {
    type Service = MeasuredService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MeasuredService {
            inner,
            measured: self.clone(),
        }
    }
}

/// The route with the layer.
#[derive(Clone)]
pub(super) struct MeasuredService<S> {
    inner: S,
    measured: Measured,
}

impl<S: Service<Request, Response = Response, Error = Infallible>> Service<Request>
    for MeasuredService<S>
{
    type Response = Response;
    type Error = Infallible;
    type Future = Measuring<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let arrived = request.extensions().get();
        let started = arrived.map_or_else(Instant::now, |Arrived(at)| *at);
        Measuring {
            answer: self.inner.call(request),
            measured: self.measured.clone(),
            started,
            alarm: None,
        }
    }
}

pin_project! {
    /// One request on its way.
    pub(super) struct Measuring<F> {
        #[pin]
        answer: F,
        measured: Measured,
        started: Instant,
        // Made when the answer is not there at once; most often it is.
        alarm: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Measuring<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = if let Poll::Ready(Ok(response)) = this.answer.poll(context) {
            response
        } else {
            let due = *this.started + this.measured.within;
            let alarm = this.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
            if alarm.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            ApiError::slow_body().into_response()
        };
        let metrics = this.measured.hub.metrics();
        metrics.publishing.observe(this.started.elapsed());
        let named = response.extensions().get::<Why>().copied();
        if let Some(why) = named.or_else(|| refusal(response.status())) {
            metrics::count(&metrics.publishes_refused, why);
        }
        Poll::Ready(Ok(response))
    }
}

/// The reason that a status stands for when the answer names none; none when it refuses nothing.
fn refusal(status: StatusCode) -> Option<Why> {
    Some(match status {
        StatusCode::UNAUTHORIZED => Why::Unauthorized,
        StatusCode::FORBIDDEN => Why::Forbidden,
        StatusCode::REQUEST_TIMEOUT => Why::Timeout,
        StatusCode::CONFLICT => Why::Hole,
        StatusCode::PAYLOAD_TOO_LARGE => Why::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => Why::TooManySessions,
        _ if status.is_server_error() => Why::Unavailable,
        _ if status.is_client_error() => Why::Invalid,
        _ => return None,
    })
}
