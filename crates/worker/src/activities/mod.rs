//! The worker's activities: each decodes its arguments, calls the library, and encodes the result.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::sync::Arc;

use kai_core::analyst::Analyst;
use kai_core::config::CallbackSettings;
use kai_core::wire::AgentResult;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

mod arguments;
mod chat_streaming;
mod failure;
mod heartbeat;
mod lost;

pub use arguments::ChatStreamingArguments;

/// What every activity shares.
pub struct KaiActivities {
    analyst: Analyst,
    callback: CallbackSettings,
    /// Cancelled when the worker was told to stop. The SDK does not tell an activity why it is
    /// cancelled; this does.
    shutdown: CancellationToken,
}

impl KaiActivities {
    /// The activities of a worker that stops when `shutdown` is cancelled.
    pub fn new(analyst: Analyst, callback: CallbackSettings, shutdown: CancellationToken) -> Self {
        Self {
            analyst,
            callback,
            shutdown,
        }
    }
}

#[activities]
impl KaiActivities {
    /// Answers a question, and streams every step to the callback URL if there is one.
    #[activity(name = "chat_streaming")]
    pub async fn chat_streaming(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: ChatStreamingArguments,
    ) -> Result<AgentResult, ActivityError> {
        self.answer(&ctx, arguments).await
    }
}
