//! Connecting to Temporal, with errors that say what to do.

use std::time::Duration;

use temporalio_client::errors::ClientConnectError;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};

use crate::settings::TemporalSettings;

/// How long the connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no connection to Temporal.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// The address is not one.
    #[error("TEMPORAL_HOST (--temporal-host) cannot be '{0}': use HOST:PORT")]
    Address(String),
    /// Nothing answers there.
    #[error(
        "cannot reach Temporal at {address}: {reason}; start it with `temporal server start-dev`, or \
         set TEMPORAL_HOST"
    )]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What happened.
        reason: String,
    },
}

/// Connects to the Temporal server of the settings.
pub async fn connect(settings: &TemporalSettings, identity: &str) -> Result<Client, TemporalError> {
    let address = settings.address();
    let target = Url::parse(&format!("http://{address}"))
        .ok()
        .filter(|url| url.has_host() && url.path() == "/")
        .ok_or_else(|| TemporalError::Address(address.to_owned()))?;
    let unreachable = |reason: String| TemporalError::Unreachable {
        address: address.to_owned(),
        reason,
    };
    let options = ConnectionOptions::new(target)
        .identity(identity)
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    let connection = tokio::time::timeout(CONNECT_TIMEOUT, Connection::connect(options))
        .await
        .map_err(|_| unreachable(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())))?
        .map_err(|error| unreachable(reason(&error)))?;
    Client::new(
        connection,
        ClientOptions::new(&settings.temporal_namespace).build(),
    )
    .map_err(|error| unreachable(error.to_string()))
}

/// The error in words: the innermost cause says what happened.
fn reason(error: &ClientConnectError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match error {
        ClientConnectError::SystemInfoCallError(status) => status.message().to_owned(),
        _ => cause.to_string(),
    }
}
