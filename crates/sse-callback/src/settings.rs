//! The receiver's settings: flags and environment variables, each declared once.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::http::Uri;
use clap::Parser;
use kai_core::config::values;

use crate::access::{Secret, SecretRule, Secrets};
use crate::backend::Kind;
use crate::backend::redis::{Address, AddressParser};
use crate::connection::Patience;
use crate::hosts::Hosts;
use crate::hub::HubOptions;
use crate::log::LogLimits;
use crate::origins::Origins;

/// The longest that any of the times below may be, in seconds.
const A_DAY: u64 = 24 * 60 * 60;

/// Takes the events of KAI workers and serves them as server-sent events.
#[derive(Debug, Clone, Parser)]
#[command(name = "kai-sse-callback", version)]
pub struct Settings {
    /// The address to listen on; 0.0.0.0 or :: listens on all.
    #[arg(long, env = "SSE_HOST", default_value = "127.0.0.1", value_parser = values::not_blank)]
    pub host: String,

    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "SSE_PORT", default_value_t = 8092)]
    pub port: u16,

    /// Where sessions are kept: in memory, or in a Redis that several receivers share.
    #[arg(
        long,
        env = "SSE_BACKEND",
        value_name = "BACKEND",
        default_value = "memory"
    )]
    pub backend: Kind,

    /// Where the Redis is: redis://USER:PASSWORD@HOST:PORT/DB, or rediss:// for TLS.
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true,
          value_parser = AddressParser)]
    pub redis_url: Option<Address>,

    /// How long a stream stays open without an event.
    #[arg(long, env = "SSE_IDLE_TIMEOUT_SECONDS", value_name = "SECONDS",
          default_value = "300", value_parser = values::seconds_up_to(A_DAY))]
    pub idle_timeout_seconds: Duration,

    /// How long a stream is silent before a comment is sent, which keeps proxies from cutting it.
    #[arg(long, env = "SSE_KEEPALIVE_SECONDS", value_name = "SECONDS",
          default_value = "15", value_parser = values::seconds_up_to(A_DAY))]
    pub keepalive_seconds: Duration,

    /// How long a session that nobody writes or reads is kept.
    #[arg(long, env = "SSE_RETENTION_SECONDS", value_name = "SECONDS",
          default_value = "600", value_parser = values::seconds_up_to(A_DAY))]
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

    /// How many subscribers a session may have.
    #[arg(
        long,
        env = "SSE_MAX_SUBSCRIBERS_PER_SESSION",
        value_name = "COUNT",
        default_value = "10000"
    )]
    pub max_subscribers_per_session: NonZeroUsize,

    /// How many connections there may be; without it, as many as the system allows open files.
    #[arg(long, env = "SSE_MAX_CONNECTIONS", value_name = "COUNT")]
    pub max_connections: Option<NonZeroUsize>,

    /// How long a client may take to send the header of a request.
    #[arg(long, env = "SSE_HEADER_TIMEOUT_SECONDS", value_name = "SECONDS",
          default_value = "10", value_parser = values::seconds_up_to(A_DAY))]
    pub header_timeout_seconds: Duration,

    /// How long a publisher may take to send a body.
    #[arg(long, env = "SSE_BODY_TIMEOUT_SECONDS", value_name = "SECONDS",
          default_value = "30", value_parser = values::seconds_up_to(A_DAY))]
    pub body_timeout_seconds: Duration,

    /// How long a connection may be silent between two requests.
    #[arg(long, env = "SSE_CONNECTION_IDLE_SECONDS", value_name = "SECONDS",
          default_value = "120", value_parser = values::seconds_up_to(A_DAY))]
    pub connection_idle_seconds: Duration,

    /// How long a client may take nothing of what is sent to it.
    // One that vanished is sent a keep-alive before this time begins: together below 30 seconds.
    #[arg(long, env = "SSE_WRITE_TIMEOUT_SECONDS", value_name = "SECONDS",
          default_value = "12", value_parser = values::seconds_up_to(A_DAY))]
    pub write_timeout_seconds: Duration,

    /// The token that publishers have to present.
    #[arg(long, env = "SSE_PUBLISH_TOKEN", value_name = "TOKEN",
          hide_env_values = true, value_parser = SecretRule::Token)]
    pub publish_token: Option<Secret>,

    /// The token that subscribers have to present.
    #[arg(long, env = "SSE_SUBSCRIBE_TOKEN", value_name = "TOKEN",
          hide_env_values = true, value_parser = SecretRule::Token)]
    pub subscribe_token: Option<Secret>,

    /// The key of signed tokens (JWT, HS256), which publishers and subscribers may present.
    #[arg(long, env = "SSE_JWT_SECRET", value_name = "KEY",
          hide_env_values = true, value_parser = SecretRule::SigningKey)]
    pub jwt_secret: Option<Secret>,

    /// The origins whose pages may use the receiver, with commas between; * for all.
    #[arg(long, env = "SSE_CORS_ORIGINS", value_name = "ORIGINS")]
    pub cors_origins: Option<Origins>,

    /// The names by which the page and /api may be asked where no token is required, with commas
    /// between; * for all. Addresses, localhost and the name that workers use may always.
    #[arg(long, env = "SSE_ALLOWED_HOSTS", value_name = "HOSTS")]
    pub allowed_hosts: Option<Hosts>,

    /// Where workers reach this receiver, for questions that are asked on its page; without it, where
    /// it listens.
    #[arg(long, env = "SSE_CALLBACK_HOST", value_name = "URL", value_parser = values::base_address)]
    pub callback_host: Option<String>,
}

impl Settings {
    /// What of this the hub keeps to.
    pub fn hub(&self) -> HubOptions {
        HubOptions {
            max_sessions: self.max_sessions.get(),
            max_subscribers: self.max_subscribers_per_session.get(),
            log: LogLimits {
                events: self.max_events_per_session.get(),
                bytes: self.max_bytes_per_session.get(),
            },
            idle_timeout: self.idle_timeout_seconds,
            keepalive: self.keepalive_seconds,
            retention: self.retention_seconds,
        }
    }

    /// Where workers reach a receiver that listens at this address.
    pub fn callback_host(&self, address: SocketAddr) -> String {
        let listening = || {
            // Who listens everywhere is reached here, too.
            let reached = match address.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
                ip => ip,
            };
            format!("http://{}", SocketAddr::new(reached, address.port()))
        };
        self.callback_host.clone().unwrap_or_else(listening)
    }

    /// The names by which it may be asked without a token: those that the operator gives it.
    pub fn hosts(&self) -> Hosts {
        let listed = self.allowed_hosts.clone().unwrap_or_default();
        let address: Option<Uri> = self.callback_host.as_ref().and_then(|url| url.parse().ok());
        let told = address.as_ref().and_then(Uri::host).unwrap_or_default();
        listed.and(told).and(&self.host)
    }

    /// How long peers may take.
    pub fn patience(&self) -> Patience {
        Patience {
            header: self.header_timeout_seconds,
            idle: self.connection_idle_seconds,
            write: self.write_timeout_seconds,
        }
    }

    /// What opens the doors.
    pub fn secrets(&self) -> Secrets {
        Secrets {
            publish_token: self.publish_token.clone(),
            subscribe_token: self.subscribe_token.clone(),
            jwt_secret: self.jwt_secret.clone(),
        }
    }
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
            // This one has the name that Redis' own users know.
            if name != "REDIS_URL" {
                assert_eq!(variable, format!("SSE_{name}"));
            }
            assert!(setting.get_help().is_some(), "{variable}");
        }
    }

    #[test]
    fn the_page_for_operators_lists_every_setting_with_its_default() {
        let page = include_str!("../../../docs/receiver.md");
        for setting in Settings::command().get_arguments() {
            let Some(variable) = setting.get_env() else {
                continue;
            };
            let default = match setting.get_default_values() {
                [default] => format!("`{}`", default.display()),
                _ => "–".to_owned(),
            };
            let row = format!(
                "| `{}` | `--{}` | {default} |",
                variable.display(),
                setting.get_long().unwrap(),
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
            ["--write-timeout-seconds", "0"],
            ["--max-connections", "0"],
            ["--publish-token", ""],
            ["--jwt-secret", "short"],
            ["--cors-origins", "example.org"],
            ["--backend", "disk"],
            ["--redis-url", "localhost:6379"],
            ["--callback-host", "localhost:8092"],
            ["--callback-host", "ftp://localhost"],
            ["--allowed-hosts", "http://kai.example"],
        ] {
            let error = Settings::try_parse_from(["kai-sse-callback"].into_iter().chain(wrong));
            assert_eq!(error.unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn workers_are_told_where_it_listens_or_what_the_operator_says() {
        let at = |flags: &[&str], address: &str| {
            let flags = ["kai-sse-callback"].iter().chain(flags);
            let settings = Settings::try_parse_from(flags).unwrap();
            settings.callback_host(address.parse().unwrap())
        };
        assert_eq!(at(&[], "10.0.0.7:8092"), "http://10.0.0.7:8092");
        assert_eq!(at(&[], "0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(at(&[], "[::]:80"), "http://[::1]:80");
        let said = ["--callback-host", "https://kai.example/sse/"];
        assert_eq!(at(&said, "0.0.0.0:80"), "https://kai.example/sse");
    }

    #[test]
    fn it_is_asked_by_the_names_that_the_operator_gives_it() {
        let hosts = |flags: &[&str]| {
            let flags = ["kai-sse-callback"].iter().chain(flags);
            Settings::try_parse_from(flags).unwrap().hosts()
        };
        assert!(!hosts(&[]).allow("receiver:8092"));
        assert!(hosts(&["--callback-host", "http://receiver:8092/x"]).allow("receiver:8092"));
        assert!(hosts(&["--host", "receiver"]).allow("receiver:8092"));
        let listed = hosts(&["--allowed-hosts", "kai.example,*.kai.svc"]);
        assert!(listed.allow("kai.example") && listed.allow("sse.kai.svc"));
        assert!(!listed.allow("receiver:8092"));
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let wrong = ["kai-sse-callback", "--jwt-secret", "hunter2"];
        let error = Settings::try_parse_from(wrong).unwrap_err().to_string();
        assert!(error.contains("SSE_JWT_SECRET is too short"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn secrets_in_the_environment_are_not_shown_by_help() {
        let command = Settings::command();
        for name in [
            "publish_token",
            "subscribe_token",
            "jwt_secret",
            "redis_url",
        ] {
            let setting = command.get_arguments().find(|arg| arg.get_id() == name);
            assert!(setting.unwrap().is_hide_env_values_set(), "{name}");
        }
    }
}
