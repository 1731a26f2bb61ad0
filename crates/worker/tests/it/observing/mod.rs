//! What operators see of a worker: its metrics, its traces and its logs, and no secret in any of them.

mod logs;
mod metrics;
mod model;
mod secrets;
mod traces;

use tokio::net::TcpListener;
use tokio::process::Command;

use crate::harness::Stack;

/// A port that is free at this moment.
async fn free_port() -> u16 {
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    reserved.local_addr().unwrap().port()
}

/// A worker whose model is this service, with the health endpoints on this port.
fn worker_command(stack: &Stack, model: &str, port: u16) -> Command {
    let mut command = stack.command(&["run"]);
    command
        .env("HEALTH_PORT", port.to_string())
        .env("CHAT_FAMILY", "openai")
        .env("CHAT_MODEL", "gpt-test")
        .env("CHAT_BASE_URL", model)
        .env("OPENAI_API_KEY", "sk-test-key")
        // A turn that breaks is the run's matter, not the model's.
        .env("CHAT_MAX_RETRIES", "0")
        .env("KAI_RETRY_FIRST_SECONDS", "1");
    command
}

/// The page that Prometheus would read.
async fn page(port: u16) -> String {
    let http = kai_core::http::client_builder().build().unwrap();
    let answer = http
        .get(format!("http://127.0.0.1:{port}/metrics"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}
