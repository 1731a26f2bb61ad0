//! A language model's service that takes a fixed time for each of many turns.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts a service whose every turn takes `pace`, and which asks so many queries before it answers.
pub(super) async fn start(queries: usize, pace: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let complete = async move |axum::Json(request): axum::Json<Value>| {
        let messages = request["messages"].as_array().unwrap();
        let turn = messages.iter().filter(|m| m["role"] == "assistant").count();
        tokio::time::sleep(pace).await;
        let delta = if turn < queries {
            let query = json!({"query": "SELECT id, nama FROM koperasi ORDER BY id"}).to_string();
            json!({"tool_calls": [{"index": 0, "id": format!("call_{turn}"), "type": "function",
                   "function": {"name": "sql_query", "arguments": query}}]})
        } else {
            json!({"content": "<answer>Three.</answer>"})
        };
        let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
        let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
        ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
    };
    let routes = Router::new().route("/v1/chat/completions", post(complete));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}
