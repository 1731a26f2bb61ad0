//! The names of one check: its session, its workflow and their addresses.

use kai_core::ids::{SessionId, short_hex};

/// What one check is called, everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session, which is also the conversation.
    pub id: SessionId,
    /// The workflow on the Temporal server.
    pub workflow_id: String,
    /// Where the worker posts the events.
    pub callback_url: String,
    /// Where the events can be read.
    pub stream_url: String,
}

impl Session {
    /// A new session at the receiver.
    pub fn new(callback_host: &str) -> Self {
        Self::named(format!("e2e-test-{}", short_hex()), callback_host)
    }

    pub(crate) fn named(name: String, callback_host: &str) -> Self {
        Self {
            workflow_id: format!("e2e-{name}"),
            callback_url: format!("{callback_host}/events/{name}"),
            stream_url: format!("{callback_host}/stream/{name}"),
            id: SessionId::new(name),
        }
    }
}
