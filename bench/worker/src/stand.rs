//! One worker and one receiver, started afresh, and the runs that go through them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::error::BenchError;
use crate::model::Script;
use crate::peer::{CONNECTION, Peer, Prepared, Programs};
use crate::program::Program;
use crate::served::free_port;
use crate::temporal::Temporal;

const READY_LINE: &str = "Worker is healthy and ready to process tasks";
const READY_WITHIN: Duration = Duration::from_secs(30);
const LISTENS_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(10);
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// The receiver's count of the events that it took.
const RECEIVED: &str = "kai_sse_events_received_total ";

/// A worker that is ready.
pub(crate) struct Worker {
    pub(crate) peer: Peer,
    pub(crate) program: Program,
    /// How long it took from the start of the process until it was ready.
    pub(crate) ready_after: Duration,
}

impl Worker {
    pub(crate) async fn start(prepared: &Prepared<'_>, peer: Peer) -> Result<Self, BenchError> {
        let begun = Instant::now();
        let mut program = Program::start(&prepared.start(peer))?;
        program.says(READY_LINE, READY_WITHIN).await?;
        Ok(Self {
            peer,
            program,
            ready_after: begun.elapsed(),
        })
    }

    /// Carries out `runs` runs, `width` of them at any time, and returns how long each took.
    pub(crate) async fn load(
        &self,
        temporal: &Temporal,
        width: u32,
        runs: u32,
        script: Script,
        receiver: Option<&str>,
    ) -> Result<Vec<Duration>, BenchError> {
        let left = AtomicU64::new(u64::from(runs));
        let one_after_the_other = || async {
            let mut took = Vec::new();
            while left
                .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
                .is_ok()
            {
                took.push(self.run(temporal, script, receiver).await?);
            }
            Ok::<_, BenchError>(took)
        };
        let all = try_join_all((0..width).map(|_| one_after_the_other())).await?;
        Ok(all.into_iter().flatten().collect())
    }

    /// One run, checked.
    async fn run(
        &self,
        temporal: &Temporal,
        script: Script,
        receiver: Option<&str>,
    ) -> Result<Duration, BenchError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let session = format!("bench-{}", NUMBER.fetch_add(1, Relaxed));
        let callback = receiver.map(|url| format!("{url}/events/{session}"));
        let input = json!({
            "prompt": script.prompt(),
            "connection_id": CONNECTION,
            "conversation_id": session,
            "callback_url": callback,
        });
        let (took, result) = temporal
            .run(self.peer.task_queue(), &session, input)
            .await?;
        let status = result.get("status").and_then(Value::as_str);
        let answer = result.get("final_answer").and_then(Value::as_str);
        let last = format!("pelanggan_{}", script.pieces);
        if status != Some("completed") || !answer.is_some_and(|text| text.ends_with(&last)) {
            return Err(BenchError::BadResult {
                worker: self.peer.name(),
                status: status.unwrap_or("none").to_owned(),
                result: result.to_string(),
            });
        }
        Ok(took)
    }
}

/// A receiver that listens.
pub(crate) struct Receiver {
    pub(crate) url: String,
    address: String,
    _program: Program,
    _folder: TempDir,
}

impl Receiver {
    pub(crate) async fn start(programs: &Programs) -> Result<Self, BenchError> {
        let folder = TempDir::new().map_err(BenchError::io("making a folder"))?;
        let port = free_port()?;
        let program = Program::start(&programs.receiver(port, folder.path()))?;
        let address = format!("127.0.0.1:{port}");
        let listening = async {
            while TcpStream::connect(&address).await.is_err() {
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(LISTENS_WITHIN, listening)
            .await
            .map_err(|_| program.not_ready(LISTENS_WITHIN))?;
        Ok(Self {
            url: format!("http://{address}"),
            address,
            _program: program,
            _folder: folder,
        })
    }

    /// Checks that every event of these runs came: a run that loses some is no measurement.
    pub(crate) async fn took_all(
        &self,
        peer: Peer,
        runs: u32,
        script: Script,
    ) -> Result<(), BenchError> {
        let expected = u64::from(runs) * script.events();
        let received = self.received().await?;
        if received == expected {
            return Ok(());
        }
        Err(BenchError::Lost {
            worker: peer.name(),
            received,
            expected,
        })
    }

    async fn received(&self) -> Result<u64, BenchError> {
        const DOING: &str = "asking the receiver for its metrics";
        let request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        let mut answer = Vec::new();
        timeout(ANSWERS_WITHIN, async {
            let mut stream = TcpStream::connect(&self.address).await?;
            stream.write_all(request.as_bytes()).await?;
            stream.read_to_end(&mut answer).await
        })
        .await
        .map_err(|_| BenchError::TooSlow {
            doing: DOING,
            seconds: ANSWERS_WITHIN.as_secs(),
        })?
        .map_err(BenchError::io(DOING))?;
        let text = String::from_utf8_lossy(&answer).into_owned();
        let count = text
            .lines()
            .find_map(|line| line.strip_prefix(RECEIVED)?.trim().parse().ok());
        count.ok_or(BenchError::Failed {
            doing: DOING,
            said: text,
        })
    }
}
