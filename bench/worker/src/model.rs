//! The scripted language model: first a query, then an answer of as many pieces as the prompt asks for.
//!
//! It keeps nothing between requests. What it is to do stands in the prompt, as `pieces=N pause_ms=N`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use memchr::memmem;
use serde_json::{Value, json};

use crate::error::BenchError;
use crate::served::{Served, serve};

const QUERY: &str = "SELECT name, city FROM customer ORDER BY name";

/// The events of a run before the first piece of the answer: the tool's start, its end, its rows.
const EVENTS_OF_THE_QUERY: u32 = 3;

/// What the model is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Script {
    /// How many pieces the answer has; each becomes one event.
    pub(crate) pieces: u32,
    /// How long the model thinks before each piece. Without a pause all are sent at once.
    pub(crate) pause: Duration,
}

impl Script {
    /// A run of so many events, not counting `done`, all sent at once.
    pub(crate) fn of_events(events: u32) -> Self {
        Self {
            pieces: events.saturating_sub(EVENTS_OF_THE_QUERY).max(1),
            pause: Duration::ZERO,
        }
    }

    /// The same, at the pace of a model.
    pub(crate) fn paced(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// How many events a receiver gets, `done` included.
    pub(crate) fn events(self) -> u64 {
        u64::from(self.pieces + EVENTS_OF_THE_QUERY) + 1
    }

    /// The prompt that asks for it.
    pub(crate) fn prompt(self) -> String {
        format!(
            "List the customers. pieces={} pause_ms={}.",
            self.pieces,
            self.pause.as_millis()
        )
    }

    fn read(request: &[u8]) -> Self {
        let pieces = number_after(request, b"pieces=").unwrap_or(1);
        let pause = number_after(request, b"pause_ms=").unwrap_or(0);
        Self {
            pieces: u32::try_from(pieces).unwrap_or(u32::MAX),
            pause: Duration::from_millis(pause),
        }
    }
}

/// Serves the model on a free port.
pub(crate) async fn start() -> Result<Served, BenchError> {
    serve(Router::new().route("/v1/chat/completions", post(complete))).await
}

/// The address that workers are given.
pub(crate) fn base_url(address: SocketAddr) -> String {
    format!("http://{address}/v1")
}

async fn complete(request: Bytes) -> Response {
    // The only message that has this is the answer to the query.
    let queried = memmem::find(&request, b"\"tool_call_id\"").is_some();
    let script = Script::read(&request);
    let chunks = if queried {
        answer(script.pieces)
    } else {
        vec![query()]
    };
    let body = if queried && !script.pause.is_zero() {
        let paced = stream::iter(chunks).then(move |chunk| async move {
            tokio::time::sleep(script.pause).await;
            Ok::<_, Infallible>(chunk)
        });
        Body::from_stream(paced)
    } else {
        Body::from(chunks.concat())
    };
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

fn query() -> String {
    let arguments = json!({ "query": QUERY }).to_string();
    let call = json!({"index": 0, "id": "call_1", "type": "function",
                      "function": {"name": "sql_query", "arguments": arguments}});
    chunk(&json!({ "tool_calls": [call] }), Some("tool_calls")) + END
}

/// The chunks of the answer; the last one ends the stream, too.
fn answer(pieces: u32) -> Vec<String> {
    let piece = |number: u32| {
        let open = if number == 1 { "<answer>" } else { "" };
        let (close, reason, end) = if number == pieces {
            ("</answer>", Some("stop"), END)
        } else {
            ("", None, "")
        };
        let content = format!("{open}pelanggan_{number} {close}");
        chunk(&json!({ "content": content }), reason) + end
    };
    (1..=pieces).map(piece).collect()
}

const END: &str = "data: [DONE]\n\n";

fn chunk(delta: &Value, reason: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    });
    format!("data: {chunk}\n\n")
}

fn number_after(text: &[u8], name: &[u8]) -> Option<u64> {
    let at = memmem::find(text, name)? + name.len();
    let digits = text
        .get(at..)?
        .split(|byte| !byte.is_ascii_digit())
        .next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_says_what_the_model_reads() {
        let script = Script::of_events(200).paced(Duration::from_millis(25));
        assert_eq!(Script::read(script.prompt().as_bytes()), script);
        assert_eq!(script.events(), 201);
    }

    #[test]
    fn an_answer_has_its_tags_and_its_end_once() {
        for pieces in [1, 2, 197] {
            let chunks = answer(pieces);
            assert_eq!(chunks.len(), pieces as usize);
            let text = chunks.concat();
            for once in ["<answer>", "</answer>", END] {
                assert_eq!(text.matches(once).count(), 1);
            }
            assert!(text.ends_with(END));
        }
    }
}
