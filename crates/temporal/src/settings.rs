//! The settings: the original's names beside Temporal's own.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use clap::Args;
use kai_core::config::values;

use crate::Server;

/// How Temporal is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Temporal")]
pub struct TemporalSettings {
    /// The address of the Temporal server; when not set, TEMPORAL_ADDRESS, else localhost:7233
    #[arg(long, env = "TEMPORAL_HOST", value_name = "HOST:PORT", value_parser = values::not_blank)]
    pub temporal_host: Option<String>,

    /// Temporal's own name for the address of the server
    #[arg(long, env = "TEMPORAL_ADDRESS", value_name = "HOST:PORT", value_parser = values::not_blank)]
    pub temporal_address: Option<String>,

    /// The namespace
    #[arg(long, env = "TEMPORAL_NAMESPACE", value_name = "NAME", default_value = "default", value_parser = values::not_blank)]
    pub temporal_namespace: String,

    /// The task queue that workers poll
    #[arg(long, env = "TEMPORAL_TASK_QUEUE", value_name = "NAME", default_value = "kai-agent-queue", value_parser = values::not_blank)]
    pub temporal_task_queue: String,
}

impl TemporalSettings {
    /// The server and the task queue that the settings name.
    pub fn server(&self) -> Server {
        let address = self
            .temporal_host
            .as_ref()
            .or(self.temporal_address.as_ref());
        Server {
            address: address.map_or_else(|| "localhost:7233".to_owned(), Clone::clone),
            namespace: self.temporal_namespace.clone(),
            task_queue: self.temporal_task_queue.clone(),
        }
    }
}
