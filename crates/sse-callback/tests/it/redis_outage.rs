//! A Redis that is away, or hangs: publishers are put off, streams wait, nothing is lost.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::program::Program;
use crate::redis_server::RedisServer;
use crate::support::{Backing, Events, Receiver, client, metric, soon};

const FLAGS: [&str; 2] = ["--keepalive-seconds", "1"];

async fn ready(receiver: &Receiver) -> StatusCode {
    soon(receiver.get("/readyz").send()).await.unwrap().status()
}

async fn until_ready(receiver: &Receiver, status: StatusCode) {
    soon(async { while ready(receiver).await != status {} }).await;
}

/// Posts an event to a receiver whose Redis does not answer.
async fn put_off(receiver: &Receiver) {
    let began = Instant::now();
    let body = json!({"session_id": "s", "event": {}}).to_string();
    let refused = receiver.post("s", body).await;
    assert!(began.elapsed() < Duration::from_millis(2_900));
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "1");
    let told = refused.text().await.unwrap();
    assert!(told.contains("Redis takes nothing"), "{told}");
}

/// Reads a stream's text up to and with `end`.
async fn read_to(
    stream: &mut (impl futures::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin),
    end: &str,
) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let chunk = soon(stream.next()).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text
}

#[tokio::test]
async fn while_redis_is_away_streams_wait_and_publishers_are_put_off() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let mut backing = Backing::Redis(server);
    let receiver = backing.with(&FLAGS).await;
    let response = soon(receiver.get("/stream/s").send()).await.unwrap();
    let mut stream = Box::pin(response.bytes_stream());
    receiver.publish("s", token("before")).await;
    read_to(&mut stream, "before").await;

    let Backing::Redis(server) = &mut backing else {
        return;
    };
    server.kill();
    until_ready(&receiver, StatusCode::SERVICE_UNAVAILABLE).await;
    put_off(&receiver).await;
    let alive = soon(receiver.get("/healthz").send()).await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
    for session in ["s", "never seen"] {
        let path = format!("/stream/{session}");
        let late = soon(receiver.get(&path).send()).await.unwrap();
        assert_eq!(late.status(), StatusCode::OK);
        let told = soon(late.text()).await.unwrap();
        assert!(
            told.starts_with("retry: ") && told.lines().count() == 2,
            "{told}"
        );
    }
    let page = soon(receiver.get("/metrics").send()).await.unwrap();
    let page = page.text().await.unwrap();
    assert_eq!(metric(&page, "kai_sse_backend_up"), 0);
    assert!(metric(&page, "kai_sse_backend_errors_total") > 0);
    assert_eq!(
        metric(
            &page,
            r#"kai_sse_streams_refused_total{reason="unavailable"}"#
        ),
        2
    );
    // The open stream is none the wiser.
    let silence = read_to(&mut stream, ": keep-alive").await;
    assert!(!silence.contains("event:"), "{silence}");

    server.restart().await;
    until_ready(&receiver, StatusCode::OK).await;
    receiver.publish("s", token("after")).await;
    receiver.publish_run("s", "x", 0).await;
    let rest = read_to(&mut stream, "event: done").await;
    assert_eq!(rest.matches("event: ").count(), 2, "{rest}");
    assert!(rest.contains("after"), "{rest}");
    assert_eq!(receiver.metric("kai_sse_backend_up").await, 1);
}

#[tokio::test]
async fn a_redis_that_hangs_is_a_redis_that_is_away() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let backing = Backing::Redis(server);
    let Backing::Redis(server) = &backing else {
        return;
    };
    let receiver = backing.with(&FLAGS).await;
    let mut reader = receiver.open("/stream/s").await;
    receiver
        .publish("s", json!({"type": "token", "content": "a"}))
        .await;
    assert_eq!(reader.take(1).await, ["a"]);
    server.signal("STOP");
    put_off(&receiver).await;
    until_ready(&receiver, StatusCode::SERVICE_UNAVAILABLE).await;
    put_off(&receiver).await;
    server.signal("CONT");
    until_ready(&receiver, StatusCode::OK).await;
    receiver.publish_run("s", "x", 0).await;
    let rest = reader.rest().await;
    // The first event that was put off may have reached Redis, and have been stored when it woke up.
    assert!(
        rest == ["done x"] || rest == ["message", "done x"],
        "{rest:?}"
    );
}

#[tokio::test]
async fn a_receiver_that_starts_before_its_redis_serves_when_it_is_there() {
    let Some(mut server) = RedisServer::start().await else {
        return;
    };
    server.kill();
    let mut backing = Backing::Redis(server);
    let receiver = backing.start().await;
    assert_eq!(ready(&receiver).await, StatusCode::SERVICE_UNAVAILABLE);
    put_off(&receiver).await;
    if let Backing::Redis(server) = &mut backing {
        server.restart().await;
    }
    until_ready(&receiver, StatusCode::OK).await;
    receiver.publish_run("s", "x", 1).await;
    let read = receiver.open("/stream/s").await.rest().await;
    assert_eq!(read, ["x0", "done x"]);
}

/// One token in few letters.
fn token(content: &str) -> serde_json::Value {
    json!({"type": "token", "content": content})
}

#[tokio::test]
async fn a_redis_that_has_forgotten_something_never_gives_an_id_twice() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let mut backing = Backing::Redis(server);
    let receiver = backing.start().await;
    let mut reader = receiver.open("/stream/s").await;
    receiver.publish("s", token("a")).await;
    let Backing::Redis(server) = &mut backing else {
        return;
    };
    let old = server.copy();
    receiver.publish("s", token("b")).await;
    assert_eq!(reader.take(1).await, ["a"]);
    let last = reader.next().await.unwrap();
    server.go_back(old).await;
    let gap = reader.next().await.unwrap();
    let told: Value = serde_json::from_str(&gap.data).unwrap();
    assert_eq!(told["requested"], json!(last.id));
    until_ready(&receiver, StatusCode::OK).await;
    receiver.publish("s", token("c")).await;
    let again = reader.next().await.unwrap();
    assert_eq!(told["oldest"], json!(again.id));
    assert_ne!(
        again.id.split_once('-').unwrap().0,
        last.id.split_once('-').unwrap().0
    );
    receiver.publish_run("s", "x", 0).await;
    assert_eq!(reader.rest().await, ["c", "done x"]);
}

#[tokio::test]
async fn a_receiver_that_slept_meanwhile_sees_that_redis_has_forgotten_something() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let url = server.url();
    let mut backing = Backing::Redis(server);
    let awake = backing.start().await;
    let variables = [
        ("SSE_PORT", "0"),
        ("SSE_BACKEND", "redis"),
        ("REDIS_URL", &url),
    ];
    let mut sleeper = Program::start(&variables, &[]);
    let path = format!("{}/stream/s", sleeper.url().await);
    awake.publish("s", token("a")).await;
    let Backing::Redis(server) = &mut backing else {
        return;
    };
    let old = server.copy();
    let mut reader = Events::of(soon(awake.client.get(path).send()).await.unwrap());
    awake.publish("s", token("b")).await;
    assert_eq!(reader.take(1).await, ["a"]);
    let last = reader.next().await.unwrap();
    sleeper.signal("STOP").await;
    server.go_back(old).await;
    // Now the numbers become as high as those that the sleeper knows, and higher. The first post may
    // come before the receiver has noticed that its connections are gone.
    let body = json!({"session_id": "s", "event": token("c")}).to_string();
    let taken = async { while awake.post("s", body.clone()).await.status() != StatusCode::OK {} };
    soon(taken).await;
    awake.publish("s", token("d")).await;
    sleeper.signal("CONT").await;
    let gap = reader.next().await.unwrap();
    let told: Value = serde_json::from_str(&gap.data).unwrap();
    assert_eq!(
        (gap.event.as_str(), &told["requested"]),
        ("gap", &json!(last.id))
    );
    assert_eq!(reader.take(3).await, ["a", "c", "d"]);
    awake.publish_run("s", "x", 0).await;
    assert_eq!(reader.rest().await, ["done x"]);
}

#[tokio::test]
async fn what_is_wrong_with_redis_is_told_once_in_the_log() {
    let wrong = ["--maxmemory", "1", "--appendfsync", "everysec"];
    let Some(server) = RedisServer::with(&wrong).await else {
        return;
    };
    let url = server.url();
    let variables = [
        ("SSE_PORT", "0"),
        ("SSE_BACKEND", "redis"),
        ("REDIS_URL", &url),
    ];
    let mut program = Program::start(&variables, &[]);
    let events = format!("{}/events/s", program.url().await);
    let client = client();
    for _ in 0..3 {
        let post = client
            .post(&events)
            .body(r#"{"session_id":"s","event":{}}"#);
        let refused = soon(post.send()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    program.signal("TERM").await;
    let (_, errors) = program.end().await;
    assert_eq!(errors.matches("refuses events").count(), 1, "{errors}");
    assert!(errors.contains("OOM"), "{errors}");
    assert!(errors.contains("(appendfsync everysec)"), "{errors}");
}
