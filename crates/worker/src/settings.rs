//! The settings of the worker itself.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use kai_core::config::values;
use kai_core::ids::short_hex;
use temporalio_common::worker::{
    VersioningBehavior, WorkerDeploymentOptions, WorkerDeploymentVersion, build_id_from_current_exe,
};
use temporalio_sdk::runtime::PollerBehavior;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder, WorkerTuner};

use crate::run_policy::{RunTimes, Tries};

/// How the worker behaves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Worker")]
pub struct WorkerSettings {
    /// The name under which Temporal knows this worker; kai-worker-HOST-XXXXXXXX when not set
    #[arg(long, env = "WORKER_IDENTITY", value_name = "NAME", value_parser = values::not_blank)]
    pub worker_identity: Option<String>,

    /// The address on which /healthz, /readyz and /metrics are served
    #[arg(long, env = "HEALTH_HOST", value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = values::not_blank)]
    pub health_host: String,

    /// The port on which /healthz, /readyz and /metrics are served
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

    /// How many seconds one attempt at a run may take
    #[arg(long, env = "KAI_RUN_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "900", value_parser = values::seconds)]
    pub run_timeout: Duration,

    /// How often a run that fails in a way that may pass is tried at most, from 1 to 100
    #[arg(long, env = "KAI_RUN_MAX_ATTEMPTS", value_name = "COUNT", default_value = "5", value_parser = attempts)]
    pub run_max_attempts: u32,

    /// How many seconds pass before the second try; each further wait is twice as long
    #[arg(long, env = "KAI_RETRY_FIRST_SECONDS", value_name = "SECONDS", default_value = "1", value_parser = values::seconds)]
    pub retry_first: Duration,

    /// The longest of these waits, in seconds
    #[arg(long, env = "KAI_RETRY_LONGEST_SECONDS", value_name = "SECONDS", default_value = "30", value_parser = values::seconds)]
    pub retry_longest: Duration,

    /// How many activities, and so runs, the worker carries out at the same time, from 1 to 10000
    #[arg(long, env = "KAI_MAX_CONCURRENT_ACTIVITIES", value_name = "COUNT", default_value = "100", value_parser = activity_slots)]
    pub max_concurrent_activities: usize,

    /// How many steps of workflows it carries out at the same time, from 2 to 10000
    #[arg(long, env = "KAI_MAX_CONCURRENT_WORKFLOW_TASKS", value_name = "COUNT", default_value = "100", value_parser = workflow_slots)]
    pub max_concurrent_workflow_tasks: usize,

    /// How many requests for activities wait at the server, from 1 to 100
    #[arg(long, env = "KAI_ACTIVITY_POLLERS", value_name = "COUNT", default_value = "5", value_parser = activity_pollers)]
    pub activity_pollers: usize,

    /// How many requests for steps of workflows wait at the server, from 2 to 100
    #[arg(long, env = "KAI_WORKFLOW_POLLERS", value_name = "COUNT", default_value = "5", value_parser = workflow_pollers)]
    pub workflow_pollers: usize,

    /// The worker deployment that this worker belongs to; with it Temporal routes by version
    #[arg(long, env = "TEMPORAL_WORKER_DEPLOYMENT_NAME", value_name = "NAME", value_parser = deployment_name)]
    pub worker_deployment_name: Option<String>,

    /// The version in that deployment; made from the program's bytes when not set
    #[arg(long, env = "TEMPORAL_WORKER_BUILD_ID", value_name = "ID", requires = "worker_deployment_name", value_parser = values::not_blank)]
    pub worker_build_id: Option<String>,

    /// What a run does when another version becomes the current one: auto-upgrade goes on there,
    /// pinned stays
    #[arg(
        long,
        env = "KAI_WORKER_VERSIONING",
        value_name = "BEHAVIOUR",
        default_value = "auto-upgrade"
    )]
    pub worker_versioning: Versioning,
}

impl WorkerSettings {
    /// The name under which Temporal knows this worker.
    pub fn identity(&self) -> String {
        self.worker_identity
            .clone()
            .unwrap_or_else(|| format!("kai-worker-{}-{}", hostname(), short_hex()))
    }

    /// How long a run may take.
    pub fn run_times(&self) -> RunTimes {
        RunTimes {
            start_to_close: self.run_timeout,
            heartbeat_timeout: self.heartbeat_timeout,
            plan_timeout: self.plan_timeout,
        }
    }

    /// How often a run that fails is tried.
    pub fn tries(&self) -> Tries {
        Tries {
            most: self.run_max_attempts,
            first_pause: self.retry_first,
            longest_pause: self.retry_longest,
        }
    }

    /// How much the worker does at the same time.
    pub fn tuner(&self) -> WorkerTuner {
        // KAI has no local activities and no Nexus operations; the SDK wants a slot for each.
        TunerHolder::builder()
            .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(
                self.max_concurrent_workflow_tasks,
            ))
            .activity_task_slot_supplier(FixedSizeSlotSupplier::new(self.max_concurrent_activities))
            .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(1))
            .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
            .build()
            .into()
    }

    /// How many requests for activities wait at the server.
    pub fn activity_polling(&self) -> PollerBehavior {
        PollerBehavior::SimpleMaximum(self.activity_pollers)
    }

    /// How many requests for steps of workflows wait at the server.
    pub fn workflow_polling(&self) -> PollerBehavior {
        PollerBehavior::SimpleMaximum(self.workflow_pollers)
    }

    /// The version of this worker. Without a deployment Temporal only shows it, and routes nothing by
    /// it.
    pub fn deployment(&self) -> WorkerDeploymentOptions {
        let build_id = self
            .worker_build_id
            .clone()
            .unwrap_or_else(|| build_id_from_current_exe().to_owned());
        let Some(name) = &self.worker_deployment_name else {
            return WorkerDeploymentOptions::from_build_id(build_id);
        };
        let version = WorkerDeploymentVersion::builder()
            .deployment_name(name.clone())
            .build_id(build_id)
            .build();
        WorkerDeploymentOptions::new(version)
            .use_worker_versioning(true)
            .default_versioning_behavior(self.worker_versioning.into())
            .build()
    }
}

/// What a run does when another version of the worker becomes the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Versioning {
    /// It goes on there.
    AutoUpgrade,
    /// It stays where it began.
    Pinned,
}

impl From<Versioning> for VersioningBehavior {
    fn from(versioning: Versioning) -> Self {
        match versioning {
            Versioning::AutoUpgrade => Self::AutoUpgrade,
            Versioning::Pinned => Self::Pinned,
        }
    }
}

/// The name of this machine.
pub(crate) fn hostname() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
    host.as_deref().map_or("localhost", str::trim).to_owned()
}

fn attempts(text: &str) -> Result<u32, String> {
    within(text, 1, 100)
}

fn activity_slots(text: &str) -> Result<usize, String> {
    within(text, 1, 10_000)
}

/// Two are the least that the SDK takes for workflows that stay in memory between their steps.
fn workflow_slots(text: &str) -> Result<usize, String> {
    within(text, 2, 10_000)
}

fn activity_pollers(text: &str) -> Result<usize, String> {
    within(text, 1, 100)
}

fn workflow_pollers(text: &str) -> Result<usize, String> {
    within(text, 2, 100)
}

fn within<N: Copy + FromStr + PartialOrd + Display>(
    text: &str,
    least: N,
    most: N,
) -> Result<N, String> {
    match text.trim().parse::<N>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(format!("use a whole number from {least} to {most}")),
    }
}

/// A deployment's name; Temporal separates it from the version by a full stop.
fn deployment_name(text: &str) -> Result<String, String> {
    if text.contains('.') {
        return Err("use a name without a full stop".to_owned());
    }
    values::not_blank(text)
}
