//! What the health endpoints say while Temporal comes and goes.

use std::time::Duration;

use kai_test_support::cable::Cable;
use tokio::net::TcpListener;

use crate::harness::{Stack, Worker, soon};

/// Asks until the endpoint answers so, and gives the body.
async fn until(url: &str, status: u16) -> String {
    let http = kai_core::http::client_builder().build().unwrap();
    soon(&format!("{status} from {url}"), async {
        let mut timer = tokio::time::interval(Duration::from_millis(50));
        loop {
            timer.tick().await;
            if let Ok(answer) = http.get(url).send().await
                && answer.status() == status
            {
                return answer.text().await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_worker_is_not_ready_while_temporal_is_away_and_ready_again_after() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let cable = Cable::lay(&stack.temporal).await;
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = reserved.local_addr().unwrap().port();
    drop(reserved);
    let mut command = stack.command(&["run"]);
    command
        .env("TEMPORAL_HOST", cable.address.to_string())
        .env("HEALTH_PORT", port.to_string());
    let mut worker = Worker::spawn(command);
    let (healthz, readyz) = (
        format!("http://127.0.0.1:{port}/healthz"),
        format!("http://127.0.0.1:{port}/readyz"),
    );
    assert_eq!(until(&readyz, 200).await, r#"{"status":"ready"}"#);

    cable.cut();
    assert_eq!(until(&readyz, 503).await, r#"{"status":"not_ready"}"#);
    assert_eq!(until(&healthz, 200).await, r#"{"status":"healthy"}"#);
    // What is asked meanwhile waits at Temporal.
    let workflow = stack.submit(&stack.question("s1")).await;

    cable.mend();
    until(&readyz, 200).await;
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );
    worker.signal("TERM");
    assert!(worker.ended().await.success());
}
