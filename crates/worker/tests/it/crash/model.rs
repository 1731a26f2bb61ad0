//! A language model's service that plays the script, and counts every turn that it is asked for.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use axum::routing::post;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::script::{self, Hold, Op, World};

#[derive(Clone)]
struct Service {
    world: Arc<World>,
    pace: Duration,
}

/// Starts the service, which takes so long for each piece of a turn.
pub(crate) async fn start(world: Arc<World>, pace: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new()
        .route("/v1/chat/completions", post(complete))
        .with_state(Service { world, pace });
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn complete(
    State(service): State<Service>,
    axum::Json(request): axum::Json<Value>,
) -> Response {
    let messages = request["messages"].as_array().unwrap();
    let run = script::run_in(messages[1]["content"].as_str().unwrap()).unwrap();
    let turn = messages.iter().filter(|m| m["role"] == "assistant").count();
    let op = [Op::Turn0, Op::Turn1, Op::Turn2][turn];
    let hold = service.world.asked(run, op);
    if hold == Some(Hold::Before) {
        service.world.holds(run, op);
        std::future::pending::<()>().await;
    }
    let frames: Vec<String> = script::deltas(run, turn)
        .into_iter()
        .map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}))
        .map(|chunk| format!("data: {chunk}\n\n"))
        .chain(["data: [DONE]\n\n".to_owned()])
        .collect();
    let middle = (hold == Some(Hold::Middle)).then_some(frames.len() / 2);
    let frames = stream::iter(frames.into_iter().enumerate()).then(move |(number, frame)| {
        let service = service.clone();
        async move {
            if Some(number) == middle {
                service.world.holds(run, op);
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(service.pace).await;
            Ok::<_, std::io::Error>(frame)
        }
    });
    Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .body(Body::from_stream(frames))
        .unwrap()
}
