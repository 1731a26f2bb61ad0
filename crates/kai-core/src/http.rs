//! The one place where HTTP clients are made.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use crate::config::Secret;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client with this process's TLS provider and no redirects: a callback or a model's service that
/// moves must be told to us, not found by following it.
pub fn client_builder() -> reqwest::ClientBuilder {
    // Installing it a second time is refused and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("kai/", env!("CARGO_PKG_VERSION")))
}

/// The header that shows a token to whom a client asks, marked so that no log shows it.
///
/// A token that cannot stand in a header makes none; `config::values::token` lets no such one in.
pub fn bearer(token: &Secret) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose())) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    headers
}
