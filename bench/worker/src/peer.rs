//! The workers that are compared, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::error::BenchError;
use crate::program::Start;

/// The connection that kai-worker's store has.
pub(crate) const CONNECTION: &str = "shop";

/// A worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Peer {
    /// kai-worker.
    Ours,
    /// The original's shape.
    Python,
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "kai-worker",
            Self::Python => "Python",
        }
    }

    /// Each has a queue of its own.
    pub(crate) fn task_queue(self) -> &'static str {
        match self {
            Self::Ours => "bench-ours",
            Self::Python => "bench-python",
        }
    }
}

/// Where the programs are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Programs {
    /// The worker, built for release.
    #[arg(long, default_value = "target/release/kai-worker")]
    worker: PathBuf,

    /// The receiver, built for release.
    #[arg(long, default_value = "target/release/kai-sse-callback")]
    receiver: PathBuf,

    /// A Python that has what crates/worker/tests/python/requirements.txt lists.
    #[arg(long, default_value = "target/tools/python/bin/python")]
    python: PathBuf,

    /// Temporal's command, which has the development server.
    #[arg(long, default_value = "temporal")]
    temporal: PathBuf,
}

impl Programs {
    pub(crate) fn temporal(&self) -> String {
        absolute(&self.temporal)
    }

    /// How the receiver is started.
    pub(crate) fn receiver<'a>(&self, port: u16, folder: &'a Path) -> Start<'a> {
        Start {
            name: "kai-sse-callback",
            line: vec![absolute(&self.receiver), "--port".into(), port.to_string()],
            settings: Vec::new(),
            folder,
        }
    }
}

/// What both workers need: a database, a store that knows it, and the Python program.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    programs: &'a Programs,
    folder: &'a Path,
    temporal: &'a str,
    model_url: String,
    key: String,
}

impl<'a> Prepared<'a> {
    /// Makes all of it in the folder.
    pub(crate) async fn make(
        programs: &'a Programs,
        folder: &'a Path,
        temporal: &'a str,
        model_url: String,
    ) -> Result<Self, BenchError> {
        let scripts = [
            (PYTHON_WORKER, include_str!("../peers/python_worker.py")),
            (SAMPLE, include_str!("../peers/sample_database.py")),
        ];
        for (name, text) in scripts {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(BenchError::file(&path))?;
        }
        let mut prepared = Self {
            programs,
            folder,
            temporal,
            model_url,
            key: String::new(),
        };
        let python = absolute(&programs.python);
        let line = [python, SAMPLE.into(), prepared.database()];
        prepared.output("making the sample database", &line).await?;
        let worker = absolute(&programs.worker);
        let line = [worker.clone(), "key".into(), "generate".into()];
        let key = prepared.output("making a key", &line).await?;
        prepared.key = key.trim().to_owned();
        let uri = format!("sqlite://{}", prepared.database());
        let words = [
            "connection",
            "create",
            &uri,
            "--alias",
            CONNECTION,
            "--id",
            CONNECTION,
        ];
        let mut line = vec![worker];
        line.extend(words.map(str::to_owned));
        prepared.output("storing the connection", &line).await?;
        Ok(prepared)
    }

    /// How a worker is started.
    pub(crate) fn start(&self, peer: Peer) -> Start<'_> {
        let line = match peer {
            Peer::Ours => vec![absolute(&self.programs.worker), "run".into()],
            Peer::Python => vec![
                absolute(&self.programs.python),
                PYTHON_WORKER.into(),
                self.temporal.to_owned(),
                peer.task_queue().to_owned(),
                self.model_url.clone(),
                self.database(),
            ],
        };
        let settings = match peer {
            Peer::Ours => self.settings(),
            Peer::Python => Vec::new(),
        };
        Start {
            name: peer.name(),
            line,
            settings,
            folder: self.folder,
        }
    }

    fn database(&self) -> String {
        self.folder.join("shop.db").to_string_lossy().into_owned()
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let store = format!("sqlite://{}", self.folder.join("kai.db").to_string_lossy());
        vec![
            ("TEMPORAL_HOST", self.temporal.to_owned()),
            ("TEMPORAL_TASK_QUEUE", Peer::Ours.task_queue().to_owned()),
            ("HEALTH_PORT", "0".to_owned()),
            ("KAI_STORE_URL", store),
            ("ENCRYPT_KEY", self.key.clone()),
            ("CHAT_FAMILY", "openai".to_owned()),
            ("CHAT_MODEL", "scripted".to_owned()),
            ("CHAT_BASE_URL", self.model_url.clone()),
            ("OPENAI_API_KEY", "not-needed".to_owned()),
        ]
    }

    async fn output(&self, doing: &'static str, line: &[String]) -> Result<String, BenchError> {
        let settings = self.settings();
        // A key is there once it was made.
        let settings = settings.into_iter().filter(|(_, value)| !value.is_empty());
        let [program, arguments @ ..] = line else {
            return Ok(String::new());
        };
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.folder)
            .envs(settings)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|source| BenchError::Spawn {
                program: program.clone(),
                source,
            })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BenchError::Failed { doing, said });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

const PYTHON_WORKER: &str = "python_worker.py";
const SAMPLE: &str = "sample_database.py";

/// A path that still leads there from another folder; a bare name is looked up on the PATH. Links are
/// kept, as a Python knows its packages by the link it was started through.
fn absolute(path: &Path) -> String {
    let bare = path.components().count() == 1;
    let full = if bare {
        path.to_owned()
    } else {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    };
    full.to_string_lossy().into_owned()
}
