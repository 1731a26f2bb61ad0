//! `/metrics`: what is counted when, and the files that name it.

use std::collections::BTreeSet;

use kai_test_support::tree::names_in;
use serde_json::json;

use crate::support::{Receiver, soon};

#[tokio::test]
async fn what_happens_is_counted() {
    let receiver = Receiver::with(&["--max-events-per-session", "3"]).await;
    let mut one = receiver.open("/stream/s").await;
    let mut two = receiver.open("/stream/s").await;
    receiver
        .publish("s", json!({"type": "token", "content": "a"}))
        .await;
    one.take(1).await;
    two.take(1).await;
    drop(two);
    receiver.until_metric("kai_sse_subscribers", 1).await;
    receiver.publish_run("s", "b", 4).await;
    receiver.post("s", "nonsense").await;
    receiver.post("t", r#"{"session_id":"t","event":{}}"#).await;
    one.rest().await;
    let late = receiver.open("/stream/s?replay=all").await;
    assert_eq!(late.rest().await.len(), 4);

    for (name, value) in [
        ("kai_sse_sessions", 2),
        ("kai_sse_subscribers", 0),
        ("kai_sse_events_received_total", 7),
        ("kai_sse_events_delivered_total", 2 + 5 + 3),
        ("kai_sse_events_evicted_total", 3),
        ("kai_sse_duplicates_total", 0),
        ("kai_sse_gaps_total", 1),
        (r#"kai_sse_publishes_refused_total{reason="invalid"}"#, 1),
        ("kai_sse_publish_duration_seconds_count", 8),
    ] {
        receiver.until_metric(name, value).await;
    }
    assert!(receiver.metric("kai_sse_connections").await >= 1);
    assert!(receiver.metric("kai_sse_connections_accepted_total").await >= 2);
    let came_in = receiver.metric("kai_sse_received_bytes_total").await;
    let went_out = receiver.metric("kai_sse_sent_bytes_total").await;
    assert!(came_in > 1_000 && went_out > 2_000, "{came_in} {went_out}");
}

#[tokio::test]
async fn the_page_is_open_metrics() {
    let receiver = Receiver::start().await;
    let response = soon(receiver.get("/metrics").send()).await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"));
    let page = soon(response.text()).await.unwrap();
    assert!(page.ends_with("# EOF\n"));
    for name in ["sessions", "gaps", "publish_duration_seconds"] {
        assert!(page.contains(&format!("# HELP kai_sse_{name} ")), "{name}");
    }
}

/// The receiver's metrics that a file of this tree names.
fn named(file: &str) -> BTreeSet<String> {
    let names = names_in(file, "kai_sse_");
    let metric = |name: String| match name.strip_suffix("_bucket") {
        Some(metric) => metric.to_owned(),
        None => name,
    };
    names.into_iter().map(metric).collect()
}

#[tokio::test]
async fn the_documents_the_dashboard_and_the_alerts_name_metrics_that_are_there() {
    let receiver = Receiver::start().await;
    let page = soon(receiver.get("/metrics").send()).await.unwrap();
    let page = soon(page.text()).await.unwrap();
    let mut there: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| match line.split_once(' ').unwrap() {
            (name, "counter") => format!("{name}_total"),
            (name, _) => name.to_owned(),
        })
        .collect();
    // Shown by reason, once there was one.
    for refused in ["connections_cut", "publishes_refused", "streams_refused"] {
        there.insert(format!("kai_sse_{refused}_total"));
    }
    assert_eq!(named("docs/receiver.md"), there);
    for file in [
        "deploy/grafana/dashboards/kai.json",
        "deploy/prometheus/kai.rules.yml",
    ] {
        let named = named(file);
        assert!(!named.is_empty(), "{file}");
        assert!(named.is_subset(&there), "{file}: {named:?}");
    }
}
