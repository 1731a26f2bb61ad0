//! A Temporal server, and connecting to it.

use std::time::Duration;

use temporalio_client::errors::ClientConnectError;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};

/// How long the connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where workflows are started and run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address, as `HOST:PORT`.
    pub address: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue that workers poll.
    pub task_queue: String,
}

/// Why there is no connection to Temporal.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// The address is not one.
    #[error("TEMPORAL_HOST (--temporal-host) cannot be '{0}': use HOST:PORT")]
    Address(String),
    /// Nothing answers there.
    #[error(
        "cannot reach Temporal at {address}: {reason}; start it with `temporal server start-dev`, or \
         set TEMPORAL_HOST (--temporal-host)"
    )]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What happened.
        reason: String,
    },
}

impl Server {
    /// Connects. `identity` is the name under which the server knows this program.
    pub async fn connect(&self, identity: &str) -> Result<Client, TemporalError> {
        let target = Url::parse(&format!("http://{}", self.address))
            .ok()
            .filter(|url| url.has_host() && url.path() == "/")
            .ok_or_else(|| TemporalError::Address(self.address.clone()))?;
        let options = ConnectionOptions::new(target)
            .identity(identity)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, Connection::connect(options))
            .await
            .map_err(|_| {
                self.unreachable(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()))
            })?
            .map_err(|error| self.unreachable(reason(&error)))?;
        Client::new(connection, ClientOptions::new(&self.namespace).build())
            .map_err(|error| self.unreachable(error.to_string()))
    }

    fn unreachable(&self, reason: String) -> TemporalError {
        TemporalError::Unreachable {
            address: self.address.clone(),
            reason,
        }
    }
}

/// The error in words: the innermost cause says what happened.
fn reason(error: &ClientConnectError) -> String {
    if let ClientConnectError::SystemInfoCallError(status) = error {
        return status.message().to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
