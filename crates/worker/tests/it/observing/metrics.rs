//! The page of metrics after a run whose every step is known, and the documentation of it.

use std::collections::BTreeSet;
use std::time::Duration;

use kai_test_support::tree::names_in;
use kai_worker::active_sessions::ActiveSessions;
use kai_worker::metrics::Metrics;
use serde_json::json;

use super::{free_port, model, page, worker_command};
use crate::harness::{CONNECTION, QUESTION, Stack, Worker, soon};

#[tokio::test]
async fn the_page_counts_what_runs_did_beside_temporals_own_metrics() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let model = model::start(1).await;
    let port = free_port().await;
    let mut command = worker_command(&stack, &format!("http://{model}/v1"), port);
    command.env("KAI_RUN_MAX_ATTEMPTS", "3");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;

    let mut subscriber = stack.receiver.subscribe("m1").await;
    let workflow = stack.submit(&stack.question("m1")).await;
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );
    subscriber.until("done").await;
    // To a receiver that is not there.
    let nowhere = free_port().await;
    let lost = json!({"prompt": QUESTION, "connection_id": CONNECTION, "conversation_id": "m2",
                      "callback_url": format!("http://127.0.0.1:{nowhere}/events/m2")});
    let workflow = stack.submit(&lost).await;
    stack.result(&workflow).await.unwrap();
    let unknown = json!({"prompt": QUESTION, "connection_id": "nobody"});
    let workflow = stack.submit(&unknown).await;
    stack.result(&workflow).await.unwrap_err();

    // Results are known before the last count, and before the last event is given up.
    let last = [
        "kai_worker_runs_total{outcome=\"failed\"} 1\n",
        "kai_worker_events_queued 0\n",
        "kai_worker_circuits_open 0\n",
    ];
    let page = soon("the end of the last run on the page", async {
        let mut timer = tokio::time::interval(Duration::from_millis(50));
        loop {
            timer.tick().await;
            let page = page(port).await;
            if last.iter().all(|line| page.contains(line)) {
                return page;
            }
        }
    })
    .await;
    for line in [
        "kai_worker_ready 1",
        "kai_worker_runs_active 0",
        r#"kai_worker_runs_total{outcome="completed"} 2"#,
        r#"kai_worker_runs_total{outcome="retried"} 1"#,
        "kai_worker_run_duration_seconds_count 4",
        "kai_worker_runs_without_store_total 0",
        r#"kai_worker_model_turns_total{outcome="ok"} 8"#,
        r#"kai_worker_model_turns_total{outcome="unavailable"} 1"#,
        "kai_worker_model_turn_duration_seconds_count 9",
        r#"kai_worker_model_tokens_total{kind="input"} 800"#,
        r#"kai_worker_model_tokens_total{kind="output"} 56"#,
        r#"kai_worker_queries_total{outcome="ok"} 2"#,
        r#"kai_worker_queries_total{outcome="rejected"} 2"#,
        r#"kai_worker_queries_total{outcome="failed"} 2"#,
        "kai_worker_query_duration_seconds_count 4",
        "kai_worker_query_rows_total 6",
        // Four turns and three results of tools, twice.
        "kai_worker_checkpoint_duration_seconds_count 14",
        "kai_worker_store_errors_total 0",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
    }
    assert!(
        number(&page, "kai_worker_events_sent_total") >= 9.0,
        "{page}"
    );
    assert!(
        number(&page, "kai_worker_events_failed_total") >= 9.0,
        "{page}"
    );
    for name in [
        "temporal_workflow_completed_total{",
        "temporal_activity_execution_latency_seconds_bucket{",
        "temporal_worker_task_slots_available{",
        "temporal_num_pollers{",
        "temporal_request_total{",
    ] {
        assert!(
            page.lines().any(|line| line.starts_with(name)),
            "{name}\n{page}"
        );
    }
    assert!(page.ends_with("# EOF\n"));
    worker.signal("TERM");
    assert!(worker.ended().await.success());
}

fn number(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().parse().unwrap()
}

/// The metrics of the page by the names under which they are asked for.
fn shown() -> BTreeSet<String> {
    let metrics = Metrics::new(ActiveSessions::default());
    let page = metrics.page(true).unwrap();
    page.lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            let ending = match kind {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            format!("{name}{ending}")
        })
        .collect()
}

/// The worker's metrics that a file of this tree names.
fn named(file: &str) -> BTreeSet<String> {
    names_in(file, "kai_worker_")
}

#[test]
fn every_metric_is_documented_and_every_documented_metric_is_there() {
    assert_eq!(shown(), named("docs/operations.md"));
}

#[test]
fn the_dashboard_the_alerts_and_the_autoscaling_name_metrics_that_are_there() {
    let shown = shown();
    for file in [
        "deploy/grafana/dashboards/kai.json",
        "deploy/prometheus/kai.rules.yml",
        "deploy/kubernetes/autoscaling/worker.yaml",
    ] {
        let named = named(file);
        assert!(!named.is_empty(), "{file}");
        for name in named {
            let name = name.strip_suffix("_bucket").unwrap_or(&name);
            assert!(shown.contains(name), "{file}: {name}");
        }
    }
}
