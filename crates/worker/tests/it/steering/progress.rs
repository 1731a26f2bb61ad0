//! How far a run is, and what it costs to know.

use std::time::{Duration, Instant};

use super::{Cli, model};
use crate::harness::{Stack, Worker};
use crate::histories;

/// A run of a little more than a minute.
const QUERIES: usize = 19;
const PACE: Duration = Duration::from_millis(3100);

/// How many events the history of a run of a minute has at most.
const MAX_HISTORY: usize = 60;

#[tokio::test]
async fn progress_is_known_and_a_run_of_a_minute_keeps_a_short_history() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let address = model::start(QUERIES, PACE).await;
    let mut command = stack.command(&["run"]);
    command
        .env("CHAT_FAMILY", "openai")
        .env("CHAT_MODEL", "gpt-test")
        .env("OPENAI_API_KEY", "sk-hush")
        .env("CHAT_BASE_URL", format!("http://{address}/v1"));
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let begun = Instant::now();
    let workflow = stack.submit(&stack.question("s1")).await;
    let cli = Cli::new(&stack, &workflow);
    for _ in 0..8 {
        subscriber.until("tool_end").await;
    }
    let progress = cli.query("get_progress").await;
    let number = |name: &str| progress[name].as_u64().unwrap();
    assert!((4..=8).contains(&number("step")), "{progress}");
    assert_eq!(number("max_steps"), 20);
    assert!(number("events_sent") >= 4, "{progress}");
    assert_eq!(number("events_failed"), 0);
    assert!(progress["last_event"].is_string(), "{progress}");
    assert!(number("elapsed_ms") >= 8 * 3100, "{progress}");
    for _ in 8..QUERIES {
        subscriber.until("tool_end").await;
    }
    subscriber.until("done").await;
    let took = begun.elapsed();
    assert!(took >= Duration::from_mins(1), "{took:?}");
    let result = stack.result(&workflow).await.unwrap();
    assert_eq!(result["status"], "completed", "{result}");
    let events = histories::of(&stack, &workflow).await;
    eprintln!("a run of {took:?} has a history of {} events", events.len());
    assert!(events.len() <= MAX_HISTORY, "{} events", events.len());

    let progress = cli.query("get_progress").await;
    assert_eq!(progress["step"], 20, "{progress}");
    assert_eq!(progress["last_event"], "token", "{progress}");
    let elapsed = progress["elapsed_ms"].as_u64().unwrap();
    assert!(
        elapsed <= u64::try_from(took.as_millis()).unwrap() + 1000,
        "{progress}"
    );
}
