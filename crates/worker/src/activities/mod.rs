//! The worker's activities: each decodes its arguments, calls the library, and encodes the result.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::sync::Arc;

use kai_core::agent::{AgentMode, Plan};
use kai_core::analyst::Analyst;
use kai_core::config::CallbackSettings;
use kai_core::delivery::Deliveries;
use kai_core::wire::{AgentResult, KaiChatInput, RunStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use crate::run_policy::Tries;

mod arguments;
mod autonomous_chat;
mod beating;
mod cancellation;
mod chat;
mod chat_streaming;
mod described;
mod failure;
mod generate_mdl;
mod heartbeat;
mod interruption;
mod list_connections;
mod pace;
mod planning;
mod positional;
mod reporter;
mod scan_schema;
mod store_connection;
mod sync_config;
mod test_connection;

pub use arguments::ChatStreamingArguments;
pub use positional::Positional;

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
    deliveries: Deliveries,
    tries: Tries,
    /// Cancelled when the worker was told to stop. The SDK does not tell an activity why it is
    /// cancelled; this does.
    shutdown: CancellationToken,
}

impl KaiActivities {
    /// The activities of a worker that stops when `shutdown` is cancelled. What they leave in
    /// `deliveries` has to be joined after that.
    pub fn new(
        analyst: Analyst,
        callback: CallbackSettings,
        deliveries: Deliveries,
        tries: Tries,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            analyst,
            callback,
            deliveries,
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
        self.answer(&ctx, arguments, AgentMode::default()).await
    }

    /// Answers a question as an analysis, without streaming.
    #[activity(name = "chat")]
    pub async fn chat(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<AgentResult, ActivityError> {
        self.analyse(&ctx, arguments).await
    }

    /// Answers a question in one of the modes, without streaming.
    #[activity(name = "autonomous_chat")]
    pub async fn autonomous_chat(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<AgentResult, ActivityError> {
        self.work_alone(&ctx, arguments).await
    }

    /// Keeps a connection under the id that is given.
    #[activity(name = "store_connection")]
    pub async fn store_connection(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<Value, ActivityError> {
        encoded(self.keep_connection(&ctx, arguments).await?)
    }

    /// Tells whether a connection's database can be asked.
    #[activity(name = "test_connection")]
    pub async fn test_connection(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<Value, ActivityError> {
        encoded(self.try_connection(&ctx, arguments).await?)
    }

    /// Names the databases that can be asked.
    #[activity(name = "list_connections")]
    pub async fn list_connections(
        self: Arc<Self>,
        ctx: ActivityContext,
        _arguments: Positional,
    ) -> Result<Value, ActivityError> {
        encoded(self.connections(&ctx).await?)
    }

    /// Reads tables into the store.
    #[activity(name = "scan_schema")]
    pub async fn scan_schema(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<Value, ActivityError> {
        encoded(self.scan(&ctx, arguments).await?)
    }

    /// Keeps what an operator says of a connection.
    #[activity(name = "sync_config")]
    pub async fn sync_config(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<Value, ActivityError> {
        encoded(self.sync(&ctx, arguments).await?)
    }

    /// Describes tables and how they relate.
    #[activity(name = "generate_mdl")]
    pub async fn generate_mdl(
        self: Arc<Self>,
        ctx: ActivityContext,
        arguments: Positional,
    ) -> Result<Value, ActivityError> {
        encoded(self.describe(&ctx, arguments).await?)
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

/// A result as JSON.
fn encoded(result: impl Serialize) -> Result<Value, ActivityError> {
    serde_json::to_value(result).map_err(failure::of_worker)
}
