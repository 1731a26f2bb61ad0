//! The codec server: what Temporal's command line and web page ask to read encrypted payloads.

use std::io;
use std::net::IpAddr;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use clap::Args;
use kai_core::config::{Secret, values};
use kai_temporal::codec::endpoint::Payloads;
use kai_temporal::codec::{CodecError, Keyring};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The longest request: Temporal's own limit for one payload is 2 MB, and base64 adds a third.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The header in which Temporal's programs name the namespace.
const NAMESPACE_HEADER: HeaderName = HeaderName::from_static("x-namespace");

/// How the codec server is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Codec server")]
pub struct CodecSettings {
    /// The address on which `kai-worker codec` listens; other than loopback only with a token
    #[arg(long, env = "CODEC_HOST", value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = values::not_blank)]
    pub codec_host: String,

    /// The port on which `kai-worker codec` listens
    #[arg(long, env = "CODEC_PORT", value_name = "PORT", default_value = "8093", value_parser = values::port)]
    pub codec_port: u16,

    /// The token that the codec server asks for, as `Authorization: Bearer TOKEN`
    #[arg(long, env = "CODEC_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = values::token)]
    pub codec_token: Option<Secret>,

    /// The origins of web pages that may ask the codec server, separated by commas
    #[arg(long, env = "CODEC_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub codec_cors_origins: Vec<String>,
}

/// An origin, as a browser names it.
fn origin(text: &str) -> Result<String, String> {
    let is_origin = reqwest::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    });
    if is_origin {
        Ok(text.to_owned())
    } else {
        Err("use http://HOST:PORT or https://HOST, without a slash at its end".to_owned())
    }
}

/// Why the codec server does not start.
#[derive(Debug, thiserror::Error)]
pub enum CodecServerError {
    /// Whoever reached it could read everything.
    #[error("CODEC_TOKEN must be set when CODEC_HOST ({0}) is not a loopback address")]
    Open(String),
}

/// A codec server that is ready to listen.
#[derive(Debug, Clone)]
pub struct CodecServer {
    keys: Keyring,
    token: Option<Secret>,
    origins: Vec<String>,
}

impl CodecServer {
    /// A server with these keys.
    pub fn new(keys: Keyring, settings: &CodecSettings) -> Result<Self, CodecServerError> {
        let host = &settings.codec_host;
        let is_loopback = host == "localhost"
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if !is_loopback && settings.codec_token.is_none() {
            return Err(CodecServerError::Open(host.clone()));
        }
        Ok(Self {
            keys,
            token: settings.codec_token.clone(),
            origins: settings.codec_cors_origins.clone(),
        })
    }

    /// Serves until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let origins = self
            .origins
            .iter()
            .filter_map(|origin| HeaderValue::try_from(origin).ok());
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::AUTHORIZATION,
                NAMESPACE_HEADER,
            ]);
        let routes = Router::new()
            .route("/encode", post(encode))
            .route("/decode", post(decode))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(cors)
            .with_state(self);
        axum::serve(listener, routes)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
    }

    /// Checks the token and the body, and changes the payloads.
    fn answer(
        &self,
        headers: &HeaderMap,
        body: Result<Json<Payloads>, JsonRejection>,
        change: impl Fn(Payloads, &Keyring) -> Result<Payloads, CodecError>,
    ) -> Response {
        if !self.lets_in(headers) {
            return refusal(
                StatusCode::UNAUTHORIZED,
                "show CODEC_TOKEN as a bearer token",
            );
        }
        let payloads = match body {
            Ok(Json(payloads)) => payloads,
            Err(rejection) => return refusal(rejection.status(), &rejection.body_text()),
        };
        match change(payloads, &self.keys) {
            Ok(payloads) => Json(payloads).into_response(),
            Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
            .is_some_and(|shown| shown.ct_eq(token.expose().as_bytes()).into())
    }
}

async fn encode(
    State(server): State<CodecServer>,
    headers: HeaderMap,
    body: Result<Json<Payloads>, JsonRejection>,
) -> Response {
    server.answer(&headers, body, Payloads::encode)
}

async fn decode(
    State(server): State<CodecServer>,
    headers: HeaderMap,
    body: Result<Json<Payloads>, JsonRejection>,
) -> Response {
    server.answer(&headers, body, Payloads::decode)
}

fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({"error": reason}))).into_response()
}
