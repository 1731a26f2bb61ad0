//! One check: subscribe, submit the question, watch, wait for the result, judge it.

use std::time::{Duration, Instant};

use kai_core::config::Secret;
use kai_core::wire::KaiChatInput;
use temporalio_client::Client;
use tokio_util::sync::CancellationToken;

use crate::console::Console;
use crate::report;
use crate::session::Session;
use crate::stream::{self, StreamError, Subscription};
use crate::tally::Tally;
use crate::temporal::{Ending, SubmitError, Submitted};
use crate::validate::{Problem, validate};
use crate::watch::Watch;
use kai_temporal::Server;

/// How long the rest of the stream may take once the result is there.
const LAST_EVENTS: Duration = Duration::from_secs(5);

/// After so long without an event a person should know what may be missing.
const PATIENCE: Duration = Duration::from_secs(10);

/// What to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The stored connection that is asked.
    pub connection_id: String,
    /// The question.
    pub prompt: String,
    /// Where the workflow is started.
    pub server: Server,
    /// The address of the receiver, without a slash at its end.
    pub callback_host: String,
    /// The token for reading the stream, where the receiver asks for one.
    pub subscribe_token: Option<Secret>,
    /// How long to wait for the result.
    pub timeout: Duration,
}

/// Why a check came to no verdict.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Temporal does not do its part.
    #[error(transparent)]
    Temporal(#[from] SubmitError),
    /// The receiver does not do its part.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// This machine cannot make HTTP requests.
    #[error("cannot make HTTP requests: {0}")]
    Http(#[from] reqwest::Error),
    /// The workflow took too long; it was asked to stop.
    #[error(
        "no result within {} s (--timeout); is a kai-worker polling the task queue '{queue}'?",
        .timeout.as_secs()
    )]
    TimedOut {
        /// How long it was waited for.
        timeout: Duration,
        /// The task queue it was on.
        queue: String,
    },
    /// Ctrl-C; the workflow was asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What the check was called.
    pub session: Session,
    /// What was seen of the stream.
    pub tally: Tally,
    /// Why the stream could not be read to its end.
    pub stream_lost: Option<String>,
    /// When the workflow was asked for.
    pub started: Instant,
    /// From then to its end.
    pub took: Duration,
    /// How the workflow ended.
    pub ending: Ending,
    /// What is wrong with the result.
    pub problems: Vec<Problem>,
}

impl Outcome {
    /// Whether all is as it should be.
    pub fn passed(&self) -> bool {
        self.ending.is_ok() && self.problems.is_empty()
    }
}

/// Runs a check, telling the console what happens; `stop` ends it early.
pub(crate) async fn run(
    check: &Check,
    console: &mut Console,
    stop: &CancellationToken,
) -> Result<Outcome, CheckError> {
    let session = Session::new(&check.callback_host);
    console.say(report::header(check, &session));
    console.say("[init] Connecting to Temporal server ...");
    let means = stop
        .run_until_cancelled(Means::get(check))
        .await
        .ok_or(CheckError::Interrupted)??;
    console.say("[init] Connected.\n");
    let _drawn = console.wait_for("waiting for the run");
    one(&means, check, session, console, stop).await
}

/// What a check asks and listens with; any number of checks can share it.
pub(crate) struct Means {
    temporal: Client,
    http: reqwest::Client,
}

impl Means {
    /// Connects to Temporal.
    pub(crate) async fn get(check: &Check) -> Result<Self, CheckError> {
        let temporal = check.server.connect("kai-e2e").await;
        Ok(Self {
            temporal: temporal.map_err(SubmitError::from)?,
            http: stream::client(check.subscribe_token.as_ref())?,
        })
    }
}

/// Asks the question once, and watches and judges the answer.
pub(crate) async fn one(
    means: &Means,
    check: &Check,
    session: Session,
    console: &Console,
    stop: &CancellationToken,
) -> Result<Outcome, CheckError> {
    let prepared = stop
        .run_until_cancelled(start(means, check, &session, console))
        .await;
    let Started { watch, run, at } = prepared.ok_or(CheckError::Interrupted)??;
    let ending = tokio::select! {
        ending = run.ending() => ending?,
        () = tokio::time::sleep(check.timeout) => {
            run.cancel("no result in time").await;
            let queue = check.server.task_queue.clone();
            return Err(CheckError::TimedOut { timeout: check.timeout, queue });
        }
        () = stop.cancelled() => {
            run.cancel("interrupted").await;
            return Err(CheckError::Interrupted);
        }
        never = hint(&watch, &check.server.task_queue, console) => match never {},
    };
    let took = at.elapsed();
    // A run that failed may have sent no `done`, so there is nothing to wait for.
    let grace = if ending.is_ok() {
        LAST_EVENTS
    } else {
        Duration::ZERO
    };
    let (tally, stream_lost) = watch.finish(grace).await;
    let problems = ending
        .as_ref()
        .map_or(Vec::new(), |result| validate(result, tally.events));
    Ok(Outcome {
        session,
        tally,
        stream_lost,
        started: at,
        took,
        ending,
        problems,
    })
}

/// A run that is under way.
struct Started {
    watch: Watch,
    run: Submitted,
    at: Instant,
}

/// Everything up to the start of the workflow: the stream is open before it begins.
async fn start(
    means: &Means,
    check: &Check,
    session: &Session,
    console: &Console,
) -> Result<Started, CheckError> {
    console.say("[stream] Starting SSE consumer background task ...");
    let subscription =
        Subscription::open(means.http.clone(), session.stream_url.clone(), None).await?;
    let watch = Watch::start(subscription, Tally::of_new_session(), console.clone());
    console.say("[workflow] Starting KaiChatWorkflow ...\n");
    let input = KaiChatInput {
        prompt: check.prompt.clone(),
        connection_id: check.connection_id.clone(),
        conversation_id: Some(session.id.to_string()),
        callback_url: Some(session.callback_url.clone()),
        require_plan_approval: false,
    };
    let at = Instant::now();
    let run = Submitted::start(
        &means.temporal,
        &check.server.task_queue,
        &session.workflow_id,
        input,
    )
    .await?;
    Ok(Started { watch, run, at })
}

/// Tells a person what may be missing when nothing happens; never ends.
async fn hint(watch: &Watch, queue: &str, console: &Console) -> std::convert::Infallible {
    tokio::time::sleep(PATIENCE).await;
    if watch.events() == 0 {
        console.say(format_args!(
            "[workflow] No event after {} s: is a kai-worker polling the task queue '{queue}'?",
            PATIENCE.as_secs()
        ));
    }
    std::future::pending().await
}
