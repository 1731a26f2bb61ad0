//! Runs that stream, runs that do not, and receivers that go away.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::harness::{CONNECTION, QUESTION, Receiver, Stack};

fn assert_answered(result: &Value) {
    assert_eq!(result["status"], "completed", "{result}");
    assert!(
        result["final_answer"].as_str().unwrap().contains('3'),
        "{result}"
    );
    assert_eq!(
        result["sql_queries"].as_array().unwrap().len(),
        1,
        "{result}"
    );
    assert_eq!(result["error"], Value::Null);
    for field in [
        "task_id",
        "insights",
        "suggested_questions",
        "charts",
        "artifacts",
    ] {
        assert!(
            result.get(field).is_some(),
            "{field} is missing in {result}"
        );
    }
    assert!(result["execution_time_ms"].is_u64());
}

#[tokio::test]
async fn every_step_is_streamed_and_done_carries_the_result() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let mut worker = stack.worker().await;
    let mut subscriber = stack.receiver.subscribe("s1").await;
    let workflow = stack.submit(&stack.question("s1")).await;
    let result = stack.result(&workflow).await.unwrap();
    crate::histories::keep(&stack, &workflow, "completed").await;
    assert_answered(&result);

    let events = subscriber.until("done").await;
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    for kind in [
        "thinking",
        "tool_start",
        "tool_end",
        "sql_result",
        "token",
        "suggestions",
    ] {
        assert!(kinds.contains(&kind), "no {kind} among {kinds:?}");
    }
    for (kind, data) in &events {
        assert_eq!(data["type"], kind.as_str());
    }
    let (_, done) = events.last().unwrap();
    assert_eq!(done["result"], result);
    let (_, rows) = events
        .iter()
        .find(|(kind, _)| kind == "sql_result")
        .unwrap();
    assert_eq!(rows["sql"], result["sql_queries"][0]);
    assert_eq!(rows["row_count"], 1);
    let (sent, failed) = worker.delivered("s1").await;
    assert_eq!((sent, failed), (events.len() as u64, 0));
}

#[tokio::test]
async fn two_subscribers_both_see_the_whole_run() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let _worker = stack.worker().await;
    let mut first = stack.receiver.subscribe("s1").await;
    let mut second = stack.receiver.subscribe("s1").await;
    stack.submit(&stack.question("s1")).await;
    assert_eq!(first.until("done").await, second.until("done").await);
}

#[tokio::test]
async fn without_a_callback_url_the_same_run_is_not_streamed() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let mut worker = stack.worker().await;
    let workflow = stack
        .submit(&json!({"prompt": QUESTION, "connection_id": CONNECTION, "conversation_id": "s1"}))
        .await;
    assert_answered(&stack.result(&workflow).await.unwrap());
    assert_eq!(worker.delivered("s1").await, (0, 0));
}

#[tokio::test]
async fn a_receiver_that_is_down_from_the_start_does_not_fail_the_run() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let mut worker = stack.worker().await;
    let gone = Receiver::start().await;
    let callback = gone.callback("s1");
    gone.die().await;
    let mut input = stack.question("s1");
    input["callback_url"] = callback.into();
    let workflow = stack.submit(&input).await;
    assert_answered(&stack.result(&workflow).await.unwrap());
    let (sent, failed) = worker.delivered_beside("s1").await;
    assert_eq!(sent, 0);
    assert!(failed > 5, "only {failed} events were counted as failed");
}

#[tokio::test]
async fn a_receiver_that_dies_in_the_middle_does_not_fail_the_run() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(mut database) = crate::lifecycle::LockedDatabase::create(&stack).await else {
        return;
    };
    let mut worker = stack.worker().await;
    let dying = Receiver::start().await;
    let mut subscriber = dying.subscribe("s1").await;
    let mut input = stack.question("s1");
    input["callback_url"] = dying.callback("s1").into();
    let workflow = stack.submit(&input).await;
    subscriber.until("tool_start").await;
    dying.die().await;
    database.unlock().await;
    assert_answered(&stack.result(&workflow).await.unwrap());
    let (sent, failed) = worker.delivered_beside("s1").await;
    assert!(sent > 0 && failed > 0, "sent {sent}, failed {failed}");
}

/// A receiver of the original's kind that answers nothing until it is let.
#[derive(Default)]
struct Withholding {
    inbox: Mutex<Vec<Value>>,
    may_answer: CancellationToken,
}

impl Withholding {
    /// Starts it, and gives the callback URL.
    async fn start() -> (String, Arc<Self>) {
        let withholding = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events/s1", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/events/s1", post(withhold))
            .with_state(Arc::clone(&withholding));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, withholding)
    }
}

async fn withhold(State(this): State<Arc<Withholding>>, body: axum::body::Bytes) {
    // The worker first posts nothing, to learn what the receiver offers.
    if let Ok(mut envelope) = serde_json::from_slice::<Value>(&body) {
        this.inbox.lock().unwrap().push(envelope["event"].take());
    }
    this.may_answer.cancelled().await;
}

#[tokio::test]
async fn a_run_ends_before_a_late_receiver_answers_and_a_stopping_worker_tells_it_the_rest() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let mut worker = stack.worker().await;
    let (url, receiver) = Withholding::start().await;
    let mut input = stack.question("s1");
    input["callback_url"] = url.into();
    let workflow = stack.submit(&input).await;
    // The receiver has not answered anything, and yet the result is there.
    let result = stack.result(&workflow).await.unwrap();
    assert_answered(&result);
    assert!(receiver.inbox.lock().unwrap().len() <= 1);

    worker.signal("TERM");
    receiver.may_answer.cancel();
    let (sent, _) = worker.delivered_beside("s1").await;
    assert!(worker.ended().await.success());
    let events = receiver.inbox.lock().unwrap();
    assert_eq!(sent, events.len() as u64);
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"token"), "{kinds:?}");
    let done = kinds.iter().position(|kind| *kind == "done").unwrap();
    assert_eq!(done, kinds.len() - 1, "done is last, and once");
    assert_eq!(events[done]["result"], result);
}
