//! A language model's service that takes a fixed time for each of many turns, and streams all the while.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::Response;
use axum::routing::post;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

/// How the service works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// How many queries it asks, one in a turn, before it answers.
    pub(super) queries: usize,
    /// How long each turn takes.
    pub(super) pace: Duration,
    /// In how many pieces it thinks aloud in each turn.
    pub(super) thoughts: u32,
}

/// Starts the service.
pub(super) async fn start(habits: Habits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let complete = async move |axum::Json(request): axum::Json<Value>| turn(habits, &request);
    let routes = Router::new().route("/v1/chat/completions", post(complete));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

fn turn(habits: Habits, request: &Value) -> Response {
    let messages = request["messages"].as_array().unwrap();
    let turn = messages.iter().filter(|m| m["role"] == "assistant").count();
    let last = if request["tools"].is_null() && turn == 0 {
        json!({"content": "1. List the cooperatives\n2. Count them"})
    } else if turn < habits.queries {
        let query = json!({"query": "SELECT id, nama FROM koperasi ORDER BY id"}).to_string();
        json!({"tool_calls": [{"index": 0, "id": format!("call_{turn}"), "type": "function",
               "function": {"name": "sql_query", "arguments": query}}]})
    } else {
        json!({"content": "<answer>Three.</answer>"})
    };
    let is_plan = last["content"]
        .as_str()
        .is_some_and(|text| text.starts_with("1."));
    let thoughts = if is_plan { 0 } else { habits.thoughts };
    let mut deltas = vec![json!({"content": if thoughts == 0 { "" } else { "<thinking>" }})];
    deltas.extend((0..thoughts).map(|number| json!({"content": format!("thought {number} ")})));
    if thoughts > 0 {
        deltas.push(json!({"content": "</thinking>"}));
    }
    deltas.push(last);
    let pause = habits.pace / u32::try_from(deltas.len()).unwrap();
    let frames = deltas
        .into_iter()
        .map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}))
        .map(|chunk| format!("data: {chunk}\n\n"))
        .chain(["data: [DONE]\n\n".to_owned()]);
    // Each at its own moment: pauses that are too long do not add up.
    let begun = Instant::now();
    let frames = stream::iter((1..).zip(frames)).then(move |(number, frame)| async move {
        tokio::time::sleep_until(begun + pause * number).await;
        Ok::<_, std::io::Error>(frame)
    });
    Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .body(Body::from_stream(frames))
        .unwrap()
}
