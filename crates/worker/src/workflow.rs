//! `KaiChatWorkflow`: one question, answered by the activity `chat_streaming`.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use kai_core::wire::{AgentResult, KaiChatInput};
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::error::ApplicationFailure;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::activities::{ChatStreamingArguments, KaiActivities};
use crate::run_policy::RunPolicy;

/// Answers one question.
#[workflow]
pub struct KaiChatWorkflow {
    policy: RunPolicy,
}

impl KaiChatWorkflow {
    /// A workflow that runs its activity by this policy.
    pub fn new(policy: RunPolicy) -> Self {
        Self { policy }
    }
}

#[workflow_methods(factory_only)]
impl KaiChatWorkflow {
    /// Runs `chat_streaming` and returns its result.
    #[run]
    pub async fn run(
        ctx: &mut WorkflowContext<Self>,
        input: ChatInput,
    ) -> WorkflowResult<AgentResult> {
        let input = input.0.map_err(|reason| {
            ApplicationFailure::builder(reason)
                .type_name("BadInput".to_owned())
                .non_retryable(true)
                .build()
        })?;
        let options = ctx.state(|workflow| workflow.policy.activity_options());
        let arguments = ChatStreamingArguments::from(input);
        Ok(ctx
            .execute_activity(KaiActivities::chat_streaming, arguments, options)
            .await?)
    }
}

/// The workflow's argument, or what is wrong with it. Wrong input ends the workflow with a message;
/// were it an error of decoding, the server would try the same input again for ever.
pub struct ChatInput(Result<KaiChatInput, String>);

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
