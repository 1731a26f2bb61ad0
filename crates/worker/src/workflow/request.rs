//! The argument of an update, and why an update is refused: unlike a signal, it is answered.

use serde_json::Value;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::messages::{Reason, StatusName};

/// What a person asks of a run by an update: the same as the argument of a signal, a reason in one of
/// its shapes. Another shape is kept as what is wrong with it, so that the validator can say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request(Result<Reason, Refusal>);

/// Why an update is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It comes too late.
    #[error("the run has ended already, its status is {0}")]
    Ended(StatusName),
    /// It comes too late, too.
    #[error("the run was told to end already, and is about to")]
    Ending,
    /// One pause is enough.
    #[error("the run is paused already; resume it, or stop it")]
    PausedAlready,
    /// There is nothing to resume.
    #[error("the run is not paused, so there is nothing to resume")]
    NotPaused,
    /// Nobody can have seen the plan yet.
    #[error("no plan waits for a decision yet: the agent is still making it")]
    StillPlanning,
    /// The run works by the plan.
    #[error("the plan was accepted already")]
    AcceptedAlready,
    /// The plan is gone.
    #[error("the plan was rejected already")]
    RejectedAlready,
    /// It was not asked for one.
    #[error("no plan waits for a decision: the run was started without require_plan_approval")]
    NoPlan,
    /// The argument says nothing that could be meant.
    #[error(
        "the argument is to be a reason, as \"too slow\" or {{\"reason\": \"too slow\"}}, or nothing"
    )]
    Argument,
    /// The argument was encrypted with a key that this worker does not have, or is damaged.
    #[error("the argument cannot be read: {0}")]
    Unreadable(String),
}

impl Request {
    /// Refuses an argument that cannot be meant.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.0.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// The reason; none of an argument that [`check`](Self::check) refuses.
    pub(super) fn reason(self) -> Reason {
        self.0.unwrap_or_default()
    }

    fn read(value: &Value) -> Result<Reason, Refusal> {
        match value {
            Value::Null | Value::String(_) => Ok(Reason::read(value)),
            Value::Object(fields) => match fields.get("reason") {
                None if !fields.is_empty() => Err(Refusal::Argument),
                None | Some(Value::Null | Value::String(_)) => Ok(Reason::read(value)),
                Some(_) => Err(Refusal::Argument),
            },
            _ => Err(Refusal::Argument),
        }
    }
}

impl TemporalDeserializable for Request {
    fn from_payloads(
        context: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        let Some(first) = payloads.into_iter().next() else {
            return Ok(Self(Ok(Reason::default())));
        };
        if let Some(reason) = kai_temporal::codec::unreadable(&first) {
            return Ok(Self(Err(Refusal::Unreadable(reason.to_string()))));
        }
        let value = context.converter.from_payload::<Value>(context, first);
        Ok(Self(value.map_or(Err(Refusal::Argument), |value| {
            Self::read(&value)
        })))
    }
}

impl TemporalSerializable for Request {
    fn to_payload(
        &self,
        context: &SerializationContext<'_>,
    ) -> Result<Payload, PayloadConversionError> {
        match &self.0 {
            Ok(reason) => context.converter.to_payload(context, reason),
            Err(refusal) => Err(PayloadConversionError::EncodingError(
                refusal.to_string().into(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_that_cannot_be_meant_is_refused() {
        for (meant, reason) in [
            (json!(null), None),
            (json!({}), None),
            (json!({"reason": null}), None),
            (json!("too slow"), Some("too slow")),
            (json!({"reason": "too slow", "by": "Ani"}), Some("too slow")),
        ] {
            let read = Request::read(&meant).unwrap();
            assert_eq!(read.0.as_deref(), reason, "{meant}");
        }
        for wrong in [
            json!(7),
            json!(["x"]),
            json!({"why": "x"}),
            json!({"reason": 7}),
        ] {
            assert_eq!(Request::read(&wrong), Err(Refusal::Argument), "{wrong}");
        }
    }
}
