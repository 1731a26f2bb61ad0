//! A worker that stood still for so long that its run was given away, and then goes on.

use std::time::Duration;

use temporalio_client::WorkflowDescribeOptions;
use temporalio_common::UntypedWorkflow;

use super::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use super::script::{Hold, Op};
use crate::harness::soon;

#[tokio::test]
async fn a_worker_that_stood_still_does_not_end_the_run_that_it_lost() {
    let holds = [(0, Op::Turn1, Hold::Middle)];
    let timeout = Duration::from_secs(2);
    let fleet = Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await;
    let Some((fleet, mut news)) = fleet else {
        return;
    };
    let worker = fleet.worker().await;
    let workflow = fleet.submit(0).await;
    soon("the middle of the turn", news.recv()).await.unwrap();
    worker.signal("STOP");
    let client = fleet.stack.client();
    let handle = client.get_workflow_handle::<UntypedWorkflow>(&workflow);
    soon("the loss of the run", async {
        loop {
            let described = handle.describe(WorkflowDescribeOptions::default()).await;
            let described = described.unwrap().raw_description;
            if described.pending_activities[0].attempt == 2 {
                return;
            }
        }
    })
    .await;
    worker.signal("CONT");
    let events = fleet.completed(0, &workflow).await;
    assert_each_event_once(0, &events);
    assert_eq!(resumptions(&events), ["lost"]);
    assert_eq!(fleet.kept(0).await, (3, 0));
}
