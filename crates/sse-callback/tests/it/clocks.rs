//! The system's clock jumps a day ahead and a day back: of all that the receiver does, only the date on
//! a signed token knows of it.
//!
//! The program runs under libfaketime, which gives it the time of day that a file names and leaves the
//! monotonic clock alone, as a step by NTP or by hand does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use kai_sse_callback::access::{Access, Secret, Secrets};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;
use tokio::time::Instant;

use crate::program::Program;
use crate::support::{Events, client, metric, soon};

const KEY: &str = "an example of a signing key, long enough";
const DAY: i64 = 86_400;

/// The library that Debian's package `libfaketime` installs.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let mut places = folders.map(|entry| entry.unwrap().path().join("faketime/libfaketimeMT.so.1"));
    places
        .find(|place| place.exists())
        .expect("this test needs Debian's package libfaketime (scripts/with-services installs it)")
}

/// The program, and the clock that it goes by.
struct Faked {
    _program: Program,
    url: String,
    client: Client,
    clock: PathBuf,
    _folder: tempfile::TempDir,
}

impl Faked {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        std::fs::write(&clock, "+0").unwrap();
        let library = library();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let (library, file) = (text(&library), text(&clock));
        let mut environment = vec![
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", &file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("SSE_JWT_SECRET", KEY),
            ("RUST_LOG", "error"),
        ];
        environment.extend(settings);
        let mut program = Program::start(&environment, &["--port", "0"]);
        let url = program.url().await;
        Self {
            _program: program,
            url,
            client: client(),
            clock,
            _folder: folder,
        }
    }

    /// Lets the clock jump, and sees to it that it did.
    async fn jump(&self, seconds: i64) {
        let fresh = self.clock.with_extension("new");
        std::fs::write(&fresh, format!("{seconds:+}")).unwrap();
        std::fs::rename(&fresh, &self.clock).unwrap();
        // A token that is good for an hour a day from now tells what time it is there.
        let now = i64::try_from(get_current_timestamp()).unwrap() + seconds;
        let there = signed(now - 1_800, now + 1_800);
        let here = signed(now - DAY / 2 - 1_800, now - DAY / 2);
        assert_eq!(self.status(&there).await, StatusCode::OK, "{seconds}");
        assert_eq!(self.status(&here).await, StatusCode::UNAUTHORIZED);
    }

    async fn status(&self, token: &str) -> StatusCode {
        let request = self.client.get(format!("{}/stream/clock", self.url));
        soon(request.bearer_auth(token).send())
            .await
            .unwrap()
            .status()
    }

    fn stream(&self, session: &str) -> RequestBuilder {
        let request = self.client.get(format!("{}/stream/{session}", self.url));
        request.bearer_auth(good_for_ever())
    }

    async fn publish(&self, session: &str, event: serde_json::Value) {
        let body = json!({"session_id": session, "event": event}).to_string();
        let request = self.client.post(format!("{}/events/{session}", self.url));
        let request = request.bearer_auth(good_for_ever()).body(body);
        assert_eq!(soon(request.send()).await.unwrap().status(), StatusCode::OK);
    }

    async fn metric(&self, name: &str) -> u64 {
        let page = self.client.get(format!("{}/metrics", self.url)).send();
        metric(&soon(soon(page).await.unwrap().text()).await.unwrap(), name)
    }
}

fn signed(begins: i64, expires: i64) -> String {
    // Whoever checks such tokens also brings what it takes to sign them.
    let key = Some(Secret::new(KEY));
    let _access = Access::new(&Secrets {
        jwt_secret: key,
        ..Secrets::default()
    });
    let claims =
        json!({"nbf": begins, "exp": expires, "sessions": ["*"], "scope": "publish subscribe"});
    let key = EncodingKey::from_secret(KEY.as_bytes());
    encode(&Header::default(), &claims, &key).unwrap()
}

fn good_for_ever() -> String {
    signed(0, 4_000_000_000)
}

/// The jumps of a test: ahead, back to where it was, back further, and to where it was.
const JUMPS: [i64; 4] = [DAY, 0, -DAY, 0];

#[tokio::test]
async fn events_keep_their_order_and_their_numbers() {
    let faked = Faked::start(&[]).await;
    let open = soon(faked.stream("s").send()).await.unwrap();
    let mut watcher = Events::of(open);
    let mut ids = Vec::new();
    for (number, jump) in JUMPS.into_iter().enumerate() {
        faked.jump(jump).await;
        for half in ["a", "b"] {
            let content = format!("{half}{number}");
            faked
                .publish("s", json!({"type": "token", "content": content}))
                .await;
            let event = watcher.next().await.unwrap();
            assert!(event.data.contains(&content), "{event:?}");
            ids.push(event.id);
        }
        // Who comes back goes on behind its cursor, whatever the time was when that was given.
        let back = faked.stream("s").header("Last-Event-ID", &ids[number]);
        let mut back = Events::of(soon(back.send()).await.unwrap());
        for expected in &ids[number + 1..] {
            assert_eq!(back.next().await.unwrap().id, *expected);
        }
    }
    let numbers: Vec<_> = ids.iter().map(|id| id.split_once('-').unwrap()).collect();
    assert!(numbers.iter().all(|(epoch, _)| *epoch == numbers[0].0));
    let counted: Vec<u64> = numbers
        .iter()
        .map(|(_, seq)| seq.parse().unwrap())
        .collect();
    assert_eq!(counted, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(faked.metric("kai_sse_gaps_total").await, 0);
}

/// How long it takes until a text contains something so many times, counted anew at each.
async fn pauses(mut response: reqwest::Response, what: &str, count: usize) -> Vec<Duration> {
    let (mut pauses, mut since) = (Vec::new(), Instant::now());
    while pauses.len() < count {
        let chunk = soon(response.chunk()).await.unwrap().expect("it goes on");
        if std::str::from_utf8(&chunk).unwrap().contains(what) {
            pauses.push(since.elapsed());
            since = Instant::now();
        }
    }
    pauses
}

#[tokio::test]
async fn keep_alives_come_no_sooner_and_no_later() {
    let faked = Faked::start(&[("SSE_KEEPALIVE_SECONDS", "2")]).await;
    let open = soon(faked.stream("s").send()).await.unwrap();
    let jumps = async {
        for jump in JUMPS {
            faked.jump(jump).await;
            // So that a jump falls between two comments each time.
            tokio::time::sleep(Duration::from_millis(1_900)).await;
        }
    };
    let (pauses, ()) = tokio::join!(pauses(open, ": keep-alive", 4), jumps);
    for pause in &pauses {
        assert!((1_500..6_000).contains(&pause.as_millis()), "{pauses:?}");
    }
}

#[tokio::test]
async fn silence_and_retention_are_measured_by_another_clock() {
    let settings = [
        ("SSE_IDLE_TIMEOUT_SECONDS", "5"),
        ("SSE_RETENTION_SECONDS", "5"),
    ];
    let faked = Faked::start(&settings).await;
    faked
        .publish("kept", json!({"type": "token", "content": "a"}))
        .await;
    let published = Instant::now();
    let open = soon(faked.stream("s").send()).await.unwrap();
    let opened = Instant::now();
    let mut watcher = Events::of(open);
    for jump in JUMPS {
        faked.jump(jump).await;
        // The session is there, and the stream is still open, if the time for that is not over.
        let there = faked.metric("kai_sse_sessions").await;
        assert!(there >= 2 || published.elapsed() >= Duration::from_secs(5));
    }
    let idle = watcher.next().await.unwrap();
    assert_eq!(idle.event, "timeout");
    assert!(watcher.next().await.is_none());
    assert!(
        opened.elapsed() >= Duration::from_millis(4_900),
        "{:?}",
        opened.elapsed()
    );
    // Far from a day later, it is freed.
    soon(async { while faked.metric("kai_sse_sessions").await != 0 {} }).await;
    assert!(published.elapsed() >= Duration::from_millis(4_900));
}
