//! The worker's activities: each decodes its arguments, calls the library, and encodes the result.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::sync::Arc;

use kai_core::agent::AgentMode;
use kai_core::analyst::Analyst;
use kai_core::config::CallbackSettings;
use kai_core::wire::AgentResult;
use serde::Serialize;
use serde_json::Value;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

mod arguments;
mod autonomous_chat;
mod beating;
mod chat;
mod chat_streaming;
mod failure;
mod generate_mdl;
mod heartbeat;
mod lost;
mod positional;
mod scan_schema;
mod store_connection;
mod sync_config;
mod test_connection;

pub use arguments::ChatStreamingArguments;
pub use positional::Positional;

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
}

/// A result as JSON.
fn encoded(result: impl Serialize) -> Result<Value, ActivityError> {
    serde_json::to_value(result).map_err(failure::of_worker)
}
