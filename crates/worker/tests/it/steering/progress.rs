//! How far a run is, and what it costs to know.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::model::Habits;
use super::{Cli, input, model, plan, until_pause};
use crate::crash::fleet::{Fleet, StoreKind};
use crate::crash::script::{Hold, Op, name};
use crate::harness::{Stack, Subscriber, Worker, soon};
use crate::histories;

/// A run of a little more than a minute, which streams some 4,000 pieces of text.
const MINUTE: Habits = Habits {
    queries: 19,
    pace: Duration::from_millis(3100),
    thoughts: 200,
};

/// How many events the history of a run of a minute has at most.
const MAX_HISTORY: usize = 60;

/// How many signals of progress a long run gets.
const MANY: u32 = 40;

/// A worker whose model takes a minute for a question.
async fn stack_of_a_minute() -> Option<(Stack, Worker)> {
    let stack = Stack::start().await?;
    let address = model::start(MINUTE).await;
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
    Some((stack, worker))
}

/// Reads until so many tools have ended, and gives how many events that were.
async fn tools(subscriber: &mut Subscriber, tools: usize) -> usize {
    let mut events = 0;
    for _ in 0..tools {
        events += subscriber.until("tool_end").await.len();
    }
    events
}

/// Fails unless the run, which has ended, took a minute, streamed what it should, and has a short history.
async fn assert_short_history(stack: &Stack, workflow: &str, took: Duration, events: usize) {
    assert!(took >= Duration::from_mins(1), "{took:?}");
    assert!(events > 2000, "{events} events");
    let result = stack.result(workflow).await.unwrap();
    assert_eq!(result["status"], "completed", "{result}");
    let length = histories::of(stack, workflow).await.len();
    eprintln!("a run of {took:?} with {events} events has a history of {length}");
    assert!(length <= MAX_HISTORY, "{length} events of history");
}

#[tokio::test]
async fn progress_is_known_and_a_run_of_a_minute_keeps_a_short_history() {
    let Some((stack, _worker)) = stack_of_a_minute().await else {
        return;
    };
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let begun = Instant::now();
    let workflow = stack.submit(&stack.question("s1")).await;
    let cli = Cli::new(&stack, &workflow);
    let mut events = tools(&mut subscriber, 8).await;
    let progress = cli.query("get_progress").await;
    let number = |name: &str| progress[name].as_u64().unwrap();
    assert!((4..=8).contains(&number("step")), "{progress}");
    assert_eq!(number("max_steps"), 20);
    assert!(number("events_sent") >= 4, "{progress}");
    assert_eq!(number("events_failed"), 0);
    assert!(progress["last_event"].is_string(), "{progress}");
    assert!(number("elapsed_ms") >= 8 * 3100, "{progress}");
    events += tools(&mut subscriber, MINUTE.queries - 8).await;
    events += subscriber.until("done").await.len();
    let took = begun.elapsed();
    assert_short_history(&stack, &workflow, took, events).await;

    let progress = cli.query("get_progress").await;
    assert_eq!(progress["step"], 20, "{progress}");
    assert_eq!(progress["last_event"], "token", "{progress}");
    let elapsed = progress["elapsed_ms"].as_u64().unwrap();
    assert!(
        elapsed <= u64::try_from(took.as_millis()).unwrap() + 1000,
        "{progress}"
    );
}

#[tokio::test]
async fn a_run_of_a_minute_by_an_accepted_plan_keeps_a_short_history() {
    let Some((stack, _worker)) = stack_of_a_minute().await else {
        return;
    };
    let begun = Instant::now();
    let (workflow, mut subscriber, _) = plan::proposed(&stack, "s1").await;
    let cli = Cli::new(&stack, &workflow);
    plan::until_waiting(&cli).await;
    cli.update("accept_plan", None).await.unwrap();
    let mut events = tools(&mut subscriber, MINUTE.queries).await;
    events += subscriber.until("done").await.len();
    let took = begun.elapsed();
    assert_short_history(&stack, &workflow, took, events).await;
    assert_eq!(cli.query("get_progress").await["step"], 20);
}

#[tokio::test]
async fn a_run_of_a_minute_that_was_paused_keeps_a_short_history() {
    let Some((stack, _worker)) = stack_of_a_minute().await else {
        return;
    };
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let begun = Instant::now();
    let workflow = stack.submit(&stack.question("s1")).await;
    let cli = Cli::new(&stack, &workflow);
    // Late, when most of the reports have been sent.
    let mut events = tools(&mut subscriber, 15).await;
    cli.signal("pause").await;
    until_pause(&mut subscriber).await;
    // What the run told last is of the moment of the pause.
    let progress = cli.query("get_progress").await;
    assert!(progress["step"].as_u64().unwrap() >= 15, "{progress}");
    cli.signal("resume").await;
    subscriber.until("session_resumed").await;
    events += tools(&mut subscriber, MINUTE.queries - 15).await;
    events += subscriber.until("done").await.len();
    let took = begun.elapsed();
    assert_short_history(&stack, &workflow, took, events).await;
    assert_eq!(cli.query("get_progress").await["step"], 20);
}

#[tokio::test]
async fn a_workflow_takes_many_signals_of_progress() {
    let holds = [(0, Op::Turn1, Hold::Before)];
    let timeout = Duration::from_secs(10);
    let started = Fleet::start(StoreKind::Sqlite, &holds, Duration::ZERO, timeout).await;
    let Some((fleet, mut news)) = started else {
        return;
    };
    let _worker = fleet.worker().await;
    let mut subscriber = fleet.stack.receiver.subscribe(&name(0)).await;
    let workflow = fleet.stack.submit(&input(&fleet, 0)).await;
    soon("the second turn", news.recv()).await.unwrap();
    let cli = Cli::new(&fleet.stack, &workflow);
    for step in 1..=MANY {
        let report = json!({"step": step, "max_steps": MANY, "events_sent": step,
                            "events_failed": 0, "last_event": "thinking"});
        fleet.stack.signal(&workflow, "progress", &report).await;
    }
    let progress: Value = cli.query("get_progress").await;
    assert_eq!(progress["step"], MANY, "{progress}");
    // The model's turn is held as long as somebody waits for it.
    cli.signal("pause").await;
    until_pause(&mut subscriber).await;
    cli.signal("resume").await;
    fleet.completed(0, &workflow).await;
    histories::keep(&fleet.stack, &workflow, "many_reports").await;
}
