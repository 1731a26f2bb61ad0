//! The arguments of activities: by position, as every Temporal client can send them.

use kai_core::agent::Plan;
use kai_core::wire::KaiChatInput;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

/// `prompt, connection_id, conversation_id?, callback_url?, plan?`: the last three may be null or
/// missing, the texts also blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatStreamingArguments {
    /// The question.
    pub prompt: String,
    /// The connection's id or alias.
    pub connection_id: String,
    /// The conversation.
    pub conversation_id: Option<String>,
    /// Where the events go.
    pub callback_url: Option<String>,
    /// The plan that a person has agreed to.
    pub plan: Option<Plan>,
}

impl From<KaiChatInput> for ChatStreamingArguments {
    fn from(input: KaiChatInput) -> Self {
        Self {
            prompt: input.prompt,
            connection_id: input.connection_id,
            conversation_id: not_blank(input.conversation_id),
            callback_url: not_blank(input.callback_url),
            plan: None,
        }
    }
}

/// Callers of the original may send empty text where they mean nothing.
fn not_blank(argument: Option<String>) -> Option<String> {
    argument.filter(|text| !text.trim().is_empty())
}

impl TemporalSerializable for ChatStreamingArguments {
    fn to_payloads(
        &self,
        context: &SerializationContext<'_>,
    ) -> Result<Vec<Payload>, PayloadConversionError> {
        let encode = |argument: &Option<String>| context.converter.to_payload(context, argument);
        let mut payloads = vec![
            context.converter.to_payload(context, &self.prompt)?,
            context.converter.to_payload(context, &self.connection_id)?,
            encode(&self.conversation_id)?,
            encode(&self.callback_url)?,
        ];
        // The original's four arguments, unless there is more to say.
        if let Some(plan) = &self.plan {
            payloads.push(context.converter.to_payload(context, plan)?);
        }
        Ok(payloads)
    }
}

impl TemporalDeserializable for ChatStreamingArguments {
    fn from_payloads(
        context: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        if let Some(reason) = payloads.iter().find_map(kai_temporal::codec::unreadable) {
            return Err(PayloadConversionError::EncodingError(reason.into()));
        }
        let mut payloads = payloads.into_iter();
        let (Some(prompt), Some(connection_id)) = (payloads.next(), payloads.next()) else {
            return Err(PayloadConversionError::EncodingError(
                "chat_streaming needs prompt and connection_id".into(),
            ));
        };
        let mut optional = || match payloads.next() {
            Some(payload) => context.converter.from_payload(context, payload),
            None => Ok(None),
        };
        let conversation_id = not_blank(optional()?);
        let callback_url = not_blank(optional()?);
        let plan = match payloads.next() {
            Some(payload) => context.converter.from_payload(context, payload)?,
            None => None,
        };
        Ok(Self {
            plan,
            prompt: context.converter.from_payload(context, prompt)?,
            connection_id: context.converter.from_payload(context, connection_id)?,
            conversation_id,
            callback_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::data_converters::{
        ActivitySerializationContext, PayloadConverter, SerializationContextData,
    };

    use super::*;

    fn arguments() -> ChatStreamingArguments {
        ChatStreamingArguments {
            prompt: "p".to_owned(),
            connection_id: "c".to_owned(),
            conversation_id: None,
            callback_url: None,
            plan: None,
        }
    }

    #[test]
    fn trailing_arguments_may_be_null_missing_or_blank() {
        let converter = PayloadConverter::default();
        let data = SerializationContextData::Activity(ActivitySerializationContext::new());
        let context = SerializationContext::new(&data, &converter);
        let mut payloads = arguments().to_payloads(&context).unwrap();
        assert_eq!(payloads.len(), 4);
        for _ in 0..=2 {
            let read = ChatStreamingArguments::from_payloads(&context, payloads.clone()).unwrap();
            assert_eq!(read, arguments());
            payloads.pop();
        }
        assert!(ChatStreamingArguments::from_payloads(&context, payloads).is_err());

        let planned = ChatStreamingArguments {
            plan: Some(Plan::new(["Count".to_owned()])),
            ..arguments()
        };
        let payloads = planned.to_payloads(&context).unwrap();
        assert_eq!(payloads.len(), 5);
        assert_eq!(
            ChatStreamingArguments::from_payloads(&context, payloads).unwrap(),
            planned
        );

        let blank = KaiChatInput {
            prompt: "p".to_owned(),
            connection_id: "c".to_owned(),
            conversation_id: Some(String::new()),
            callback_url: Some(" ".to_owned()),
            require_plan_approval: false,
        };
        assert_eq!(ChatStreamingArguments::from(blank), arguments());
    }
}
