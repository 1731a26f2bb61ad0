//! Tells the two requests that are answered the short way from all others, by their heads.
//!
//! What is the least bit unusual is another request: then hyper decides, and the two can never
//! disagree on where a request ends.

use std::mem::MaybeUninit;

/// The longest body that is read here.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1_024;

/// How much of a head that is not complete is kept here.
pub(super) const MAX_HEAD_BYTES: usize = 8 * 1_024;

/// More fields than browsers and proxies send.
const MAX_FIELDS: usize = 48;

/// The longest session id that the routes take.
const MAX_SESSION_BYTES: usize = 1_024;

/// What some bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head<'a> {
    /// A head of which more has to come.
    Partial,
    /// A request, or nonsense, that is hyper's to answer.
    Other,
    /// A request that may be answered here.
    Ours(Request<'a>),
}

/// One of the two requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// How many bytes the head has.
    pub(super) head: usize,
    /// The session that the address names.
    pub(super) session: &'a str,
    /// The field `Authorization`.
    pub(super) authorization: Option<&'a str>,
    /// What is to be done with the session.
    pub(super) wish: Wish<'a>,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish<'a> {
    /// To add the event in the body, which has so many bytes.
    Publish(usize),
    /// To read, from the event behind the cursor on if there is one.
    Subscribe {
        /// `Last-Event-ID`, or the same in the query.
        cursor: Option<&'a [u8]>,
        /// `?replay=all`.
        replay_all: bool,
    },
}

/// Reads the head at the beginning of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Head<'_> {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut fields) {
        Ok(httparse::Status::Complete(head)) => {
            ours(&request, head).map_or(Head::Other, Head::Ours)
        }
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => Head::Partial,
        _ => Head::Other,
    }
}

fn ours<'a>(request: &httparse::Request<'_, 'a>, head: usize) -> Option<Request<'a>> {
    if request.version != Some(1) {
        return None;
    }
    let path = request.path?;
    let fields = Fields::read(request.headers)?;
    let (session, wish) = match request.method? {
        "POST" => {
            let length = fields.length.filter(|length| *length <= MAX_BODY_BYTES)?;
            (path.strip_prefix("/events/")?, Wish::Publish(length))
        }
        "GET" if fields.length.is_none() => {
            let (path, query) = match path.split_once('?') {
                Some((path, query)) => (path, Query::read(query)?),
                None => (path, Query::default()),
            };
            let cursor = fields.cursor.or(query.cursor);
            let replay_all = query.replay_all;
            let wish = Wish::Subscribe { cursor, replay_all };
            (path.strip_prefix("/stream/")?, wish)
        }
        _ => return None,
    };
    let is_plain =
        (1..=MAX_SESSION_BYTES).contains(&session.len()) && session.bytes().all(stands_for_itself);
    is_plain.then_some(Request {
        head,
        session,
        authorization: fields.authorization,
        wish,
    })
}

/// Whether a byte of an address means itself, whoever reads it.
fn stands_for_itself(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte)
}

/// What matters of a head's fields.
#[derive(Default)]
struct Fields<'a> {
    length: Option<usize>,
    authorization: Option<&'a str>,
    cursor: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// None when one of them changes how the request is to be read or answered.
    fn read(fields: &[httparse::Header<'a>]) -> Option<Self> {
        let mut read = Self::default();
        for field in fields {
            let is = |name: &str| field.name.eq_ignore_ascii_case(name);
            // Most fields are of no interest, which their lengths show already.
            match field.name.len() {
                14 if is("content-length") => {
                    set(&mut read.length, number(field.value)?)?;
                }
                13 if is("authorization") => {
                    set(
                        &mut read.authorization,
                        std::str::from_utf8(field.value).ok()?,
                    )?;
                }
                13 if is("last-event-id") => {
                    set(&mut read.cursor, field.value)?;
                }
                12 if is("content-type") && !is_json(field.value) => return None,
                10 if is("connection") && !field.value.eq_ignore_ascii_case(b"keep-alive") => {
                    return None;
                }
                17 if is("transfer-encoding") => return None,
                6 if is("expect") || is("origin") => return None,
                7 if is("upgrade") || is("trailer") => return None,
                _ => {}
            }
        }
        read.cursor = read.cursor.filter(|cursor| !cursor.is_empty());
        Some(read)
    }
}

/// None when it is set already: whoever says it twice may mean two things.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// A length as almost everybody writes it.
fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |number: usize, digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        Some(number * 10 + usize::from(digit))
    })
}

fn is_json(media_type: &[u8]) -> bool {
    const JSON: &[u8] = b"application/json";
    let essence = media_type.get(..JSON.len()).unwrap_or_default();
    essence.eq_ignore_ascii_case(JSON)
        && matches!(media_type.get(JSON.len()), None | Some(b';' | b' '))
}

/// The part of an address behind `?`.
#[derive(Default)]
struct Query<'a> {
    cursor: Option<&'a [u8]>,
    replay_all: bool,
}

impl<'a> Query<'a> {
    /// None when it says anything else.
    fn read(query: &'a str) -> Option<Self> {
        let mut read = Self::default();
        for pair in query.split('&') {
            match pair.split_once('=')? {
                ("replay", "all") if !read.replay_all => read.replay_all = true,
                ("last_event_id", id) if !id.is_empty() && id.bytes().all(stands_for_itself) => {
                    set(&mut read.cursor, id.as_bytes())?;
                }
                _ => return None,
            }
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn wish(text: &str) -> Option<(&str, Wish<'_>)> {
        match read(text.as_bytes()) {
            Head::Ours(request) => {
                assert_eq!(text.get(request.head..), Some("body"), "{text}");
                Some((request.session, request.wish))
            }
            Head::Other => None,
            Head::Partial => panic!("{text} is complete"),
        }
    }

    fn get(address: &str, fields: &str) -> String {
        format!("GET {address} HTTP/1.1\r\nHost: x\r\n{fields}\r\nbody")
    }

    fn post(address: &str, fields: &str) -> String {
        format!("POST {address} HTTP/1.1\r\nHost: x\r\n{fields}\r\nbody")
    }

    #[test]
    fn the_two_plain_requests_are_ours() {
        let read = |cursor: Option<&'static str>, replay_all| Wish::Subscribe {
            cursor: cursor.map(str::as_bytes),
            replay_all,
        };
        let four = "Content-Length: 4\r\n";
        let json = "content-length:4\r\nContent-Type: application/json; charset=utf-8\r\n";
        let kept = "CONNECTION: Keep-Alive\r\nAccept: */*\r\nContent-Length: 4\r\n";
        for fields in [four, json, kept] {
            let request = post("/events/chat-1", fields);
            assert_eq!(wish(&request), Some(("chat-1", Wish::Publish(4))));
        }
        for (address, fields, expected) in [
            ("/stream/a.b~c:d@e_f", "", read(None, false)),
            (
                "/stream/s",
                "Last-Event-ID: x-7\r\n",
                read(Some("x-7"), false),
            ),
            ("/stream/s", "Last-Event-ID:\r\n", read(None, false)),
            ("/stream/s?replay=all", "", read(None, true)),
            (
                "/stream/s?last_event_id=x-7&replay=all",
                "",
                read(Some("x-7"), true),
            ),
            (
                "/stream/s?last_event_id=x-7",
                "Last-Event-ID: y-8\r\n",
                read(Some("y-8"), false),
            ),
        ] {
            let request = get(address, fields);
            let (_, got) = wish(&request).unwrap();
            assert_eq!(got, expected, "{request}");
        }
    }

    #[test]
    fn anything_unusual_is_left_to_hyper() {
        let long = format!("/stream/{}", "x".repeat(1_025));
        for request in [
            get("/healthz", ""),
            get("/stream/", ""),
            get("/stream/a/b", ""),
            get("/stream/a%20b", ""),
            get("/stream/a?", ""),
            get("/stream/a?format=agui", ""),
            get("/stream/a?token=x", ""),
            get("/stream/a?replay=all&replay=all", ""),
            get("/stream/a?last_event_id=", ""),
            get("/stream/a?last_event_id=a+b", ""),
            get("/events/a", ""),
            get("/stream/a", "Content-Length: 0\r\n"),
            get("/stream/a", "Origin: https://a.example\r\n"),
            get("/stream/a", "Last-Event-ID: a\r\nLast-Event-ID: b\r\n"),
            get("/stream/a", "Connection: close\r\n"),
            get(
                "/stream/a",
                "Connection: keep-alive, Upgrade\r\nUpgrade: x\r\n",
            ),
            get("http://x/stream/a", ""),
            get(&long, ""),
            get("/stream/a", &"A: b\r\n".repeat(MAX_FIELDS)),
            get("/stream/a", "").replace("/1.1", "/1.0"),
            get("/stream/a", "").replace("GET", "HEAD"),
            post("/events/a", ""),
            post("/stream/a", "Content-Length: 4\r\n"),
            post("/events/a?b", "Content-Length: 4\r\n"),
            post("/events/a", "Content-Length: +4\r\n"),
            post("/events/a", "Content-Length: 4, 4\r\n"),
            post("/events/a", "Content-Length: 4\r\nContent-Length: 4\r\n"),
            post("/events/a", "Content-Length: 65537\r\n"),
            post("/events/a", "Content-Length: 99999999999999999999\r\n"),
            post(
                "/events/a",
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            ),
            post("/events/a", "Content-Length: 4\r\nExpect: 100-continue\r\n"),
            post(
                "/events/a",
                "Content-Length: 4\r\nContent-Type: application/x-ndjson\r\n",
            ),
            post(
                "/events/a",
                "Content-Length: 4\r\nContent-Type: application/jsonl\r\n",
            ),
            post("/events/a", "Content-Length: 4\r\n folded: x\r\n"),
            "nonsense\r\n\r\n".to_owned(),
        ] {
            assert_eq!(wish(&request), None, "{request}");
        }
    }

    #[test]
    fn a_head_is_partial_until_its_last_byte_or_too_long() {
        let request = get("/stream/a", "Last-Event-ID: a-1\r\n");
        let end = request.find("body").unwrap();
        for cut in 0..end {
            assert_eq!(read(&request.as_bytes()[..cut]), Head::Partial, "{cut}");
        }
        let endless = format!(
            "GET /stream/a HTTP/1.1\r\nA: {}",
            "b".repeat(MAX_HEAD_BYTES)
        );
        assert_eq!(read(endless.as_bytes()), Head::Other);
    }
}
