//! The HTTP client that takes spans to the collector, and says when that does not work.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kai_core::http;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// A client that works from the exporter's own thread, which is not one of tokio's.
pub(super) struct Collector {
    client: reqwest::Client,
    runtime: Handle,
    is_away: AtomicBool,
}

impl Collector {
    /// A client on the current runtime.
    pub(super) fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: http::client_builder().timeout(timeout).build()?,
            runtime: Handle::current(),
            is_away: AtomicBool::new(false),
        })
    }

    /// One line for an outage, however long it is.
    fn note(&self, failure: Option<&str>) {
        let was_away = self.is_away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(reason) if !was_away => {
                tracing::warn!(reason, "the collector takes no traces; they are dropped");
            }
            None if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

/// Says nothing of the address or the headers.
impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request: reqwest::Request = request.try_into()?;
        let client = self.client.clone();
        let exchange = self.runtime.spawn(async move {
            let answer = client.execute(request).await?.error_for_status()?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        match exchange.await? {
            Ok((status, body)) => {
                self.note(None);
                Ok(Response::builder().status(status).body(body)?)
            }
            Err(error) => {
                let error = error.without_url();
                self.note(Some(&error.to_string()));
                Err(error.into())
            }
        }
    }
}
