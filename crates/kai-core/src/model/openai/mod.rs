//! Models behind an OpenAI-compatible chat completions address, whichever family serves it.
//!
//! Requests and chunks are JSON values rather than the client library's types: families differ in
//! what they leave out, and a chunk that lacks a field must not end a turn.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::stream::StreamResponse;
use async_trait::async_trait;
use futures::{StreamExt, stream};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{ChatModel, ChatRequest, ModelError, TurnPiece, TurnStream};
use crate::config::Secret;
use crate::http;

mod calls;
mod chunks;
mod family;
mod refusal;
mod request;
mod retry;
mod transport;

use chunks::TurnReader;
pub use family::Family;
use refusal::{Failure, Service};
use request::LeftOut;
use retry::Tries;
use transport::{StatusError, Transport};

/// A key, and the setting it came from.
pub struct Key {
    /// The key itself.
    pub secret: Secret,
    /// The setting's name, for messages.
    pub setting: &'static str,
}

/// How long a model's service may take, and how often it is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelLimits {
    /// How long it may take to begin its answer.
    pub first_byte: Duration,
    /// How long it may be silent within an answer.
    pub silence: Duration,
    /// How often one turn is asked for again.
    pub max_retries: u32,
    /// How long one turn waits, in all, before it is asked for again.
    pub max_wait: Duration,
    /// How many tokens the model reads at most, where that is known.
    pub context_tokens: Option<usize>,
}

impl Default for ModelLimits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_mins(2),
            silence: Duration::from_mins(2),
            max_retries: 4,
            max_wait: Duration::from_mins(1),
            context_tokens: None,
        }
    }
}

/// A model of an OpenAI-compatible service.
pub struct OpenAiModel {
    endpoint: Arc<Endpoint>,
}

/// Where and how the model is asked.
struct Endpoint {
    family: Family,
    model: String,
    service: Service,
    limits: ModelLimits,
    client: Client<OpenAIConfig>,
    left_out: LeftOut,
}

impl OpenAiModel {
    /// The model `model` of `family`, served at `base_url`. Nothing is asked yet.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(
        family: Family,
        model: &str,
        base_url: &str,
        key: Option<&Key>,
        limits: ModelLimits,
    ) -> Result<Self, ModelError> {
        let service = Service::new(format!("{}/{model}", family.name()), key);
        // What the client library would take from the environment is not meant for this service, and
        // a key that cannot stand in a header would end the process: the transport shows the key.
        let config = OpenAIConfig::new()
            .with_api_base(base_url.trim_end_matches('/'))
            .with_api_key("")
            .with_org_id("")
            .with_project_id("");
        let bearer = key.map_or_else(HeaderMap::new, |key| http::bearer(&key.secret));
        let client = http::client_builder()
            .build()
            .map_err(|error| service.unavailable(refusal::describe(&error)).error)?;
        let transport = Transport::new(client.clone(), bearer, limits);
        Ok(Self {
            endpoint: Arc::new(Endpoint {
                family,
                model: model.to_owned(),
                service,
                limits,
                client: Client::build(client, config).with_http_service(transport),
                left_out: LeftOut::default(),
            }),
        })
    }
}

#[async_trait]
impl ChatModel for OpenAiModel {
    fn name(&self) -> &str {
        self.endpoint.service.name()
    }

    async fn next_turn(&self, request: ChatRequest<'_>) -> Result<TurnStream, ModelError> {
        let endpoint = Arc::clone(&self.endpoint);
        let body = request::body(endpoint.family, &endpoint.model, request);
        let turns = request.messages.len();
        let mut turn = Turn {
            tries: Tries::new(endpoint.limits),
            reader: TurnReader::new(turns),
            pieces: VecDeque::new(),
            has_told: false,
            is_over: false,
            chunks: Box::pin(stream::empty()),
            turns,
            endpoint,
            body,
        };
        turn.open().await?;
        let turn = stream::unfold(turn, async |mut turn| Some((turn.next().await?, turn)));
        Ok(turn.boxed())
    }

    fn context_tokens(&self) -> Option<usize> {
        self.endpoint.limits.context_tokens
    }
}

/// A turn that is under way.
struct Turn {
    endpoint: Arc<Endpoint>,
    body: Value,
    turns: usize,
    tries: Tries,
    chunks: StreamResponse<Value>,
    reader: TurnReader,
    /// What was read and not yet passed on.
    pieces: VecDeque<TurnPiece>,
    /// Whether something was passed on since the turn began, or began again.
    has_told: bool,
    is_over: bool,
}

impl Turn {
    /// The next piece. A turn that breaks begins again, as often as it may.
    async fn next(&mut self) -> Option<Result<TurnPiece, ModelError>> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                self.has_told = true;
                return Some(Ok(piece));
            }
            if self.is_over {
                return None;
            }
            if let Err(failure) = self.read().await
                && let Err(error) = self.begin_again(failure).await
            {
                self.is_over = true;
                return Some(Err(error));
            }
        }
    }

    /// Reads a chunk, or the end.
    async fn read(&mut self) -> Result<(), Failure> {
        let service = &self.endpoint.service;
        match self.chunks.next().await {
            Some(Ok(chunk)) => self.reader.read(&chunk, &mut self.pieces, service),
            Some(Err(error)) => Err(service.broken(&error)),
            None => {
                self.reader.finish(&mut self.pieces, service)?;
                self.is_over = true;
                Ok(())
            }
        }
    }

    async fn begin_again(&mut self, failure: Failure) -> Result<(), ModelError> {
        self.tries.pause_after(failure).await?;
        self.open().await?;
        self.pieces.clear();
        self.reader = TurnReader::new(self.turns);
        if std::mem::take(&mut self.has_told) {
            self.pieces.push_back(TurnPiece::Restart);
        }
        Ok(())
    }

    /// Asks until there is an answer, as often as it may.
    async fn open(&mut self) -> Result<(), ModelError> {
        loop {
            let endpoint = &self.endpoint;
            endpoint.left_out.apply(&mut self.body);
            let failure = match endpoint.ask(&self.body).await {
                Ok(chunks) => {
                    self.chunks = chunks;
                    return Ok(());
                }
                Err(failure) => failure,
            };
            // A service that does not know a field which it does not need gets on without it.
            if endpoint.left_out.learn(&failure.error, &self.body) {
                continue;
            }
            self.tries.pause_after(failure).await?;
        }
    }
}

impl Endpoint {
    async fn ask(&self, body: &Value) -> Result<StreamResponse<Value>, Failure> {
        let chat = self.client.chat();
        let asked = chat.create_stream_byot::<&Value, Value>(body).await;
        asked.map_err(|error| match error {
            OpenAIError::Boxed(error) => match error.downcast::<StatusError>() {
                Ok(status) => self.service.refusal(&status),
                Err(error) => self.service.unavailable(error.to_string()),
            },
            // The address that is part of reqwest's text is a setting and no secret, but long.
            OpenAIError::Reqwest(error) => self
                .service
                .unavailable(refusal::describe(&error.without_url())),
            other => self.service.unavailable(other.to_string()),
        })
    }
}
