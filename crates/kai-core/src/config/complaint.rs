//! What is wrong with a command line or its environment, in one line.

use std::error::Error as _;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error as one line: which setting, which value, what is allowed.
pub(super) fn one_line(error: &clap::Error, command: &Command) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let value = text(ContextKind::InvalidValue);
    let argument = text(ContextKind::InvalidArg);
    let is_value = matches!(
        error.kind(),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue
    );
    if let (true, Some(argument), Some(value)) = (is_value, argument, value) {
        let reason = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(allowed)) => format!("use one of {}", allowed.join(", ")),
            _ => error.source().map(ToString::to_string).unwrap_or_default(),
        };
        let value = if is_secret(command, argument) {
            "(hidden)"
        } else {
            value
        };
        return format!(
            "{} cannot be '{value}': {reason}",
            name_of(command, argument)
        );
    }
    let rendered = error.to_string();
    let first = rendered.split("\n\n").next().unwrap_or_default();
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    format!(
        "{line}; '{} --help' shows what is there",
        command.get_name()
    )
}

/// Every argument of the command and its subcommands.
fn arguments(command: &Command) -> Vec<&clap::Arg> {
    command
        .get_arguments()
        .chain(command.get_subcommands().flat_map(arguments))
        .collect()
}

/// The environment variable and the flag of the argument that clap shows as `shown`.
fn name_of(command: &Command, shown: &str) -> String {
    let variable = find(command, shown).and_then(|argument| argument.get_env());
    let flag = shown.split_whitespace().next().unwrap_or(shown);
    match variable {
        Some(variable) => format!("{} ({flag})", variable.to_string_lossy()),
        None => flag.to_owned(),
    }
}

fn is_secret(command: &Command, shown: &str) -> bool {
    find(command, shown).is_some_and(clap::Arg::is_hide_env_values_set)
}

fn find<'a>(command: &'a Command, shown: &str) -> Option<&'a clap::Arg> {
    arguments(command).into_iter().find(|argument| {
        let flag = argument.get_long().map(|long| format!("--{long}"));
        flag.is_some_and(|flag| shown.split([' ', '=']).next() == Some(&flag))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::values;

    /// A program.
    #[derive(Parser, Debug)]
    #[command(name = "prog")]
    struct Cli {
        /// A port.
        #[arg(long, env = "PROG_TEST_PORT", default_value = "1", value_parser = values::port)]
        port: u16,
        /// A choice.
        #[arg(long, value_parser = ["red", "green"])]
        colour: Option<String>,
    }

    fn complaint(arguments: &[&str]) -> String {
        let mut command = <Cli as clap::CommandFactory>::command();
        let error = command.try_get_matches_from_mut(arguments).unwrap_err();
        super::one_line(&error, &command)
    }

    #[test]
    fn names_the_setting_the_value_and_what_is_allowed() {
        assert_eq!(
            complaint(&["prog", "--port", "http"]),
            "PROG_TEST_PORT (--port) cannot be 'http': use a port number from 0 to 65535"
        );
        assert_eq!(
            complaint(&["prog", "--colour", "blue"]),
            "--colour cannot be 'blue': use one of red, green"
        );
        assert_eq!(
            complaint(&["prog", "--nonsense"]),
            "unexpected argument '--nonsense' found; 'prog --help' shows what is there"
        );
    }
}
