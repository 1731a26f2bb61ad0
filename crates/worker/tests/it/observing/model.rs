//! A language model's service that plays the turns of a run: what the worker makes of them is known.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Which queries the model asks before it answers.
pub(super) const QUERIES: [&str; 3] = [
    "DROP TABLE koperasi",
    "SELECT nothing FROM koperasi",
    "SELECT id, nama FROM koperasi ORDER BY id",
];

/// Starts a service that breaks so many turns off, being overloaded, and then asks [`QUERIES`] and answers.
pub(super) async fn start(overloaded: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let complete = async move |axum::Json(request): axum::Json<Value>| {
        if asked.fetch_add(1, Ordering::Relaxed) < overloaded {
            let error = json!({"error": {"message": "overloaded", "code": 503}});
            let body = format!("data: {error}\n\n");
            return ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response();
        }
        answer(&request)
    };
    let routes = Router::new().route("/v1/chat/completions", post(complete));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

fn answer(request: &Value) -> Response {
    let messages = request["messages"].as_array().unwrap();
    let turn = messages.iter().filter(|m| m["role"] == "assistant").count();
    let delta = match QUERIES.get(turn) {
        Some(query) => json!({"tool_calls": [{
            "index": 0, "id": format!("call_{turn}"), "type": "function",
            "function": {"name": "sql_query", "arguments": json!({"query": query}).to_string()},
        }]}),
        None => json!({"content": "<answer>Maju, Sejahtera, Mandiri.</answer>"}),
    };
    let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 7}});
    let body = format!("data: {chunk}\n\ndata: {usage}\n\ndata: [DONE]\n\n");
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}
