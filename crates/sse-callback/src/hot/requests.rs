//! Reads the requests of a connection, and does what they ask for.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use kai_core::ids::SessionId;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

use super::head::{self, Head, Request, Wish};
use super::{HandOver, Hot};
use crate::access::Right;
use crate::connection::{Deadline, Doing, Guarded, Phase};
use crate::envelope;
use crate::hub::{Opening, Receipt};
use crate::log::Visit;
use crate::routes;
use crate::subscription::Subscription;

/// How much is read at once.
const READ_BYTES: usize = 64 * 1_024;

thread_local! {
    /// What has just been read. Only what is not complete is copied out of it, so that a connection
    /// that waits has no buffer.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// What came, after the events that were taken.
#[derive(Debug)]
pub(super) enum Found {
    /// No more for now.
    Nothing,
    /// The end of the connection.
    End,
    /// A request for hyper.
    Other,
    /// A visitor.
    Stream(Box<Subscription>),
}

/// The reading side of a connection.
pub(super) struct Requests<'a> {
    hot: &'a Hot,
    /// What was read and belongs to no request that has been taken.
    kept: Vec<u8>,
    /// Whether `kept` may hold a whole request.
    to_look_at: bool,
    /// Of events that have not been answered.
    taken: Vec<Receipt>,
    /// When the head of the request in `kept` was complete, if its body is waited for.
    arrived: Option<Instant>,
    body_due: Deadline,
}

impl<'a> Requests<'a> {
    pub(super) fn new(hot: &'a Hot) -> Self {
        Self {
            hot,
            kept: Vec::new(),
            to_look_at: false,
            taken: Vec::new(),
            arrived: None,
            body_due: Deadline::default(),
        }
    }

    /// The events that are to be answered.
    pub(super) fn taken(&self) -> &[Receipt] {
        &self.taken
    }

    /// They were.
    pub(super) fn answered(&mut self) {
        self.taken.clear();
    }

    /// What came behind the last request, to be added to by whoever reads on.
    pub(super) fn kept(&mut self) -> &mut Vec<u8> {
        self.to_look_at = true;
        &mut self.kept
    }

    /// What is left for hyper.
    pub(super) fn hand_over(&mut self) -> HandOver {
        HandOver {
            bytes: std::mem::take(&mut self.kept),
            arrived: self.arrived.take(),
        }
    }

    /// Takes what events there are; ready when any were taken or something else was found.
    pub(super) fn poll<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut Guarded<S>,
        phase: &Phase,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Found>> {
        if std::mem::take(&mut self.to_look_at) {
            let found = self.look_at_kept(phase);
            if !(matches!(found, Found::Nothing) && self.taken.is_empty()) {
                return Poll::Ready(Ok(found));
            }
        }
        READ.with_borrow_mut(|buffer| {
            loop {
                let mut buffer = ReadBuf::new(buffer);
                if Pin::new(&mut *stream)
                    .poll_read(context, &mut buffer)?
                    .is_pending()
                {
                    if self.arrived.is_none() {
                        return Poll::Pending;
                    }
                    // Hyper and the routes know what to say to one who is too slow.
                    ready!(self.body_due.poll(context));
                    return Poll::Ready(Ok(Found::Other));
                }
                let found = match buffer.filled() {
                    [] if self.kept.is_empty() => Found::End,
                    [] => Found::Other,
                    bytes if self.kept.is_empty() => {
                        let (used, found) = self.look_at(bytes, phase);
                        self.kept
                            .extend_from_slice(bytes.get(used..).unwrap_or_default());
                        found
                    }
                    bytes => {
                        self.kept.extend_from_slice(bytes);
                        self.look_at_kept(phase)
                    }
                };
                if !(matches!(found, Found::Nothing) && self.taken.is_empty()) {
                    return Poll::Ready(Ok(found));
                }
            }
        })
    }

    fn look_at_kept(&mut self, phase: &Phase) -> Found {
        let mut bytes = std::mem::take(&mut self.kept);
        let (used, found) = self.look_at(&bytes, phase);
        if used < bytes.len() {
            bytes.drain(..used);
            self.kept = bytes;
        }
        found
    }

    /// Takes the events at the beginning of `bytes`; says how far it came, and what is there.
    fn look_at(&mut self, bytes: &[u8], phase: &Phase) -> (usize, Found) {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            if rest.is_empty() {
                return (used, Found::Nothing);
            }
            let request = match head::read(rest) {
                Head::Partial => return (used, Found::Nothing),
                Head::Other => return (used, Found::Other),
                Head::Ours(request) => request,
            };
            match request.wish {
                Wish::Publish(length) => {
                    if length > self.hot.max_body_bytes {
                        return (used, Found::Other);
                    }
                    let end = request.head + length;
                    let Some(body) = rest.get(request.head..end) else {
                        self.wait_for_body(phase);
                        return (used, Found::Nothing);
                    };
                    let Some(receipt) = self.publish(&request, body) else {
                        return (used, Found::Other);
                    };
                    self.taken.push(receipt);
                    used += end;
                }
                Wish::Subscribe { cursor, replay_all } => {
                    let Some(subscription) = self.subscribe(&request, cursor, replay_all) else {
                        return (used, Found::Other);
                    };
                    return (used + request.head, Found::Stream(subscription));
                }
            }
        }
    }

    fn wait_for_body(&mut self, phase: &Phase) {
        if self.arrived.is_none() {
            let now = Instant::now();
            self.arrived = Some(now);
            self.body_due.set(now + self.hot.body_within);
        }
        phase.set(Doing::Answer);
    }

    /// Takes an event; none when there is anything else to say than that it was taken.
    fn publish(&mut self, request: &Request<'_>, body: &[u8]) -> Option<Receipt> {
        let started = self.arrived.unwrap_or_else(Instant::now);
        if !self.may(Right::Publish, request) {
            return None;
        }
        let post = envelope::read(body).ok()?;
        let session = SessionId::new(request.session);
        let receipt = self.hot.hub.publish(&session, post).ok()?;
        self.hot.hub.metrics().publishing.observe(started.elapsed());
        self.arrived = None;
        Some(receipt)
    }

    /// Lets a visitor in; none when it gets anything but a stream.
    fn subscribe(
        &self,
        request: &Request<'_>,
        cursor: Option<&[u8]>,
        replay_all: bool,
    ) -> Option<Box<Subscription>> {
        if !self.may(Right::Subscribe, request) {
            return None;
        }
        let visit = Visit {
            cursor: cursor.map(|cursor| String::from_utf8_lossy(cursor).into_owned()),
            replay_all,
        };
        let session = SessionId::new(request.session);
        match self.hot.hub.open(&session, &visit) {
            Ok(Opening::Stream(subscription)) => {
                let session = request.session;
                tracing::debug!(session, "opened a stream of session {session:?}");
                Some(subscription)
            }
            Ok(Opening::Finished) | Err(_) => None,
        }
    }

    fn may(&self, right: Right, request: &Request<'_>) -> bool {
        let token = request
            .authorization
            .map(|field| routes::bearer(field).unwrap_or_default());
        self.hot.access.check(right, token, request.session).is_ok()
    }
}
