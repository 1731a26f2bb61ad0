//! What a receiver's answer says about the events that were posted, and about the receiver.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};

/// The header by which a receiver tells what it can do beyond the original.
const CAPABILITIES: &str = "kai-receiver";

/// How much of an answer is read. Ours are far shorter.
const MAX_BODY: usize = 64 * 1024;

/// What a receiver offers beyond the original.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offer {
    /// Many events in one request.
    pub(super) ndjson: bool,
    /// Numbered events, which are safe to repeat.
    pub(super) fenced: bool,
}

impl Offer {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CAPABILITIES)?.to_str().unwrap_or_default();
        let offers = |name: &str| {
            value
                .split(',')
                .any(|word| word.trim().eq_ignore_ascii_case(name))
        };
        Some(Self {
            ndjson: offers("ndjson"),
            fenced: offers("fenced"),
        })
    }
}

/// An answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// What the receiver offers, if it says so.
    pub(super) offer: Option<Offer>,
    /// How many events it took before what the verdict is about.
    pub(super) taken: usize,
    /// What became of the rest.
    pub(super) verdict: Verdict,
}

/// What became of the events that were not yet known to be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All are there.
    Taken,
    /// The receiver, or a proxy before it, cannot take them now.
    Later {
        status: u16,
        pause: Option<Duration>,
    },
    /// They do not follow what is there; this number would.
    GoOnWith(u64),
    /// A successor has taken over.
    ShutOut,
    /// They are too much together.
    TooMuch,
    /// The first so many of them were refused for good.
    Refused { status: u16, events: usize },
}

/// What the body of an answer may hold, of interest here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    line: Option<usize>,
    accepted: usize,
    duplicates: usize,
    expected_seq: Option<u64>,
}

impl Answer {
    /// Whether the receiver takes nothing now.
    pub(super) fn is_for_later(&self) -> bool {
        matches!(self.verdict, Verdict::Later { .. })
    }

    /// Reads the answer to a request with so many events.
    pub(super) async fn receive(mut response: Response, posted: usize, stamped: bool) -> Self {
        let status = response.status();
        let mut body = Vec::new();
        if !status.is_success() {
            // A body that breaks off says nothing; the status still counts.
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_BODY {
                    break;
                }
            }
        }
        Self::read(status, response.headers(), &body, posted, stamped)
    }

    fn read(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        posted: usize,
        stamped: bool,
    ) -> Self {
        let offer = Offer::read(headers);
        if status.is_success() {
            return Self {
                offer: Some(offer.unwrap_or_default()),
                taken: posted,
                verdict: Verdict::Taken,
            };
        }
        // Only a receiver that knows what it says is believed that it took something.
        let details: Details = match offer {
            Some(_) => serde_json::from_slice(body).unwrap_or_default(),
            None => Details::default(),
        };
        let taken = details
            .accepted
            .saturating_add(details.duplicates)
            .min(posted.saturating_sub(1));
        let refused = |events| Verdict::Refused {
            status: status.as_u16(),
            events,
        };
        let verdict = match (status, details.expected_seq) {
            (
                StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
                _,
            ) => Verdict::Later {
                status: status.as_u16(),
                pause: pause(headers),
            },
            (StatusCode::CONFLICT, Some(expected)) if stamped && expected > 0 => {
                Verdict::GoOnWith(expected)
            }
            (StatusCode::FORBIDDEN, _) if stamped && offer.is_some() => Verdict::ShutOut,
            (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY, _) => {
                match details.line {
                    None if posted > 1 => Verdict::TooMuch,
                    _ => refused(1),
                }
            }
            _ => refused(posted - taken),
        };
        Self {
            offer,
            taken,
            verdict,
        }
    }
}

/// The pause that the receiver asks for, if it does so in seconds.
fn pause(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Offer = Offer {
        ndjson: true,
        fenced: true,
    };

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let parse = |text: &'static str| text.parse().unwrap();
        pairs
            .iter()
            .map(|&(name, value)| (name.parse().unwrap(), parse(value)))
            .collect()
    }

    /// The answer of a receiver like ours to ten stamped events.
    fn ours(status: u16, body: &str) -> Answer {
        let headers = headers(&[("Kai-Receiver", "ndjson, fenced"), ("Retry-After", "7")]);
        let status = StatusCode::from_u16(status).unwrap();
        Answer::read(status, &headers, body.as_bytes(), 10, true)
    }

    #[test]
    fn an_offer_is_read_word_by_word() {
        assert_eq!(Offer::read(&headers(&[])), None);
        let read = |value| Offer::read(&headers(&[("kai-receiver", value)])).unwrap();
        assert_eq!(read("ndjson, fenced"), BOTH);
        assert_eq!(read("FENCED,ndjson,other"), BOTH);
        assert_eq!(read("fenced-2"), Offer::default());
    }

    #[test]
    fn each_status_has_its_meaning() {
        let refused = |status, events| Verdict::Refused { status, events };
        let later = |status| Verdict::Later {
            status,
            pause: Some(Duration::from_secs(7)),
        };
        for (status, body, taken, verdict) in [
            (200, "", 10, Verdict::Taken),
            (429, "", 0, later(429)),
            (
                503,
                r#"{"line":3,"accepted":1,"duplicates":1}"#,
                2,
                later(503),
            ),
            (409, r#"{"expected_seq":4}"#, 0, Verdict::GoOnWith(4)),
            (409, r#"{"detail":"no number"}"#, 0, refused(409, 10)),
            (403, r#"{"line":2,"accepted":1}"#, 1, Verdict::ShutOut),
            (422, r#"{"line":4,"accepted":3}"#, 3, refused(422, 1)),
            (413, r#"{"detail":"too large"}"#, 0, Verdict::TooMuch),
            (500, "oops", 0, refused(500, 10)),
            (422, r#"{"line":99,"accepted":98}"#, 9, refused(422, 1)),
        ] {
            let expected = Answer {
                offer: Some(BOTH),
                taken,
                verdict,
            };
            assert_eq!(ours(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn who_has_no_header_shuts_nobody_out_and_is_not_believed_more_than_its_status() {
        let answer = |status, posted, stamped| {
            let body = br#"{"accepted":5,"line":6}"#;
            Answer::read(status, &HeaderMap::new(), body, posted, stamped)
        };
        let refused = answer(StatusCode::FORBIDDEN, 10, true);
        assert_eq!((refused.offer, refused.taken), (None, 0));
        let verdict = Verdict::Refused {
            status: 403,
            events: 10,
        };
        assert_eq!(refused.verdict, verdict);
        let taken = answer(StatusCode::OK, 1, false);
        assert_eq!(taken.offer, Some(Offer::default()));
    }
}
