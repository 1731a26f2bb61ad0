//! Questions asked through Temporal: starting runs, listing them, telling how they stand, steering them.
//! It uses the Temporal client and nothing else; the sessions' events take no part in it.

mod definitions;
mod error;
mod ledger;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use kai_core::wire::KaiChatInput;
use kai_temporal::Server;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use temporalio_client::errors::{
    WorkflowGetResultError, WorkflowInteractionError, WorkflowStartError,
};
use temporalio_client::{
    Client, WorkflowDescribeOptions, WorkflowExecutionStatus, WorkflowGetResultOptions,
    WorkflowHandle, WorkflowIdConflictPolicy, WorkflowListOptions, WorkflowQueryOptions,
    WorkflowSignalOptions, WorkflowStartOptions,
};
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use definitions::{Chat, Connections, GetStatus, Signal};
pub use definitions::{ConnectionSummary, Order};
pub use error::RunsError;
use ledger::{Ending, Ledger, Question};

/// The name under which Temporal knows the receiver.
const IDENTITY: &str = "kai-sse-callback";

/// How long a call to Temporal may take.
const CALL: Duration = Duration::from_secs(8);

/// How long a worker may take to tell how a run stands; a run says less without.
const QUERY: Duration = Duration::from_secs(3);

/// How long a run of which everything was shown may take to end.
const ENDING: Duration = Duration::from_secs(2);

/// How long a worker may take to name its databases.
const CONNECTIONS: Duration = Duration::from_secs(10);

/// How long these names are good.
const CONNECTIONS_KEPT: Duration = Duration::from_secs(15);

/// How many runs are listed.
const LISTED: usize = 30;

/// How many of them are looked into side by side.
const SIDE_BY_SIDE: usize = 8;

/// What is written in another way where a session's id is a part of an address: all that is reserved there
/// (RFC 3986, section 2.3).
const IN_ADDRESSES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How many characters a question may have.
pub const MAX_PROMPT: usize = 10_000;

/// Where questions are asked.
#[derive(Debug)]
pub struct Runs {
    server: Server,
    callback_host: String,
    /// Where the connection lives: the threads that serve visitors have other things to do.
    home: Handle,
    client: OnceCell<Client>,
    ledger: Ledger,
    connections: Mutex<Option<(Instant, Vec<ConnectionSummary>)>>,
}

/// A question that somebody asks.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    /// The session that shows the answer; also the conversation.
    pub session: String,
    /// The question.
    pub prompt: String,
    /// The database: an id or an alias.
    pub connection: String,
    /// Whether a person wants to see the plan first.
    pub plan_first: bool,
}

/// One run, as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// The session that shows it.
    pub session_id: String,
    /// The workflow that answers it.
    pub workflow_id: String,
    /// The question.
    pub prompt: String,
    /// The database that it is asked of.
    pub connection_id: String,
    /// How it stands, in the words of `get_status`; also `terminated` and `timed_out`.
    pub status: String,
    /// When it was asked, as RFC 3339.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
}

/// How a run stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// The run.
    #[serde(flatten)]
    pub asked: Asked,
    /// What a person or an error said of it.
    pub reason: Option<String>,
    /// The plan, once there is one.
    pub plan: Option<Vec<String>>,
}

/// A run as Temporal has it.
struct Found {
    workflow_id: String,
    run_id: String,
    status: WorkflowExecutionStatus,
    started: Option<SystemTime>,
    ended: Option<SystemTime>,
}

impl Runs {
    /// Questions asked at this server. Workers reach this receiver at `callback_host`. The connection
    /// is made when it is first needed, and lives on the runtime that this is called on.
    pub fn at(server: Server, callback_host: String) -> Self {
        Self {
            server,
            callback_host,
            home: Handle::current(),
            client: OnceCell::new(),
            ledger: Ledger::default(),
            connections: Mutex::new(None),
        }
    }

    /// The databases that can be asked, as a worker names them.
    pub async fn connections(&self) -> Result<Vec<ConnectionSummary>, RunsError> {
        if let Some(known) = self.known_connections() {
            return Ok(known);
        }
        let client = self.client().await?;
        // All who ask at the same time wait for the same run.
        let id = format!("kai-connections-{}", self.server.task_queue);
        let options = WorkflowStartOptions::new(&self.server.task_queue, id)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .execution_timeout(CONNECTIONS)
            .build();
        let started = in_time("ask for the databases", async {
            client.start_workflow(Connections, (), options).await
        });
        let handle = started.await?.map_err(not_started)?;
        let naming = handle.get_result(WorkflowGetResultOptions::default());
        let named = match timeout(CONNECTIONS, naming).await {
            Err(_) | Ok(Err(WorkflowGetResultError::TimedOut)) => {
                return Err(RunsError::NoWorker);
            }
            Ok(Err(error)) => {
                return Err(RunsError::unreachable("learn the databases", &error));
            }
            Ok(Ok(named)) => named,
        };
        let kept = Some((Instant::now(), named.clone()));
        *self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(named)
    }

    fn known_connections(&self) -> Option<Vec<ConnectionSummary>> {
        let known = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (at, named) = known.as_ref()?;
        (at.elapsed() < CONNECTIONS_KEPT).then(|| named.clone())
    }

    /// Asks a question; returns the id of its workflow. A session has one question at a time: one that
    /// is nearly over is waited for, since people see its `done` before Temporal knows its end.
    pub async fn ask(&self, question: NewQuestion) -> Result<String, RunsError> {
        let client = self.client().await?;
        let workflow_id = usual_workflow(&question.session);
        let address = utf8_percent_encode(&question.session, IN_ADDRESSES);
        let input = KaiChatInput {
            prompt: question.prompt,
            connection_id: question.connection,
            callback_url: Some(format!("{}/events/{address}", self.callback_host)),
            conversation_id: Some(question.session),
            require_plan_approval: question.plan_first,
        };
        let options = WorkflowStartOptions::new(&self.server.task_queue, &workflow_id)
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .build();
        let start = async || {
            let started = in_time("ask a question", async {
                client
                    .start_workflow(Chat, input.clone(), options.clone())
                    .await
            });
            started.await?.map_err(not_started)
        };
        match start().await {
            Err(RunsError::Busy) if ends_soon(client, &workflow_id).await => start().await?,
            started => started?,
        };
        tracing::info!("asked a question, workflow {workflow_id}");
        Ok(workflow_id)
    }

    /// The newest runs, the newest first: those of whose sessions `is_shown` says so.
    pub async fn recent(&self, is_shown: impl Fn(&str) -> bool) -> Result<Vec<Asked>, RunsError> {
        let client = self.client().await?;
        // Names of task queues have no quotes, or else the server refuses this one.
        let query = format!(
            "WorkflowType = '{}' AND TaskQueue = '{}'",
            Chat::NAME,
            self.server.task_queue.replace('\'', "")
        );
        let options = WorkflowListOptions::builder().limit(LISTED).build();
        let listed = in_time("list the runs", async {
            client
                .list_workflows(query, options)
                .map_ok(|listed| Found {
                    workflow_id: listed.id().to_owned(),
                    run_id: listed.run_id().to_owned(),
                    status: listed.status(),
                    started: listed.start_time(),
                    ended: listed.close_time(),
                })
                .try_collect::<Vec<Found>>()
                .await
        });
        let listed = listed
            .await?
            .map_err(|error| RunsError::unreachable("list the runs", &error))?;
        let is_shown = &is_shown;
        let looked_into = stream::iter(listed)
            .map(async |found| {
                let question = self.question(client, &found).await?;
                let Some(question) =
                    question.filter(|question| question.session.as_deref().is_some_and(is_shown))
                else {
                    return Ok(None);
                };
                let standing = self.stand(client, found, question).await?;
                Ok(Some(standing.asked))
            })
            .buffered(SIDE_BY_SIDE)
            .try_filter_map(async |asked| Ok(asked));
        let collected = in_time("look into the runs", looked_into.try_collect());
        collected.await?
    }

    /// How a session's run stands: this workflow's, or else that of the newest question that was asked
    /// here.
    pub async fn standing(
        &self,
        session: &str,
        workflow_id: Option<&str>,
    ) -> Result<Standing, RunsError> {
        let client = self.client().await?;
        let (found, question) = self.find(client, session, workflow_id).await?;
        self.stand(client, found, question).await
    }

    /// Tells a session's run something.
    pub async fn tell(
        &self,
        session: &str,
        workflow_id: Option<&str>,
        order: Order,
        reason: Option<String>,
    ) -> Result<(), RunsError> {
        let client = self.client().await?;
        let (found, _) = self.find(client, session, workflow_id).await?;
        if found.status != WorkflowExecutionStatus::Running {
            return Err(RunsError::Ended);
        }
        let handle = chat(client, &found.workflow_id);
        let told = in_time("tell a run something", async {
            handle
                .signal(Signal(order), reason, WorkflowSignalOptions::default())
                .await
        });
        told.await?.map_err(|error| match error {
            WorkflowInteractionError::NotFound(_) => RunsError::Ended,
            other => RunsError::unreachable("tell a run something", &other),
        })
    }

    /// A session's run. One that belongs to another session is not there: a token may cover only this
    /// one.
    async fn find(
        &self,
        client: &Client,
        session: &str,
        workflow_id: Option<&str>,
    ) -> Result<(Found, Question), RunsError> {
        let workflow_id = workflow_id.map_or_else(|| usual_workflow(session), str::to_owned);
        let found = described(client, workflow_id).await?;
        let question = self.question(client, &found).await?;
        let question = question.filter(|question| question.session.as_deref() == Some(session));
        Ok((found, question.ok_or(RunsError::NotFound)?))
    }

    async fn question(
        &self,
        client: &Client,
        found: &Found,
    ) -> Result<Option<Question>, RunsError> {
        let reading = self
            .ledger
            .question(client, &found.workflow_id, &found.run_id);
        in_time("read a question", reading).await?
    }

    async fn stand(
        &self,
        client: &Client,
        mut found: Found,
        question: Question,
    ) -> Result<Standing, RunsError> {
        let (Ending { status, reason }, plan) = match found.status {
            WorkflowExecutionStatus::Running | WorkflowExecutionStatus::Paused => {
                let told = running(client, &found.workflow_id).await;
                if is_over(&told.0.status) {
                    // It ended after Temporal was asked, which knows by now when.
                    let now = described(client, found.workflow_id.clone()).await?;
                    found.ended = now.ended.filter(|_| now.run_id == found.run_id);
                }
                told
            }
            _ => {
                let reading = self
                    .ledger
                    .ending(client, &found.workflow_id, &found.run_id);
                (in_time("read the end of a run", reading).await??, None)
            }
        };
        Ok(Standing {
            asked: Asked {
                session_id: question.session.unwrap_or_default(),
                workflow_id: found.workflow_id,
                prompt: question.prompt,
                connection_id: question.connection,
                status,
                started_at: found.started.map(written),
                ended_at: found.ended.map(written),
            },
            reason,
            plan,
        })
    }

    async fn client(&self) -> Result<&Client, RunsError> {
        let connecting = async || {
            let server = self.server.clone();
            let connecting = self
                .home
                .spawn(async move { server.connect(IDENTITY).await });
            match AbortOnDropHandle::new(connecting).await {
                Ok(Ok(client)) => Ok(client),
                Ok(Err(error)) => Err(RunsError::unreachable("connect", &error)),
                Err(error) => Err(RunsError::unreachable("connect", &error)),
            }
        };
        // Others may be connecting, and each of them wait as long as this one would.
        in_time("connect", self.client.get_or_try_init(connecting)).await?
    }
}

/// A run as Temporal has it now.
async fn described(client: &Client, workflow_id: String) -> Result<Found, RunsError> {
    let handle = chat(client, &workflow_id);
    let described = in_time("look for a run", async {
        handle.describe(WorkflowDescribeOptions::default()).await
    });
    let described = described.await?.map_err(|error| match error {
        WorkflowInteractionError::NotFound(_) => RunsError::NotFound,
        other => RunsError::unreachable("look for a run", &other),
    })?;
    if described.workflow_type() != Chat::NAME {
        return Err(RunsError::NotFound);
    }
    Ok(Found {
        run_id: described.run_id().to_owned(),
        status: described.status(),
        started: described.start_time(),
        ended: described.close_time(),
        workflow_id,
    })
}

/// Waits a moment for a run's end; whether it has ended.
async fn ends_soon(client: &Client, workflow_id: &str) -> bool {
    let handle = chat(client, workflow_id);
    let ending = handle.get_result(WorkflowGetResultOptions::default());
    match timeout(ENDING, ending).await {
        Err(_) => false,
        Ok(Err(error @ (WorkflowGetResultError::Rpc(_) | WorkflowGetResultError::Other(_)))) => {
            tracing::debug!("cannot wait for the end of workflow {workflow_id}: {error}");
            false
        }
        // However it ended.
        Ok(_) => true,
    }
}

/// Whether a worker says this of a run that has ended.
fn is_over(status: &str) -> bool {
    ["completed", "partial", "failed", "cancelled"].contains(&status)
}

/// How a run stands that goes on. Without a worker that tells, it simply runs.
async fn running(client: &Client, workflow_id: &str) -> (Ending, Option<Vec<String>>) {
    let handle = chat(client, workflow_id);
    let asking = handle.query(GetStatus, (), WorkflowQueryOptions::default());
    match timeout(QUERY, asking).await {
        Ok(Ok(told)) => {
            let ending = Ending {
                status: told.status,
                reason: told.reason,
            };
            (ending, told.plan)
        }
        Ok(Err(error)) => {
            tracing::debug!("workflow {workflow_id} does not tell how it stands: {error}");
            (unknown(), None)
        }
        Err(_) => (unknown(), None),
    }
}

fn unknown() -> Ending {
    Ending {
        status: "running".to_owned(),
        reason: None,
    }
}

fn chat(client: &Client, workflow_id: &str) -> WorkflowHandle<Client, Chat> {
    client.get_workflow_handle::<Chat>(workflow_id)
}

/// The workflow of the questions that are asked here in a session: one at a time.
fn usual_workflow(session: &str) -> String {
    format!("kai-{session}")
}

fn not_started(error: WorkflowStartError) -> RunsError {
    match error {
        WorkflowStartError::AlreadyStarted { .. } => RunsError::Busy,
        other => RunsError::unreachable("start a workflow", &other),
    }
}

/// Bounds a call.
async fn in_time<T>(what: &str, call: impl Future<Output = T>) -> Result<T, RunsError> {
    let late = |_| RunsError::unreachable(what, &"no answer in time");
    timeout(CALL, call).await.map_err(late)
}

fn written(time: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(time).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_session_fits_into_an_address() {
        let encoded = |session| utf8_percent_encode(session, IN_ADDRESSES).to_string();
        assert_eq!(encoded("page-1a2b"), "page-1a2b");
        assert_eq!(encoded("a b/c?d=é"), "a%20b%2Fc%3Fd%3D%C3%A9");
    }
}
