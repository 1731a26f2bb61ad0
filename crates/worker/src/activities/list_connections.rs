//! `list_connections()`: the databases that can be asked. Never where they are.

use kai_core::store::Connection;
use serde::Serialize;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::KaiActivities;

/// A database that can be asked.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    id: String,
    alias: String,
    dialect: &'static str,
    description: Option<String>,
}

impl From<Connection> for Listed {
    fn from(connection: Connection) -> Self {
        Self {
            id: connection.id.as_str().to_owned(),
            alias: connection.alias,
            dialect: connection.dialect.name(),
            description: connection.description,
        }
    }
}

impl KaiActivities {
    /// All of them, by alias.
    pub(super) async fn connections(
        &self,
        ctx: &ActivityContext,
    ) -> Result<Vec<Listed>, ActivityError> {
        let connections = Box::pin(self.beating(ctx, self.analyst.connections())).await?;
        Ok(connections.into_iter().map(Listed::from).collect())
    }
}
