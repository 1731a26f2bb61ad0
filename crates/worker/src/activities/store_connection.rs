//! `store_connection(connection_id, connection_uri, alias)`: keeps a connection under the given id.

use kai_core::store::Connection;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::{KaiActivities, Positional};

impl KaiActivities {
    /// A retry, or a caller who changed something, stores the same connection again.
    pub(super) async fn keep_connection(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<Connection, ActivityError> {
        let work = async {
            let id: String = arguments.needed("connection_id")?;
            let uri: String = arguments.needed("connection_uri")?;
            let alias: String = arguments.needed("alias")?;
            self.analyst.store_connection(&id, &uri, &alias).await
        };
        Box::pin(self.beating(ctx, work)).await
    }
}
