//! One check: subscribe, submit the question, watch, wait for the result, judge it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::Local;
use kai_core::config::Secret;
use kai_core::wire::KaiChatInput;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::console::Console;
use crate::report;
use crate::session::Session;
use crate::stream::{self, StreamError, Subscription};
use crate::temporal::{Ending, SubmitError, Submitted};
use crate::validate::{Problem, validate};
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
    /// How many events the run sent.
    pub events: usize,
    /// Why the stream could not be read to its end.
    pub stream_lost: Option<String>,
    /// From the start of the workflow to its end.
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
    console: Console,
    stop: &CancellationToken,
) -> Result<Outcome, CheckError> {
    let session = Session::new(&check.callback_host);
    console.say(report::header(check, &session));

    let prepared = stop
        .run_until_cancelled(prepare(check, &session, console))
        .await;
    let (watch, submitted) = prepared.ok_or(CheckError::Interrupted)??;
    let started = Instant::now();
    let ending = tokio::select! {
        ending = submitted.ending() => ending?,
        () = tokio::time::sleep(check.timeout) => {
            submitted.cancel("no result in time").await;
            let queue = check.server.task_queue.clone();
            return Err(CheckError::TimedOut { timeout: check.timeout, queue });
        }
        () = stop.cancelled() => {
            submitted.cancel("interrupted").await;
            return Err(CheckError::Interrupted);
        }
        never = hint(&watch, &check.server.task_queue, console) => match never {},
    };
    let took = started.elapsed();
    // A run that failed may have sent no `done`, so there is nothing to wait for.
    let grace = if ending.is_ok() {
        LAST_EVENTS
    } else {
        Duration::ZERO
    };
    let (events, stream_lost) = watch.finish(grace).await;
    let problems = ending
        .as_ref()
        .map_or(Vec::new(), |result| validate(result, events));
    Ok(Outcome {
        session,
        events,
        stream_lost,
        took,
        ending,
        problems,
    })
}

/// Everything up to the start of the workflow: the stream is open before it begins.
async fn prepare(
    check: &Check,
    session: &Session,
    console: Console,
) -> Result<(Watch, Submitted), CheckError> {
    console.say("[init] Connecting to Temporal server ...");
    let client = check
        .server
        .connect("kai-e2e")
        .await
        .map_err(SubmitError::from)?;
    console.say("[init] Connected.\n");
    console.say("[stream] Starting SSE consumer background task ...");
    let subscription = Subscription::open(
        stream::client(check.subscribe_token.as_ref())?,
        session.stream_url.clone(),
    )
    .await?;
    let watch = Watch::start(subscription, console);
    console.say("[workflow] Starting KaiChatWorkflow ...\n");
    let input = KaiChatInput {
        prompt: check.prompt.clone(),
        connection_id: check.connection_id.clone(),
        conversation_id: Some(session.id.to_string()),
        callback_url: Some(session.callback_url.clone()),
        require_plan_approval: false,
    };
    let submitted = Submitted::start(
        &client,
        &check.server.task_queue,
        &session.workflow_id,
        input,
    )
    .await?;
    Ok((watch, submitted))
}

/// Tells a person what may be missing when nothing happens; never ends.
async fn hint(watch: &Watch, queue: &str, console: Console) -> std::convert::Infallible {
    tokio::time::sleep(PATIENCE).await;
    if watch.events() == 0 {
        console.say(format_args!(
            "[workflow] No event after {} s: is a kai-worker polling the task queue '{queue}'?",
            PATIENCE.as_secs()
        ));
    }
    std::future::pending().await
}

/// The task that reads the stream and prints each event as it arrives.
struct Watch {
    task: AbortOnDropHandle<Option<String>>,
    events: Arc<AtomicUsize>,
}

impl Watch {
    fn start(subscription: Subscription, console: Console) -> Self {
        let events = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(watch(subscription, console, Arc::clone(&events)));
        Self {
            task: AbortOnDropHandle::new(task),
            events,
        }
    }

    /// How many events the run has sent so far.
    fn events(&self) -> usize {
        self.events.load(Ordering::Relaxed)
    }

    /// Waits for the end of the stream, but no longer than `grace`: the number of events, and why
    /// the stream could not be read to its end.
    async fn finish(mut self, grace: Duration) -> (usize, Option<String>) {
        let lost = match tokio::time::timeout(grace, &mut self.task).await {
            Ok(Ok(lost)) => lost,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => None,
        };
        (self.events(), lost)
    }
}

/// Reads the stream to its end, and returns why it could not.
async fn watch(
    mut subscription: Subscription,
    console: Console,
    events: Arc<AtomicUsize>,
) -> Option<String> {
    loop {
        match subscription.next().await {
            Ok(Some(event)) => {
                console.say(report::event_line(Local::now().time(), &event));
                events.fetch_add(usize::from(event.is_of_the_run()), Ordering::Relaxed);
                if event.is_last() {
                    return None;
                }
            }
            Ok(None) => return None,
            Err(error) => {
                console.say(format_args!("[stream] {error}"));
                return Some(error.to_string());
            }
        }
    }
}
