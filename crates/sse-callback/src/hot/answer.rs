//! Answers that are always the same, but for their date.

use std::cell::RefCell;
use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::Response;
use axum::http::response::Parts;
use httpdate::HttpDate;
use tokio::time::Instant;

/// The longest body of an answer that is kept.
const MAX_BODY_BYTES: usize = 1_024;

/// An answer as hyper would write it, made once.
#[derive(Debug)]
pub(super) struct Template {
    /// All up to the date.
    before: Vec<u8>,
    /// All behind it.
    behind: Vec<u8>,
}

impl Template {
    /// The head of an answer whose body follows in chunks.
    pub(super) fn chunked(answer: Response<Body>) -> Self {
        let (parts, _) = answer.into_parts();
        let mut before = head(&parts);
        before.extend_from_slice(b"transfer-encoding: chunked\r\n");
        Self::dated(before, &[])
    }

    /// A whole answer; its head states the length already.
    pub(super) async fn whole(answer: Response<Body>) -> Result<Self, axum::Error> {
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await?;
        Ok(Self::dated(head(&parts), &body))
    }

    fn dated(mut before: Vec<u8>, body: &[u8]) -> Self {
        before.extend_from_slice(b"date: ");
        let behind = [b"\r\n\r\n", body].concat();
        Self { before, behind }
    }

    /// Writes the answer as it is at this moment.
    pub(super) fn write(&self, now: Instant, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.before);
        DATE.with_borrow_mut(|date| into.extend_from_slice(date.at(now)));
        into.extend_from_slice(&self.behind);
    }
}

fn head(parts: &Parts) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head
}

thread_local! {
    static DATE: RefCell<Date> = const { RefCell::new(Date { text: Vec::new(), until: None }) };
}

/// The time of day as HTTP writes it, written once a second.
struct Date {
    text: Vec<u8>,
    until: Option<Instant>,
}

impl Date {
    fn at(&mut self, now: Instant) -> &[u8] {
        if self.until.is_none_or(|until| now >= until) {
            let clock = SystemTime::now();
            // A clock before 1970 is wrong, but no reason to fail.
            let since = clock.duration_since(UNIX_EPOCH).unwrap_or_default();
            let left = Duration::from_secs(1)
                .saturating_sub(Duration::from_nanos(u64::from(since.subsec_nanos())));
            self.text.clear();
            // Writing to a vector cannot fail.
            let _ = write!(self.text, "{}", HttpDate::from(UNIX_EPOCH + since));
            self.until = Some(now + left);
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_date_is_written_anew_when_its_second_is_over() {
        let mut date = Date {
            text: Vec::new(),
            until: None,
        };
        let now = Instant::now();
        let first = date.at(now).to_vec();
        let read = |text: &[u8]| httpdate::parse_http_date(std::str::from_utf8(text).unwrap());
        let age = SystemTime::now().duration_since(read(&first).unwrap());
        assert!(age.unwrap() < Duration::from_secs(2));
        let until = date.until.unwrap();
        assert!(until > now && until <= now + Duration::from_secs(1));
        date.text = b"marked".to_vec();
        assert_eq!(date.at(now), b"marked");
        assert_ne!(date.at(until), b"marked");
    }
}
