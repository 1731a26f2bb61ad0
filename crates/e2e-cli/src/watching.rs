//! `--watch`: reads the stream of a session that somebody else started, to its end.

use std::time::Duration;

use kai_core::config::Secret;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::console::Console;
use crate::report;
use crate::session;
use crate::stream::{self, StreamError, Subscription};
use crate::tally::Tally;
use crate::watch::Watch;

/// Which session to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watching {
    /// The session.
    pub session: String,
    /// Where in it to begin.
    pub start: Start,
    /// The address of the receiver, without a slash at its end.
    pub callback_host: String,
    /// The token for reading the stream, where the receiver asks for one.
    pub subscribe_token: Option<Secret>,
    /// How long to watch at most.
    pub timeout: Duration,
}

/// Where in a session a watch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The first event of the run that is under way, or of the next one.
    Unread,
    /// The first event that the receiver has, also of runs that somebody has read to their end.
    Everything,
    /// Behind the event with this id.
    After(String),
}

/// What was seen of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// The session.
    pub session: String,
    /// The sums over its events.
    pub tally: Tally,
    /// How the watch ended.
    pub end: End,
}

/// How a watch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The run is over.
    Done,
    /// The receiver has nothing more to tell: its time without an event is up, or all was read before.
    Silent,
    /// The stream could not be read to its end.
    Lost(String),
    /// It took too long.
    TimedOut(Duration),
    /// Ctrl-C.
    Interrupted,
}

impl Watched {
    /// Whether the run was seen to its end, whole, and did not fail.
    pub fn passed(&self) -> bool {
        let status = self.result();
        let status = status.as_ref().and_then(|result| result.get("status"));
        let failed = status.and_then(Value::as_str) == Some("failed");
        self.end == End::Done && self.tally.is_whole() && !failed
    }

    /// The result that `done` carries.
    pub fn result(&self) -> Option<Value> {
        let done = self.tally.last.as_ref().filter(|_| self.tally.is_done())?;
        let mut event: Value = serde_json::from_str(&done.data).ok()?;
        event.get_mut("result").map(Value::take)
    }
}

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The receiver does not do its part.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// This machine cannot make HTTP requests.
    #[error("cannot make HTTP requests: {0}")]
    Http(#[from] reqwest::Error),
    /// The address of the receiver has no place for a session.
    #[error("--callback-host cannot be '{0}': use http://HOST:PORT or https://HOST")]
    Address(String),
}

/// Watches the session, telling the console what happens; `stop` ends it early.
pub(crate) async fn run(
    watching: &Watching,
    console: &mut Console,
    stop: &CancellationToken,
) -> Result<Watched, WatchError> {
    let mut url = session::stream_url(&watching.callback_host, &watching.session)
        .ok_or_else(|| WatchError::Address(watching.callback_host.clone()))?;
    let (tally, last_id) = match &watching.start {
        Start::Unread => (Tally::default(), None),
        Start::Everything => {
            url.set_query(Some("replay=all"));
            (Tally::default(), None)
        }
        Start::After(id) => (Tally::behind(id), Some(id.clone())),
    };
    console.say(report::watch_header(&watching.session, url.as_str()));
    let drawn = console.wait_for("watching");
    let client = stream::client(watching.subscribe_token.as_ref())?;
    let seen = Tally::clone(&tally);
    let opening = stop.run_until_cancelled(Subscription::open(client, url.into(), last_id));
    let Some(opened) = opening.await else {
        return Ok(Watched {
            session: watching.session.clone(),
            tally: seen,
            end: End::Interrupted,
        });
    };
    let mut watch = Watch::start(opened?, tally, console.clone());
    let end = tokio::select! {
        lost = watch.ended() => lost.map_or(End::Silent, End::Lost),
        () = tokio::time::sleep(watching.timeout) => End::TimedOut(watching.timeout),
        () = stop.cancelled() => End::Interrupted,
    };
    let tally = watch.into_tally();
    drop(drawn);
    let end = if tally.is_done() { End::Done } else { end };
    Ok(Watched {
        session: watching.session.clone(),
        tally,
        end,
    })
}
