//! `KaiChatWorkflow`: one question, answered by the activity `chat_streaming`.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::time::Duration;

use kai_core::wire::{AgentResult, KaiChatInput};
use temporalio_common::RetryPolicy;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, SerializationContext, TemporalDeserializable,
    TemporalSerializable,
};
use temporalio_common::error::ApplicationFailure;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{ActivityCancellationType, ActivityOptions, WorkflowContext, WorkflowResult};

use crate::activities::{ChatStreamingArguments, KaiActivities};

/// How long one attempt to answer may take; the original's number.
const START_TO_CLOSE: Duration = Duration::from_mins(15);

/// How often a run is tried at most. Each worker that is lost costs an attempt; failures that may
/// pass are fewer, and counted by the activity.
pub const MAX_ATTEMPTS: u32 = 50;

/// How soon the run of a worker that was lost is given to another one; twice as late each further
/// time. After a failure that may pass, the activity itself asks for a longer pause.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// The longest such pause.
const LATEST_RETRY: Duration = Duration::from_secs(2);

/// Answers one question.
#[workflow]
pub struct KaiChatWorkflow {
    heartbeat_timeout: Duration,
}

impl KaiChatWorkflow {
    /// A workflow whose activity is given to another worker after so long without a heartbeat.
    pub fn new(heartbeat_timeout: Duration) -> Self {
        Self { heartbeat_timeout }
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
        let heartbeat_timeout = ctx.state(|workflow| workflow.heartbeat_timeout);
        let options = ActivityOptions::with_start_to_close_timeout(START_TO_CLOSE)
            .heartbeat_timeout(heartbeat_timeout)
            .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
            .retry_policy(
                RetryPolicy::builder()
                    .initial_interval(FIRST_RETRY)
                    .backoff_coefficient(2.0)
                    .maximum_interval(LATEST_RETRY)
                    .maximum_attempts(MAX_ATTEMPTS)
                    .build(),
            )
            .build();
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
