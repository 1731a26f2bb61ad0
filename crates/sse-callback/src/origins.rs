//! The web origins whose pages may use the receiver, as a setting names them.

use std::str::FromStr;

use axum::http::{HeaderName, HeaderValue, Method, header};
use thiserror::Error;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember what a preflight request was told.
const PREFLIGHT_SECONDS: u64 = 600;

/// Origins that are let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// All.
    Any,
    /// These.
    These(Vec<HeaderValue>),
}

/// Something in the list is no origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not an origin; write scheme://host or scheme://host:port as a browser does, without a path, several of them with commas between, or * for all"
)]
pub struct InvalidOrigin(String);

impl FromStr for Origins {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        text.split(',')
            .map(|origin| parse(origin.trim()))
            .collect::<Result<_, _>>()
            .map(Self::These)
    }
}

/// Browsers compare and send origins in small letters.
fn parse(text: &str) -> Result<HeaderValue, InvalidOrigin> {
    let invalid = || InvalidOrigin(text.to_owned());
    let (scheme, host) = text.split_once("://").ok_or_else(invalid)?;
    let scheme_is_sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let host_is_sound = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c));
    if !scheme_is_sound || !host_is_sound {
        return Err(invalid());
    }
    HeaderValue::try_from(text.to_ascii_lowercase()).map_err(|_| invalid())
}

impl Origins {
    /// Whether this origin, as a browser sends it, is let in.
    pub fn allow(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::Any => true,
            Self::These(origins) => origins.contains(origin),
        }
    }

    /// What tells browsers so, and answers their preflight requests.
    pub fn layer(&self) -> CorsLayer {
        let origins = match self {
            Self::Any => AllowOrigin::any(),
            Self::These(origins) => AllowOrigin::list(origins.iter().cloned()),
        };
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::CACHE_CONTROL,
                HeaderName::from_static("last-event-id"),
            ])
            .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE])
            .max_age(std::time::Duration::from_secs(PREFLIGHT_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_list_of_origins_is_read() {
        assert_eq!("*".parse(), Ok(Origins::Any));
        let listed = " https://Chat.example ,http://localhost:3000,http://[::1]:80";
        let expected = [
            "https://chat.example",
            "http://localhost:3000",
            "http://[::1]:80",
        ];
        assert_eq!(
            listed.parse(),
            Ok(Origins::These(
                expected.map(HeaderValue::from_static).to_vec()
            ))
        );
    }

    #[test]
    fn what_no_browser_would_send_is_refused() {
        for wrong in [
            "",
            "example.org",
            "https://",
            "https://a/",
            "https://a/path",
            "https://a,",
            "https://a,*",
            "https://user@a",
            "https://*.a",
            "://a",
            "null",
        ] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }
}
