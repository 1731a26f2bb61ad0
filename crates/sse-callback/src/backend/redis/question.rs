//! One question to Redis: what a replica lacks, and by the way what was read here.

use std::sync::Arc;
use std::time::Duration;

use kai_core::ids::SessionId;
use tokio::time::timeout;

use super::link::{Link, PATIENCE};
use super::script::{self, Following, ScriptError};
use crate::frame::EventId;
use crate::session::Session;

/// Everything that is needed to ask.
#[derive(Debug)]
pub(super) struct Question {
    /// None when there is only something to tell.
    pub(super) replica: Option<Arc<Session>>,
    /// Whether to listen for the session's bell from now on.
    pub(super) listen: bool,
    /// The last end of a run that a subscriber was given.
    pub(super) read: Option<EventId>,
    /// How long Redis is to keep the session from now on; none when it is not used at the moment.
    pub(super) keep: Option<Duration>,
}

impl Question {
    /// Tells what was read, and brings the replica up to date.
    pub(super) async fn ask(self, mut link: Link, session: &SessionId) -> Result<(), ScriptError> {
        if self.listen {
            // First, so that what comes after the answer rings.
            link.bells.subscribe(script::channel(session)).await?;
        }
        loop {
            let following = Following {
                standing: self.replica.as_ref().map(|replica| replica.standing()),
                read: self.read,
                keep: self.keep,
            };
            let asking = script::follow(&mut link.commands, session, &following);
            let answer = timeout(PATIENCE, asking).await;
            let page = answer.map_err(|_| ScriptError::Late)??;
            let Some(replica) = &self.replica else {
                return Ok(());
            };
            let head = page.as_ref().map_or(0, |page| page.head);
            replica.follow(page);
            // There is more when the page was full.
            if replica.head().seq >= head {
                return Ok(());
            }
        }
    }
}
