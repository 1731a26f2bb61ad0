//! The control plane's three calls over HTTP.

use std::time::Duration;

use kai_core::cause::innermost;
use kai_core::config::Secret;
use kai_core::http;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{ControlPlaneSettings, ControlPlaneUrl, Introduction};

/// The header that shows the organisation's key.
const KEY_HEADER: &str = "X-Org-Api-Key";

/// What follows the prefix in every path.
const PATH: [&str; 3] = ["v4", "kai", "worker"];

/// How long registering may take; the original's number.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long every other call may take; the original's number.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 * 1024;

/// Why the control plane did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlPlaneError {
    /// It does not answer, or has trouble of its own: it may later.
    #[error("the control plane at {url} is away: {reason}")]
    Away {
        /// Where it was looked for.
        url: String,
        /// What happened.
        reason: String,
    },
    /// It does not want this worker.
    #[error(
        "the control plane at {url} refuses this worker (HTTP {status}); check ORG_ID, KAI_API_KEY, \
         CONTROL_PLANE_URL and CONTROL_PLANE_API_PREFIX"
    )]
    Refused {
        /// Where it is.
        url: String,
        /// What it answered.
        status: u16,
    },
    /// It does not know the worker's id, or no longer.
    #[error("the control plane does not know this worker")]
    Forgotten,
    /// This machine cannot make HTTP requests, or the key cannot stand in a header.
    #[error("cannot make HTTP requests: {0}")]
    Http(String),
}

/// The control plane, as a worker of one organisation calls it.
#[derive(Debug, Clone)]
pub(super) struct ControlPlane {
    http: reqwest::Client,
    url: ControlPlaneUrl,
    prefix: String,
}

/// The id under which the control plane knows a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkerId(pub(super) String);

impl ControlPlane {
    /// A client that shows the key with every call.
    pub(super) fn new(
        settings: &ControlPlaneSettings,
        key: &Secret,
    ) -> Result<Self, ControlPlaneError> {
        let unusable = |error: &dyn std::error::Error| ControlPlaneError::Http(error.to_string());
        let mut value = HeaderValue::try_from(key.expose()).map_err(|error| unusable(&error))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(KEY_HEADER, value);
        let http = http::client_builder()
            .default_headers(headers)
            .build()
            .map_err(|error| unusable(&error))?;
        Ok(Self {
            http,
            url: settings.control_plane_url.clone(),
            prefix: settings.control_plane_api_prefix.clone(),
        })
    }

    /// Introduces the worker, and gets the id that it is known by from now on.
    pub(super) async fn register(
        &self,
        introduction: &Introduction,
    ) -> Result<WorkerId, ControlPlaneError> {
        let request = self
            .post(&["register"])
            .timeout(REGISTER_TIMEOUT)
            .json(&json!({
                "task_queue": introduction.task_queue,
                "hostname": introduction.hostname,
                "worker_identity": introduction.identity,
                "metadata": {"temporal_host": introduction.temporal_host},
            }));
        let answer = self.send(request).await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(self.refusal(status));
        }
        let answer: Value = serde_json::from_slice(&self.read(answer).await?)
            .map_err(|_| self.away("its answer to the registration is not JSON"))?;
        match answer.get("worker_id") {
            Some(Value::String(id)) if !id.is_empty() => Ok(WorkerId(id.clone())),
            Some(Value::Number(id)) => Ok(WorkerId(id.to_string())),
            _ => Err(self.away("its answer to the registration has no worker_id")),
        }
    }

    /// Says that the worker lives, and how many sessions it has.
    pub(super) async fn heartbeat(
        &self,
        id: &WorkerId,
        active_sessions: usize,
    ) -> Result<(), ControlPlaneError> {
        let request = self.post(&[&id.0, "heartbeat"]);
        let body = json!({"active_sessions": active_sessions});
        self.tell(request.timeout(CALL_TIMEOUT).json(&body)).await
    }

    /// Says that the worker leaves.
    pub(super) async fn disconnect(&self, id: &WorkerId) -> Result<(), ControlPlaneError> {
        let request = self.post(&[&id.0, "disconnect"]);
        self.tell(request.timeout(CALL_TIMEOUT)).await
    }

    fn post(&self, segments: &[&str]) -> RequestBuilder {
        let prefix = self.prefix.split('/').filter(|part| !part.is_empty());
        let path = prefix.chain(PATH).chain(segments.iter().copied());
        self.http.post(self.url.below(path))
    }

    /// A call about a worker that was registered; its answer has nothing to read.
    async fn tell(&self, request: RequestBuilder) -> Result<(), ControlPlaneError> {
        match self.send(request).await?.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(ControlPlaneError::Forgotten),
            status => Err(self.refusal(status)),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ControlPlaneError> {
        request.send().await.map_err(|error| self.lost(error))
    }

    async fn read(&self, mut answer: Response) -> Result<Vec<u8>, ControlPlaneError> {
        let mut read = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.lost(error))? {
            if read.len() + chunk.len() > MAX_ANSWER {
                return Err(self.away("its answer to the registration is too long"));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(read)
    }

    fn lost(&self, error: reqwest::Error) -> ControlPlaneError {
        if error.is_timeout() {
            return self.away("no answer in time");
        }
        self.away(innermost(&error.without_url()))
    }

    fn away(&self, reason: impl Into<String>) -> ControlPlaneError {
        ControlPlaneError::Away {
            url: self.url.to_string(),
            reason: reason.into(),
        }
    }

    /// What a status means that is not success: trouble that passes, or a refusal.
    fn refusal(&self, status: StatusCode) -> ControlPlaneError {
        let passes = status.is_server_error()
            || matches!(
                status,
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
            );
        if passes {
            self.away(format!("HTTP {}", status.as_u16()))
        } else {
            ControlPlaneError::Refused {
                url: self.url.to_string(),
                status: status.as_u16(),
            }
        }
    }
}
