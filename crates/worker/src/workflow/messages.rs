//! What is sent to a running workflow, and what it answers to queries.

use std::fmt;

use kai_core::agent::Plan;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

/// How many characters of a reason are kept.
const MAX_REASON_LENGTH: usize = 500;

/// The argument of a signal that a person sends: why. A text, an object with `reason`, or nothing;
/// whatever else comes counts as nothing, since a signal cannot be refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason(pub Option<String>);

impl Reason {
    pub(super) fn read(value: &Value) -> Self {
        let text = match value {
            Value::Object(fields) => fields.get("reason").and_then(Value::as_str),
            other => other.as_str(),
        };
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        Self(text.map(|text| text.chars().take(MAX_REASON_LENGTH).collect()))
    }

    /// A sentence, with the reason after a colon if there is one.
    pub(super) fn after(&self, sentence: &str) -> String {
        match &self.0 {
            Some(reason) => format!("{sentence}: {reason}"),
            None => sentence.to_owned(),
        }
    }
}

impl TemporalDeserializable for Reason {
    fn from_payloads(
        context: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        let first = payloads.into_iter().next();
        let value =
            first.and_then(|first| context.converter.from_payload::<Value>(context, first).ok());
        Ok(value.as_ref().map(Self::read).unwrap_or_default())
    }
}

impl TemporalSerializable for Reason {
    fn to_payload(
        &self,
        context: &SerializationContext<'_>,
    ) -> Result<Payload, PayloadConversionError> {
        context.converter.to_payload(context, &self.0)
    }
}

/// How far a run is, as its activity tells the workflow now and then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressReport {
    /// How many turns the model has taken.
    pub step: u32,
    /// How many it may take.
    pub max_steps: u32,
    /// How many events the receiver took.
    pub events_sent: u64,
    /// How many it did not take.
    pub events_failed: u64,
    /// The type of the last event.
    pub last_event: Option<String>,
}

/// The argument of the signal `progress`; what is not a report is ignored.
#[derive(Debug, Clone)]
pub struct ProgressSignal(pub Option<ProgressReport>);

impl TemporalDeserializable for ProgressSignal {
    fn from_payloads(
        context: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        let first = payloads.into_iter().next();
        Ok(Self(first.and_then(|first| {
            context.converter.from_payload(context, first).ok()
        })))
    }
}

impl TemporalSerializable for ProgressSignal {
    fn to_payload(
        &self,
        context: &SerializationContext<'_>,
    ) -> Result<Payload, PayloadConversionError> {
        context.converter.to_payload(context, &self.0)
    }
}

/// The answer to `get_status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// How the run stands.
    pub status: StatusName,
    /// Why, where a person or an error said so.
    pub reason: Option<String>,
    /// The plan, once there is one.
    pub plan: Option<Plan>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    /// The agent makes its plan.
    Planning,
    /// The plan waits for a person.
    AwaitingApproval,
    /// The agent works.
    Running,
    /// A pause was asked for; the agent is about to leave its work.
    Pausing,
    /// Nothing runs until somebody resumes the run.
    Paused,
    /// The run was told to end and is about to.
    Stopping,
    /// It has ended with an answer.
    Completed,
    /// It has ended with a part of one.
    Partial,
    /// It has ended without one.
    Failed,
    /// A person has ended it.
    Cancelled,
}

impl fmt::Display for StatusName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Planning => "planning",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        })
    }
}

/// The answer to `get_progress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What the run's activity told last.
    #[serde(flatten)]
    pub report: ProgressReport,
    /// How long ago the workflow began; how long it took, once it has ended.
    pub elapsed_ms: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_has_one_name() {
        for status in [StatusName::AwaitingApproval, StatusName::Cancelled] {
            assert_eq!(json!(status), json!(status.to_string()));
        }
    }

    #[test]
    fn a_reason_is_a_text_or_an_object_and_anything_else_is_none() {
        let read = |value: Value| Reason::read(&value).0;
        assert_eq!(read(json!(" too slow ")).as_deref(), Some("too slow"));
        assert_eq!(
            read(json!({"reason": "wrong table"})).as_deref(),
            Some("wrong table")
        );
        for nothing in [
            json!(null),
            json!(7),
            json!(""),
            json!({"why": "x"}),
            json!(["x"]),
        ] {
            assert_eq!(read(nothing), None);
        }
        let long = read(json!("x".repeat(9999))).unwrap();
        assert_eq!(long.len(), MAX_REASON_LENGTH);
    }
}
