//! Inputs and results that cross Temporal or HTTP.

use serde::{Deserialize, Serialize};

use crate::event::AgentEvent;
use crate::ids::SessionId;

pub use crate::result::{
    AgentResult, Chart, ChartType, Importance, Insight, InsightCategory, RunStatus,
    SuggestedQuestion, SuggestionCategory,
};

/// The one argument of `KaiChatWorkflow`. Unknown fields are ignored, missing optional ones null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KaiChatInput {
    /// The question.
    pub prompt: String,
    /// The stored connection it is asked of: an id or an alias.
    pub connection_id: String,
    /// The conversation it belongs to; becomes the session id.
    #[serde(default)]
    pub conversation_id: Option<String>,
    /// Where the events are posted; without one, nothing is streamed.
    #[serde(default)]
    pub callback_url: Option<String>,
    /// Whether the agent publishes its plan first, and waits until a person has accepted it.
    #[serde(
        default,
        deserialize_with = "null_is_default",
        skip_serializing_if = "is_false"
    )]
    pub require_plan_approval: bool,
}

/// Callers may send null where they mean nothing.
fn null_is_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The body of `POST {callback_url}` as the worker sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallbackEvent {
    /// The session the event belongs to.
    pub session_id: SessionId,
    /// The event.
    pub event: AgentEvent,
    /// Its place in its run, for receivers that ask for it; without one, the original's envelope.
    #[serde(flatten)]
    pub stamp: Option<Stamp>,
}

/// An event's place in its run, which makes it safe to send again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The run.
    pub run_id: String,
    /// The attempt at it, from 1.
    pub attempt: u32,
    /// The number of the event in that attempt, from 1.
    pub seq: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_envelope_without_a_stamp_is_the_originals() {
        let mut envelope = CallbackEvent {
            session_id: SessionId::new("s"),
            event: AgentEvent::Token {
                content: "Halo".to_owned(),
            },
            stamp: None,
        };
        let plain = json!({"session_id": "s", "event": {"type": "token", "content": "Halo"}});
        assert_eq!(serde_json::to_value(&envelope).unwrap(), plain);
        assert_eq!(
            serde_json::from_value::<CallbackEvent>(plain).unwrap(),
            envelope
        );

        envelope.stamp = Some(Stamp {
            run_id: "wf/run".to_owned(),
            attempt: 2,
            seq: 7,
        });
        let stamped = json!({
            "session_id": "s", "event": {"type": "token", "content": "Halo"},
            "run_id": "wf/run", "attempt": 2, "seq": 7,
        });
        assert_eq!(serde_json::to_value(&envelope).unwrap(), stamped);
        assert_eq!(
            serde_json::from_value::<CallbackEvent>(stamped).unwrap(),
            envelope
        );
    }
}
