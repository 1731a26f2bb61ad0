//! Settings from flags, the environment or an `.env` file: each is declared once, as a clap argument
//! with its name, default and meaning, and everything else (help, listing, errors) is read from there.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use crate::errln;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use serde::Serialize;

mod complaint;
mod secret;
mod settings;
mod typesense;
pub mod values;

pub use secret::Secret;
pub use settings::{
    AgentSettings, CallbackSettings, LogFormat, LogSettings, ModelFamily, ModelSettings,
    StoreSettings,
};
pub use typesense::TypesenseSettings;

/// The files that settings are read from, the first one winning. Neither overrides the environment.
pub const DOTENV_FILES: [&str; 2] = [".env.local", ".env"];

static FROM_DOTENV: OnceLock<BTreeSet<String>> = OnceLock::new();

/// Reads `.env.local` and `.env` of the working directory into the environment, which wins.
///
/// Call it first in `main`, before any thread is started.
///
/// # Errors
/// A line, ready to be shown, that names the file and what is wrong with it.
pub fn load_dotenv() -> Result<(), String> {
    let mut names = BTreeSet::new();
    for file in DOTENV_FILES {
        match dotenvy::from_filename_iter(file) {
            Ok(entries) => {
                for entry in entries {
                    let (name, _) = entry.map_err(|error| format!("{file}: {error}"))?;
                    if std::env::var_os(&name).is_none() {
                        names.insert(name);
                    }
                }
                dotenvy::from_filename(file).map_err(|error| format!("{file}: {error}"))?;
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(format!("{file}: {error}")),
        }
    }
    // A second call changes nothing that the first one did not already know.
    let _ = FROM_DOTENV.set(names);
    Ok(())
}

/// The assignments in the text of an `.env` file, in their order.
///
/// # Errors
/// What is wrong with the first line that is no assignment.
pub fn assignments(text: &[u8]) -> Result<Vec<(String, String)>, String> {
    dotenvy::from_read_iter(text)
        .map(|assignment| assignment.map_err(|error| error.to_string()))
        .collect()
}

/// What a command line and its environment came to.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The values.
    pub values: T,
    /// Where each came from.
    pub matches: ArgMatches,
}

/// Reads the command line and the environment.
///
/// `--help` and `--version` print and exit with status 0; anything wrong prints one line that names
/// the setting, the value and what is allowed, and exits with status 2.
pub fn parse<T: CommandFactory + FromArgMatches>() -> Parsed<T> {
    let mut command = T::command();
    let parsed = command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|matches| {
            let values = T::from_arg_matches(&matches)?;
            Ok(Parsed { values, matches })
        });
    match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() => {
            errln!(
                "{}: {}",
                command.get_name(),
                complaint::one_line(&error, &command)
            );
            std::process::exit(2)
        }
        Err(error) => error.exit(),
    }
}

/// A setting as `config` lists it and as the documentation describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The name of the environment variable.
    pub name: String,
    /// The value in force, redacted where it is a secret; `None` when not set.
    pub value: Option<String>,
    /// Where the value came from.
    pub source: Source,
    /// The value when nothing sets it.
    pub default: Option<String>,
    /// The flag that sets it, without its dashes.
    pub flag: Option<String>,
    /// What it means.
    pub meaning: String,
    /// What it is about, as the help groups it.
    pub group: String,
    /// Whether it is shown redacted.
    pub secret: bool,
}

/// Where the value of a setting came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A flag of this command.
    Flag,
    /// The environment.
    Environment,
    /// `.env.local` or `.env`.
    EnvFile,
    /// Nothing set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::EnvFile => ".env file",
            Self::Default => "default",
        })
    }
}

/// Every setting of a program that has an environment variable, in the order of declaration.
pub fn settings<T: CommandFactory>(matches: &ArgMatches) -> Vec<Setting> {
    T::command()
        .get_arguments()
        .filter_map(|argument| {
            let name = argument.get_env()?.to_string_lossy().into_owned();
            let secret = argument.is_hide_env_values_set();
            let id = argument.get_id().as_str();
            let default = argument
                .get_default_values()
                .first()
                .map(|value| value.to_string_lossy().into_owned());
            let value = matches
                .try_get_raw(id)
                .ok()
                .flatten()
                .and_then(|mut values| values.next())
                .map(|value| value.to_string_lossy().into_owned())
                .map(|value| {
                    if secret {
                        secret::redact(&value)
                    } else {
                        value
                    }
                });
            let source = match matches.value_source(id) {
                Some(ValueSource::CommandLine) => Source::Flag,
                Some(ValueSource::EnvVariable) if is_from_dotenv(&name) => Source::EnvFile,
                Some(ValueSource::EnvVariable) => Source::Environment,
                _ => Source::Default,
            };
            Some(Setting {
                value,
                source,
                default,
                flag: argument.get_long().map(str::to_owned),
                meaning: argument
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                group: argument.get_help_heading().unwrap_or_default().to_owned(),
                secret,
                name,
            })
        })
        .collect()
}

/// Whether `.env.local` or `.env` set this variable, so that a shell does not know it.
pub fn is_from_dotenv(name: &str) -> bool {
    FROM_DOTENV.get().is_some_and(|names| names.contains(name))
}
