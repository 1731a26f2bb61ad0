//! Publishers that post one request after the other, each over a connection of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::BenchError;
use crate::http::{self, answer, connect};
use crate::peer::Peer;
use crate::session_name;

/// How many connections post at the same time.
pub(crate) const CONNECTIONS: usize = 32;

/// Stands once in every event and nowhere else in a stream, so that counting it counts events.
pub(crate) const MARK: u8 = b'~';

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_BYTES: usize = 4_096;

/// What is posted, over and over, by each connection in turn.
#[derive(Debug)]
pub(crate) struct Load {
    requests: Vec<Vec<u8>>,
    events_per_request: u64,
}

impl Load {
    /// One event for each of so many sessions.
    pub(crate) fn single(sessions: usize) -> Self {
        let request = |session: String| http::post(&session, JSON, &envelope(&session, ""));
        Self {
            requests: (0..sessions).map(session_name).map(request).collect(),
            events_per_request: 1,
        }
    }

    /// Many events in one request, for each of so many sessions.
    pub(crate) fn batches(sessions: usize, events: u32) -> Self {
        let request = |session: String| {
            let line = envelope(&session, "") + "\n";
            http::post(&session, NDJSON, &line.repeat(events as usize))
        };
        Self {
            requests: (0..sessions).map(session_name).map(request).collect(),
            events_per_request: u64::from(events),
        }
    }
}

/// A post of one event that has room for `stamp` behind its mark.
pub(crate) fn stamped(session: usize, stamp: &str) -> Vec<u8> {
    let session = session_name(session);
    http::post(&session, JSON, &envelope(&session, stamp))
}

/// About what a token of an answer looks like.
fn envelope(session: &str, stamp: &str) -> String {
    format!(
        r#"{{"session_id":"{session}","event":{{"type":"token","content":"{}{stamp} rata-rata modal awal koperasi di Jawa Barat adalah"}}}}"#,
        char::from(MARK)
    )
}

#[derive(Debug, Default)]
struct Tally {
    answered: AtomicU64,
    refused: AtomicU64,
    last_refusal: AtomicU64,
    stop: AtomicBool,
}

/// Publishers at work.
#[derive(Debug)]
pub(crate) struct Publishers {
    tally: Arc<Tally>,
    tasks: JoinSet<Result<(), BenchError>>,
    events_per_request: u64,
}

impl Publishers {
    /// Connects all of them, and lets them begin.
    pub(crate) async fn start(address: SocketAddr, load: Load) -> Result<Self, BenchError> {
        let tally = Arc::new(Tally::default());
        let events_per_request = load.events_per_request;
        let requests: Arc<[Vec<u8>]> = load.requests.into();
        let mut streams = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            streams.push(connect(address).await?);
        }
        let mut tasks = JoinSet::new();
        for (number, mut stream) in streams.into_iter().enumerate() {
            let (tally, requests) = (Arc::clone(&tally), Arc::clone(&requests));
            tasks.spawn(async move {
                let mut buffer = vec![0; ANSWER_BYTES];
                let from = number * requests.len() / CONNECTIONS;
                for request in requests.iter().cycle().skip(from) {
                    if tally.stop.load(Relaxed) {
                        break;
                    }
                    stream
                        .write_all(request)
                        .await
                        .map_err(BenchError::io("posting"))?;
                    let head = answer(&mut stream, &mut buffer).await?;
                    if (200..300).contains(&head.status) {
                        tally.answered.fetch_add(1, Relaxed);
                    } else {
                        tally.refused.fetch_add(1, Relaxed);
                        tally.last_refusal.store(u64::from(head.status), Relaxed);
                    }
                }
                Ok(())
            });
        }
        Ok(Self {
            tally,
            tasks,
            events_per_request,
        })
    }

    /// How many events were answered so far.
    pub(crate) fn events(&self) -> u64 {
        self.tally.answered.load(Relaxed) * self.events_per_request
    }

    /// Lets each finish what it is at; returns how many events were taken in all. A refusal makes
    /// the measurement worthless.
    pub(crate) async fn stop(mut self, peer: Peer) -> Result<u64, BenchError> {
        self.tally.stop.store(true, Relaxed);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                // None of them panics, and nobody aborts them.
                ended.unwrap_or(Ok(()))?;
            }
            Ok(())
        };
        timeout(ANSWERS_WITHIN, ended)
            .await
            .map_err(|_| BenchError::TooSlow {
                doing: "answering the last posts",
                seconds: ANSWERS_WITHIN.as_secs(),
            })??;
        let refused = self.tally.refused.load(Relaxed);
        if refused > 0 {
            return Err(BenchError::Refused {
                peer: peer.name(),
                refused,
                all: refused + self.tally.answered.load(Relaxed),
                status: self.tally.last_refusal.load(Relaxed),
            });
        }
        Ok(self.events())
    }
}

/// Whether a receiver says that it takes many events in one request.
pub(crate) async fn takes_batches(address: SocketAddr) -> Result<bool, BenchError> {
    let mut stream = connect(address).await?;
    let mut buffer = vec![0; ANSWER_BYTES];
    stream
        .write_all(&stamped(0, ""))
        .await
        .map_err(BenchError::io("posting"))?;
    let head = answer(&mut stream, &mut buffer).await?;
    let text = String::from_utf8_lossy(buffer.get(..head.body).unwrap_or_default());
    Ok(text.lines().any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("kai-receiver:") && line.contains("ndjson")
    }))
}
