//! `KaiConnectionsWorkflow`: which databases can be asked, for programs that only know Temporal, as the
//! receiver's page does.

#![expect(
    missing_docs,
    reason = "the macro adds a constant for each method and gives it no comment"
)]

use std::time::Duration;

use serde_json::Value;
use temporalio_common::RetryPolicy;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::activities::{KaiActivities, Positional};

/// How long reading the list may take.
const START_TO_CLOSE: Duration = Duration::from_secs(10);

/// How often it is tried: somebody waits for it.
const ATTEMPTS: u32 = 3;

/// Tells the connections of this worker's store: for each its id, alias, dialect and description.
#[workflow]
#[derive(Default)]
pub struct KaiConnectionsWorkflow;

#[workflow_methods]
impl KaiConnectionsWorkflow {
    /// Runs `list_connections` and returns its result.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let options = ActivityOptions::with_start_to_close_timeout(START_TO_CLOSE)
            .retry_policy(RetryPolicy::builder().maximum_attempts(ATTEMPTS).build())
            .build();
        let listing = ctx.execute_activity(
            KaiActivities::list_connections,
            Positional::default(),
            options,
        );
        Ok(listing.await?)
    }
}
