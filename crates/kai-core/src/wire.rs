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
}

/// The body of `POST {callback_url}` as the worker sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallbackEvent {
    /// The session the event belongs to.
    pub session_id: SessionId,
    /// The event.
    pub event: AgentEvent,
}
