//! `/`: the live page and its files, embedded in the program by `make page`.

use std::io::{self, Write as _};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::error::ApiError;

/// What the page may do: run its own script, and talk to the receiver that it comes from.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static DOCUMENT: LazyLock<File> = LazyLock::new(|| {
    let content = include_bytes!("../../page/dist/index.html");
    File::new("text/html; charset=utf-8", content)
});

static SCRIPT: LazyLock<File> = LazyLock::new(|| {
    let content = include_bytes!("../../page/dist/assets/page.js");
    File::new("text/javascript; charset=utf-8", content)
});

static STYLE: LazyLock<File> = LazyLock::new(|| {
    let content = include_bytes!("../../page/dist/assets/page.css");
    File::new("text/css; charset=utf-8", content)
});

static ICON: LazyLock<File> = LazyLock::new(|| {
    let content = include_bytes!("../../page/dist/assets/icon.svg");
    File::new("image/svg+xml", content)
});

static LICENSES: LazyLock<File> = LazyLock::new(|| {
    let content = include_bytes!("../../page/dist/assets/licenses.md");
    File::new("text/plain; charset=utf-8", content)
});

/// The page itself. Which session it shows stands in the query, which only its script reads.
pub(super) async fn document(headers: HeaderMap) -> Response {
    DOCUMENT.answer(&headers)
}

/// What the page consists of.
pub(super) async fn asset(
    file: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let file = match file.as_ref().map(|Path(name)| name.as_str()) {
        Ok("page.js") => &SCRIPT,
        Ok("page.css") => &STYLE,
        Ok("icon.svg") => &ICON,
        Ok("licenses.md") => &LICENSES,
        _ => return ApiError::new(StatusCode::NOT_FOUND, "Not Found").into_response(),
    };
    file.answer(&headers)
}

/// A file of the page. It is compressed and named by its content when somebody first wants it.
struct File {
    kind: HeaderValue,
    plain: Form,
    /// None where it could not be made smaller.
    compressed: Option<Form>,
}

/// A file in one encoding.
struct Form {
    tag: Option<HeaderValue>,
    content: Bytes,
}

impl File {
    fn new(kind: &'static str, content: &'static [u8]) -> Self {
        let compressed = compressed(content).ok();
        Self {
            kind: HeaderValue::from_static(kind),
            plain: Form::new(Bytes::from_static(content)),
            compressed: compressed
                .filter(|smaller| smaller.len() < content.len())
                .map(|smaller| Form::new(Bytes::from(smaller))),
        }
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let small = self.compressed.as_ref().filter(|_| takes_gzip(request));
        let form = small.unwrap_or(&self.plain);
        let mut response = if form.is_known_by(request) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            form.content.clone().into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        // Asked for again each time, so that a new receiver comes with its own page.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(tag) = &form.tag {
            headers.insert(header::ETAG, tag.clone());
        }
        if small.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl Form {
    fn new(content: Bytes) -> Self {
        let digest = Sha256::digest(&content);
        let start = digest.first_chunk().copied().map_or(0, u64::from_be_bytes);
        Self {
            tag: HeaderValue::try_from(format!("\"{start:016x}\"")).ok(),
            content,
        }
    }

    /// Whether the client says that it has exactly this.
    fn is_known_by(&self, request: &HeaderMap) -> bool {
        let Some(tag) = &self.tag else { return false };
        let known = request.get_all(header::IF_NONE_MATCH).iter();
        known
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == "*" || one.as_bytes() == tag.as_bytes())
    }
}

fn compressed(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

/// Whether gzip is among the encodings, and not with a weight of zero.
fn takes_gzip(request: &HeaderMap) -> bool {
    let encodings = request.get_all(header::ACCEPT_ENCODING).iter();
    encodings
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|encoding| {
            let (name, weight) = encoding.split_once(';').unwrap_or((encoding, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            name.trim().eq_ignore_ascii_case("gzip")
                && weight
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|weight| weight > 0.0)
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (value, taken) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP ; q=0.5", true),
            ("gzip;q=0", false),
            ("deflate", false),
            ("", false),
        ] {
            let request = with(header::ACCEPT_ENCODING, value);
            assert_eq!(takes_gzip(&request), taken, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_known_is_not_sent_again_in_the_same_encoding() {
        let first = STYLE.answer(&HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers().get(header::ETAG).unwrap().clone();
        let mut again = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
        let second = STYLE.answer(&again);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        again.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let third = STYLE.answer(&again);
        assert_eq!(third.status(), StatusCode::OK);
        assert_eq!(third.headers()[header::CONTENT_ENCODING], "gzip");
    }
}
