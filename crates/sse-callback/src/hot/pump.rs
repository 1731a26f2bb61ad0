//! Sends a visitor's frames: all that are ready leave as one chunk with one write.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::Instant;

use super::answer::Template;
use super::{load, output};
use crate::connection::{Deadline, Guarded};
use crate::subscription::Subscription;

/// From this size on a frame is written by itself, from the memory that all its readers share.
pub(super) const LARGE: usize = 8 * 1_024;

/// A chunk is not filled further than this, by more than one frame that is not large.
const ENOUGH: usize = 24 * 1_024;

/// How much a visitor may say while it is being answered, to be looked at later.
const MAX_SAID: usize = 8 * 1_024;

/// How much of that is read at once; a visitor says nothing, as a rule.
const SAID_AT_ONCE: usize = 256;

/// Room for the head of a chunk that is not large.
const CHUNK_HEAD: usize = 6;

const LINE_BREAK: &[u8] = b"\r\n";
const END: &[u8] = b"0\r\n\r\n";
const END_OF_LARGE: &[u8] = b"\r\n0\r\n\r\n";

/// Answers with a stream, and sends it to its end. False when the visitor has gone before. What it says
/// meanwhile is added to `said`.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Guarded<S>,
    said: &mut Vec<u8>,
    head: &Template,
    mut subscription: Subscription,
) -> io::Result<bool> {
    let mut head = Some(head);
    let mut pause = Deadline::default();
    loop {
        let mut first = tokio::select! {
            biased;
            first = next(&mut subscription, &mut pause) => first,
            gone = poll_fn(|context| poll_gone(stream, said, context)) => {
                gone?;
                return Ok(false);
            }
        };
        let now = Instant::now();
        let mut gathered = Gathered::default();
        let rest = poll_fn(|context| {
            output::write(stream, context, |out| {
                if let Some(head) = head.take() {
                    head.write(now, out);
                }
                gathered = gather(&mut subscription, first.take(), out);
            })
        })
        .await?;
        stream.write_all(&rest).await?;
        if let Some(frame) = gathered.large {
            stream.write_all(&frame).await?;
            let behind: &[u8] = if gathered.over {
                END_OF_LARGE
            } else {
                LINE_BREAK
            };
            stream.write_all(behind).await?;
        }
        if gathered.over {
            return Ok(true);
        }
        if load::is_saturated(now) {
            pause.set(now + load::PAUSE);
        }
    }
}

/// The next frame, once a pause is over.
async fn next(subscription: &mut Subscription, pause: &mut Deadline) -> Option<Bytes> {
    if pause.is_set() {
        poll_fn(|context| pause.poll(context)).await;
        pause.clear();
    }
    subscription.next().await
}

/// Ready when the visitor has closed its side, or the connection is broken.
fn poll_gone<S: AsyncRead + Unpin>(
    stream: &mut Guarded<S>,
    said: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let mut buffer = [0; SAID_AT_ONCE];
    while said.len() < MAX_SAID {
        let mut buffer = ReadBuf::new(&mut buffer);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(()));
        }
        said.extend_from_slice(buffer.filled());
    }
    // Somebody who says so much without listening is noticed when it takes nothing any more.
    Poll::Pending
}

/// What has been gathered, beside what is in the buffer.
#[derive(Default)]
struct Gathered {
    /// A frame to be written behind the buffer, where the head of its chunk is already.
    large: Option<Bytes>,
    /// Whether the stream is over.
    over: bool,
}

/// Puts `first` and all frames that are ready behind it into `out`, as one chunk.
fn gather(subscription: &mut Subscription, first: Option<Bytes>, out: &mut Vec<u8>) -> Gathered {
    let start = out.len();
    out.extend_from_slice(&[0; CHUNK_HEAD]);
    let mut gathered = Gathered::default();
    let mut frame = first;
    while let Some(next) = frame.take() {
        if next.len() >= LARGE {
            gathered.large = Some(next);
            break;
        }
        out.extend_from_slice(&next);
        if out.len() - start >= ENOUGH {
            break;
        }
        frame = subscription.next_ready();
    }
    close_chunk(out, start);
    gathered.over = subscription.is_over();
    match &gathered.large {
        Some(frame) => out.extend_from_slice(format!("{:X}\r\n", frame.len()).as_bytes()),
        None if gathered.over => out.extend_from_slice(END),
        None => {}
    }
    gathered
}

/// Writes the head of the chunk that begins at `start`, and its end; takes an empty chunk away.
fn close_chunk(out: &mut Vec<u8>, start: usize) {
    let body = start + CHUNK_HEAD;
    let size = out.len() - body;
    if size == 0 {
        out.truncate(start);
        return;
    }
    let head = format!("{size:X}\r\n");
    out.splice(start..body, head.into_bytes());
    out.extend_from_slice(LINE_BREAK);
}
