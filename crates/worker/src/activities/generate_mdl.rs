//! `generate_mdl(connection_id, table_names?)`: describes tables and how they relate as Markdown.

use kai_core::knowledge::ModelReport;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::{KaiActivities, Positional};

impl KaiActivities {
    pub(super) async fn describe(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<ModelReport, ActivityError> {
        let work = async {
            let id: String = arguments.needed("connection_id")?;
            let tables: Option<Vec<String>> = arguments.optional("table_names")?;
            self.analyst.model(&id, &tables.unwrap_or_default()).await
        };
        Box::pin(self.beating(ctx, work)).await
    }
}
