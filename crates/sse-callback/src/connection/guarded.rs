//! The stream of a connection with deadlines on both its sides, and its bytes counted.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::Patience;
use super::deadline::Deadline;
use super::phase::{Doing, Phase};
use crate::metrics::{self, Metrics, Why};

/// A stream that breaks when its peer takes too long.
#[derive(Debug)]
pub(crate) struct Guarded<S> {
    stream: S,
    phase: Arc<Phase>,
    patience: Patience,
    metrics: Arc<Metrics>,
    reading: Deadline,
    writing: Deadline,
    /// Whether `reading` belongs to the silence between two requests.
    idle: bool,
}

impl<S> Guarded<S> {
    pub(crate) fn new(
        stream: S,
        phase: Arc<Phase>,
        patience: Patience,
        metrics: Arc<Metrics>,
    ) -> Self {
        let mut reading = Deadline::default();
        reading.set(Instant::now() + patience.header);
        Self {
            stream,
            phase,
            patience,
            metrics,
            reading,
            writing: Deadline::default(),
            idle: false,
        }
    }

    /// Bytes came: between requests they begin a header.
    fn has_read(&mut self, count: usize) {
        self.metrics.received_bytes.inc_by(count as u64);
        if count > 0 && self.phase.get() == Doing::Nothing {
            self.phase.set(Doing::Header);
            self.idle = false;
            self.reading.set(Instant::now() + self.patience.header);
        }
    }

    /// Nothing came: that is allowed for a while, and for ever while an answer is being given.
    fn waits_for_bytes(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (why, allowed) = match self.phase.poll(context) {
            Doing::Answer => {
                self.idle = false;
                return Poll::Pending;
            }
            Doing::Header => (Why::SlowHeader, self.patience.header),
            Doing::Nothing => {
                if !self.idle {
                    self.idle = true;
                    self.reading.set(Instant::now() + self.patience.idle);
                }
                (Why::Idle, self.patience.idle)
            }
        };
        self.reading
            .poll(context)
            .map(|()| Err(self.cut(why, allowed)))
    }

    fn has_written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(count)) => {
                self.metrics.sent_bytes.inc_by(*count as u64);
                self.writing.clear();
            }
            Poll::Ready(Err(error)) => self.has_failed(error),
            Poll::Pending => {
                if !self.writing.is_set() {
                    self.writing.set(Instant::now() + self.patience.write);
                }
                let stalled = self.writing.poll(context);
                return stalled.map(|()| Err(self.cut(Why::StalledWrite, self.patience.write)));
            }
        }
        written
    }

    /// The system may give up a peer before we do, with the same deadline. When it knows why nothing
    /// arrives any more it says that instead.
    fn has_failed(&self, error: &io::Error) {
        use io::ErrorKind::{HostUnreachable, NetworkUnreachable, TimedOut};
        if matches!(
            error.kind(),
            TimedOut | HostUnreachable | NetworkUnreachable
        ) {
            metrics::count(&self.metrics.connections_cut, Why::StalledWrite);
        }
    }

    fn cut(&self, why: Why, after: Duration) -> io::Error {
        metrics::count(&self.metrics.connections_cut, why);
        let what = match why {
            Why::StalledWrite => "the peer took nothing",
            Why::SlowHeader => "the request's header was not complete",
            _ => "no request came",
        };
        let message = format!("{what} within {after:?}");
        io::Error::new(io::ErrorKind::TimedOut, message)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        match &read {
            Poll::Ready(Ok(())) => {
                self.has_read(buffer.filled().len() - before);
                read
            }
            Poll::Ready(Err(error)) => {
                self.has_failed(error);
                read
            }
            Poll::Pending => self.waits_for_bytes(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.has_written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.has_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const PATIENCE: Patience = Patience {
        header: Duration::from_secs(10),
        idle: Duration::from_mins(2),
        write: Duration::from_secs(20),
    };

    fn guarded() -> (Guarded<DuplexStream>, DuplexStream, Arc<Phase>) {
        let (ours, theirs) = duplex(64);
        let phase = Arc::new(Phase::default());
        let metrics = Arc::new(Metrics::default());
        let guarded = Guarded::new(ours, Arc::clone(&phase), PATIENCE, metrics);
        (guarded, theirs, phase)
    }

    fn cut(guarded: &Guarded<DuplexStream>) -> String {
        let page = guarded.metrics.page().unwrap();
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix("kai_sse_connections_cut_total{reason=\""));
        line.unwrap_or_default().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_drips_is_cut_however_often_a_drop_comes() {
        let (mut guarded, mut theirs, _) = guarded();
        let start = Instant::now();
        let drops = async {
            loop {
                tokio::time::sleep(Duration::from_secs(3)).await;
                theirs.write_all(b"x").await.unwrap();
            }
        };
        let mut got = Vec::new();
        let broken = tokio::select! {
            read = guarded.read_to_end(&mut got) => read.unwrap_err(),
            () = drops => unreachable!(),
        };
        assert_eq!(broken.kind(), io::ErrorKind::TimedOut);
        assert_eq!((start.elapsed().as_secs(), got.len()), (10, 3));
        assert_eq!(cut(&guarded), "slow_header\"} 1");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_allowed_longer_between_requests_and_for_ever_during_an_answer() {
        let (mut guarded, mut theirs, phase) = guarded();
        phase.set(Doing::Answer);
        let start = Instant::now();
        let nine_hours = async {
            tokio::time::sleep(Duration::from_hours(9)).await;
            phase.set(Doing::Nothing);
        };
        let (read, ()) = tokio::join!(guarded.read_u8(), nine_hours);
        assert!(read.is_err());
        assert_eq!(start.elapsed().as_secs(), 9 * 3_600 + 120);
        assert_eq!(cut(&guarded), "idle\"} 1");

        // The next header has its own time, from its first byte on.
        theirs.write_all(b"x").await.unwrap();
        guarded.read_u8().await.unwrap();
        let start = Instant::now();
        assert!(guarded.read_u8().await.is_err());
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_may_stall_for_a_while_and_every_byte_taken_begins_it_anew() {
        let (mut guarded, mut theirs, _) = guarded();
        let start = Instant::now();
        let sips = async {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(15)).await;
                theirs.read_u8().await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        let broken = tokio::select! {
            written = guarded.write_all(&[0; 200]) => written.unwrap_err(),
            () = sips => unreachable!(),
        };
        assert_eq!(broken.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 45 + 20);
        assert_eq!(cut(&guarded), "stalled_write\"} 1");
    }
}
