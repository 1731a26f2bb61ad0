//! The short way: the two requests that nearly all traffic consists of, answered without a framework.
//!
//! A plain `POST /events/{id}` or `GET /stream/{id}` is read from a buffer of the thread and answered by
//! one write. Everything else, and whatever has to be refused, is handed over with the bytes read so far
//! to hyper and the routes, which see it as if they had read it themselves. See
//! `docs/decisions/0008-an-own-connection-loop.md`.

mod answer;
mod head;
pub(crate) mod load;
mod output;
mod pump;
mod requests;

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::task::yield_now;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::connection::{Doing, Guarded, Phase};
use crate::hub::{Hub, Receipt};
use crate::routes::Samples;
use answer::Template;
use requests::{Found, Requests};

/// What the short way needs to know.
#[derive(Debug)]
pub(crate) struct Hot {
    hub: Arc<Hub>,
    access: Arc<Access>,
    max_body_bytes: usize,
    body_within: Duration,
    stored: Template,
    duplicate: Template,
    stream: Template,
}

/// Why the short way ends.
#[derive(Debug)]
pub(crate) enum Next {
    /// So has the connection.
    Ended,
    /// The next request is another one.
    HandOver(HandOver),
}

/// What hyper has to know of a connection that it takes over.
#[derive(Debug, Default)]
pub(crate) struct HandOver {
    /// What has been read and not been answered.
    pub(crate) bytes: Vec<u8>,
    /// When the first request's head was complete, if its body has been waited for.
    pub(crate) arrived: Option<Instant>,
}

impl Hot {
    /// Prepares it for a hub.
    pub(crate) async fn new(
        hub: Arc<Hub>,
        access: Arc<Access>,
        max_body_bytes: usize,
        body_within: Duration,
        samples: Samples,
    ) -> Result<Self, axum::Error> {
        Ok(Self {
            hub,
            access,
            max_body_bytes,
            body_within,
            stored: Template::whole(samples.stored).await?,
            duplicate: Template::whole(samples.duplicate).await?,
            stream: Template::chunked(samples.stream),
        })
    }

    /// Answers the requests of a connection until one comes that is another, or `stop`.
    pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut Guarded<S>,
        phase: &Phase,
        stop: &CancellationToken,
    ) -> io::Result<Next> {
        let mut requests = Requests::new(self);
        let mut stopped = std::pin::pin!(stop.cancelled());
        loop {
            let found = tokio::select! {
                biased;
                found = poll_fn(|context| requests.poll(stream, phase, context)) => found?,
                () = &mut stopped => {
                    // What has come by now counts, also what the runtime has not asked the system for yet.
                    yield_now().await;
                    let last = poll_fn(|context| Poll::Ready(requests.poll(stream, phase, context)));
                    match last.await {
                        Poll::Ready(found) => found?,
                        Poll::Pending => {
                            // Whoever has begun to say something is still answered.
                            let left = requests.hand_over();
                            let silent = left.bytes.is_empty();
                            return Ok(if silent { Next::Ended } else { Next::HandOver(left) });
                        }
                    }
                }
            };
            let taken = requests.taken();
            if !taken.is_empty() {
                self.answer(stream, taken).await?;
                requests.answered();
                phase.set(Doing::Nothing);
            }
            match found {
                Found::Nothing => {}
                Found::End => return Ok(Next::Ended),
                Found::Other => return Ok(Next::HandOver(requests.hand_over())),
                Found::Stream(subscription) => {
                    phase.set(Doing::Answer);
                    let more = requests.kept();
                    let there = pump::run(stream, more, &self.stream, *subscription).await?;
                    phase.set(Doing::Nothing);
                    if !there || self.hub.is_stopping() {
                        return Ok(Next::Ended);
                    }
                }
            }
        }
    }

    /// Tells a publisher that its events were taken; subscribers on an idle core get them first.
    async fn answer<S: AsyncWrite + Unpin>(
        &self,
        stream: &mut Guarded<S>,
        taken: &[Receipt],
    ) -> io::Result<()> {
        let mut now = Instant::now();
        if !load::is_saturated(now) {
            yield_now().await;
            now = Instant::now();
        }
        let rest = poll_fn(|context| {
            output::write(stream, context, |out| {
                for receipt in taken {
                    match receipt {
                        Receipt::Stored(_) => self.stored.write(now, out),
                        Receipt::Duplicate => self.duplicate.write(now, out),
                    }
                }
            })
        })
        .await?;
        stream.write_all(&rest).await
    }
}

#[cfg(test)]
mod tests;
