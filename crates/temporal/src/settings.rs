//! The settings: the original's names beside Temporal's own.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::path::PathBuf;

use clap::Args;
use kai_core::config::{Secret, values};

use crate::codec::Keyring;
use crate::{Server, TemporalError, profile};

/// How Temporal is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Temporal")]
pub struct TemporalSettings {
    /// The address of the Temporal server; when not set, TEMPORAL_ADDRESS, else the profile's, else
    /// localhost:7233
    #[arg(long, env = "TEMPORAL_HOST", value_name = "HOST:PORT", value_parser = values::not_blank)]
    pub temporal_host: Option<String>,

    /// Temporal's own name for the address of the server
    #[arg(long, env = "TEMPORAL_ADDRESS", value_name = "HOST:PORT", value_parser = values::not_blank)]
    pub temporal_address: Option<String>,

    /// The namespace; when not set, the profile's, else default
    #[arg(long, env = "TEMPORAL_NAMESPACE", value_name = "NAME", value_parser = values::not_blank)]
    pub temporal_namespace: Option<String>,

    /// The task queue that workers poll
    #[arg(long, env = "TEMPORAL_TASK_QUEUE", value_name = "NAME", default_value = "kai-agent-queue", value_parser = values::not_blank)]
    pub temporal_task_queue: String,

    /// The organisation; its task queue is kai-ORG_ID-queue, whatever TEMPORAL_TASK_QUEUE says
    #[arg(long, env = "ORG_ID", value_name = "ID", value_parser = organisation)]
    pub org_id: Option<String>,

    /// The file with Temporal's profiles; when not set, temporalio/temporal.toml in the user's
    /// configuration directory
    #[arg(long, env = "TEMPORAL_CONFIG_FILE", value_name = "PATH")]
    pub temporal_config_file: Option<PathBuf>,

    /// The profile to read from that file; when not set, default, if there is one
    #[arg(long, env = "TEMPORAL_PROFILE", value_name = "NAME", value_parser = values::not_blank)]
    pub temporal_profile: Option<String>,

    /// The API key that is shown to the server, as Temporal Cloud wants it; turns TLS on
    #[arg(long, env = "TEMPORAL_API_KEY", value_name = "KEY", hide_env_values = true, value_parser = values::token)]
    pub temporal_api_key: Option<Secret>,

    /// Whether TLS is used: true or false; when not set, true if a key or a certificate is set
    #[arg(long, env = "TEMPORAL_TLS", value_name = "BOOL", value_parser = boolean)]
    pub temporal_tls: Option<bool>,

    /// The file with this client's certificate, in PEM, for servers that ask for one
    #[arg(long, env = "TEMPORAL_TLS_CLIENT_CERT_PATH", value_name = "PATH")]
    pub temporal_tls_client_cert_path: Option<PathBuf>,

    /// This client's certificate itself, in PEM
    #[arg(
        long,
        env = "TEMPORAL_TLS_CLIENT_CERT_DATA",
        value_name = "PEM",
        hide_env_values = true,
        conflicts_with = "temporal_tls_client_cert_path"
    )]
    pub temporal_tls_client_cert_data: Option<String>,

    /// The file with the key of this client's certificate, in PEM
    #[arg(long, env = "TEMPORAL_TLS_CLIENT_KEY_PATH", value_name = "PATH")]
    pub temporal_tls_client_key_path: Option<PathBuf>,

    /// The key of this client's certificate itself, in PEM
    #[arg(
        long,
        env = "TEMPORAL_TLS_CLIENT_KEY_DATA",
        value_name = "PEM",
        hide_env_values = true,
        conflicts_with = "temporal_tls_client_key_path"
    )]
    pub temporal_tls_client_key_data: Option<Secret>,

    /// The file with the certificates that the server's must come from, in PEM; the system's when
    /// not set
    #[arg(long, env = "TEMPORAL_TLS_SERVER_CA_CERT_PATH", value_name = "PATH")]
    pub temporal_tls_server_ca_cert_path: Option<PathBuf>,

    /// Those certificates themselves, in PEM
    #[arg(
        long,
        env = "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
        value_name = "PEM",
        hide_env_values = true,
        conflicts_with = "temporal_tls_server_ca_cert_path"
    )]
    pub temporal_tls_server_ca_cert_data: Option<String>,

    /// The name that the server's certificate must carry; the one in the address when not set
    #[arg(long, env = "TEMPORAL_TLS_SERVER_NAME", value_name = "NAME", value_parser = values::not_blank)]
    pub temporal_tls_server_name: Option<String>,

    /// Temporal's switch for trusting any server; only false is allowed here
    #[arg(long, env = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", value_name = "BOOL", value_parser = boolean)]
    pub temporal_tls_disable_host_verification: Option<bool>,

    /// The keys that payloads are encrypted with, as id:base64 separated by commas: the first
    /// encrypts, all decrypt; `kai-worker key codec` makes one
    #[arg(long, env = "TEMPORAL_CODEC_KEYS", value_name = "KEYS", hide_env_values = true, value_parser = Keyring::parse)]
    pub temporal_codec_keys: Option<Keyring>,
}

impl TemporalSettings {
    /// The server and the task queue that the settings name. Reads the profile and the files of
    /// certificates.
    pub fn server(&self) -> Result<Server, TemporalError> {
        profile::server(self)
    }

    /// The task queue: the organisation's, where there is one.
    pub fn task_queue(&self) -> String {
        match &self.org_id {
            Some(org_id) => format!("kai-{org_id}-queue"),
            None => self.temporal_task_queue.clone(),
        }
    }
}

/// The longest id of an organisation: the task queue that it is part of has a limit, too.
const MAX_ORG_ID: usize = 200;

/// An organisation's id, as it can stand in the name of a task queue.
fn organisation(text: &str) -> Result<String, String> {
    let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > MAX_ORG_ID || !is_printable {
        return Err(format!(
            "use 1 to {MAX_ORG_ID} printable characters without spaces"
        ));
    }
    Ok(text.to_owned())
}

/// What Temporal's other programs take for true and false.
fn boolean(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("use true or false".to_owned()),
    }
}
