//! The settings of the worker itself.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::time::Duration;

use clap::Args;
use kai_core::config::values;
use kai_core::ids::short_hex;

/// How Temporal is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Temporal")]
pub struct TemporalSettings {
    /// The address of the Temporal server; TEMPORAL_ADDRESS is taken when this is not set
    #[arg(long, env = "TEMPORAL_HOST", value_name = "HOST:PORT", value_parser = values::not_blank)]
    pub temporal_host: Option<String>,

    /// Temporal's own name for the address of the server
    #[arg(long, env = "TEMPORAL_ADDRESS", value_name = "HOST:PORT", value_parser = values::not_blank)]
    pub temporal_address: Option<String>,

    /// The namespace
    #[arg(long, env = "TEMPORAL_NAMESPACE", value_name = "NAME", default_value = "default", value_parser = values::not_blank)]
    pub temporal_namespace: String,

    /// The task queue that is polled
    #[arg(long, env = "TEMPORAL_TASK_QUEUE", value_name = "NAME", default_value = "kai-agent-queue", value_parser = values::not_blank)]
    pub temporal_task_queue: String,
}

impl TemporalSettings {
    /// The address in force.
    pub fn address(&self) -> &str {
        self.temporal_host
            .as_deref()
            .or(self.temporal_address.as_deref())
            .unwrap_or("localhost:7233")
    }
}

/// How the worker behaves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Worker")]
pub struct WorkerSettings {
    /// The name under which Temporal knows this worker; kai-worker-HOST-XXXXXXXX when not set
    #[arg(long, env = "WORKER_IDENTITY", value_name = "NAME", value_parser = values::not_blank)]
    pub worker_identity: Option<String>,

    /// The address on which /healthz and /readyz are served
    #[arg(long, env = "HEALTH_HOST", value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = values::not_blank)]
    pub health_host: String,

    /// The port on which /healthz and /readyz are served
    #[arg(long, env = "HEALTH_PORT", value_name = "PORT", default_value = "8091", value_parser = values::port)]
    pub health_port: u16,

    /// After so many seconds without a heartbeat, Temporal gives a run to another worker
    #[arg(long, env = "KAI_HEARTBEAT_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "60", value_parser = values::seconds)]
    pub heartbeat_timeout: Duration,

    /// How many seconds the runs that are under way may take to finish when the worker is stopped
    #[arg(long, env = "KAI_SHUTDOWN_GRACE_SECONDS", value_name = "SECONDS", default_value = "20", value_parser = values::seconds)]
    pub shutdown_grace: Duration,
}

impl WorkerSettings {
    /// The name under which Temporal knows this worker.
    pub fn identity(&self) -> String {
        self.worker_identity.clone().unwrap_or_else(|| {
            let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
            let host = host.as_deref().map_or("localhost", str::trim);
            format!("kai-worker-{host}-{}", short_hex())
        })
    }
}
