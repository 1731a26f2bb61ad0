//! The demo: Temporal, the receiver and the worker as child processes, a sample database, one
//! question, and everything taken down again.

mod programs;
mod ready;
mod sample;
mod stack;
pub mod tied;

use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::check::{self, Check, CheckError, Outcome};
use crate::cli::Cli;
use crate::console::Console;
use crate::demo::programs::{Ports, Programs};
use crate::demo::stack::Stack;
use crate::report;
use kai_temporal::Server;

/// How long each program may take until it serves.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Why the demo could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// One of the programs is not there.
    #[error("cannot find {name}: {hint}")]
    Missing {
        /// The program.
        name: String,
        /// How to get it.
        hint: &'static str,
    },
    /// The machine does not give what the demo needs.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What happened.
        source: std::io::Error,
    },
    /// The sample database could not be written.
    #[error("cannot write the sample database: {0}")]
    Sample(#[from] sqlx::Error),
    /// A program ended while it was needed.
    #[error("{name} ended unexpectedly ({status})")]
    Ended {
        /// The program.
        name: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A program does not serve.
    #[error("{name} was not ready within {} s", .within.as_secs())]
    NotReady {
        /// The program.
        name: &'static str,
        /// How long it was waited for.
        within: Duration,
    },
    /// A command of `kai-worker` did not do its part.
    #[error("`kai-worker {command}` failed: {reason}")]
    Command {
        /// The command.
        command: &'static str,
        /// What it said.
        reason: String,
    },
    /// The question itself could not be asked.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl DemoError {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// Shows the demo. Whatever happens, nothing is left running.
pub(crate) async fn run(
    cli: &Cli,
    console: &mut Console,
    stop: &CancellationToken,
) -> Result<Outcome, DemoError> {
    let programs = Programs::find(&cli.temporal_cli)?;
    let mut demo = Demo {
        cli,
        console: console.clone(),
        programs,
        ports: Ports::choose()?,
    };
    let mut stack = Stack::new()?;
    let shown = stop
        .run_until_cancelled(Box::pin(demo.show(&mut stack, stop)))
        .await
        .unwrap_or(Err(CheckError::Interrupted.into()));
    match &shown {
        Ok(outcome) if !outcome.passed() => stack.show_logs(),
        Err(DemoError::Check(CheckError::Interrupted)) | Ok(_) => {}
        Err(_) => stack.show_logs(),
    }
    if let (Ok(outcome), true) = (&shown, cli.keep) {
        console.say(report::verdict(outcome));
        console.say("[demo] Everything is left running; Ctrl-C takes it down.");
        stop.cancelled().await;
    }
    console.say("[demo] Taking everything down ...");
    stack.take_down().await;
    if let (Ok(outcome), false) = (&shown, cli.keep) {
        console.say(report::verdict(outcome));
    }
    if let Ok(outcome) = &shown {
        console.object(&report::object(outcome));
    }
    shown
}

struct Demo<'a> {
    cli: &'a Cli,
    console: Console,
    programs: Programs,
    ports: Ports,
}

impl Demo<'_> {
    async fn show(
        &mut self,
        stack: &mut Stack,
        stop: &CancellationToken,
    ) -> Result<Outcome, DemoError> {
        let connection_id = self.start(stack).await?;
        self.console.say(format_args!(
            "[demo] Temporal's web page: http://127.0.0.1:{}/namespaces/default/workflows\n",
            self.ports.web
        ));
        let check = Check {
            connection_id,
            callback_host: format!("http://127.0.0.1:{}", self.ports.receiver),
            ..self.cli.check(self.server())
        };
        let outcome = check::run(&check, &mut self.console, stop).await?;
        self.console.say(report::ending(&outcome));
        if let Ok(result) = &outcome.ending {
            self.console
                .say(format_args!("{}\n", report::summary(&outcome, result)));
            self.console.say(report::answer(result));
        }
        if self.cli.keep {
            self.console.say(format_args!(
                "[demo] This run on Temporal's web page: \
                 http://127.0.0.1:{}/namespaces/default/workflows/{}\n\
                 [demo] Its stream, once more        : curl -N '{}?replay=all'\n\
                 [demo] Files and logs               : {}\n\
                 [demo] Ask more, in a browser       : http://127.0.0.1:{}/\n",
                self.ports.web,
                outcome.session.workflow_id,
                outcome.session.stream_url,
                stack.folder().display(),
                self.ports.receiver
            ));
        }
        Ok(outcome)
    }

    /// Starts everything; the id of the connection to the sample database.
    async fn start(&self, stack: &mut Stack) -> Result<String, DemoError> {
        let ports = &self.ports;
        self.console.say(format_args!(
            "[demo] Starting Temporal's development server (port {}) ...",
            ports.temporal
        ));
        stack.start("temporal", self.temporal())?;
        self.console.say(format_args!(
            "[demo] Starting the receiver (port {}) ...",
            ports.receiver
        ));
        stack.start("kai-sse-callback", self.receiver())?;

        self.console
            .say("[demo] Writing the sample database: cooperatives in Indonesia ...");
        let database = stack.folder().join("koperasi.db");
        sample::write(&database).await?;
        self.console
            .say("[demo] Storing an encrypted connection to it ...");
        let key = sample::new_key(self.worker(stack)).await?;
        let mut create = self.worker(stack);
        create.env("ENCRYPT_KEY", &key);
        let connection_id = sample::store_connection(create, &database).await?;

        self.console
            .say("[demo] Waiting for Temporal and the receiver ...");
        ready::temporal(stack, &self.server(), START_TIMEOUT).await?;
        ready::http(
            stack,
            "kai-sse-callback",
            ports.receiver,
            "/healthz",
            START_TIMEOUT,
        )
        .await?;
        self.console.say("[demo] Starting the worker ...");
        let mut worker = self.worker(stack);
        worker.arg("run").env("ENCRYPT_KEY", &key);
        stack.start("kai-worker", worker)?;
        ready::http(stack, "kai-worker", ports.health, "/readyz", START_TIMEOUT).await?;
        Ok(connection_id)
    }

    fn server(&self) -> Server {
        Server::plain(
            format!("127.0.0.1:{}", self.ports.temporal),
            "kai-agent-queue",
        )
    }

    fn temporal(&self) -> Command {
        let mut command = self.programs.command(&self.programs.temporal);
        command.args([
            "server",
            "start-dev",
            "--headless=false",
            "--ip",
            "127.0.0.1",
        ]);
        command.args(["--port", &self.ports.temporal.to_string()]);
        command.args(["--ui-port", &self.ports.web.to_string()]);
        command.args(["--log-level", "warn"]);
        command
    }

    fn receiver(&self) -> Command {
        let server = self.server();
        let mut command = self.programs.command(&self.programs.receiver);
        command
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                &self.ports.receiver.to_string(),
            ])
            .args(["--temporal-host", &server.address])
            .args(["--temporal-task-queue", &server.task_queue])
            .env("TEMPORAL_CONFIG_FILE", "/dev/null");
        command
    }

    /// `kai-worker` with the demo's settings and no others, but for the key.
    fn worker(&self, stack: &Stack) -> Command {
        let server = self.server();
        let store: PathBuf = stack.folder().join("kai.db");
        let mut command = self.programs.command(&self.programs.worker);
        command
            .current_dir(stack.folder())
            .env("TEMPORAL_HOST", server.address)
            .env("TEMPORAL_TASK_QUEUE", server.task_queue)
            // A person's own profile must not reach the demo.
            .env("TEMPORAL_CONFIG_FILE", "/dev/null")
            .env("KAI_STORE_URL", format!("sqlite://{}", store.display()))
            .env("HEALTH_PORT", self.ports.health.to_string())
            .env("CHAT_FAMILY", "offline");
        command
    }
}
