//! A language model's service that plays prepared replies, one a request, in the wire format of chat
//! completions: byte by byte as a test wants it, or broken in any way.

#![expect(
    clippy::expect_used,
    reason = "a test whose service cannot start should say where"
)]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// One reply of the service.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    frames: Vec<Vec<u8>>,
    end: End,
}

/// How a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With `[DONE]`.
    Done,
    /// In good order, but without saying that it is over.
    Unsaid,
    /// With the connection.
    Cut,
    /// Not at all: nothing more comes.
    Hang,
}

impl Reply {
    /// A stream of these bytes, each piece in a packet of its own.
    pub fn raw<B: Into<Vec<u8>>>(frames: impl IntoIterator<Item = B>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "text/event-stream".to_owned())],
            frames: frames.into_iter().map(Into::into).collect(),
            end: End::Done,
        }
    }

    /// A stream of these chunks.
    pub fn chunks(chunks: &[Value]) -> Self {
        Self::raw(chunks.iter().map(|chunk| format!("data: {chunk}\n\n")))
    }

    /// A stream of these deltas.
    pub fn deltas(deltas: &[Value]) -> Self {
        let chunks = deltas
            .iter()
            .map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}));
        Self::chunks(&chunks.collect::<Vec<_>>())
    }

    /// A turn of text, cut like this.
    pub fn text(pieces: &[&str]) -> Self {
        let deltas = pieces.iter().map(|piece| json!({"content": piece}));
        Self::deltas(&deltas.collect::<Vec<_>>())
    }

    /// A turn of tool calls: id, name, arguments.
    pub fn calls(calls: &[(&str, &str, Value)]) -> Self {
        Self::text(&[]).and_calls(calls)
    }

    /// The same turn with tool calls at its end, each in a chunk of its own.
    #[must_use]
    pub fn and_calls(self, calls: &[(&str, &str, Value)]) -> Self {
        let deltas = calls
            .iter()
            .enumerate()
            .map(|(index, (id, name, arguments))| {
                json!({"tool_calls": [{"index": index, "id": id, "type": "function",
                   "function": {"name": name, "arguments": arguments.to_string()}}]})
            });
        let calls = Self::deltas(&deltas.collect::<Vec<_>>());
        self.and(calls)
    }

    /// The same stream, and then the other, ending like that one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.frames.extend(other.frames);
        self.end = other.end;
        self
    }

    /// An error status, in the words of OpenAI.
    pub fn status(status: u16, message: &str) -> Self {
        let error = json!({"message": message, "type": "t", "param": null, "code": null});
        Self::json(status, &json!({ "error": error }))
    }

    /// One object instead of a stream.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
            frames: vec![body.to_string().into_bytes()],
            end: End::Unsaid,
        }
    }

    /// The same reply with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same reply, ending like this.
    #[must_use]
    pub fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The same stream, cut into packets of so many bytes, wherever that falls.
    #[must_use]
    pub fn in_packets_of(mut self, bytes: usize) -> Self {
        let all = self.frames.concat();
        self.frames = all.chunks(bytes).map(<[u8]>::to_vec).collect();
        self
    }

    /// Only the first packets of the stream.
    #[must_use]
    pub fn first(mut self, packets: usize) -> Self {
        self.frames.truncate(packets);
        self
    }

    /// How many packets it has.
    pub fn packets(&self) -> usize {
        self.frames.len()
    }

    fn into_response(self) -> Response {
        let mut response =
            Response::builder().status(StatusCode::from_u16(self.status).expect("a status"));
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let mut frames: Vec<Result<Vec<u8>, std::io::Error>> =
            self.frames.into_iter().map(Ok).collect();
        match self.end {
            End::Done => frames.push(Ok(b"data: [DONE]\n\n".to_vec())),
            End::Cut => frames.push(Err(std::io::Error::other("cut"))),
            End::Unsaid | End::Hang => {}
        }
        let body = stream::iter(frames).then(async |frame| {
            // The one before is on its way before this one is looked at.
            tokio::task::yield_now().await;
            frame
        });
        let body = match self.end {
            End::Hang => Body::from_stream(body.chain(stream::pending())),
            _ => Body::from_stream(body),
        };
        response.body(body).expect("a response")
    }
}

/// A request that the service was sent.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Value,
}

type Answer = dyn Fn(&Value) -> Option<Reply> + Send + Sync;

struct Script {
    answer: Box<Answer>,
    asked: Mutex<Vec<Asked>>,
}

/// The running service. It stops when this is dropped.
pub struct PlayedModel {
    address: SocketAddr,
    script: Arc<Script>,
    _running: DropGuard,
}

impl PlayedModel {
    /// Starts a service that plays these replies. Then it answers 400.
    pub async fn start(replies: Vec<Reply>) -> Self {
        let replies = Mutex::new(VecDeque::from(replies));
        Self::answering(move |_| lock(&replies).pop_front()).await
    }

    /// Starts a service that answers each request with what this says; 400 when that is nothing.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn answering(
        answer: impl Fn(&Value) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let script = Arc::new(Script {
            answer: Box::new(answer),
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        // As real services do: a packet that waited for the acknowledgement of the one before it would
        // come 40 ms late.
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a TCP socket"));
        let routes = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&script));
        let stopped = CancellationToken::new();
        let running = stopped.clone().drop_guard();
        tokio::spawn(
            stopped.run_until_cancelled_owned(async move { axum::serve(listener, routes).await }),
        );
        Self {
            address,
            script,
            _running: running,
        }
    }

    /// The base URL, as `CHAT_BASE_URL` takes it.
    pub fn url(&self) -> String {
        format!("http://{}/v1/", self.address)
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.script.asked).clone()
    }

    /// The bodies of the requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.asked().into_iter().map(|asked| asked.body).collect()
    }
}

async fn complete(State(script): State<Arc<Script>>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(
        headers
            .get(header::CONTENT_TYPE)
            .map(axum::http::HeaderValue::as_bytes),
        Some(b"application/json".as_slice())
    );
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let reply = (script.answer)(&body);
    lock(&script.asked).push(Asked { headers, body });
    reply
        .unwrap_or_else(|| Reply::status(400, "the script has no more turns"))
        .into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
