//! `kai-worker run`: polls the task queue until it is told to stop, then drains.

use std::io::ErrorKind;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use kai_core::logging;
use kai_core::signals::StopSignals;
use temporalio_client::Client;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::ask;
use crate::activities::KaiActivities;
use crate::banner::Banner;
use crate::cli::Cli;
use crate::health::Health;
use crate::settings::WorkerSettings;
use crate::workflow::{KaiChatWorkflow, RunTimes};

/// The longest time between two heartbeats that the SDK sends: with its own default a cancellation
/// would be seen only after 48 s.
const HEARTBEAT_THROTTLE: Duration = Duration::from_secs(1);

/// How long a workflow's next step waits for the worker that has the workflow in memory. After that
/// any worker takes it; with the SDK's own 10 s, a run whose worker died would end that much later.
const STICKY_TIMEOUT: Duration = Duration::from_secs(1);

/// The exit status of a program that was stopped at once.
const INTERRUPTED: u8 = 130;

pub(super) async fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let mut signals = StopSignals::listen()?;
    let stopped = CancellationToken::new();
    let serving = serve(cli, stopped.clone());
    tokio::pin!(serving);
    let name = tokio::select! {
        outcome = &mut serving => return outcome,
        name = signals.next() => name,
    };
    println!("Received signal {name}, initiating graceful shutdown...");
    println!("Shutting down worker...");
    stopped.cancel();
    tokio::select! {
        outcome = &mut serving => {
            println!("Worker shutdown complete");
            outcome
        }
        name = signals.next() => {
            println!("Received signal {name} again, stopping at once");
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

/// Serves until `stopped` is cancelled and the runs that were under way have ended.
async fn serve(cli: &Cli, stopped: CancellationToken) -> anyhow::Result<ExitCode> {
    let server = cli.temporal.server();
    let (address, task_queue) = (server.address.as_str(), server.task_queue.as_str());
    println!(
        "{}",
        Banner {
            temporal_host: address,
            task_queue
        }
    );
    let analyst = ask::analyst(cli).await?;

    println!(
        "Starting health server on port {}...",
        cli.worker.health_port
    );
    let listener = listen(&cli.worker).await?;
    let health = Health::default();
    let stop_health = CancellationToken::new();
    let _stop_health_at_the_end = stop_health.clone().drop_guard();
    let health_server = tokio::spawn(health.clone().serve(listener, stop_health));

    println!("Connecting to Temporal at {address}...");
    let Some(connected) = stopped
        .run_until_cancelled(server.connect(&cli.worker.identity()))
        .await
    else {
        return Ok(ExitCode::SUCCESS);
    };

    println!("\nStarting KAI Temporal Worker on queue '{task_queue}'...");
    let activities = KaiActivities::new(analyst, cli.callback.clone(), stopped.clone());
    let mut worker = worker(cli, connected?, activities)?;
    let shut_down = worker.shutdown_handle();
    let polling = worker.run();
    tokio::pin!(polling);
    health.set_polling(true);
    println!("Worker is healthy and ready to process tasks");
    let outcome = tokio::select! {
        outcome = &mut polling => outcome,
        () = stopped.cancelled() => {
            health.set_polling(false);
            shut_down();
            polling.await
        }
    };
    outcome.map_err(|error| anyhow!("the worker stopped: {error}"))?;
    health_server.abort();
    Ok(ExitCode::SUCCESS)
}

fn worker(cli: &Cli, client: Client, activities: KaiActivities) -> anyhow::Result<Worker> {
    let runtime = Runtime::from_current_tokio(temporalio_sdk::runtime::RuntimeOptions::default())?;
    let times = RunTimes {
        heartbeat_timeout: cli.worker.heartbeat_timeout,
        plan_timeout: cli.worker.plan_timeout,
    };
    let options = WorkerOptions::new(&cli.temporal.temporal_task_queue)
        .max_heartbeat_throttle_interval(HEARTBEAT_THROTTLE)
        .sticky_queue_schedule_to_start_timeout(STICKY_TIMEOUT)
        .graceful_shutdown_period(cli.worker.shutdown_grace)
        .register_workflow_with_factory::<KaiChatWorkflow, _>(move || KaiChatWorkflow::new(times))?
        .register_activities(activities)
        .build();
    Worker::new(&runtime, client, options).context("the worker cannot be made")
}

async fn listen(settings: &WorkerSettings) -> anyhow::Result<TcpListener> {
    let (host, port) = (settings.health_host.as_str(), settings.health_port);
    TcpListener::bind((host, port))
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => anyhow!(
                "port {port} on {host} is taken; stop the other program or choose another with \
             --health-port or HEALTH_PORT"
            ),
            _ => anyhow!("cannot listen on {host}:{port}: {error}"),
        })
}
