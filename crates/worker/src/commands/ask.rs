//! `kai-worker ask`: one run without Temporal, in the terminal.

use std::io::Write as _;
use std::process::ExitCode;

use kai_core::agent::{Agent, AgentLimits, AgentTask, EventSink};
use kai_core::analyst::Analyst;
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use kai_core::logging;
use kai_core::wire::RunStatus;
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
    };
    let cancel = CancellationToken::new();
    let sink = TerminalSink {
        silent: arguments.json,
    };
    let answer = analyst.answer(&arguments.connection, &task, &sink, &cancel);
    let result = tokio::select! {
        result = answer => result?,
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        println!();
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
    let agent = Agent::new(model, limits);
    Ok(Analyst::new(
        store,
        cipher(&cli.store)?,
        agent,
        cli.agent.query_limits(),
    ))
}

/// Shows a run to the person at the terminal: the steps on standard error, the answer on standard
/// output.
struct TerminalSink {
    silent: bool,
}

impl EventSink for TerminalSink {
    fn emit(&self, event: AgentEvent) {
        if self.silent {
            return;
        }
        match event {
            AgentEvent::Thinking { content } => eprint!("{content}"),
            AgentEvent::ToolStart { tool, .. } => eprintln!("\n[{tool}]"),
            AgentEvent::SqlResult { sql, row_count, .. } => {
                eprintln!("{sql}\n[{row_count} rows]\n")
            }
            AgentEvent::Token { content } | AgentEvent::Answer { content } => print(&content),
            AgentEvent::Suggestions { content } => print(&content),
            _ => {}
        }
    }
}

/// Shows a piece of the answer at once. A reader that went away is no reason to fail.
fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
}
