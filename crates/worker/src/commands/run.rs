//! `kai-worker run`: polls the task queue until it is told to stop, then drains.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures::future::OptionFuture;
use kai_core::delivery::Deliveries;
use kai_core::outln;
use kai_core::signals::StopSignals;
use kai_temporal::Server;
use temporalio_client::Client;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{ask, listen};
use crate::active_sessions::ActiveSessions;
use crate::activities::KaiActivities;
use crate::banner::{Banner, Tenant};
use crate::cli::Cli;
use crate::control_plane::{Introduction, Registration};
use crate::health::Health;
use crate::left_tails;
use crate::metrics::Metrics;
use crate::settings;
use crate::telemetry::{self, Traces};
use crate::workflow::{KaiChatWorkflow, KaiConnectionsWorkflow};

/// The longest time between two heartbeats that the SDK sends: with its own default a cancellation
/// would be seen only after 48 s.
const HEARTBEAT_THROTTLE: Duration = Duration::from_secs(1);

/// How long a workflow's next step waits for the worker that has the workflow in memory. After that
/// any worker takes it; with the SDK's own 10 s, a run whose worker died would end that much later.
const STICKY_TIMEOUT: Duration = Duration::from_secs(1);

/// The exit status of a program that was stopped at once.
const INTERRUPTED: u8 = 130;

pub(super) async fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let metrics = Arc::new(Metrics::new(ActiveSessions::default()));
    let traces = telemetry::start(&cli.log, &cli.traces, &metrics)?;
    let mut signals = StopSignals::listen()?;
    let stopped = CancellationToken::new();
    let serving = async {
        let outcome = serve(cli, metrics, traces.as_ref(), stopped.clone()).await;
        if let Some(traces) = &traces {
            traces.close().await;
        }
        outcome
    };
    tokio::pin!(serving);
    let name = tokio::select! {
        outcome = &mut serving => return outcome,
        name = signals.next() => name,
    };
    outln!("Received signal {name}, initiating graceful shutdown...");
    outln!("Shutting down worker...");
    stopped.cancel();
    tokio::select! {
        outcome = &mut serving => {
            outln!("Worker shutdown complete");
            outcome
        }
        name = signals.next() => {
            outln!("Received signal {name} again, stopping at once");
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

/// Serves until `stopped` is cancelled and the runs that were under way have ended.
async fn serve(
    cli: &Cli,
    metrics: Arc<Metrics>,
    traces: Option<&Traces>,
    stopped: CancellationToken,
) -> anyhow::Result<ExitCode> {
    let server = cli.temporal.server()?;
    let identity = cli.worker.identity();
    let tenant = tenant(cli, &identity);
    let (address, task_queue) = (server.address.as_str(), server.task_queue.as_str());
    outln!(
        "{}",
        Banner {
            temporal_host: address,
            task_queue,
            tenant: tenant.clone(),
        }
    );
    let analyst = ask::analyst(cli).await?;
    let deliveries = Deliveries::new(cli.callback.callback_token.as_ref())
        .context("the HTTP client for callbacks cannot be made")?;
    metrics.watch(deliveries.clone());

    outln!(
        "Starting health server on port {}...",
        cli.worker.health_port
    );
    let listener = listen(
        &cli.worker.health_host,
        cli.worker.health_port,
        "--health-port or HEALTH_PORT",
    )
    .await?;
    let health = Health::default();
    let stop_health = CancellationToken::new();
    let _stop_health_at_the_end = stop_health.clone().drop_guard();
    let health_server = tokio::spawn(health.clone().serve(
        Arc::clone(&metrics),
        listener,
        stop_health,
    ));

    outln!("Connecting to Temporal at {address}...");
    let Some(connected) = stopped
        .run_until_cancelled(
            server.connect_worker(&identity, telemetry::connection_meter(&metrics)),
        )
        .await
    else {
        return Ok(ExitCode::SUCCESS);
    };
    let client = connected?;

    let registration = match tenant {
        None => None,
        Some(tenant) => {
            let registering = register(cli, &server, &tenant, &metrics);
            match stopped.run_until_cancelled(registering).await {
                None => return Ok(ExitCode::SUCCESS),
                Some(registration) => Some(registration?),
            }
        }
    };

    let _watching = AbortOnDropHandle::new(tokio::spawn(health.clone().watch(client.clone())));
    let looking = stopped.child_token();
    let left_tails = analyst
        .left_tails(
            deliveries.clone(),
            cli.callback.callback_allowed_hosts.clone(),
        )
        .map(|left| tokio::spawn(left_tails::watch(left, looking.clone())));
    outln!("\nStarting KAI Temporal Worker on queue '{task_queue}'...");
    let activities = KaiActivities::new(
        analyst,
        cli.callback.clone(),
        deliveries.clone(),
        cli.worker.tries(),
        stopped.clone(),
    );
    let outcome = match worker(cli, task_queue, client, activities, &metrics, traces) {
        Ok(worker) => poll(worker, &health, &stopped).await,
        Err(error) => Err(error),
    };
    // Nothing is delivered any more but what is under way.
    looking.cancel();
    if let Some(Err(error)) = OptionFuture::from(left_tails).await {
        tracing::error!(%error, "the task that looks for what lost workers have left did not end well");
    }
    let leaving = async {
        if let Some(registration) = registration {
            registration.close().await;
        }
    };
    tokio::join!(deliveries.join(), leaving);
    health_server.abort();
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Polls until `stopped` is cancelled and the runs that were under way have ended.
async fn poll(
    mut worker: Worker,
    health: &Health,
    stopped: &CancellationToken,
) -> anyhow::Result<()> {
    let shut_down = worker.shutdown_handle();
    let polling = worker.run();
    tokio::pin!(polling);
    let healthy = async {
        health.set_polling(true);
        outln!("Worker is healthy and ready to process tasks");
        stopped.cancelled().await;
    };
    let outcome = tokio::select! {
        // In this order: it has begun to poll when it says so.
        biased;
        outcome = &mut polling => outcome,
        () = healthy => {
            health.set_polling(false);
            shut_down();
            polling.await
        }
    };
    outcome.map_err(|error| anyhow!("the worker stopped: {error}"))
}

/// The organisation that the worker works for: both its id and its key are needed.
fn tenant<'a>(cli: &'a Cli, identity: &'a str) -> Option<Tenant<'a>> {
    let org_id = cli.temporal.org_id.as_deref()?;
    let api_key = cli.control_plane.kai_api_key.as_ref()?;
    Some(Tenant {
        org_id,
        api_key,
        worker_identity: identity,
    })
}

/// Registers with the control plane.
async fn register(
    cli: &Cli,
    server: &Server,
    tenant: &Tenant<'_>,
    metrics: &Metrics,
) -> anyhow::Result<Registration> {
    outln!(
        "Registering with the control plane at {}...",
        cli.control_plane.control_plane_url
    );
    let introduction = Introduction {
        task_queue: server.task_queue.clone(),
        hostname: settings::hostname(),
        identity: tenant.worker_identity.to_owned(),
        temporal_host: server.address.clone(),
    };
    let registration = Registration::begin(
        &cli.control_plane,
        tenant.api_key,
        introduction,
        metrics.sessions.clone(),
        metrics.heartbeats.clone(),
    )
    .await;
    Ok(registration?)
}

fn worker(
    cli: &Cli,
    task_queue: &str,
    client: Client,
    activities: KaiActivities,
    metrics: &Arc<Metrics>,
    traces: Option<&Traces>,
) -> anyhow::Result<Worker> {
    let options = telemetry::runtime_options(metrics).map_err(anyhow::Error::msg)?;
    let runtime = Runtime::from_current_tokio(options)?;
    let times = cli.worker.run_times();
    let mut options = WorkerOptions::new(task_queue)
        .deployment_options(cli.worker.deployment())
        .tuner(cli.worker.tuner())
        .activity_task_poller_behavior(cli.worker.activity_polling())
        .workflow_task_poller_behavior(cli.worker.workflow_polling())
        .max_heartbeat_throttle_interval(HEARTBEAT_THROTTLE)
        .sticky_queue_schedule_to_start_timeout(STICKY_TIMEOUT)
        .graceful_shutdown_period(cli.worker.shutdown_grace)
        .activity_inbound_interceptor(metrics.sessions.clone())
        .register_workflow_with_factory::<KaiChatWorkflow, _>(move || KaiChatWorkflow::new(times))?
        .register_workflow::<KaiConnectionsWorkflow>()?
        .register_activities(activities);
    if let Some(traces) = traces {
        options = options.worker_plugin(traces.plugin());
    }
    let scope = telemetry::scope::plugin(Arc::clone(metrics));
    let options = options.worker_plugin(scope).build();
    Worker::new(&runtime, client, options).context("the worker cannot be made")
}
