//! A local service that speaks the chat completions format and plays prepared turns, one a request.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// One answer of the service.
pub(crate) struct Turn {
    status: u16,
    frames: Vec<String>,
    cut: bool,
}

impl Turn {
    /// A turn of these deltas.
    pub(crate) fn deltas(deltas: Vec<Value>) -> Self {
        let frames = deltas
            .into_iter()
            .map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}))
            .map(|chunk| format!("data: {chunk}\n\n"))
            .collect();
        Self {
            status: 200,
            frames,
            cut: false,
        }
    }

    /// A turn of text, cut like this.
    pub(crate) fn text(pieces: &[&str]) -> Self {
        Self::deltas(
            pieces
                .iter()
                .map(|piece| json!({"content": piece}))
                .collect(),
        )
    }

    /// A turn of tool calls: id, name, arguments.
    pub(crate) fn calls(calls: &[(&str, &str, Value)]) -> Self {
        Self::text(&[]).and_calls(calls)
    }

    /// The same turn with tool calls at its end, each in a chunk of its own.
    pub(crate) fn and_calls(mut self, calls: &[(&str, &str, Value)]) -> Self {
        let deltas = calls
            .iter()
            .enumerate()
            .map(|(index, (id, name, arguments))| {
                json!({"tool_calls": [{"index": index, "id": id, "type": "function",
                   "function": {"name": name, "arguments": arguments.to_string()}}]})
            });
        self.frames.extend(Self::deltas(deltas.collect()).frames);
        self
    }

    /// An error status.
    pub(crate) fn status(status: u16, message: &str) -> Self {
        let body = json!({"error": {"message": message, "type": "t", "param": null, "code": null}});
        Self {
            status,
            frames: vec![body.to_string()],
            cut: false,
        }
    }

    /// An error inside a stream that began well.
    pub(crate) fn error_inside(message: &str) -> Self {
        let mut turn = Self::text(&["<thinking>Let me see"]);
        turn.frames.push(format!(
            "data: {}\n\n",
            json!({"error": {"message": message}})
        ));
        turn
    }

    /// The same turn, its connection lost in the middle.
    pub(crate) fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap();
        let kind = if status.is_success() {
            "text/event-stream"
        } else {
            "application/json"
        };
        let mut frames: Vec<Result<String, std::io::Error>> =
            self.frames.into_iter().map(Ok).collect();
        if self.cut {
            frames.push(Err(std::io::Error::other("cut")));
        } else if status.is_success() {
            frames.push(Ok(
                "data: {\"choices\": [], \"usage\": {\"total_tokens\": 1}}\n\ndata: [DONE]\n\n"
                    .to_owned(),
            ));
        }
        Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from_stream(stream::iter(frames).then(sent_by_itself)))
            .unwrap()
    }
}

/// A frame that is on its way before the next one is looked at.
async fn sent_by_itself<T>(frame: T) -> T {
    tokio::task::yield_now().await;
    frame
}

#[derive(Default)]
struct Script {
    turns: Mutex<VecDeque<Turn>>,
    requests: Mutex<Vec<Value>>,
}

/// The running service.
pub(crate) struct Played {
    address: SocketAddr,
    script: Arc<Script>,
}

impl Played {
    pub(crate) async fn start(turns: Vec<Turn>) -> Self {
        let script = Arc::new(Script {
            turns: Mutex::new(turns.into()),
            ..Script::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, script }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1/", self.address)
    }

    /// The bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.script.requests.lock().unwrap().clone()
    }
}

async fn complete(
    State(script): State<Arc<Script>>,
    headers: HeaderMap,
    axum::Json(request): axum::Json<Value>,
) -> Response {
    assert_eq!(headers[header::AUTHORIZATION], "Bearer sk-hush");
    script.requests.lock().unwrap().push(request);
    let turn = script.turns.lock().unwrap().pop_front();
    turn.unwrap_or_else(|| Turn::status(400, "the script has no more turns"))
        .into_response()
}
