//! Submits the workflow to Temporal, by its name alone, and waits for its result.

use std::error::Error as _;
use std::time::Duration;

use kai_core::wire::KaiChatInput;
use kai_temporal::{Server, TemporalError};
use serde_json::Value;
use temporalio_client::errors::{WorkflowGetResultError, WorkflowStartError};
use temporalio_client::{
    Client, WorkflowCancelOptions, WorkflowCountOptions, WorkflowGetResultOptions, WorkflowHandle,
    WorkflowStartOptions,
};
use temporalio_common::error::IncomingError;
use temporalio_common::{HasWorkflowDefinition, WorkflowDefinition};

/// How long asking for a cancellation may take.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

/// Why the workflow could not be submitted, or its end not be learnt.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] TemporalError),
    /// The server does not want the workflow.
    #[error("Temporal did not start the workflow: {0}")]
    Refused(String),
    /// The workflow runs, but the server no longer tells about it.
    #[error("lost Temporal while waiting for the result: {0}")]
    Lost(String),
    /// The workflow has ended, and with what is not for this program to read.
    #[error("the workflow has ended, but how cannot be read: {0}")]
    Unreadable(String),
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

impl Submitted {
    /// Starts the workflow on the task queue.
    pub async fn start(
        client: &Client,
        task_queue: &str,
        workflow_id: &str,
        input: KaiChatInput,
    ) -> Result<Self, SubmitError> {
        let options = WorkflowStartOptions::new(task_queue, workflow_id).build();
        let handle = client.start_workflow(KaiChat, input, options).await;
        handle.map(Self).map_err(|error| {
            SubmitError::Refused(match error {
                WorkflowStartError::Rpc(status) => status.message().to_owned(),
                other => other.to_string(),
            })
        })
    }

    /// Waits for the workflow to end. A workflow that failed has ended, too: the text says why.
    pub async fn ending(&self) -> Result<Ending, SubmitError> {
        match self.0.get_result(WorkflowGetResultOptions::default()).await {
            Ok(result) => Ok(Ok(result)),
            Err(WorkflowGetResultError::Failed(error)) => Ok(Err(innermost(&error))),
            Err(WorkflowGetResultError::PayloadConversion(error)) => {
                let cause = error.source().map(ToString::to_string);
                Err(SubmitError::Unreadable(
                    cause.unwrap_or_else(|| error.to_string()),
                ))
            }
            Err(error) if error.is_workflow_outcome() => Ok(Err(error.to_string())),
            Err(error) => Err(SubmitError::Lost(error.to_string())),
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

/// Whether the server answers and knows the namespace.
pub(crate) async fn is_serving(server: &Server) -> bool {
    let Ok(client) = server.connect("kai-e2e").await else {
        return false;
    };
    let workflows = client
        .count_workflows("", WorkflowCountOptions::default())
        .await;
    workflows.is_ok()
}
