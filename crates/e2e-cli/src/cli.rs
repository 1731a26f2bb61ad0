//! The command line of `kai-e2e`.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use kai_core::config::{Secret, values};
use kai_core::manual::ManualCommand;
use kai_temporal::{Server, TemporalSettings};

use crate::check::Check;
use crate::load::Load;
use crate::watching::{Start, Watching};

const DEFAULT_PROMPT: &str =
    "Tampilkan top 5 provinsi dengan rata-rata modal awal koperasi tertinggi";

/// The most runs that are under way at a time: each has a stream of its own, and so a file.
const MOST_SIDE_BY_SIDE: usize = 1000;

/// Asks a question through Temporal, prints its events as they arrive, and checks the result.
///
/// Exit status: 0 all checks passed, 1 one failed or something could not be reached, 2 wrong usage,
/// 130 interrupted.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own at the command line"
)]
#[derive(Debug, Clone, Parser)]
#[command(
    name = "kai-e2e",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Cli {
    /// What to do instead of one check
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The stored connection to ask: its id or its alias
    #[arg(long, value_name = "ID", required_unless_present_any = ["demo", "watch"], value_parser = values::not_blank)]
    pub connection_id: Option<String>,

    /// The question
    #[arg(long, value_name = "TEXT", default_value = DEFAULT_PROMPT, value_parser = values::not_blank)]
    pub prompt: String,

    /// Where the parts are
    #[command(flatten)]
    pub reach: Reach,

    /// How many seconds to wait for the result
    #[arg(long, value_name = "SECONDS", default_value = "900", value_parser = values::seconds)]
    pub timeout: Duration,

    /// Print one JSON object and nothing else
    #[arg(long)]
    pub json: bool,

    /// Watch a session that somebody else started, and ask nothing
    #[arg(long, value_name = "SESSION", conflicts_with_all = ["connection_id", "demo"], value_parser = values::not_blank)]
    pub watch: Option<String>,

    /// With --watch: go on behind this event, whose id an interrupted watch has told
    #[arg(long, value_name = "EVENT", requires = "watch", conflicts_with = "connection_id", value_parser = event_id)]
    pub last_event_id: Option<String>,

    /// With --watch: from the first event that is kept, also of runs that were read to their end
    #[arg(long, requires = "watch", conflicts_with_all = ["connection_id", "last_event_id"])]
    pub replay: bool,

    /// Start everything that is needed, with a sample database, and ask it
    #[arg(long, conflicts_with = "connection_id")]
    pub demo: bool,

    /// Leave the demo running until Ctrl-C
    #[arg(long, requires = "demo", conflicts_with = "connection_id")]
    pub keep: bool,

    /// Temporal's command line, which the demo starts its server with
    #[arg(long, env = "KAI_TEMPORAL_CLI", value_name = "PROGRAM", default_value = "temporal", value_parser = values::not_blank)]
    pub temporal_cli: String,
}

/// What `kai-e2e` does besides one check.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Asks many questions, several at a time, and tells how long they took and whether every event
    /// arrived once
    ///
    /// Exit status: 0 every run passed and every event arrived once, 1 not so or something could not
    /// be reached, 2 wrong usage, 130 interrupted.
    Load(Box<LoadArgs>),
    /// What can be printed about the command line
    #[command(flatten)]
    Manual(ManualCommand),
}

/// Where Temporal and the receiver are.
#[derive(Debug, Clone, Args)]
pub struct Reach {
    /// How Temporal is reached
    #[command(flatten)]
    pub temporal: TemporalSettings,

    /// The address of the receiver, as the worker and this program reach it
    #[arg(long, value_name = "URL", default_value = "http://localhost:8092", value_parser = values::base_address)]
    pub callback_host: String,

    /// The token for reading streams, for receivers that ask for one
    #[arg(long, env = "SSE_SUBSCRIBE_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = values::token)]
    pub subscribe_token: Option<Secret>,
}

/// What `load` takes.
#[derive(Debug, Clone, Args)]
pub struct LoadArgs {
    /// The stored connection to ask: its id or its alias
    #[arg(long, value_name = "ID", value_parser = values::not_blank)]
    pub connection_id: String,

    /// A question; given several times, the runs take turns
    #[arg(long = "prompt", value_name = "TEXT", default_value = DEFAULT_PROMPT, value_parser = values::not_blank)]
    pub prompts: Vec<String>,

    /// How many runs in all
    #[arg(long, short = 'n', value_name = "COUNT", default_value = "100", value_parser = values::count)]
    pub runs: usize,

    /// How many of them side by side, from 1 to 1000
    #[arg(long, short = 'c', value_name = "COUNT", default_value = "8", value_parser = side_by_side)]
    pub concurrency: NonZeroUsize,

    /// Where the parts are
    #[command(flatten)]
    pub reach: Reach,

    /// How many seconds one run may take
    #[arg(long, value_name = "SECONDS", default_value = "900", value_parser = values::seconds)]
    pub timeout: Duration,

    /// Print one JSON object and nothing else
    #[arg(long)]
    pub json: bool,
}

impl Cli {
    /// The check that the command line asks for, on this server.
    pub(crate) fn check(&self, server: Server) -> Check {
        Check {
            // clap requires it when there is no `--demo`, and the demo sets its own.
            connection_id: self.connection_id.clone().unwrap_or_default(),
            prompt: self.prompt.clone(),
            server,
            callback_host: self.reach.callback_host.clone(),
            subscribe_token: self.reach.subscribe_token.clone(),
            timeout: self.timeout,
        }
    }

    /// The session to watch, if that is what the command line asks for.
    pub(crate) fn watching(&self) -> Option<Watching> {
        let start = match (&self.last_event_id, self.replay) {
            (Some(id), _) => Start::After(id.clone()),
            (None, true) => Start::Everything,
            (None, false) => Start::Unread,
        };
        self.watch.as_ref().map(|session| Watching {
            session: session.clone(),
            start,
            callback_host: self.reach.callback_host.clone(),
            subscribe_token: self.reach.subscribe_token.clone(),
            timeout: self.timeout,
        })
    }
}

impl LoadArgs {
    /// The load that the command line asks for, on this server.
    pub(crate) fn load(&self, server: Server) -> Load {
        Load {
            check: Check {
                connection_id: self.connection_id.clone(),
                prompt: String::new(),
                server,
                callback_host: self.reach.callback_host.clone(),
                subscribe_token: self.reach.subscribe_token.clone(),
                timeout: self.timeout,
            },
            prompts: self.prompts.clone(),
            runs: self.runs,
            side_by_side: self.concurrency,
        }
    }
}

fn side_by_side(text: &str) -> Result<NonZeroUsize, String> {
    text.trim()
        .parse::<NonZeroUsize>()
        .ok()
        .filter(|count| count.get() <= MOST_SIDE_BY_SIDE)
        .ok_or_else(|| format!("use a whole number from 1 to {MOST_SIDE_BY_SIDE}"))
}

/// An event's id, as it can stand in a header.
fn event_id(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("use an id as the receiver gives it: printable, without spaces".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::{CommandFactory, error::ErrorKind};

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, ErrorKind> {
        let all = std::iter::once("kai-e2e").chain(arguments.iter().copied());
        Cli::try_parse_from(all).map_err(|error| error.kind())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_connection_is_needed_unless_it_is_the_demo_or_a_watch() {
        assert_eq!(parse(&[]).unwrap_err(), ErrorKind::MissingRequiredArgument);
        assert!(parse(&["--demo"]).unwrap().demo);
        assert!(parse(&["--demo", "--keep"]).unwrap().keep);
        assert!(parse(&["--watch", "s-1"]).unwrap().watching().is_some());
        for conflicting in [
            &["--connection-id", "a", "--keep"][..],
            &["--connection-id", "a", "--watch", "s-1"],
            &["--connection-id", "a", "--replay"],
            &["--demo", "--watch", "s-1"],
            &["--watch", "s-1", "--replay", "--last-event-id", "e-1"],
            &["--connection-id", "a", "load"],
        ] {
            let error = parse(conflicting).unwrap_err();
            assert_eq!(error, ErrorKind::ArgumentConflict, "{conflicting:?}");
        }
        let cli = parse(&["--connection-id", "koperasi"]).unwrap();
        assert_eq!(cli.prompt, DEFAULT_PROMPT);
    }

    #[test]
    fn a_load_has_flags_of_its_own() {
        let missing = parse(&["load"]).unwrap_err();
        assert_eq!(missing, ErrorKind::MissingRequiredArgument);
        let line = [
            "load",
            "--connection-id",
            "a",
            "-n",
            "5",
            "-c",
            "2",
            "--prompt",
            "x",
            "--prompt",
            "y",
        ];
        let Some(Command::Load(load)) = parse(&line).unwrap().command else {
            panic!("no load");
        };
        assert_eq!((load.runs, load.concurrency.get()), (5, 2));
        assert_eq!(load.prompts, ["x", "y"]);
    }

    #[test]
    fn bad_values_are_refused() {
        for bad in [
            ["--prompt", "  "],
            ["--callback-host", "localhost:8092"],
            ["--callback-host", "ftp://localhost"],
            ["--timeout", "0"],
            ["--timeout", "soon"],
        ] {
            let result = parse(&["--connection-id", "a", bad[0], bad[1]]);
            assert_eq!(result.unwrap_err(), ErrorKind::ValueValidation, "{bad:?}");
        }
        for bad in [["-n", "0"], ["-c", "0"], ["-c", "1001"]] {
            let result = parse(&["load", "--connection-id", "a", bad[0], bad[1]]);
            assert_eq!(result.unwrap_err(), ErrorKind::ValueValidation, "{bad:?}");
        }
        let result = parse(&["--watch", "s-1", "--last-event-id", "a b"]);
        assert_eq!(result.unwrap_err(), ErrorKind::ValueValidation);
    }
}
