//! `test_connection(connection_id)`: whether a connection's database can be asked.

use kai_core::analyst::AnalystError;
use serde::Serialize;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::{KaiActivities, Positional};

/// What the test came to.
#[derive(Debug, Serialize)]
#[serde(tag = "status", content = "message", rename_all = "snake_case")]
pub(super) enum ConnectionTest {
    /// The database answered.
    Success(String),
    /// It did not; the text says why.
    Error(String),
}

impl KaiActivities {
    /// A database that cannot be asked is a result; a connection that does not exist is a failure.
    pub(super) async fn try_connection(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<ConnectionTest, ActivityError> {
        let work = async {
            let id: String = arguments.needed("connection_id")?;
            let connection = self.analyst.find(&id).await?;
            let listed = match self.analyst.connect(&connection).await {
                Ok(database) => database.list_tables().await.map_err(AnalystError::from),
                Err(error) => Err(error),
            };
            match listed {
                Ok(_) => Ok(ConnectionTest::Success("Connection successful".to_owned())),
                Err(AnalystError::Database(error)) => Ok(ConnectionTest::Error(error.to_string())),
                Err(error) => Err(error),
            }
        };
        Box::pin(self.beating(ctx, work)).await
    }
}
