//! The command line of `kai-worker`.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use kai_core::agent::AgentMode;
use kai_core::config::{
    AgentSettings, CallbackSettings, LogSettings, ModelSettings, StoreSettings, values,
};
use kai_core::manual::ManualCommand;
use kai_temporal::TemporalSettings;
use reqwest::Url;

use crate::codec_server::CodecSettings;
use crate::control_plane::ControlPlaneSettings;
use crate::settings::WorkerSettings;
use crate::telemetry::TraceSettings;

/// Answers questions beside a company's databases: polls Temporal for them, turns them into
/// read-only SQL, and streams every step. Without a command it runs the worker.
#[derive(Debug, Clone, Parser)]
#[command(name = "kai-worker", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How Temporal is reached.
    #[command(flatten)]
    pub temporal: TemporalSettings,
    /// How the worker behaves.
    #[command(flatten)]
    pub worker: WorkerSettings,
    /// Where the control plane is.
    #[command(flatten)]
    pub control_plane: ControlPlaneSettings,
    /// How the codec server is reached.
    #[command(flatten)]
    pub codec: CodecSettings,
    /// Where connections are kept.
    #[command(flatten)]
    pub store: StoreSettings,
    /// Which model answers.
    #[command(flatten)]
    pub model: ModelSettings,
    /// How far the agent may go.
    #[command(flatten)]
    pub agent: AgentSettings,
    /// Where events may be sent.
    #[command(flatten)]
    pub callback: CallbackSettings,
    /// What is logged.
    #[command(flatten)]
    pub log: LogSettings,
    /// Where traces go.
    #[command(flatten)]
    pub traces: TraceSettings,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Polls the task queue until SIGINT or SIGTERM (the default)
    Run,
    /// Writes .env with a new key and what is found here, asking nothing, and checks every part
    Init(InitArgs),
    /// Tells how every part is, and what to do about each that is not well
    Status(StatusArgs),
    /// Serves /encode and /decode, so that `temporal` and its web page can read encrypted payloads
    Codec,
    /// Makes keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Manages the databases that can be asked
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Reads tables, columns, keys, sample rows and typical values into the store
    Scan(TablesArgs),
    /// Prints a description of tables and how they relate, as Markdown
    Mdl(TablesArgs),
    /// Stores questions with queries that were found right, as examples for the model, or lists them
    Verified(VerifiedArgs),
    /// Asks one question, without Temporal, and answers it here
    Ask(AskArgs),
    /// Asks questions whose answers are known, and tells how many were answered rightly
    Eval(EvalArgs),
    /// Lists every setting, its value and where that came from
    Config {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// What can be printed about the command line
    #[command(flatten)]
    Manual(ManualCommand),
}

/// What `init` takes.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// Write a new file in the place of an old one, with every value that was set there; the old one is
    /// kept as .env.old
    #[arg(long)]
    pub force: bool,
}

/// What `status` takes.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// The address of the receiver that runs are watched on; when not set, http://localhost:8092, where
    /// there may be none
    #[arg(long, value_name = "URL", value_parser = values::web_address)]
    pub callback_host: Option<Url>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The commands about keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeyCommand {
    /// Prints a new Fernet key for ENCRYPT_KEY
    Generate,
    /// Prints a new key for TEMPORAL_CODEC_KEYS
    Codec {
        /// The name that stands beside what it encrypts: letters, digits, '-', '_' and '.'
        id: String,
    },
}

/// The commands about connections.
#[derive(Debug, Clone, Subcommand)]
pub enum ConnectionCommand {
    /// Tests a database, encrypts its URI and stores it
    Create(CreateArgs),
    /// Lists the connections
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows one connection; its password never
    Show {
        /// The connection's id or alias
        connection: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Connects and counts the tables
    Test {
        /// The connection's id or alias
        connection: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Changes what is given and leaves the rest; a new address is tested first
    Update(UpdateArgs),
    /// Forgets a connection, with its scans and what was said of it
    Delete {
        /// The connection's id or alias
        connection: String,
        /// Do not ask
        #[arg(long, short)]
        force: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What `connection create` takes.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// The database: postgresql://user:password@host:5432/name or sqlite://path
    pub uri: String,
    /// A short name for it
    #[arg(long, short, value_parser = values::not_blank)]
    pub alias: String,
    /// Its id; a new one when not given
    #[arg(long, value_parser = values::not_blank)]
    pub id: Option<String>,
    /// A schema to read; may be given several times; public when not given
    #[arg(long = "schema", short, value_name = "SCHEMA", value_parser = values::not_blank)]
    pub schemas: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `connection update` takes.
#[derive(Debug, Clone, Args)]
pub struct UpdateArgs {
    /// The connection's id or alias
    pub connection: String,
    /// Where the database is now
    #[arg(long)]
    pub uri: Option<String>,
    /// A new short name
    #[arg(long, short, value_parser = values::not_blank)]
    pub alias: Option<String>,
    /// A schema to read, in the place of all earlier ones; may be given several times
    #[arg(long = "schema", short, value_name = "SCHEMA", value_parser = values::not_blank)]
    pub schemas: Vec<String>,
    /// What is said of it
    #[arg(long)]
    pub description: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `scan` and `mdl` take.
#[derive(Debug, Clone, Args)]
pub struct TablesArgs {
    /// The connection's id or alias
    pub connection: String,
    /// A table; may be given several times; all when not given
    #[arg(long = "table", short, value_name = "TABLE", value_parser = values::not_blank)]
    pub tables: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `verified` takes.
#[derive(Debug, Clone, Args)]
pub struct VerifiedArgs {
    /// The connection's id or alias
    pub connection: String,
    /// JSON Lines: {"question": "…", "sql": "…"} on each line, as in files for `eval`; each query is
    /// run once. Without a file, what is stored is listed
    pub file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `ask` takes.
#[derive(Debug, Clone, Args)]
pub struct AskArgs {
    /// The connection's id or alias
    pub connection: String,
    /// The question
    #[arg(value_parser = values::not_blank)]
    pub question: String,
    /// The conversation that the question continues: earlier questions asked with the same name are
    /// remembered
    #[arg(long, value_name = "NAME", value_parser = values::not_blank)]
    pub conversation: Option<String>,
    /// What is wanted: analysis, query (the rows), script (the statement) or full_autonomy
    #[arg(long, value_name = "MODE", default_value = "full_autonomy", value_parser = mode)]
    pub mode: AgentMode,
    /// Print the result object instead of the answer
    #[arg(long)]
    pub json: bool,
}

fn mode(name: &str) -> Result<AgentMode, String> {
    AgentMode::from_name(name).ok_or_else(|| format!("use {}", AgentMode::NAMES.join(", ")))
}

/// What `eval` takes.
#[derive(Debug, Clone, Args)]
pub struct EvalArgs {
    /// Questions with their gold queries, as JSON Lines; several files may be given
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The id or alias of the connection to ask; when not given, each question names it as its database
    #[arg(long, value_parser = values::not_blank)]
    pub connection: Option<String>,
    /// Fail when fewer than this percentage of the questions was answered or declined rightly
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    pub min_right: Option<f64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn percentage(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "use a number from 0 to 100".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
