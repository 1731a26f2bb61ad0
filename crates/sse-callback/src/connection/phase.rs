//! What a connection is doing: waiting for a request, reading its header, or answering it.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use futures::task::AtomicWaker;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use pin_project_lite::pin_project;
use tokio::time::Instant;

/// The phase, which the requests set and the reading side of the connection looks at.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    doing: AtomicU8,
    /// The reading side, when it sleeps without a deadline because an answer is being given. Hyper
    /// does not ask it again by itself when the answer is over.
    reader: AtomicWaker,
}

/// What a [`Phase`] can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// A header has begun; so it is with a new connection.
    Header = 0,
    /// A request is being answered.
    Answer = 1,
    /// Nothing: an answer is given, and no new request has come.
    Nothing = 2,
}

impl Phase {
    pub(crate) fn set(&self, doing: Doing) {
        self.doing.store(doing as u8, Ordering::Release);
        if doing == Doing::Nothing {
            self.reader.wake();
        }
    }

    pub(super) fn get(&self) -> Doing {
        match self.doing.load(Ordering::Acquire) {
            0 => Doing::Header,
            1 => Doing::Answer,
            _ => Doing::Nothing,
        }
    }

    /// The same, for one that sleeps while an answer is being given, and is then woken.
    pub(super) fn poll(&self, context: &Context<'_>) -> Doing {
        if self.get() == Doing::Answer {
            self.reader.register(context.waker());
        }
        self.get()
    }
}

/// When a request's head was complete, of one whose body was waited for before it came to its route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived(pub(crate) Instant);

/// The router, with the phase kept while it works.
#[derive(Debug)]
pub(super) struct Requests {
    router: TowerToHyperService<Router>,
    phase: Arc<Phase>,
    /// Of the first request, when its beginning was read elsewhere.
    arrived: Cell<Option<Instant>>,
}

impl Requests {
    pub(super) fn new(router: Router, phase: Arc<Phase>, arrived: Option<Instant>) -> Self {
        Self {
            router: TowerToHyperService::new(router),
            phase,
            arrived: Cell::new(arrived),
        }
    }
}

type Routed = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

impl Service<Request<Incoming>> for Requests {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering<Routed>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.phase.set(Doing::Answer);
        if let Some(arrived) = self.arrived.take() {
            request.extensions_mut().insert(Arrived(arrived));
        }
        Answering {
            routed: self.router.call(request),
            phase: Arc::clone(&self.phase),
        }
    }
}

pin_project! {
    /// The answer to one request, as it is being made.
    pub(super) struct Answering<F> {
        #[pin]
        routed: F,
        phase: Arc<Phase>,
    }
}

impl<F: Future<Output = Result<Response<Body>, Infallible>>> Future for Answering<F> {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Poll::Ready(Ok(response)) = this.routed.poll(context) else {
            return Poll::Pending;
        };
        let open = open(&response, this.phase);
        Poll::Ready(Ok(response.map(|body| Answer { body, _open: open })))
    }
}

/// A stream is being answered as long as it lasts; anything else is as good as answered.
fn open(response: &Response<Body>, phase: &Arc<Phase>) -> Option<Open> {
    if response.body().size_hint().exact().is_some() {
        phase.set(Doing::Nothing);
        None
    } else {
        Some(Open(Arc::clone(phase)))
    }
}

/// The body of an answer.
pub(super) struct Answer {
    body: Body,
    _open: Option<Open>,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that is open.
struct Open(Arc<Phase>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.set(Doing::Nothing);
    }
}
