//! A whole stack for one test: a task queue of its own, a receiver, a worker process, a database.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use kai_core::http;
use kai_sse_callback::server::Server;
use kai_sse_callback::settings::Settings;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::TempDir;
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, UntypedSignal, Url,
    WorkflowGetResultOptions, WorkflowSignalOptions, WorkflowStartOptions,
};
use temporalio_common::UntypedWorkflow;
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a test waits for anything before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The question that most tests ask.
pub(crate) const QUESTION: &str = "Ada berapa koperasi?";

/// The connection that every stack has.
pub(crate) const CONNECTION: &str = "toko";

/// Waits for something, and fails with its name when it does not come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come"))
}

/// `kai-worker` with arguments, in a folder of its own and with none of this process's settings.
pub(crate) fn kai_worker(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kai-worker"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .kill_on_drop(true);
    command
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A small SQLite database with three cooperatives in two provinces.
pub(crate) async fn sample_sqlite(path: &Path) {
    let uri = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = sqlx::SqliteConnection::connect(&uri).await.unwrap();
    sqlx::raw_sql(SAMPLE)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

pub(crate) const SAMPLE: &str = "
    CREATE TABLE provinsi (id INTEGER PRIMARY KEY, nama TEXT NOT NULL);
    CREATE TABLE koperasi (
        id INTEGER PRIMARY KEY,
        provinsi_id INTEGER NOT NULL REFERENCES provinsi (id),
        nama TEXT NOT NULL,
        modal_awal INTEGER
    );
    INSERT INTO provinsi VALUES (1, 'Jawa Barat'), (2, 'Bali');
    INSERT INTO koperasi VALUES (1, 1, 'Maju', 100), (2, 1, 'Sejahtera', 300), (3, 2, 'Mandiri', 900);
";

/// A receiver that can be ended at any moment.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        use clap::Parser as _;
        let settings = Settings::parse_from(["kai-sse-callback", "--port", "0"]);
        let server = Server::bind(&settings).await.unwrap();
        let address = server.address();
        Self {
            address,
            task: tokio::spawn(server.run(CancellationToken::new())),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn callback(&self, session: &str) -> String {
        format!("{}/events/{session}", self.url())
    }

    /// Ends it at once, with every connection.
    pub(crate) async fn die(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Subscribes; returns when the stream is open.
    pub(crate) async fn subscribe(&self, session: &str) -> Subscriber {
        let client = http::client_builder().build().unwrap();
        let url = format!("{}/stream/{session}", self.url());
        let response = soon("the stream", client.get(url).send()).await.unwrap();
        assert_eq!(response.status(), 200);
        let (events, inbox) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut frames = response.bytes_stream().eventsource();
            while let Some(Ok(frame)) = frames.next().await {
                let data = serde_json::from_str(&frame.data).unwrap();
                if events.send((frame.event, data)).is_err() {
                    break;
                }
            }
        });
        Subscriber { inbox }
    }
}

/// What one subscriber sees.
pub(crate) struct Subscriber {
    inbox: mpsc::UnboundedReceiver<(String, Value)>,
}

impl Subscriber {
    /// Reads up to and including the first event of this type.
    pub(crate) async fn until(&mut self, kind: &str) -> Vec<(String, Value)> {
        let mut seen = Vec::new();
        soon(&format!("the event {kind}"), async {
            while let Some((event, data)) = self.inbox.recv().await {
                let found = event == kind;
                seen.push((event, data));
                if found {
                    return;
                }
            }
            let kinds: Vec<&String> = seen.iter().map(|(kind, _)| kind).collect();
            panic!("the stream ended without {kind}, after {kinds:?}");
        })
        .await;
        seen
    }
}

/// A stack without its worker: `worker` starts one.
pub(crate) struct Stack {
    pub(crate) folder: TempDir,
    pub(crate) queue: String,
    pub(crate) temporal: String,
    pub(crate) receiver: Receiver,
    /// Where the workers remember things.
    pub(crate) store_url: String,
    pub(crate) key: String,
    client: Client,
}

impl Stack {
    /// A stack whose connection is the small SQLite database; `None` when there is no Temporal here.
    pub(crate) async fn start() -> Option<Self> {
        let stack = Self::without_connection().await?;
        let path = stack.folder.path().join("toko.db");
        sample_sqlite(&path).await;
        stack
            .connect_to(&format!("sqlite://{}", path.display()))
            .await;
        Some(stack)
    }

    pub(crate) async fn without_connection() -> Option<Self> {
        let temporal = kai_test_support::service("KAI_TEST_TEMPORAL_ADDRESS")?;
        let folder = TempDir::new().unwrap();
        let target = Url::parse(&format!("http://{temporal}")).unwrap();
        let connection = Connection::connect(ConnectionOptions::new(target).build())
            .await
            .unwrap();
        let client = Client::new(connection, ClientOptions::new("default").build()).unwrap();
        let output = kai_worker(folder.path(), &["key", "generate"])
            .output()
            .await
            .unwrap();
        Some(Self {
            queue: format!("queue-{}", Uuid::new_v4()),
            temporal,
            receiver: Receiver::start().await,
            key: stdout(&output).trim().to_owned(),
            client,
            store_url: format!("sqlite://{}", folder.path().join("kai.db").display()),
            folder,
        })
    }

    /// Registers the database as the stack's connection.
    pub(crate) async fn connect_to(&self, uri: &str) {
        let output = self
            .command(&["connection", "create", uri, "--alias", CONNECTION])
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).starts_with("Connection ID: "));
    }

    /// `kai-worker` with this stack's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = kai_worker(self.folder.path(), arguments);
        command
            .env("TEMPORAL_HOST", &self.temporal)
            .env("TEMPORAL_TASK_QUEUE", &self.queue)
            .env("KAI_STORE_URL", &self.store_url)
            .env("ENCRYPT_KEY", &self.key)
            .env("HEALTH_PORT", "0")
            .env("KAI_HEARTBEAT_TIMEOUT_SECONDS", "3")
            .env("LOG_FORMAT", "json");
        command
    }

    /// Starts a worker and waits until it polls.
    pub(crate) async fn worker(&self) -> Worker {
        let mut worker = Worker::spawn(self.command(&["run"]));
        worker
            .line("Worker is healthy and ready to process tasks")
            .await;
        worker
    }

    /// Starts the workflow and returns its id.
    pub(crate) async fn submit(&self, input: &Value) -> String {
        let id = format!("test-{}", Uuid::new_v4());
        let input = RawValue::from_value(input, &PayloadConverter::default());
        let options = WorkflowStartOptions::new(&self.queue, &id).build();
        let workflow = UntypedWorkflow::new("KaiChatWorkflow");
        self.client
            .start_workflow(workflow, input, options)
            .await
            .unwrap();
        id
    }

    /// Waits for the workflow's result; the text of the failure when it failed.
    pub(crate) async fn result(&self, workflow_id: &str) -> Result<Value, String> {
        let handle = self
            .client
            .get_workflow_handle::<UntypedWorkflow>(workflow_id);
        let result = soon(
            "the workflow's result",
            handle.get_result(WorkflowGetResultOptions::default()),
        )
        .await;
        match result {
            Ok(raw) => Ok(raw.to_value::<Value>(&PayloadConverter::default())),
            Err(error) => Err(with_causes(&error)),
        }
    }

    /// Sends a signal to a workflow.
    pub(crate) async fn signal(&self, workflow_id: &str, name: &str, argument: &Value) {
        let handle = self
            .client
            .get_workflow_handle::<UntypedWorkflow>(workflow_id);
        let argument = RawValue::from_value(argument, &PayloadConverter::default());
        let signal = UntypedSignal::new(name);
        let sent = handle.signal(signal, argument, WorkflowSignalOptions::default());
        soon("the signal", sent).await.unwrap();
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The input for a question to the stack's connection.
    pub(crate) fn question(&self, session: &str) -> Value {
        json!({
            "prompt": QUESTION,
            "connection_id": CONNECTION,
            "conversation_id": session,
            "callback_url": self.receiver.callback(session),
        })
    }
}

/// The whole chain of an error as one text.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// A worker process and its output.
pub(crate) struct Worker {
    child: Child,
    stdout: mpsc::UnboundedReceiver<String>,
    stderr: mpsc::UnboundedReceiver<String>,
}

impl Worker {
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Reads standard output until this line.
    pub(crate) async fn line(&mut self, wanted: &str) -> Vec<String> {
        let mut seen = Vec::new();
        soon(&format!("the line {wanted:?}"), async {
            while let Some(line) = self.stdout.recv().await {
                let found = line == wanted;
                seen.push(line);
                if found {
                    return;
                }
            }
            let mut said = Vec::new();
            while let Some(line) = self.stderr.recv().await {
                said.push(line);
            }
            panic!("the worker ended without {wanted:?}, after {seen:?}, saying {said:?}");
        })
        .await;
        seen
    }

    /// Reads the log until the message of this run's end, and gives `(sent, failed)`.
    pub(crate) async fn delivered(&mut self, session: &str) -> (u64, u64) {
        self.counted(&format!("session {session}: run ends")).await
    }

    /// The same of a run whose receiver did not keep up, when the last of its events was tried.
    pub(crate) async fn delivered_beside(&mut self, session: &str) -> (u64, u64) {
        let message = format!("session {session}: the receiver did not keep up");
        self.counted(&message).await
    }

    async fn counted(&mut self, beginning: &str) -> (u64, u64) {
        soon(beginning, async {
            while let Some(line) = self.stderr.recv().await {
                let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                let message = entry["fields"]["message"].as_str().unwrap_or_default();
                if message.starts_with(beginning) {
                    let count = |name: &str| entry["fields"][name].as_u64().unwrap();
                    return (count("sent"), count("failed"));
                }
            }
            panic!("the worker ended before the run did");
        })
        .await
    }

    /// Reads the log until this message.
    pub(crate) async fn log(&mut self, message: &str) {
        soon(&format!("the message {message:?}"), async {
            while let Some(line) = self.stderr.recv().await {
                let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                if entry["fields"]["message"] == message {
                    return;
                }
            }
            panic!("the worker ended without {message:?}");
        })
        .await;
    }

    /// The next line of standard output.
    pub(crate) async fn next_line(&mut self) -> String {
        let line = soon("a line", self.stdout.recv()).await;
        line.expect("the program ended without a line")
    }

    /// What is left of both outputs, once the process has ended.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut rest = Vec::new();
        for output in [&mut self.stdout, &mut self.stderr] {
            while let Some(line) = soon("the end of an output", output.recv()).await {
                rest.push(line);
            }
        }
        rest
    }

    /// Reads the log until so many runs have ended, and gives their beginnings and ends in order.
    pub(crate) async fn runs(&mut self, ends: usize) -> Vec<String> {
        let mut seen = Vec::new();
        let ended = |seen: &[String]| seen.iter().filter(|line| line.ends_with("ends")).count();
        while ended(&seen) < ends {
            let line = soon("the end of a run in the log", self.stderr.recv()).await;
            let entry: Value = serde_json::from_str(&line.unwrap()).unwrap_or_default();
            let message = entry["fields"]["message"].as_str().unwrap_or_default();
            if let Some(run) = message.strip_prefix("session ") {
                seen.push(run.to_owned());
            }
        }
        seen
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        soon("the worker's end", self.child.wait()).await.unwrap()
    }
}

fn lines(
    output: impl tokio::io::AsyncRead + Unpin + Send + 'static,
) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The folder of this crate's own test files.
pub(crate) fn test_files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}
