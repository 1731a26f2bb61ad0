//! Who polls a task queue.

use std::collections::BTreeSet;
use std::time::Duration;

use temporalio_client::Client;
use temporalio_client::tonic::IntoRequest as _;
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;

use crate::{Server, TemporalError};

/// How long the server may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The workers that have polled a task queue in the last minutes, by their names: Temporal forgets one
/// about five minutes after its last request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pollers {
    /// Those that take workflows.
    pub workflows: BTreeSet<String>,
    /// Those that take activities.
    pub activities: BTreeSet<String>,
}

/// Asks who polls the server's task queue.
pub async fn pollers(client: &Client, server: &Server) -> Result<Pollers, TemporalError> {
    let asking = async {
        Ok(Pollers {
            workflows: names(client, server, TaskQueueType::Workflow).await?,
            activities: names(client, server, TaskQueueType::Activity).await?,
        })
    };
    tokio::time::timeout(ANSWER_TIMEOUT, asking)
        .await
        .unwrap_or_else(|_| {
            let reason = format!("no answer within {} s", ANSWER_TIMEOUT.as_secs());
            Err(TemporalError::unreachable(server, reason))
        })
}

async fn names(
    client: &Client,
    server: &Server,
    kind: TaskQueueType,
) -> Result<BTreeSet<String>, TemporalError> {
    let request = DescribeTaskQueueRequest {
        namespace: server.namespace.clone(),
        task_queue: Some(TaskQueue {
            name: server.task_queue.clone(),
            ..TaskQueue::default()
        }),
        task_queue_type: kind.into(),
        ..DescribeTaskQueueRequest::default()
    };
    let described = client
        .connection()
        .workflow_service()
        .describe_task_queue(request.into_request())
        .await
        .map_err(|status| TemporalError::of_call(server, &status))?;
    let pollers = described.into_inner().pollers;
    Ok(pollers.into_iter().map(|poller| poller.identity).collect())
}
