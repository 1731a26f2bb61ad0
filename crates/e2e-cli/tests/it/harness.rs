//! What the tests share: the program, a receiver, waiting.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use clap::Parser as _;
use kai_sse_callback::server::Server;
use kai_sse_callback::settings::Settings;
use rustix::process::{Pid, test_kill_process};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// How long a test waits for anything before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Waits for something, and fails with its name when it does not come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come"))
}

/// The program.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_kai-e2e"))
}

/// Another of the three programs, which lies beside this one where all of them were built.
pub(crate) fn beside(name: &str) -> Option<PathBuf> {
    let path = program().with_file_name(name);
    if path.is_file() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "{name} is not there");
    eprintln!("skipped: {name} is not there; build the workspace");
    None
}

/// `kai-e2e` with arguments and none of this process's settings.
pub(crate) fn kai_e2e(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TEMPORAL_CONFIG_FILE", "/dev/null")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

pub(crate) async fn run(arguments: &[&str]) -> Output {
    soon(&format!("{arguments:?}"), kai_e2e(arguments).output())
        .await
        .unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn object(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Waits until there is no such process any more.
pub(crate) async fn gone(process: i32) {
    let pid = Pid::from_raw(process).unwrap();
    soon(&format!("the end of process {process}"), async {
        while test_kill_process(pid).is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// A receiver of this process.
pub(crate) struct Receiver {
    pub(crate) url: String,
    _task: AbortOnDropHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let settings = Settings::parse_from(["kai-sse-callback", "--port", "0"]);
        let server = Server::bind(&settings).await.unwrap();
        let url = format!("http://{}", server.address());
        let task = tokio::spawn(server.run(CancellationToken::new()));
        Self {
            url,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Posts events of these types; `done` carries a result with this status.
    pub(crate) async fn post(&self, session: &str, kinds: &[&str], status: &str) {
        let client = kai_core::http::client_builder().build().unwrap();
        for kind in kinds {
            let mut event = json!({"type": kind});
            if *kind == "done" {
                event["result"] = json!({"status": status});
            }
            let answer = client
                .post(format!("{}/events/{session}", self.url))
                .json(&json!({"session_id": session, "event": event}))
                .send()
                .await
                .unwrap();
            assert!(answer.status().is_success(), "{answer:?}");
        }
    }
}
