//! What a workflow was asked and how it ended, read from its history, and kept since neither changes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kai_core::wire::KaiChatInput;
use serde_json::Value;
use temporalio_client::tonic::IntoRequest as _;
use temporalio_client::{Client, NamespacedClient as _};
use temporalio_common::data_converters::{SerializationContextData, WorkflowSerializationContext};
use temporalio_common::protos::temporal::api::common::v1::{Payloads, WorkflowExecution};
use temporalio_common::protos::temporal::api::enums::v1::HistoryEventFilterType;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryRequest;

use super::{MAX_PROMPT, RunsError};

/// How many runs are remembered.
const REMEMBERED: usize = 1_000;

/// What is known of runs, by their run ids.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    question: Option<Question>,
    ending: Option<Ending>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// None where nobody can watch: the worker made the session's id up.
    pub(super) session: Option<String>,
    pub(super) prompt: String,
    pub(super) connection: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) status: String,
    pub(super) reason: Option<String>,
}

impl Ledger {
    /// What the run was asked; none when its input is not one.
    pub(super) async fn question(
        &self,
        client: &Client,
        workflow_id: &str,
        run_id: &str,
    ) -> Result<Option<Question>, RunsError> {
        if let Some(question) = self.known(run_id).question {
            return Ok(Some(question));
        }
        let filter = HistoryEventFilterType::AllEvent;
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
            event(client, workflow_id, run_id, filter).await?
        else {
            return Ok(None);
        };
        let input: Option<KaiChatInput> = decoded(client, started.input).await;
        let question = input.map(|input| Question {
            session: input.conversation_id.filter(|id| !id.is_empty()),
            prompt: input.prompt.chars().take(MAX_PROMPT).collect(),
            connection: input.connection_id,
        });
        self.keep(run_id, |entry| entry.question.clone_from(&question));
        Ok(question)
    }

    /// How a run that has ended did.
    pub(super) async fn ending(
        &self,
        client: &Client,
        workflow_id: &str,
        run_id: &str,
    ) -> Result<Ending, RunsError> {
        if let Some(ending) = self.known(run_id).ending {
            return Ok(ending);
        }
        let filter = HistoryEventFilterType::CloseEvent;
        let last = event(client, workflow_id, run_id, filter).await?;
        let ending = match last {
            Some(Attributes::WorkflowExecutionCompletedEventAttributes(completed)) => {
                let result: Option<Value> = decoded(client, completed.result).await;
                let text = |name: &str| {
                    let field = result.as_ref().and_then(|result| result.get(name));
                    field.and_then(Value::as_str).map(str::to_owned)
                };
                let status = text("status").unwrap_or_else(|| "completed".to_owned());
                (status, text("error"))
            }
            Some(Attributes::WorkflowExecutionFailedEventAttributes(failed)) => {
                let mut failure = failed.failure;
                // The innermost one says what happened, the others only where.
                while let Some(cause) = failure.as_mut().and_then(|outer| outer.cause.take()) {
                    failure = Some(*cause);
                }
                ("failed".to_owned(), failure.map(|failure| failure.message))
            }
            Some(Attributes::WorkflowExecutionCanceledEventAttributes(_)) => {
                ("cancelled".to_owned(), None)
            }
            Some(Attributes::WorkflowExecutionTimedOutEventAttributes(_)) => {
                ("timed_out".to_owned(), None)
            }
            Some(Attributes::WorkflowExecutionTerminatedEventAttributes(end)) => {
                let reason = Some(end.reason).filter(|reason| !reason.is_empty());
                ("terminated".to_owned(), reason)
            }
            _ => ("failed".to_owned(), None),
        };
        let (status, reason) = ending;
        let ending = Ending { status, reason };
        self.keep(run_id, |entry| entry.ending = Some(ending.clone()));
        Ok(ending)
    }

    fn known(&self, run_id: &str) -> Entry {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(run_id).cloned().unwrap_or_default()
    }

    fn keep(&self, run_id: &str, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // What is dropped is read again when somebody wants it.
        if entries.len() >= REMEMBERED && !entries.contains_key(run_id) {
            entries.clear();
        }
        change(entries.entry(run_id.to_owned()).or_default());
    }
}

/// The first event of a run that the filter leaves.
async fn event(
    client: &Client,
    workflow_id: &str,
    run_id: &str,
    filter: HistoryEventFilterType,
) -> Result<Option<Attributes>, RunsError> {
    let request = GetWorkflowExecutionHistoryRequest {
        namespace: client.namespace(),
        execution: Some(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: run_id.to_owned(),
        }),
        maximum_page_size: 1,
        history_event_filter_type: filter.into(),
        skip_archival: true,
        ..GetWorkflowExecutionHistoryRequest::default()
    };
    let mut service = client.connection().workflow_service();
    let answer = service
        .get_workflow_execution_history(request.into_request())
        .await
        .map_err(|status| RunsError::unreachable("read the history of a run", &status))?;
    let history = answer.into_inner().history.unwrap_or_default();
    let first = history.events.into_iter().next();
    Ok(first.and_then(|event| event.attributes))
}

/// What payloads say; none when they are not readable here, or something else.
async fn decoded<T>(client: &Client, payloads: Option<Payloads>) -> Option<T>
where
    T: serde::de::DeserializeOwned + serde::Serialize + 'static,
{
    let context = SerializationContextData::Workflow(WorkflowSerializationContext::new());
    let payloads = payloads.unwrap_or_default().payloads;
    let read = client.data_converter().from_payloads(&context, payloads);
    match read.await {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::debug!("a payload cannot be read: {error}");
            None
        }
    }
}
