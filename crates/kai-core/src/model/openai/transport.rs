//! One request to a model's service: what it may take, and an answer that always ends.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::{Stream, stream};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Body, Response};
use serde_json::{Value, json};
use tower::Service;

use super::retry::asked_pause;
use super::{ModelLimits, refusal};

/// How many bytes of an error's body are read.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// How many bytes a turn has at most. What is read waits in memory until the agent has heard it.
const MAX_TURN_BYTES: usize = 32 << 20;

/// The field of the chunk that is added to a stream which ended without being said to be over.
pub(super) const ENDED: &str = "kai_stream_ended";

/// The field of the chunk that is added to a stream which broke: why it did. The client library would
/// only say that it did.
pub(super) const BROKEN: &str = "kai_stream_broken";

/// A service answered with an error status.
#[derive(Debug, thiserror::Error)]
#[error("the service answered {status}")]
pub(super) struct StatusError {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: String,
}

/// Sends requests, once each.
#[derive(Clone)]
pub(super) struct Transport {
    client: reqwest::Client,
    /// Who asks; no header at all where there is no key.
    bearer: HeaderMap,
    limits: ModelLimits,
}

impl Transport {
    pub(super) fn new(client: reqwest::Client, bearer: HeaderMap, limits: ModelLimits) -> Self {
        Self {
            client,
            bearer,
            limits,
        }
    }

    async fn send(self, request: HttpRequestFactory) -> Result<Response, OpenAIError> {
        let Self {
            client,
            bearer,
            limits,
        } = self;
        let mut request = request.build().await?;
        request.headers_mut().remove(AUTHORIZATION);
        request.headers_mut().extend(bearer);
        let answer = tokio::time::timeout(limits.first_byte, client.execute(request)).await;
        let response = answer
            .map_err(|_| failed(format!("it did not answer within {:?}", limits.first_byte)))??;
        let status = response.status();
        if !status.is_success() {
            let retry_after = asked(response.headers());
            let bytes = collect(response, limits.silence, MAX_ERROR_BYTES).await;
            let body = String::from_utf8_lossy(&bytes).into_owned();
            return Err(OpenAIError::Boxed(Box::new(StatusError {
                status: status.as_u16(),
                retry_after,
                body,
            })));
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let body = if is_json {
            // A service that does not stream answers with one object, or with an error as one.
            let bytes = collect(response, limits.silence, MAX_TURN_BYTES).await;
            let json: Value = serde_json::from_slice(&bytes)
                .map_err(|error| failed(format!("its answer is no JSON: {error}")))?;
            let json = json.get(0).unwrap_or(&json);
            Body::from(format!("data: {json}\n\ndata: [DONE]\n\n"))
        } else {
            Body::wrap_stream(ending(response, limits.silence))
        };
        Ok(http::Response::new(body).into())
    }
}

impl Service<HttpRequestFactory> for Transport {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

fn failed(reason: String) -> OpenAIError {
    OpenAIError::Boxed(reason.into())
}

/// How long the service asks to be left alone.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let milliseconds = header("retry-after-ms").and_then(|text| text.trim().parse().ok());
    milliseconds.map(Duration::from_millis).or_else(|| {
        let now = SystemTime::now();
        header("retry-after").and_then(|text| asked_pause(text, now))
    })
}

/// The first bytes of a body: so many, or those that came before it broke.
async fn collect(mut response: Response, silence: Duration, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(silence, response.chunk()).await {
        let left = most - bytes.len();
        bytes.extend(chunk.iter().take(left));
        if bytes.len() == most {
            break;
        }
    }
    bytes
}

/// The body of a stream, which ends when it falls silent or grows too large. How it ended is added as a
/// chunk, unless it was said to be over; so its last event is whole even when no blank line follows it.
fn ending(
    response: Response,
    silence: Duration,
) -> impl Stream<Item = Result<Vec<u8>, Infallible>> + Send + 'static {
    let state = Some((response, MAX_TURN_BYTES));
    stream::unfold(state, move |state| async move {
        let (mut response, left) = state?;
        let end = match tokio::time::timeout(silence, response.chunk()).await {
            Ok(Ok(Some(chunk))) => match left.checked_sub(chunk.len()) {
                Some(left) => return Some((Ok(chunk.to_vec()), Some((response, left)))),
                None => json!({BROKEN: format!("it sent more than {MAX_TURN_BYTES} bytes")}),
            },
            Ok(Ok(None)) => json!({ENDED: true}),
            Ok(Err(error)) => json!({BROKEN: refusal::describe(&error.without_url())}),
            Err(_) => json!({BROKEN: format!("nothing came for {silence:?}")}),
        };
        Some((Ok(format!("\n\ndata: {end}\n\n").into_bytes()), None))
    })
}
