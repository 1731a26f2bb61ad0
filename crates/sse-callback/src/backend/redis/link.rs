//! The connections to Redis: how they are made, watched, and given up.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, PushInfo, PushKind, RedisError, Value};
use thiserror::Error;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::address::Address;
use super::script;
use crate::backend::Due;

/// How long Redis may take for anything: publishers give up after three seconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// A pair of connections to one server. Clones are the same pair.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// For scripts.
    pub(super) commands: MultiplexedConnection,
    /// For bells.
    pub(super) bells: MultiplexedConnection,
    /// What tells this server process from any other; empty when we may not ask.
    pub(super) server: Arc<str>,
    /// Cancelled when the pair is of no use any more.
    pub(super) lost: CancellationToken,
}

/// Why there is no link.
#[derive(Debug, Error)]
pub(super) enum LinkError {
    /// Redis refuses, or cannot be reached.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// It takes too long.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Late,
}

impl Link {
    /// Connects. What rings is noted in `due`.
    pub(super) async fn make(address: &Address, due: &Arc<Due>) -> Result<Self, LinkError> {
        timeout(PATIENCE, Self::connect(address, due))
            .await
            .map_err(|_| LinkError::Late)?
    }

    async fn connect(address: &Address, due: &Arc<Due>) -> Result<Self, LinkError> {
        let client = Client::open(address.info())?;
        let lost = CancellationToken::new();
        let watch = {
            let lost = lost.clone();
            move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    lost.cancel();
                }
                Ok::<_, RedisError>(())
            }
        };
        let listen = {
            let (watch, due) = (watch.clone(), Arc::clone(due));
            move |push: PushInfo| {
                if push.kind == PushKind::Message
                    && let Some(Value::BulkString(channel)) = push.data.first()
                    && let Some(session) = script::rung(channel)
                {
                    due.rang(session);
                }
                watch(push)
            }
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let (watched, listening) = (
            config.clone().set_push_sender(watch),
            config.set_push_sender(listen),
        );
        let (mut commands, bells) = tokio::try_join!(
            client.get_multiplexed_async_connection_with_config(&watched),
            client.get_multiplexed_async_connection_with_config(&listening),
        )?;
        let server = server_id(&mut commands).await?;
        Ok(Self {
            commands,
            bells,
            server: server.into(),
            lost,
        })
    }

    /// Asks whether the server is there.
    pub(super) async fn check(&self) -> Result<(), LinkError> {
        let mut commands = self.commands.clone();
        let pong = redis::cmd("PING");
        match timeout(PATIENCE, pong.exec_async(&mut commands)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(LinkError::Late),
        }
    }
}

/// The id that a server gives itself at each start. A server that is still reading its files says so
/// here, and counts as away.
async fn server_id(commands: &mut MultiplexedConnection) -> Result<String, RedisError> {
    redis::cmd("PING").exec_async(commands).await?;
    let info: Result<String, _> = redis::cmd("INFO").arg("server").query_async(commands).await;
    match info {
        Ok(info) => {
            let id = info.lines().find_map(|line| line.strip_prefix("run_id:"));
            Ok(id.unwrap_or_default().trim().to_owned())
        }
        Err(error) if error.is_unrecoverable_error() || error.is_timeout() => Err(error),
        Err(error) => {
            tracing::debug!("Redis does not let us ask for its id (INFO): {error}");
            Ok(String::new())
        }
    }
}

/// What an operator should know about how the server keeps its data; nothing when it does not say.
pub(super) async fn warnings(link: &Link) -> Vec<String> {
    let mut commands = link.commands.clone();
    let mut settings: Vec<(String, String)> = Vec::new();
    for pattern in ["append*", "maxmemory-policy"] {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg(pattern);
        match command
            .query_async::<Vec<(String, String)>>(&mut commands)
            .await
        {
            Ok(some) => settings.extend(some),
            Err(error) => {
                tracing::debug!("Redis does not let us ask for its settings: {error}");
                return Vec::new();
            }
        }
    }
    let value = |name: &str| {
        let found = settings.iter().find(|(setting, _)| setting == name);
        found.map(|(_, value)| value.as_str())
    };
    let mut warnings = Vec::new();
    if value("appendonly") == Some("no") {
        warnings.push(
            "Redis writes nothing to disk as it comes (appendonly no): a crash of it loses events; \
             set appendonly yes and appendfsync always"
                .to_owned(),
        );
    } else if let Some(sync) = value("appendfsync").filter(|sync| *sync != "always") {
        warnings.push(format!(
            "Redis does not wait for its disk (appendfsync {sync}): a crash of its machine loses the \
             last events; set appendfsync always"
        ));
    }
    if let Some(policy) = value("maxmemory-policy").filter(|policy| *policy != "noeviction") {
        warnings.push(format!(
            "Redis drops keys when its memory is full (maxmemory-policy {policy}): sessions may \
             vanish; set maxmemory-policy noeviction"
        ));
    }
    warnings
}
