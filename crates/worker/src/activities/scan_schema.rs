//! `scan_schema(connection_id, table_names?)`: reads tables into the store.

use kai_core::scan::{ScanProgress, ScanReport};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use super::{KaiActivities, Positional};

impl KaiActivities {
    /// Heartbeats tell how far the scan is; a cancelled scan keeps what it had read.
    pub(super) async fn scan(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<ScanReport, ActivityError> {
        let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
        let details = || {
            let (done, total) = (progress.done(), progress.total());
            format!("tables_done={done}, tables_total={total}")
        };
        let work = async {
            let id: String = arguments.needed("connection_id")?;
            let tables: Option<Vec<String>> = arguments.optional("table_names")?;
            let tables = tables.unwrap_or_default();
            self.analyst.scan(&id, &tables, &progress, &cancel).await
        };
        Box::pin(self.with_heartbeats(ctx, details, &cancel, work)).await
    }
}
