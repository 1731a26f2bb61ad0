//! `sync_config(connection_id, instructions?, skills?, glossary?, mdl?)`: keeps what an operator says
//! of a connection.

use kai_core::knowledge::{ConfigUpdate, SyncReport};
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::{KaiActivities, Positional};

impl KaiActivities {
    /// What has the same id is replaced; what cannot be stored is in the result.
    pub(super) async fn sync(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<SyncReport, ActivityError> {
        let work = async {
            let id: String = arguments.needed("connection_id")?;
            let update = ConfigUpdate {
                instructions: arguments.optional("instructions")?,
                skills: arguments.optional("skills")?,
                glossary: arguments.optional("glossary")?,
                mdl: arguments.optional("mdl")?,
            };
            self.analyst.sync(&id, update).await
        };
        Box::pin(self.beating(ctx, work)).await
    }
}
