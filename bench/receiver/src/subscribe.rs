//! Subscribers that read streams and count, or note, what arrives.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use memchr::{memchr, memchr_iter};
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::BenchError;
use crate::http::{self, connect};
use crate::publish::MARK;
use crate::session_name;

/// How many streams are opened at the same time.
const OPENING: usize = 64;
const OPENS_WITHIN: Duration = Duration::from_secs(10);

/// How many digits a stamp has: enough for nanoseconds.
pub(crate) const STAMP_DIGITS: usize = 19;

thread_local! {
    /// One buffer for all: what is read is looked at before the next read, and nothing is kept.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; 64 * 1_024].into());
}

/// What is done with the bytes of one stream.
pub(crate) trait Reader: Send + 'static {
    /// Takes what has just been read.
    fn take(&mut self, bytes: &[u8]);
}

/// Counts events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(crate) fn events(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Reader for Counter {
    fn take(&mut self, bytes: &[u8]) {
        let events = memchr_iter(MARK, bytes).count();
        self.0.fetch_add(events as u64, Relaxed);
    }
}

/// An event that has come, in nanoseconds since the beginning of the measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery {
    /// The moment stamped on it.
    pub(crate) stamp: u64,
    /// When it came.
    pub(crate) came: u64,
}

impl Delivery {
    /// How long it took.
    pub(crate) fn nanos(self) -> u64 {
        self.came.saturating_sub(self.stamp)
    }
}

/// Notes when each event came, beside the moment stamped on it.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    origin: Instant,
    taken: Arc<Mutex<Vec<Delivery>>>,
    /// The digits of a stamp that has not come whole.
    stamp: Option<(u64, usize)>,
}

impl Stopwatch {
    pub(crate) fn new(origin: Instant, taken: &Arc<Mutex<Vec<Delivery>>>) -> Self {
        Self {
            origin,
            taken: Arc::clone(taken),
            stamp: None,
        }
    }
}

impl Reader for Stopwatch {
    fn take(&mut self, mut bytes: &[u8]) {
        let came = nanos(self.origin);
        loop {
            let (stamp, digits) = match self.stamp.take() {
                Some(begun) => begun,
                None => match memchr(MARK, bytes) {
                    Some(at) => {
                        bytes = bytes.get(at + 1..).unwrap_or_default();
                        (0, 0)
                    }
                    None => return,
                },
            };
            let (have, rest) = bytes.split_at((STAMP_DIGITS - digits).min(bytes.len()));
            let stamp = have.iter().fold(stamp, |stamp: u64, digit| {
                stamp
                    .wrapping_mul(10)
                    .wrapping_add(u64::from(digit.wrapping_sub(b'0')))
            });
            if digits + have.len() < STAMP_DIGITS {
                self.stamp = Some((stamp, digits + have.len()));
                return;
            }
            self.taken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Delivery { stamp, came });
            bytes = rest;
        }
    }
}

/// The time since `origin`, in nanoseconds.
pub(crate) fn nanos(origin: Instant) -> u64 {
    u64::try_from(origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Open streams; dropping them closes all.
#[derive(Debug)]
pub(crate) struct Subscribers {
    tasks: JoinSet<()>,
}

impl Subscribers {
    /// No stream yet.
    pub(crate) fn new() -> Self {
        Self {
            tasks: JoinSet::new(),
        }
    }

    /// Opens a stream for each of `sessions`; returns when all have been answered.
    pub(crate) async fn open<R: Reader>(
        &mut self,
        address: SocketAddr,
        sessions: impl Iterator<Item = usize>,
        mut reader: impl FnMut() -> R,
    ) -> Result<(), BenchError> {
        let mut sessions = sessions.peekable();
        while sessions.peek().is_some() {
            let mut opening = JoinSet::new();
            for session in sessions.by_ref().take(OPENING) {
                opening.spawn(timeout(OPENS_WITHIN, open(address, session, reader())));
            }
            while let Some(opened) = opening.join_next().await {
                // None of them panics, and nobody aborts them.
                let Ok(opened) = opened else { continue };
                let (stream, reader) = opened.map_err(|_| BenchError::TooSlow {
                    doing: "opening a stream",
                    seconds: OPENS_WITHIN.as_secs(),
                })??;
                self.tasks.spawn(read_on(stream, reader));
            }
        }
        Ok(())
    }

    /// How many streams have ended, which none should.
    pub(crate) fn ended(&mut self) -> u64 {
        let mut ended = 0;
        while self.tasks.try_join_next().is_some() {
            ended += 1;
        }
        ended
    }
}

async fn open<R: Reader>(
    address: SocketAddr,
    session: usize,
    mut reader: R,
) -> Result<(TcpStream, R), BenchError> {
    const DOING: &str = "opening a stream";
    let mut stream = connect(address).await?;
    let request = http::subscribe(&session_name(session));
    stream
        .write_all(&request)
        .await
        .map_err(BenchError::io(DOING))?;
    let mut bytes = Vec::with_capacity(1_024);
    loop {
        let read = stream.read_buf(&mut bytes).await;
        if read.map_err(BenchError::io(DOING))? == 0 {
            return Err(BenchError::Ended { doing: DOING });
        }
        match http::head(&bytes) {
            Some(head) if head.status == 200 => {
                reader.take(bytes.get(head.body..).unwrap_or_default());
                return Ok((stream, reader));
            }
            Some(_) => {
                let head = String::from_utf8_lossy(&bytes).into_owned();
                return Err(BenchError::Unreadable { doing: DOING, head });
            }
            None => {}
        }
    }
}

/// Reads to the end of the stream, or to its break: both show as a stream that has ended.
async fn read_on<R: Reader>(mut stream: TcpStream, mut reader: R) {
    while let Ok(1..) = poll_fn(|cx| poll_take(&mut stream, &mut reader, cx)).await {}
}

fn poll_take<R: Reader>(
    stream: &mut TcpStream,
    reader: &mut R,
    cx: &mut Context<'_>,
) -> Poll<std::io::Result<usize>> {
    BUFFER.with_borrow_mut(|buffer| {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        reader.take(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read_however_they_are_cut() {
        let text = b"data: ~0000000000000000007 x\n\ndata: ~0000000000000000012";
        for cut in 0..text.len() {
            let taken = Arc::default();
            let origin = Instant::now();
            let mut watch = Stopwatch::new(origin, &taken);
            let (left, right) = text.split_at(cut);
            watch.take(left);
            watch.take(right);
            let taken = taken.lock().unwrap();
            assert_eq!(taken.len(), 2, "cut at {cut}");
            assert_eq!(
                taken.iter().map(|event| event.stamp).collect::<Vec<_>>(),
                [7, 12]
            );
            assert!(taken.iter().all(|event| event.came <= nanos(origin)));
        }
    }

    #[test]
    fn every_mark_counts_once() {
        let mut counter = Counter::default();
        counter.take(b"a~b~");
        counter.take(b"~");
        assert_eq!(counter.events(), 3);
    }
}
