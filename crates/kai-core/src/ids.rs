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
    /// The session of a run: the conversation it belongs to, or a new `temporal_` id.
    pub fn for_conversation(conversation: Option<&str>) -> Self {
        conversation.map_or_else(|| Self(format!("temporal_{}", short_hex())), Self::new)
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
