//! Tests of the short way alone, over a pipe, where it is known what has been read when.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::pin::pin;
use std::task::Poll;

use futures::poll;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;
use crate::access::{Secret, Secrets};
use crate::connection::Patience;
use crate::hub::HubOptions;
use crate::log::LogLimits;
use crate::routes::{RouteOptions, samples};

const PATIENCE: Patience = Patience {
    header: Duration::from_secs(10),
    idle: Duration::from_mins(2),
    write: Duration::from_secs(20),
};

/// The short way to a new hub.
async fn hot(secrets: &Secrets) -> Hot {
    let options = HubOptions {
        max_sessions: 10,
        max_subscribers: 10,
        log: LogLimits {
            events: 100,
            bytes: 1_000_000,
        },
        idle_timeout: Duration::from_mins(5),
        keepalive: Duration::from_secs(15),
        retention: Duration::from_mins(10),
    };
    let access = Arc::new(Access::new(secrets));
    let routes = RouteOptions {
        access: Arc::clone(&access),
        origins: None,
        hosts: crate::hosts::Hosts::default(),
        max_body_bytes: 1_000,
        body_within: Duration::from_secs(30),
        runs: None,
    };
    let (most, within) = (routes.max_body_bytes, routes.body_within);
    let samples = samples(&routes).await;
    Hot::new(Hub::new(options), access, most, within, samples)
        .await
        .unwrap()
}

/// Writes one part after the other, each when the one before has been read, and then closes; returns
/// how it ended and all that was answered.
async fn say(hot: &Hot, parts: &[&[u8]]) -> (Next, String) {
    let (ours, mut theirs) = duplex(256 * 1_024);
    let (mut guarded, phase) = guarded(hot, ours);
    let stop = CancellationToken::new();
    let next = {
        let mut serving = pin!(hot.serve(&mut guarded, &phase, &stop));
        let mut ended = None;
        for part in parts {
            theirs.write_all(part).await.unwrap();
            // Twice: an answer lets others go first.
            for _ in 0..2 {
                if ended.is_none()
                    && let Poll::Ready(next) = poll!(serving.as_mut())
                {
                    ended = Some(next.unwrap());
                }
            }
        }
        theirs.shutdown().await.unwrap();
        match ended {
            Some(next) => next,
            None => serving.await.unwrap(),
        }
    };
    drop(guarded);
    let mut answers = String::new();
    theirs.read_to_string(&mut answers).await.unwrap();
    (next, answers)
}

fn guarded(hot: &Hot, stream: DuplexStream) -> (Guarded<DuplexStream>, Arc<Phase>) {
    let phase = Arc::new(Phase::default());
    let metrics = Arc::clone(hot.hub.metrics());
    let guarded = Guarded::new(stream, Arc::clone(&phase), PATIENCE, metrics);
    (guarded, phase)
}

fn post(session: &str, kind: &str) -> String {
    let body = format!(r#"{{"session_id":"s","event":{{"type":"{kind}"}}}}"#);
    let length = body.len();
    format!("POST /events/{session} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
}

const GET: &str = "GET /stream/s?replay=all HTTP/1.1\r\nHost: x\r\n\r\n";

/// What differs from one run to the next, made equal.
fn plain(answers: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in answers.lines() {
        lines.push(match line.split_once(": ") {
            Some((name @ ("date" | "retry"), _)) => format!("{name}: …"),
            Some(("id", id)) => format!("id: …-{}", id.split_once('-').unwrap().1),
            _ => line.to_owned(),
        });
    }
    lines.join("\n")
}

#[tokio::test]
async fn wherever_requests_are_cut_the_answers_are_the_same() {
    let said = format!("{}{}{GET}", post("s", "token"), post("s", "done"));
    let whole = hot(&Secrets::default()).await;
    let (next, answers) = say(&whole, &[said.as_bytes()]).await;
    assert!(matches!(next, Next::Ended), "{next:?}");
    let expected = plain(&answers);
    insta::assert_snapshot!(expected, @r#"
    HTTP/1.1 200 OK
    content-type: application/json
    kai-receiver: ndjson, fenced
    content-length: 15
    date: …

    {"status":"ok"}HTTP/1.1 200 OK
    content-type: application/json
    kai-receiver: ndjson, fenced
    content-length: 15
    date: …

    {"status":"ok"}HTTP/1.1 200 OK
    content-type: text/event-stream
    cache-control: no-cache
    connection: keep-alive
    x-accel-buffering: no
    transfer-encoding: chunked
    date: …

    71
    retry: …

    id: …-1
    event: token
    data: {"type":"token"}

    id: …-2
    event: done
    data: {"type":"done"}


    0
    "#);
    for cut in 1..said.len() {
        let hot = hot(&Secrets::default()).await;
        let (first, second) = said.as_bytes().split_at(cut);
        let (next, answers) = say(&hot, &[first, second]).await;
        assert!(matches!(next, Next::Ended), "{next:?} cut at {cut}");
        assert_eq!(plain(&answers), expected, "cut at {cut}");
    }
    let hot = hot(&Secrets::default()).await;
    let bytes: Vec<&[u8]> = said.as_bytes().chunks(1).collect();
    let (_, answers) = say(&hot, &bytes).await;
    assert_eq!(plain(&answers), expected);
    let page = hot.hub.metrics().page().unwrap();
    assert!(
        page.contains("publish_duration_seconds_count 2\n"),
        "{page}"
    );
}

#[tokio::test]
async fn what_is_not_its_own_is_handed_over_from_its_first_byte_on() {
    let hot = hot(&Secrets::default()).await;
    let other = "GET /healthz HTTP/1.1\r\n\r\nand whatever follows";
    let wrong = post("s", "a\\nb");
    let large = post("s", &"x".repeat(1_000));
    for other in [other, &wrong, &large, "nonsense\r\n\r\n", "GET /str"] {
        let said = format!("{}{other}", post("s", "token"));
        let (next, answers) = say(&hot, &[said.as_bytes()]).await;
        let Next::HandOver(left) = next else {
            panic!("{next:?}");
        };
        assert_eq!(String::from_utf8(left.bytes).unwrap(), other);
        assert!(
            answers.ends_with("\r\n\r\n{\"status\":\"ok\"}"),
            "{answers}"
        );
        assert_eq!(answers.matches("HTTP/1.1").count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_handed_over_with_the_time_that_it_took() {
    let hot = hot(&Secrets::default()).await;
    let (ours, mut theirs) = duplex(1_024);
    let (mut guarded, phase) = guarded(&hot, ours);
    let said = post("s", "token");
    let (begin, _) = said.split_at(said.len() - 3);
    let start = Instant::now();
    theirs.write_all(begin.as_bytes()).await.unwrap();
    let stop = CancellationToken::new();
    let next = hot.serve(&mut guarded, &phase, &stop).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
    let Next::HandOver(left) = next else {
        panic!("{next:?}");
    };
    assert_eq!(left.bytes, begin.as_bytes());
    assert_eq!(left.arrived, Some(start));
}

#[tokio::test]
async fn a_token_opens_the_short_way_and_a_wrong_one_the_long_one() {
    let secrets = Secrets {
        publish_token: Some(Secret::new("right")),
        ..Secrets::default()
    };
    let hot = hot(&secrets).await;
    let with = |field: &str| post("s", "token").replace("Host: x\r\n", field);
    let (next, answers) = say(&hot, &[with("Authorization: Bearer right\r\n").as_bytes()]).await;
    assert!(matches!(next, Next::Ended), "{next:?}");
    assert!(answers.starts_with("HTTP/1.1 200 OK\r\n"), "{answers}");
    for wrong in [
        "",
        "Authorization: Bearer wrong\r\n",
        "Authorization: right\r\n",
    ] {
        let (next, answers) = say(&hot, &[with(wrong).as_bytes()]).await;
        assert!(matches!(next, Next::HandOver(_)), "{next:?}");
        assert_eq!(answers, "");
    }
    // The other door stands open.
    let (_, answers) = say(&hot, &[GET.as_bytes()]).await;
    assert!(answers.contains("event: token"), "{answers}");
}

#[tokio::test]
async fn frames_of_any_size_make_chunks_that_say_their_size() {
    let hot = hot(&Secrets::default()).await;
    let session = kai_core::ids::SessionId::new("s");
    let sizes = [
        1,
        pump::LARGE - 60,
        pump::LARGE,
        40_000,
        7,
        7_000,
        7_000,
        7_000,
        7_000,
    ];
    for (number, size) in (1..).zip(sizes) {
        let kind = if number == sizes.len() {
            "done"
        } else {
            "token"
        };
        let kind = crate::frame::EventType::try_from(kind.to_owned()).unwrap();
        let draft = crate::frame::Draft::new(&kind, &"x".repeat(size));
        hot.hub.publish(&session, draft).unwrap();
    }
    let (next, answers) = say(&hot, &[GET.as_bytes()]).await;
    assert!(matches!(next, Next::Ended), "{next:?}");
    let (_, mut chunks) = answers.split_once("\r\n\r\n").unwrap();
    let mut text = String::new();
    loop {
        let (size, rest) = chunks.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        text.push_str(&rest[..size]);
        chunks = rest[size..].strip_prefix("\r\n").unwrap();
        if size == 0 {
            break;
        }
    }
    assert_eq!(chunks, "");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    assert_eq!(data.map(str::len).collect::<Vec<_>>(), sizes);
}

#[tokio::test]
async fn a_stop_closes_who_is_silent_and_hands_over_who_has_begun() {
    let hot = hot(&Secrets::default()).await;
    let stop = CancellationToken::new();
    let (silent, _theirs) = duplex(1_024);
    let (mut silent, silent_phase) = guarded(&hot, silent);
    let (begun, mut theirs) = duplex(1_024);
    let (mut begun, begun_phase) = guarded(&hot, begun);
    theirs.write_all(b"GET /stream").await.unwrap();
    let mut ends = pin!(hot.serve(&mut silent, &silent_phase, &stop));
    let mut hands_over = pin!(hot.serve(&mut begun, &begun_phase, &stop));
    assert!(poll!(ends.as_mut()).is_pending());
    assert!(poll!(hands_over.as_mut()).is_pending());
    stop.cancel();
    assert!(matches!(ends.await.unwrap(), Next::Ended));
    let Next::HandOver(left) = hands_over.await.unwrap() else {
        panic!("what has been said is lost");
    };
    assert_eq!(left.bytes, b"GET /stream");
}
