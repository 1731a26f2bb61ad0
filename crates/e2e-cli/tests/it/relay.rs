//! A relay before a real receiver, which spoils the streams that pass through it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use futures::stream;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// What becomes of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: it passes as it is.
    Nothing,
    /// Its second event does not arrive.
    Loses,
    /// Its second event arrives twice.
    Repeats,
    /// Its events arrive without their numbers.
    TakesNumbers,
}

impl Fault {
    /// What passes of a frame; `place` counts the events of the stream from 1.
    fn applied(self, frame: &str, place: usize) -> String {
        match self {
            Self::Loses if place == 2 => String::new(),
            Self::Repeats if place == 2 => frame.repeat(2),
            Self::TakesNumbers => frame
                .split_inclusive('\n')
                .filter(|line| !line.starts_with("id:"))
                .collect(),
            _ => frame.to_owned(),
        }
    }
}

/// The relay; dropping it ends it.
pub(crate) struct Relay {
    pub(crate) url: String,
    _task: AbortOnDropHandle<()>,
}

struct Wires {
    client: reqwest::Client,
    receiver: String,
    faults: Vec<Fault>,
    streams: AtomicUsize,
}

impl Relay {
    /// A relay whose streams have these faults, in the order in which they are opened; those behind
    /// the last one have none.
    pub(crate) async fn before(receiver: &str, faults: &[Fault]) -> Self {
        let wires = Arc::new(Wires {
            client: kai_core::http::client_builder().build().unwrap(),
            receiver: receiver.to_owned(),
            faults: faults.to_vec(),
            streams: AtomicUsize::new(0),
        });
        let app = Router::new().fallback(pass).with_state(wires);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            _task: AbortOnDropHandle::new(task),
        }
    }
}

async fn pass(
    State(wires): State<Arc<Wires>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let url = format!("{}{uri}", wires.receiver);
    let mut request = wires.client.request(method, url).body(body);
    for name in ["content-type", "last-event-id"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    if let Some(kind) = answer.headers().get(header::CONTENT_TYPE) {
        response = response.header(header::CONTENT_TYPE, kind);
    }
    let body = if uri.path().starts_with("/stream/") {
        let number = wires.streams.fetch_add(1, Ordering::SeqCst);
        let fault = wires.faults.get(number).copied();
        spoilt(answer, fault.unwrap_or(Fault::Nothing))
    } else {
        Body::from(answer.bytes().await.unwrap())
    };
    response.body(body).unwrap()
}

/// The stream, frame by frame.
fn spoilt(answer: reqwest::Response, fault: Fault) -> Body {
    let frames = stream::unfold(
        (answer, String::new(), 0),
        move |(mut answer, mut rest, mut events)| async move {
            loop {
                if let Some(end) = rest.find("\n\n") {
                    let frame: String = rest.drain(..end + 2).collect();
                    events += usize::from(frame.contains("event:"));
                    let passing = fault.applied(&frame, events);
                    return Some((Ok::<_, reqwest::Error>(passing), (answer, rest, events)));
                }
                // The receiver cuts no character: it writes whole frames.
                let piece = answer.chunk().await.ok()??;
                rest.push_str(std::str::from_utf8(&piece).unwrap());
            }
        },
    );
    Body::from_stream(frames)
}
