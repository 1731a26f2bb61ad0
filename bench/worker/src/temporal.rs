//! Temporal's development server, and the runs that are started on it.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, Url, WorkflowCountOptions,
    WorkflowGetResultOptions, WorkflowStartOptions,
};
use temporalio_common::{HasWorkflowDefinition, WorkflowDefinition};
use tokio::time::{sleep, timeout};

use crate::error::BenchError;
use crate::program::{Program, Start};
use crate::served::free_port;

const SERVES_WITHIN: Duration = Duration::from_mins(1);
const ASK_EVERY: Duration = Duration::from_millis(100);
/// A run against a receiver that answers late takes some ten seconds.
const ENDS_WITHIN: Duration = Duration::from_mins(2);

/// The workflow, known by its name only: both workers have one of this name.
struct KaiChat;

impl WorkflowDefinition for KaiChat {
    type Input = Value;
    type Output = Value;

    fn name(&self) -> &'static str {
        "KaiChatWorkflow"
    }
}

impl HasWorkflowDefinition for KaiChat {
    type Run = Self;
}

/// A running server, and a client of it.
pub(crate) struct Temporal {
    pub(crate) address: String,
    client: Client,
    _server: Program,
}

impl Temporal {
    /// Starts a server on a free port and waits until it serves.
    pub(crate) async fn start(cli: &str, folder: &Path) -> Result<Self, BenchError> {
        let port = free_port()?;
        let words = "server start-dev --headless --ip 127.0.0.1 --log-level error --port";
        let mut line = vec![cli.to_owned()];
        line.extend(words.split_whitespace().map(str::to_owned));
        line.push(port.to_string());
        let server = Program::start(&Start {
            name: "temporal",
            line,
            settings: Vec::new(),
            folder,
        })?;
        let address = format!("127.0.0.1:{port}");
        let serving = async {
            loop {
                if let Ok(client) = connect(&address).await {
                    return client;
                }
                sleep(ASK_EVERY).await;
            }
        };
        let client = timeout(SERVES_WITHIN, serving)
            .await
            .map_err(|_| server.not_ready(SERVES_WITHIN))?;
        Ok(Self {
            address,
            client,
            _server: server,
        })
    }

    /// Runs the workflow to its end; how long that took, and what came of it.
    pub(crate) async fn run(
        &self,
        task_queue: &str,
        workflow_id: &str,
        input: Value,
    ) -> Result<(Duration, Value), BenchError> {
        let options = WorkflowStartOptions::new(task_queue, workflow_id).build();
        let begun = Instant::now();
        let ended = timeout(ENDS_WITHIN, async {
            let run = self
                .client
                .start_workflow(KaiChat, input, options)
                .await
                .map_err(BenchError::temporal("starting a run"))?;
            run.get_result(WorkflowGetResultOptions::default())
                .await
                .map_err(BenchError::temporal("waiting for a run"))
        });
        let result = ended.await.map_err(|_| BenchError::TooSlow {
            doing: "a run",
            seconds: ENDS_WITHIN.as_secs(),
        })??;
        Ok((begun.elapsed(), result))
    }
}

async fn connect(address: &str) -> Result<Client, BenchError> {
    const DOING: &str = "connecting to Temporal";
    let target = Url::parse(&format!("http://{address}")).map_err(BenchError::temporal(DOING))?;
    let connection = Connection::connect(ConnectionOptions::new(target).build())
        .await
        .map_err(BenchError::temporal(DOING))?;
    let client = Client::new(connection, ClientOptions::new("default").build())
        .map_err(BenchError::temporal(DOING))?;
    // The server answers before its namespace is there.
    client
        .count_workflows("", WorkflowCountOptions::default())
        .await
        .map_err(BenchError::temporal(DOING))?;
    Ok(client)
}
