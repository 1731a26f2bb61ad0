//! The receiver's settings: flags and environment variables, each declared once.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Parser;
use clap::builder::TypedValueParser as _;

use crate::hub::HubOptions;
use crate::log::LogLimits;

/// Takes the events of KAI workers and serves them as server-sent events.
#[derive(Debug, Clone, Parser)]
#[command(name = "kai-sse-callback", version)]
pub struct Settings {
    /// The address to listen on; 0.0.0.0 or :: listens on all.
    #[arg(long, env = "SSE_HOST", default_value = "127.0.0.1", value_parser = host())]
    pub host: String,

    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "SSE_PORT", default_value_t = 8092)]
    pub port: u16,

    /// How long a stream stays open without an event.
    #[arg(long, env = "SSE_IDLE_TIMEOUT_SECONDS", value_name = "SECONDS",
          default_value = "300", value_parser = seconds())]
    pub idle_timeout_seconds: Duration,

    /// How long a stream is silent before a comment is sent, which keeps proxies from cutting it.
    #[arg(long, env = "SSE_KEEPALIVE_SECONDS", value_name = "SECONDS",
          default_value = "15", value_parser = seconds())]
    pub keepalive_seconds: Duration,

    /// How long a session that nobody writes or reads is kept.
    #[arg(long, env = "SSE_RETENTION_SECONDS", value_name = "SECONDS",
          default_value = "600", value_parser = seconds())]
    pub retention_seconds: Duration,

    /// How many events of a session are kept; the oldest make room.
    #[arg(
        long,
        env = "SSE_MAX_EVENTS_PER_SESSION",
        value_name = "COUNT",
        default_value = "10000"
    )]
    pub max_events_per_session: NonZeroUsize,

    /// How many bytes of events of a session are kept; the oldest make room.
    #[arg(
        long,
        env = "SSE_MAX_BYTES_PER_SESSION",
        value_name = "BYTES",
        default_value = "16777216"
    )]
    pub max_bytes_per_session: NonZeroUsize,

    /// How many sessions there may be at a time.
    #[arg(
        long,
        env = "SSE_MAX_SESSIONS",
        value_name = "COUNT",
        default_value = "100000"
    )]
    pub max_sessions: NonZeroUsize,

    /// How large the body of a posted event may be.
    #[arg(
        long,
        env = "SSE_MAX_BODY_BYTES",
        value_name = "BYTES",
        default_value = "1048576"
    )]
    pub max_body_bytes: NonZeroUsize,
}

impl Settings {
    /// What of this the hub keeps to.
    pub fn hub(&self) -> HubOptions {
        HubOptions {
            max_sessions: self.max_sessions.get(),
            log: LogLimits {
                events: self.max_events_per_session.get(),
                bytes: self.max_bytes_per_session.get(),
            },
            idle_timeout: self.idle_timeout_seconds,
            keepalive: self.keepalive_seconds,
            retention: self.retention_seconds,
        }
    }
}

/// A number of seconds up to a day.
fn seconds() -> impl clap::builder::TypedValueParser<Value = Duration> {
    clap::value_parser!(u64)
        .range(1..=86_400)
        .map(Duration::from_secs)
}

/// Something that can be an address; whether it is one of this machine shows when it is bound.
fn host() -> impl clap::builder::TypedValueParser<Value = String> {
    clap::builder::NonEmptyStringValueParser::new()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_declaration_is_sound() {
        Settings::command().debug_assert();
    }

    #[test]
    fn every_setting_has_a_variable_and_a_help_text() {
        let command = Settings::command();
        let settings = command
            .get_arguments()
            .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
        for setting in settings {
            let variable = setting.get_env().unwrap().to_str().unwrap();
            let name = setting.get_id().as_str().to_uppercase();
            assert_eq!(variable, format!("SSE_{name}"));
            assert!(setting.get_help().is_some(), "{variable}");
        }
    }

    #[test]
    fn the_page_for_operators_lists_every_setting_with_its_default() {
        let page = include_str!("../../../docs/receiver.md");
        for setting in Settings::command().get_arguments() {
            let (Some(variable), [default]) = (setting.get_env(), setting.get_default_values())
            else {
                continue;
            };
            let row = format!(
                "| `{}` | `--{}` | `{}` |",
                variable.display(),
                setting.get_long().unwrap(),
                default.display(),
            );
            assert!(page.contains(&row), "{row}");
        }
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for wrong in [
            ["--port", "65536"],
            ["--host", ""],
            ["--idle-timeout-seconds", "0"],
            ["--keepalive-seconds", "86401"],
            ["--max-sessions", "0"],
            ["--max-body-bytes", "1MiB"],
        ] {
            let error = Settings::try_parse_from(["kai-sse-callback"].into_iter().chain(wrong));
            assert_eq!(error.unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
