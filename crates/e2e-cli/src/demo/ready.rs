//! Waits until a program of the demo serves, by asking it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::demo::DemoError;
use crate::demo::stack::Stack;
use crate::temporal::is_serving;
use kai_temporal::Server;

/// How long between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(2);

/// Waits until the Temporal server knows its namespace.
pub(super) async fn temporal(
    stack: &mut Stack,
    server: &Server,
    within: Duration,
) -> Result<(), DemoError> {
    wait(stack, "temporal", within, async || is_serving(server).await).await
}

/// Waits until a program on this machine answers a GET with status 200.
pub(super) async fn http(
    stack: &mut Stack,
    name: &'static str,
    port: u16,
    path: &str,
    within: Duration,
) -> Result<(), DemoError> {
    wait(stack, name, within, async || {
        let answer = tokio::time::timeout(ANSWER, answers_ok(port, path)).await;
        matches!(answer, Ok(Ok(true)))
    })
    .await
}

async fn wait(
    stack: &mut Stack,
    name: &'static str,
    within: Duration,
    is_ready: impl AsyncFn() -> bool,
) -> Result<(), DemoError> {
    let deadline = Instant::now() + within;
    loop {
        stack.all_running()?;
        if is_ready().await {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(DemoError::NotReady { name, within });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One plain request: a probe needs no client with connections to keep.
async fn answers_ok(port: u16, path: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await?;
    Ok(status == *b"HTTP/1.1 200")
}
