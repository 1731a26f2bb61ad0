//! Writing from a buffer of the thread: a connection keeps only what its peer did not take at once.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// What the buffer keeps when it has become larger for once.
const USUAL_BYTES: usize = 64 * 1_024;

thread_local! {
    static OUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes what `fill` puts into the buffer, as far as the peer takes it at once; returns the rest.
pub(super) fn write<S: AsyncWrite + Unpin>(
    stream: &mut S,
    context: &mut Context<'_>,
    fill: impl FnOnce(&mut Vec<u8>),
) -> Poll<io::Result<Vec<u8>>> {
    OUT.with_borrow_mut(|out| {
        out.clear();
        fill(out);
        let mut left = out.as_slice();
        while !left.is_empty() {
            match Pin::new(&mut *stream).poll_write(context, left) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => left = left.get(count..).unwrap_or_default(),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => break,
            }
        }
        let rest = left.to_vec();
        if out.capacity() > USUAL_BYTES {
            *out = Vec::new();
        }
        Poll::Ready(Ok(rest))
    })
}
