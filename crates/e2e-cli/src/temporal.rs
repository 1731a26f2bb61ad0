//! Submits the workflow to Temporal, by its name alone, and waits for its result.

use std::error::Error;
use std::time::Duration;

use kai_core::wire::KaiChatInput;
use serde_json::Value;
use temporalio_client::errors::{ClientConnectError, WorkflowGetResultError, WorkflowStartError};
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, Url, WorkflowCancelOptions,
    WorkflowCountOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowStartOptions,
};
use temporalio_common::error::IncomingError;
use temporalio_common::{HasWorkflowDefinition, WorkflowDefinition};

/// How long the connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long asking for a cancellation may take.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

/// Where workflows are started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address, as `HOST:PORT`.
    pub address: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue that the workers poll.
    pub task_queue: String,
}

/// Why the workflow could not be submitted, or its end not be learnt.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// The address is not one.
    #[error("TEMPORAL_HOST (--temporal-host) cannot be '{0}': use HOST:PORT")]
    Address(String),
    /// Nothing answers there.
    #[error(
        "cannot reach Temporal at {address}: {reason}; start it with `temporal server start-dev`, or \
         set TEMPORAL_HOST (--temporal-host)"
    )]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The server does not want the workflow.
    #[error("Temporal did not start the workflow: {0}")]
    Refused(String),
    /// The workflow runs, but the server no longer tells about it.
    #[error("lost Temporal while waiting for the result: {0}")]
    Lost(String),
}

/// A workflow that was started.
pub struct Submitted(WorkflowHandle<Client, KaiChat>);

/// How a workflow ended.
pub type Ending = Result<Value, String>;

/// `KaiChatWorkflow`, known by its name and the shape of its input only; the result is taken as it
/// comes, since judging it is what this program is for.
struct KaiChat;

impl WorkflowDefinition for KaiChat {
    type Input = KaiChatInput;
    type Output = Value;

    fn name(&self) -> &'static str {
        "KaiChatWorkflow"
    }
}

impl HasWorkflowDefinition for KaiChat {
    type Run = Self;
}

impl Server {
    /// Connects to the server.
    pub async fn connect(&self) -> Result<Client, TemporalError> {
        let target = Url::parse(&format!("http://{}", self.address))
            .ok()
            .filter(|url| url.has_host() && url.path() == "/")
            .ok_or_else(|| TemporalError::Address(self.address.clone()))?;
        let options = ConnectionOptions::new(target)
            .identity("kai-e2e")
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, Connection::connect(options))
            .await
            .map_err(|_| {
                self.unreachable(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()))
            })?
            .map_err(|error| self.unreachable(reason(&error)))?;
        Client::new(connection, ClientOptions::new(&self.namespace).build())
            .map_err(|error| self.unreachable(error.to_string()))
    }

    /// Whether the server answers and knows the namespace.
    pub(crate) async fn is_serving(&self) -> bool {
        let Ok(client) = self.connect().await else {
            return false;
        };
        let workflows = client
            .count_workflows("", WorkflowCountOptions::default())
            .await;
        workflows.is_ok()
    }

    fn unreachable(&self, reason: String) -> TemporalError {
        TemporalError::Unreachable {
            address: self.address.clone(),
            reason,
        }
    }

    /// Starts the workflow.
    pub async fn submit(
        &self,
        client: &Client,
        workflow_id: &str,
        input: KaiChatInput,
    ) -> Result<Submitted, TemporalError> {
        let options = WorkflowStartOptions::new(&self.task_queue, workflow_id).build();
        let handle = client.start_workflow(KaiChat, input, options).await;
        handle.map(Submitted).map_err(|error| {
            TemporalError::Refused(match error {
                WorkflowStartError::Rpc(status) => status.message().to_owned(),
                other => other.to_string(),
            })
        })
    }
}

impl Submitted {
    /// Waits for the workflow to end. A workflow that failed has ended, too: the text says why.
    pub async fn ending(&self) -> Result<Ending, TemporalError> {
        match self.0.get_result(WorkflowGetResultOptions::default()).await {
            Ok(result) => Ok(Ok(result)),
            Err(WorkflowGetResultError::Failed(error)) => Ok(Err(innermost(&error))),
            Err(error) if error.is_workflow_outcome() => Ok(Err(error.to_string())),
            Err(error) => Err(TemporalError::Lost(error.to_string())),
        }
    }

    /// Asks the server to cancel the workflow. Best effort: whoever asks is about to leave.
    pub async fn cancel(&self, reason: &str) {
        let options = WorkflowCancelOptions::builder().reason(reason).build();
        let _ = tokio::time::timeout(CANCEL_TIMEOUT, self.0.cancel(options)).await;
    }
}

/// The failure that began it all: the outer ones only say where it passed through.
fn innermost(error: &IncomingError) -> String {
    let mut cause = error;
    while let Some(inner) = cause.cause() {
        cause = inner;
    }
    cause.failure().message.clone()
}

/// The error in words: the innermost cause says what happened.
fn reason(error: &ClientConnectError) -> String {
    if let ClientConnectError::SystemInfoCallError(status) = error {
        return status.message().to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
