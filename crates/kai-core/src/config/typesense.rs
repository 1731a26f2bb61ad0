//! The settings of a Typesense server, for stores that are kept in one; the names are the original's.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::time::Duration;

use clap::Args;

use super::{Secret, values};
use crate::store::{Protocol, TypesenseAccess};

/// How a Typesense server is reached. Nothing of it counts for a store of another kind.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Store")]
pub struct TypesenseSettings {
    /// The key for a store in Typesense
    #[arg(
        long,
        env = "TYPESENSE_API_KEY",
        value_name = "KEY",
        hide_env_values = true,
        allow_hyphen_values = true,
        value_parser = values::token
    )]
    pub typesense_api_key: Option<Secret>,

    /// The host of Typesense, where KAI_STORE_URL is typesense:// without one
    #[arg(long, env = "TYPESENSE_HOST", value_name = "HOST", default_value = "localhost", value_parser = values::not_blank)]
    pub typesense_host: String,

    /// The port of Typesense, where KAI_STORE_URL names none
    #[arg(long, env = "TYPESENSE_PORT", value_name = "PORT", default_value = "8108", value_parser = values::port)]
    pub typesense_port: u16,

    /// How Typesense is spoken to: http or https; typesense+https:// in KAI_STORE_URL says it, too
    #[arg(
        long,
        env = "TYPESENSE_PROTOCOL",
        value_name = "PROTOCOL",
        default_value = "http"
    )]
    pub typesense_protocol: Protocol,

    /// How many seconds one request to Typesense may take
    #[arg(long, env = "TYPESENSE_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = values::seconds)]
    pub typesense_timeout: Duration,
}

impl TypesenseSettings {
    /// The same for the store.
    pub fn access(&self) -> TypesenseAccess {
        TypesenseAccess {
            api_key: self.typesense_api_key.clone(),
            host: self.typesense_host.clone(),
            port: self.typesense_port,
            protocol: self.typesense_protocol,
            timeout: self.typesense_timeout,
        }
    }
}
