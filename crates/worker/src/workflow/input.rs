//! The argument of the workflow, read so that wrong input ends it with a message.

use kai_core::wire::KaiChatInput;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

/// The workflow's argument, or what is wrong with it. Wrong input ends the workflow with a message;
/// were it an error of decoding, the server would try the same input again for ever.
pub struct ChatInput(Result<KaiChatInput, String>);

impl ChatInput {
    /// The input.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(self) -> Result<KaiChatInput, String> {
        self.0
    }
}

impl TemporalDeserializable for ChatInput {
    fn from_payloads(
        context: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        let Some(first) = payloads.into_iter().next() else {
            return Ok(Self(Err(
                "KaiChatWorkflow needs one argument, a JSON object".to_owned(),
            )));
        };
        if let Some(reason) = kai_temporal::codec::unreadable(&first) {
            return Ok(Self(Err(format!(
                "the input of KaiChatWorkflow cannot be read: {reason}"
            ))));
        }
        let input = context
            .converter
            .from_payload::<KaiChatInput>(context, first);
        Ok(Self(input.map_err(|error| {
            format!("the input of KaiChatWorkflow is wrong: {error}")
        })))
    }
}

impl TemporalSerializable for ChatInput {
    fn to_payload(
        &self,
        context: &SerializationContext<'_>,
    ) -> Result<Payload, PayloadConversionError> {
        match &self.0 {
            Ok(input) => context.converter.to_payload(context, input),
            Err(reason) => Err(PayloadConversionError::EncodingError(reason.clone().into())),
        }
    }
}
