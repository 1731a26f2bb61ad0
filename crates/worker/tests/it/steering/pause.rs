//! Runs that are paused and resumed.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Cli, SOON, input, is_pause, until_pause};
use crate::crash::fleet::{Fleet, StoreKind, assert_each_event_once, resumptions};
use crate::crash::script::{Hold, OPS, Op, name};
use crate::histories;

#[tokio::test]
async fn a_paused_run_goes_on_where_it_was() {
    // One is paused while its model thinks, the other while its database works.
    let moments = [(0, Op::Turn1, Hold::Before), (1, Op::Query1, Hold::Before)];
    let heartbeat_timeout = Duration::from_secs(10);
    let started = Fleet::start(
        StoreKind::Sqlite,
        &moments,
        Duration::ZERO,
        heartbeat_timeout,
    )
    .await;
    let Some((fleet, mut news)) = started else {
        return;
    };
    let _worker = fleet.worker().await;
    let mut workflows = Vec::new();
    let mut subscribers = Vec::new();
    for run in 0..moments.len() {
        subscribers.push(fleet.stack.receiver.subscribe(&name(run)).await);
        workflows.push(fleet.stack.submit(&input(&fleet, run)).await);
        news.recv().await.unwrap();
    }
    for run in 0..moments.len() {
        let cli = Cli::new(&fleet.stack, &workflows[run]);
        assert_eq!(cli.status().await, "running");
        assert_eq!(cli.query("is_running").await, json!(true));
        assert_eq!(cli.pending_activities().await, 1);
        // What cannot be meant is ignored, and so is a resume of what is not paused.
        cli.signal_with("resume", &json!([1, 2])).await;
        cli.signal_with("accept_plan", &json!(7)).await;
        cli.signal("no_such_signal").await;

        let asked = Instant::now();
        cli.signal_with("pause", &json!({"reason": "lunch"})).await;
        let told = until_pause(&mut subscribers[run]).await;
        let took = asked.elapsed();
        assert!(took < SOON, "the pause was told after {took:?}");
        assert!(told.contains("(lunch)"), "{told}");
        let status = cli.query("get_status").await;
        assert_eq!(
            status,
            json!({"status": "paused", "reason": "lunch", "plan": null})
        );
        assert_eq!(cli.query("is_running").await, json!(false));
        assert_eq!(cli.pending_activities().await, 0);
        // A second pause changes nothing.
        cli.signal("pause").await;
    }
    for (run, workflow) in workflows.iter().enumerate() {
        let cli = Cli::new(&fleet.stack, workflow);
        cli.signal("resume").await;
        let mut events = fleet.completed(run, workflow).await;
        let before = events.len();
        events.retain(|event| !is_pause(&event.kind, &event.data));
        assert_eq!(before - events.len(), 1, "the pause was told once");
        assert_each_event_once(run, &events);
        assert_eq!(resumptions(&events), ["pause"]);
        // Nothing that was finished was done again.
        assert_eq!(fleet.world.ops(run), OPS);
        assert_eq!(cli.status().await, "completed");
        assert_eq!(cli.query("is_running").await, json!(false));
        // Too late.
        cli.workflow(&["signal", "--name", "pause"])
            .await
            .unwrap_err();
    }
    histories::keep(&fleet.stack, &workflows[0], "paused_and_resumed").await;
}
