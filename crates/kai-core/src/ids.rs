//! The identifiers that cross a boundary, each a type of its own so that they cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! string_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the identifier as it stands.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

string_id! {
    /// One conversation's stream: the last part of `/events/{id}` and `/stream/{id}`.
    SessionId
}
string_id! {
    /// A stored connection to a target database.
    ConnectionId
}
string_id! {
    /// One run of the agent.
    TaskId
}

/// Eight random hexadecimal digits, as the original puts into its identifiers.
pub fn short_hex() -> String {
    let mut hex = Uuid::new_v4().simple().to_string();
    hex.truncate(8);
    hex
}

impl SessionId {
    /// The session of a run: the conversation it belongs to, or `temporal_` and eight hexadecimal
    /// digits of the run's own id, so that every attempt at the run streams to the same session.
    pub fn for_run(conversation: Option<&str>, run_id: &str) -> Self {
        if let Some(conversation) = conversation {
            return Self::new(conversation);
        }
        // The last digits: the first ones of a time-ordered id are the same for a minute.
        let digits: Vec<char> = run_id.chars().filter(char::is_ascii_hexdigit).collect();
        let last = digits.iter().skip(digits.len().saturating_sub(8));
        Self(format!("temporal_{:0>8}", last.collect::<String>()))
    }
}

impl TaskId {
    /// A new, unique id.
    pub fn generate() -> Self {
        Self(Uuid::new_v4().to_string())
    }
}

impl ConnectionId {
    /// A new, unique id.
    pub fn generate() -> Self {
        Self(Uuid::new_v4().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_conversation_streams_to_one_session_whatever_the_attempt() {
        let run_id = "0199f3a2-7c1d-7aaa-8bbb-0123456789ab";
        assert_eq!(
            SessionId::for_run(None, run_id).as_str(),
            "temporal_456789ab"
        );
        assert_eq!(SessionId::for_run(None, "7").as_str(), "temporal_00000007");
        assert_eq!(
            SessionId::for_run(Some("chat-1"), run_id).as_str(),
            "chat-1"
        );
    }
}
