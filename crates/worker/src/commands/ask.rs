//! `kai-worker ask`: one run without Temporal, in the terminal.

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use kai_core::agent::{Agent, AgentLimits, AgentTask, EventSink, Thread};
use kai_core::analyst::Analyst;
use kai_core::event::AgentEvent;
use kai_core::ids::{SessionId, TaskId};
use kai_core::logging;
use kai_core::wire::RunStatus;
use kai_core::{err, errln, out, outln};
use tokio_util::sync::CancellationToken;

use super::{cipher, open_store};
use crate::cli::{AskArgs, Cli};

/// The exit status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

pub(super) async fn ask(cli: &Cli, arguments: AskArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let analyst = analyst(cli).await?;
    let task = AgentTask {
        id: TaskId::generate(),
        prompt: arguments.question,
        mode: arguments.mode,
        plan: None,
        thread: Thread {
            conversation: arguments.conversation.map(SessionId::new),
            ..Thread::default()
        },
    };
    let cancel = CancellationToken::new();
    let sink = TerminalSink::new(arguments.json);
    let answer = analyst.answer(&arguments.connection, &task, &sink, &cancel);
    let result = tokio::select! {
        result = answer => result?,
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    if arguments.json {
        outln!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        outln!();
    }
    Ok(if result.status == RunStatus::Completed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The analyst that the settings describe.
pub(super) async fn analyst(cli: &Cli) -> anyhow::Result<Analyst> {
    let store = open_store(&cli.store).await?;
    let model = cli.model.build(cli.agent.agent_language)?;
    let limits = AgentLimits {
        max_turns: cli.agent.agent_max_iterations,
        language: cli.agent.agent_language,
    };
    let agent = Agent::new(model, limits).with_patience(cli.agent.sql_reconnect);
    Ok(
        Analyst::new(store, cipher(&cli.store)?, agent, cli.agent.query_limits())
            .with_budgets(cli.agent.budgets())
            .with_history(cli.agent.history_limits()),
    )
}

/// Shows a run to the person at the terminal: the steps on standard error, the answer on standard
/// output.
struct TerminalSink {
    silent: bool,
    shown: Mutex<Option<Part>>,
}

/// The parts of what a terminal shows; each begins on a line of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Thinking,
    Step,
    Answer,
    Suggestions,
}

impl TerminalSink {
    fn new(silent: bool) -> Self {
        Self {
            silent,
            shown: Mutex::new(None),
        }
    }

    /// Begins a part, if it is not the one that is being shown.
    fn begin(&self, part: Part) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let before = shown.replace(part);
        match (before, part) {
            (Some(Part::Thinking), Part::Step | Part::Answer) => errln!(),
            // Before more thinking, the answer was checked again, and another one comes.
            (Some(Part::Answer), Part::Suggestions)
            | (Some(Part::Answer | Part::Suggestions), Part::Thinking) => out!("\n\n"),
            // The answer broke off, and comes again.
            (Some(Part::Answer | Part::Suggestions), Part::Step) => out!("\n"),
            _ => {}
        }
    }
}

impl EventSink for TerminalSink {
    fn emit(&self, event: AgentEvent) {
        if self.silent {
            return;
        }
        match event {
            AgentEvent::Thinking { content } => {
                self.begin(Part::Thinking);
                err!("{content}");
            }
            AgentEvent::SessionResumed { message, .. } => {
                self.begin(Part::Step);
                errln!("[{message}]");
            }
            AgentEvent::ToolStart { tool, .. } => {
                self.begin(Part::Step);
                errln!("[{tool}]");
            }
            AgentEvent::SqlResult { sql, row_count, .. } => {
                self.begin(Part::Step);
                let rows = if row_count == 1 { "row" } else { "rows" };
                errln!("{sql}\n[{row_count} {rows}]");
            }
            AgentEvent::Token { content } | AgentEvent::Answer { content } => {
                self.begin(Part::Answer);
                out!("{content}");
            }
            AgentEvent::Suggestions { content } => {
                self.begin(Part::Suggestions);
                out!("{content}");
            }
            _ => {}
        }
    }
}
