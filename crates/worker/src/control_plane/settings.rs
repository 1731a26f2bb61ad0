//! The settings of the control plane.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use kai_core::config::{Secret, values};
use reqwest::Url;

/// Where the control plane is, and how it is told about this worker.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Control plane")]
pub struct ControlPlaneSettings {
    /// The organisation's key for the control plane; with it and ORG_ID the worker registers there
    #[arg(long, env = "KAI_API_KEY", value_name = "KEY", hide_env_values = true, value_parser = values::token)]
    pub kai_api_key: Option<Secret>,

    /// The address of the control plane
    #[arg(
        long,
        env = "CONTROL_PLANE_URL",
        value_name = "URL",
        default_value = "http://localhost:8001"
    )]
    pub control_plane_url: ControlPlaneUrl,

    /// What stands before /v4/kai/worker in the control plane's paths
    #[arg(
        long,
        env = "CONTROL_PLANE_API_PREFIX",
        value_name = "PATH",
        default_value = "/services/kcenter"
    )]
    pub control_plane_api_prefix: String,

    /// How many seconds lie between two heartbeats to the control plane
    #[arg(long, env = "HEARTBEAT_INTERVAL_SECONDS", value_name = "SECONDS", default_value = "15", value_parser = values::seconds)]
    pub heartbeat_interval: Duration,
}

/// The address of the control plane: http or https, without a name or a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPlaneUrl(Url);

impl ControlPlaneUrl {
    /// The address below it that these segments name, each encoded as needed.
    pub(super) fn below<'a>(&self, segments: impl Iterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        // Only an address without a host has no path to add to, and parsing lets none in.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

impl fmt::Display for ControlPlaneUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl FromStr for ControlPlaneUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = values::web_address(text).ok();
        let url = url.filter(|url| url.query().is_none() && url.fragment().is_none());
        let url = url.ok_or("use http://HOST:PORT or https://HOST, with a path if there is one")?;
        if url.username().is_empty() && url.password().is_none() {
            Ok(Self(url))
        } else {
            Err("leave name and password out; KAI_API_KEY says who this is".to_owned())
        }
    }
}
