//! The whole stack: the demo, a load on it, and its end when the demo is killed.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::harness::{beside, gone, kai_e2e, object, run, soon, stdout};

/// A demo that is left running.
pub(crate) struct Demo {
    child: Child,
    said: Vec<String>,
}

impl Demo {
    /// The demo once it has shown its answer, or `None` where its programs are not there.
    pub(crate) async fn start() -> Option<Self> {
        let temporal = kai_test_support::service("KAI_TEST_TEMPORAL_CLI")?;
        beside("kai-worker").and(beside("kai-sse-callback"))?;
        let mut child = kai_e2e(&["--demo", "--keep"])
            .env("KAI_TEMPORAL_CLI", temporal)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = soon("the demo", read(&mut lines)).await;
        // The lines end with the pipe, which the demo writes into no more until it ends.
        Some(Self { child, said })
    }

    /// The port in the line that tells of a program's start.
    fn port(&self, what: &str) -> &str {
        self.said
            .iter()
            .find(|line| line.contains(what))
            .and_then(|line| line.split_once("(port ")?.1.split_once(')'))
            .map_or_else(|| panic!("{what}: {:?}", self.said), |(port, _)| port)
    }

    /// Where its Temporal is.
    pub(crate) fn temporal(&self) -> String {
        format!("127.0.0.1:{}", self.port("Temporal's development server"))
    }

    /// Where its receiver is.
    pub(crate) fn receiver(&self) -> String {
        format!("http://127.0.0.1:{}", self.port("the receiver"))
    }

    /// The processes that it started.
    fn children(&self) -> Vec<i32> {
        let id = self.child.id().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        children
            .split_whitespace()
            .map(|child| child.parse().unwrap())
            .collect()
    }
}

async fn read(lines: &mut Lines<BufReader<ChildStdout>>) -> Vec<String> {
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        let is_up = line.contains("Everything is left running");
        said.push(line);
        if is_up {
            return said;
        }
    }
    panic!("the demo ended: {said:?}");
}

#[tokio::test]
async fn a_load_on_the_demo_loses_nothing_and_a_killed_demo_leaves_nothing() {
    let Some(mut demo) = Demo::start().await else {
        return;
    };
    let (temporal, receiver) = (demo.temporal(), demo.receiver());
    let reach = ["--temporal-host", &temporal, "--callback-host", &receiver];

    // Its last word is for a browser: a page that asks.
    let page = demo
        .said
        .iter()
        .find_map(|line| line.split_once("in a browser"));
    let page = page.and_then(|(_, rest)| rest.split_once(": ")).unwrap().1;
    assert_eq!(page, format!("{receiver}/"));
    let client = kai_core::http::client_builder().build().unwrap();
    let named = client.get(format!("{page}api/connections")).send();
    let named: Value = soon("the databases", named)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(named["connections"][0]["alias"], "koperasi", "{named}");

    let load = ["load", "--connection-id", "koperasi", "-n", "6", "-c", "3"];
    let measured = run(&[&load[..], &reach, &["--json"]].concat()).await;
    assert!(measured.status.success(), "{measured:?}");
    let measured = object(&measured);
    assert_eq!(measured["runs"]["passed"], 6, "{measured}");
    assert_eq!(measured["events_lost"], 0, "{measured}");
    assert_eq!(measured["events_doubled"], 0, "{measured}");
    assert_eq!(measured["events_without_number"], 0, "{measured}");
    let p50 = measured["latency_ms"]["result"]["p50"].as_f64().unwrap();
    assert!(p50 > 0.0 && p50 < 60_000.0, "{measured}");

    let lines = stdout(&run(&[&load[..], &reach].concat()).await);
    assert_eq!(lines.matches(" events, passed\n").count(), 6, "{lines}");
    assert!(lines.contains("[PASS]"), "{lines}");

    let unknown = ["load", "--connection-id", "nobody", "-n", "2", "-c", "2"];
    let failed = run(&[&unknown[..], &reach, &["--json"]].concat()).await;
    assert_eq!(failed.status.code(), Some(1));
    let failures = &object(&failed)["failures"];
    assert_eq!(failures[0]["count"], 2, "{failures}");
    let reason = failures[0]["reason"].as_str().unwrap();
    assert!(reason.contains("Connection nobody not found"), "{reason}");

    let check = ["--connection-id", "koperasi", "--json"];
    let checked: Value = object(&run(&[&check[..], &reach].concat()).await);
    assert_eq!(checked["passed"], true, "{checked}");

    let children = demo.children();
    assert_eq!(children.len(), 3, "Temporal, the receiver and the worker");
    demo.child.kill().await.unwrap();
    for child in children {
        gone(child).await;
    }
}
