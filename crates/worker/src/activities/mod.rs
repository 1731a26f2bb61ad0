//! The worker's activities: each decodes its arguments, calls the library, and encodes the result.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::sync::Arc;

use kai_core::agent::Plan;
use kai_core::analyst::Analyst;
use kai_core::config::CallbackSettings;
use kai_core::wire::{AgentResult, KaiChatInput, RunStatus};
use serde::{Deserialize, Serialize};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use crate::run_policy::Tries;

mod arguments;
mod cancellation;
mod chat_streaming;
mod failure;
mod heartbeat;
mod planning;
mod reporter;

pub use arguments::ChatStreamingArguments;

/// The argument of `announce`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Announcement {
    /// Whose viewers are told.
    pub input: KaiChatInput,
    /// What they are told.
    pub notice: Notice,
}

/// What viewers are told while no activity of the agent runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// The run is paused.
    Paused {
        /// Why, if the person said so.
        reason: Option<String>,
    },
}

/// The argument of `end_run`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ending {
    /// What was asked.
    pub input: KaiChatInput,
    /// How the run ends: `cancelled`, or else `failed`.
    pub status: RunStatus,
    /// Why.
    pub reason: String,
}

/// What every activity shares.
pub struct KaiActivities {
    analyst: Analyst,
    callback: CallbackSettings,
    tries: Tries,
    /// Cancelled when the worker was told to stop. The SDK does not tell an activity why it is
    /// cancelled; this does.
    shutdown: CancellationToken,
}

impl KaiActivities {
    /// The activities of a worker that stops when `shutdown` is cancelled.
    pub fn new(
        analyst: Analyst,
        callback: CallbackSettings,
        tries: Tries,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            analyst,
            callback,
            tries,
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

    /// Plans how to answer a question, and shows the plan to the viewers.
    #[activity(name = "make_plan")]
    pub async fn make_plan(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: KaiChatInput,
    ) -> Result<Plan, ActivityError> {
        self.plan(&ctx, input).await
    }

    /// Tells the viewers of a run what its workflow does with it.
    #[activity(name = "announce")]
    pub async fn announce(
        self: Arc<Self>,
        ctx: ActivityContext,
        announcement: Announcement,
    ) -> Result<(), ActivityError> {
        let Notice::Paused { reason } = announcement.notice;
        self.tell_of_pause(&ctx, announcement.input, reason).await
    }

    /// Ends a run that no `chat_streaming` ends any more, with an error and `done` on the stream.
    #[activity(name = "end_run")]
    pub async fn end_run(
        self: Arc<Self>,
        ctx: ActivityContext,
        ending: Ending,
    ) -> Result<AgentResult, ActivityError> {
        let arguments = ChatStreamingArguments::from(ending.input);
        self.end(&ctx, arguments, ending.status, ending.reason)
            .await
    }
}
