//! Arguments by position as any Temporal client sends them: trailing ones may be null or missing.

use std::collections::VecDeque;

use kai_core::analyst::AnalystError;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

/// The arguments of an activity, each read when it is asked for. What is wrong with one is told as a
/// failure that trying again cannot mend, since the same arguments would come again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Positional(VecDeque<Result<Value, String>>);

impl Positional {
    /// The next argument, which must be there.
    pub(super) fn needed<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, AnalystError> {
        self.optional(name)?
            .ok_or_else(|| AnalystError::BadInput(format!("the argument {name} is missing")))
    }

    /// The next argument, if there is one that is not null.
    pub(super) fn optional<T: DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, AnalystError> {
        let wrong = |reason: String| {
            AnalystError::BadInput(format!("the argument {name} is wrong: {reason}"))
        };
        let value = self.0.pop_front().transpose().map_err(wrong)?;
        value.map_or(Ok(None), |value| {
            Option::<T>::deserialize(value).map_err(|error| wrong(error.to_string()))
        })
    }

    /// The next argument as text, if there is one that is not blank: callers of the original send
    /// empty text where they mean nothing.
    pub(super) fn optional_text(&mut self, name: &str) -> Result<Option<String>, AnalystError> {
        let text: Option<String> = self.optional(name)?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }
}

impl TemporalDeserializable for Positional {
    fn from_payloads(
        context: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        let read = |payload| {
            if let Some(reason) = kai_temporal::codec::unreadable(&payload) {
                return Err(reason.to_string());
            }
            let value: Result<Option<Value>, _> = context.converter.from_payload(context, payload);
            value
                .map(Option::unwrap_or_default)
                .map_err(|error| error.to_string())
        };
        Ok(Self(payloads.into_iter().map(read).collect()))
    }
}

impl TemporalSerializable for Positional {
    fn to_payloads(
        &self,
        context: &SerializationContext<'_>,
    ) -> Result<Vec<Payload>, PayloadConversionError> {
        let encode = |value: &Result<Value, String>| match value {
            Ok(value) => context.converter.to_payload(context, value),
            Err(reason) => Err(PayloadConversionError::EncodingError(reason.clone().into())),
        };
        self.0.iter().map(encode).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_null_or_blank_is_nothing_and_what_is_wrong_is_named() {
        let mut arguments = Positional(
            [json!("c-1"), json!(null), json!(" "), json!(7)]
                .into_iter()
                .map(Ok)
                .collect(),
        );
        assert_eq!(arguments.needed::<String>("connection_id").unwrap(), "c-1");
        assert_eq!(
            arguments.optional::<Vec<String>>("table_names").unwrap(),
            None
        );
        assert_eq!(arguments.optional_text("mode").unwrap(), None);
        let error = arguments.needed::<String>("alias").unwrap_err();
        assert!(error.to_string().starts_with("the argument alias is wrong"));
        assert!(!error.is_retryable());
        let error = arguments.needed::<String>("uri").unwrap_err();
        assert_eq!(error.to_string(), "the argument uri is missing");
    }
}
