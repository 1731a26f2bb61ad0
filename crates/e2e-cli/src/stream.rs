//! Reads a session's stream from the receiver, and picks it up again where it broke.

use std::collections::VecDeque;
use std::time::Duration;

use kai_core::cause::innermost;
use kai_core::config::Secret;
use kai_core::event_stream::{Event, Reader};
use kai_core::http;
use reqwest::header::ACCEPT;
use reqwest::{Client, Response, StatusCode};

/// How long the receiver may take to answer a subscription with headers.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// After so many failures in a row the stream is given up.
const MAX_FAILURES: u32 = 10;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Why a stream cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// Nothing answers there.
    #[error(
        "cannot reach the receiver at {url}: {reason}; start it with `kai-sse-callback`, or set \
         --callback-host"
    )]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// What happened.
        reason: String,
    },
    /// It answers, but with no stream.
    #[error("the receiver refused {url} with status {status}")]
    Refused {
        /// What was asked for.
        url: String,
        /// The answer.
        status: StatusCode,
    },
    /// It ended, again and again, before the run was over.
    #[error("the stream {url} ended {MAX_FAILURES} times in a row without an event")]
    Lost {
        /// The stream.
        url: String,
    },
}

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvent {
    /// The value of `event:`.
    pub kind: String,
    /// The value of `data:`.
    pub data: String,
    /// The value of `id:`, or of the last one before; empty when there was none.
    pub id: String,
}

impl StreamEvent {
    /// Whether nothing follows it.
    pub fn is_last(&self) -> bool {
        matches!(self.kind.as_str(), "done" | "timeout")
    }

    /// Whether the run said it, rather than the receiver about the stream.
    pub fn is_of_the_run(&self) -> bool {
        !matches!(self.kind.as_str(), "timeout" | "gap")
    }
}

/// The events of one answer of the receiver.
struct Frames {
    response: Response,
    reader: Reader,
    /// What has been read and not been asked for yet.
    ready: VecDeque<Event>,
}

impl Frames {
    fn new(response: Response) -> Self {
        Self {
            response,
            reader: Reader::new(),
            ready: VecDeque::new(),
        }
    }

    /// The next event, or `None` when the stream broke or ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let piece = self.response.chunk().await.ok().flatten()?;
            let mut events = Vec::new();
            self.reader.feed(&piece, &mut events);
            self.ready.extend(events);
        }
    }
}

/// A subscription to one session.
pub struct Subscription {
    source: Source,
    /// The stream while it is whole.
    frames: Option<Frames>,
    /// How often in a row the stream broke without an event.
    failures: u32,
}

/// Where the stream comes from, and how far it has been read.
struct Source {
    client: Client,
    url: String,
    /// Where to resume: the id of the last event.
    last_id: Option<String>,
}

impl Subscription {
    /// Subscribes. When this returns, the receiver has answered, and no event can be missed. What
    /// comes is what stands behind the event with the id `last_id`, if there is one.
    pub async fn open(
        client: Client,
        url: String,
        last_id: Option<String>,
    ) -> Result<Self, StreamError> {
        let source = Source {
            client,
            url,
            last_id,
        };
        let frames = source.connect().await?;
        Ok(Self {
            source,
            frames,
            failures: 0,
        })
    }

    /// The next event, or `None` when the receiver says that there will be none.
    pub async fn next(&mut self) -> Result<Option<StreamEvent>, StreamError> {
        loop {
            if let Some(frames) = &mut self.frames {
                if let Some(event) = frames.next().await {
                    self.failures = 0;
                    if !event.last_event_id.is_empty() {
                        self.source.last_id = Some(event.last_event_id.clone());
                    }
                    return Ok(Some(StreamEvent {
                        kind: event.kind,
                        data: event.data,
                        id: event.last_event_id,
                    }));
                }
                self.frames = None;
            }
            self.pause().await?;
            match self.source.connect().await {
                Ok(Some(frames)) => self.frames = Some(frames),
                Ok(None) => return Ok(None),
                // It may come back: the next turn waits longer, and in the end gives up.
                Err(_) if self.failures < MAX_FAILURES => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn pause(&mut self) -> Result<(), StreamError> {
        if self.failures >= MAX_FAILURES {
            return Err(StreamError::Lost {
                url: self.source.url.clone(),
            });
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures);
        self.failures += 1;
        tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        Ok(())
    }
}

impl Source {
    /// The stream from where it broke; `None` when the receiver has nothing more to tell.
    async fn connect(&self) -> Result<Option<Frames>, StreamError> {
        let mut request = self
            .client
            .get(&self.url)
            .header(ACCEPT, "text/event-stream");
        if let Some(id) = &self.last_id {
            request = request.header("Last-Event-ID", id);
        }
        let unreachable = |reason: String| StreamError::Unreachable {
            url: self.url.clone(),
            reason,
        };
        let response = tokio::time::timeout(ANSWER_TIMEOUT, request.send())
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())))?
            .map_err(|error| unreachable(innermost(&error)))?;
        match response.status() {
            StatusCode::OK => Ok(Some(Frames::new(response))),
            StatusCode::NO_CONTENT => Ok(None),
            status => Err(StreamError::Refused {
                url: self.url.clone(),
                status,
            }),
        }
    }
}

/// The client for a receiver, showing it the token if there is one.
pub(crate) fn client(token: Option<&Secret>) -> reqwest::Result<Client> {
    http::client_builder()
        .default_headers(token.map(http::bearer).unwrap_or_default())
        .build()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::Router;
    use axum::extract::Path;
    use axum::http::HeaderMap;
    use axum::response::{IntoResponse, Response};
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    /// A receiver that behaves as the last part of the path says.
    async fn receiver() -> String {
        let app = Router::new().route("/stream/{behaviour}", get(stream));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/stream")
    }

    async fn stream(Path(behaviour): Path<String>, headers: HeaderMap) -> Response {
        let last_id = headers.get("last-event-id").map(|id| id.to_str().unwrap());
        match (behaviour.as_str(), last_id) {
            ("breaks", None) => {
                "retry: 10\n\n: hello\n\nid: a-1\nevent: thinking\ndata: {\"a\":1}\n\n\
                                 id: a-2\nevent: token\ndata: {}\n\nid: a-3\nevent: tok"
                    .into_response()
            }
            ("breaks", Some("a-2")) => "id: a-3\nevent: done\ndata: {}\n\n".into_response(),
            ("marked", None) => {
                "\u{feff}id: a-1\nevent: token\ndata: {\"a\":1}\n\nevent: done\ndata: {}\n\n"
                    .into_response()
            }
            ("ends", None) => "id: a-1\nevent: token\ndata: {}\n\n".into_response(),
            ("ends", Some("a-1")) => StatusCode::NO_CONTENT.into_response(),
            ("guarded", _)
                if headers
                    .get("authorization")
                    .is_some_and(|it| it == "Bearer t-1") =>
            {
                "id: a-1\nevent: done\ndata: {}\n\n".into_response()
            }
            ("guarded", _) => StatusCode::UNAUTHORIZED.into_response(),
            (_, _) => StatusCode::IM_A_TEAPOT.into_response(),
        }
    }

    async fn open(behaviour: &str) -> Result<Subscription, StreamError> {
        let url = format!("{}/{behaviour}", receiver().await);
        Subscription::open(client(None).unwrap(), url, None).await
    }

    #[tokio::test]
    async fn a_broken_stream_is_resumed_after_its_last_event() {
        let mut subscription = open("breaks").await.unwrap();
        let mut kinds = Vec::new();
        while let Some(event) = subscription.next().await.unwrap() {
            kinds.push(event.kind.clone());
            if event.is_last() {
                break;
            }
        }
        assert_eq!(kinds, ["thinking", "token", "done"]);
    }

    #[tokio::test]
    async fn a_byte_order_mark_before_the_first_event_is_skipped() {
        let mut subscription = open("marked").await.unwrap();
        let first = subscription.next().await.unwrap().unwrap();
        assert_eq!((first.kind.as_str(), first.id.as_str()), ("token", "a-1"));
        assert!(subscription.next().await.unwrap().unwrap().is_last());
    }

    #[tokio::test]
    async fn a_stream_is_taken_up_behind_an_event() {
        let url = format!("{}/breaks", receiver().await);
        let after = Some("a-2".to_owned());
        let mut subscription = Subscription::open(client(None).unwrap(), url, after)
            .await
            .unwrap();
        assert_eq!(subscription.next().await.unwrap().unwrap().kind, "done");
    }

    #[tokio::test]
    async fn no_content_is_the_end() {
        let mut subscription = open("ends").await.unwrap();
        assert_eq!(subscription.next().await.unwrap().unwrap().kind, "token");
        assert_eq!(subscription.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_token_is_shown_to_a_receiver_that_asks_for_one() {
        let refused = open("guarded").await.err().unwrap().to_string();
        assert!(refused.contains("401"), "{refused}");
        let token = Secret::from("t-1".to_owned());
        let url = format!("{}/guarded", receiver().await);
        let client = client(Some(&token)).unwrap();
        let mut subscription = Subscription::open(client, url, None).await.unwrap();
        assert_eq!(subscription.next().await.unwrap().unwrap().kind, "done");
    }

    #[tokio::test]
    async fn another_status_is_an_error_at_once() {
        let error = open("refuses").await.err().unwrap().to_string();
        assert!(error.ends_with("with status 418 I'm a teapot"), "{error}");
    }

    #[tokio::test]
    async fn an_absent_receiver_is_named() {
        let port = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let url = format!("http://127.0.0.1:{port}/stream/a");
        let error = Subscription::open(client(None).unwrap(), url.clone(), None)
            .await
            .err()
            .unwrap();
        let line = error.to_string();
        assert!(line.starts_with(&format!(
            "cannot reach the receiver at {url}: Connection refused"
        )));
    }
}
