//! The names of one check: its session, its workflow and their addresses.

use kai_core::ids::{SessionId, short_hex};
use reqwest::Url;

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

/// Where the events of a session of any name can be read. `None` where the host is no address.
pub(crate) fn stream_url(callback_host: &str, session: &str) -> Option<Url> {
    let mut url = Url::parse(callback_host).ok()?;
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(["stream", session]);
    Some(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn any_name_of_a_session_stays_one_segment_of_its_address() {
        let url = stream_url("http://localhost:8092/kai", "a/b ?c").unwrap();
        assert_eq!(
            url.as_str(),
            "http://localhost:8092/kai/stream/a%2Fb%20%3Fc"
        );
    }
}
