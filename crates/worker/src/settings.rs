//! The settings of the worker itself.

use std::time::Duration;

use clap::Args;
use kai_core::config::values;
use kai_core::ids::short_hex;

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

    /// How many seconds a plan waits for a person to accept or reject it, before the run fails
    #[arg(long, env = "KAI_PLAN_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "3600", value_parser = values::seconds)]
    pub plan_timeout: Duration,

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
