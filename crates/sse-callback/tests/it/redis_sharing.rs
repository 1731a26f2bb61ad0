//! Several receivers over one Redis: what one takes, all serve.

use kai_sse_callback::backend::redis::Address;
use redis::AsyncCommands as _;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::program::Program;
use crate::redis_server::RedisServer;
use crate::support::{Backing, Events, client, soon};

/// Two receivers over one Redis; none when there is no Redis here.
async fn two(
    flags: &[&str],
) -> Option<(Backing, crate::support::Receiver, crate::support::Receiver)> {
    let backing = Backing::Redis(RedisServer::start().await?);
    let (one, two) = (backing.with(flags).await, backing.with(flags).await);
    Some((backing, one, two))
}

fn redis(backing: &Backing) -> &RedisServer {
    match backing {
        Backing::Redis(server) => server,
        Backing::Memory => panic!("there is no Redis"),
    }
}

#[tokio::test]
async fn what_is_published_to_one_is_read_on_another() {
    let Some((_backing, one, two)) = two(&[]).await else {
        return;
    };
    let (here, there) = (one.open("/stream/s").await, two.open("/stream/s").await);
    one.publish("s", json!({"type": "token", "content": "a"}))
        .await;
    two.publish("s", json!({"type": "token", "content": "b"}))
        .await;
    one.publish_run("s", "x", 1).await;
    assert_eq!(here.rest().await, ["a", "b", "x0", "done x"]);
    assert_eq!(there.rest().await, ["a", "b", "x0", "done x"]);
}

#[tokio::test]
async fn a_stream_goes_on_at_another_receiver_where_it_was() {
    let Some((_backing, one, two)) = two(&[]).await else {
        return;
    };
    one.publish_run("s", "x", 3).await;
    let mut broken = one.open("/stream/s").await;
    let seen = broken.next().await.unwrap();
    drop(broken);
    let resumed = Events::of(two.resume("/stream/s", &seen.id).await);
    assert_eq!(resumed.rest().await, ["x1", "x2", "done x"]);
}

#[tokio::test]
async fn a_run_that_was_read_at_one_receiver_is_not_shown_again_at_another() {
    let Some((backing, one, two)) = two(&[]).await else {
        return;
    };
    one.publish_run("s", "a", 1).await;
    assert_eq!(one.open("/stream/s").await.rest().await, ["a0", "done a"]);
    let mut owner = redis(&backing).connection().await;
    let noted = async {
        while owner
            .hget::<_, _, Option<u64>>("kai:sse:s:state", "read")
            .await
            .unwrap()
            != Some(2)
        {}
    };
    soon(noted).await;
    let second = two.open("/stream/s").await;
    one.publish_run("s", "b", 1).await;
    assert_eq!(second.rest().await, ["b0", "done b"]);
}

#[tokio::test]
async fn a_worker_is_fenced_at_every_receiver() {
    let Some((_backing, one, two)) = two(&[]).await else {
        return;
    };
    let numbered = |attempt: u64, seq: u64| {
        json!({"session_id": "s", "event": {}, "run_id": "r", "attempt": attempt, "seq": seq})
            .to_string()
    };
    let duplicate = r#"{"status":"ok","duplicate":true}"#;
    assert_eq!(one.post("s", numbered(1, 1)).await.status(), StatusCode::OK);
    let repeated = two.post("s", numbered(1, 1)).await;
    assert_eq!(repeated.text().await.unwrap(), duplicate);
    assert_eq!(two.post("s", numbered(2, 1)).await.status(), StatusCode::OK);
    let fenced = one.post("s", numbered(1, 2)).await;
    assert_eq!(fenced.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn all_receivers_together_keep_so_many_sessions() {
    let Some((_backing, one, two)) = two(&["--max-sessions", "2"]).await else {
        return;
    };
    one.publish("a", json!({"type": "x"})).await;
    two.publish("b", json!({"type": "x"})).await;
    let body = json!({"session_id": "c", "event": {}}).to_string();
    let refused = one.post("c", body).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "10");
    two.publish("a", json!({"type": "x"})).await;
}

#[tokio::test]
async fn a_batch_is_one_moment_for_everybody() {
    let Some((_backing, one, two)) = two(&[]).await else {
        return;
    };
    let watcher = two.open("/stream/s").await;
    let post = |name: &'static str| {
        let line = |content: String| {
            json!({"session_id": "s", "event": {"type": "token", "content": content}}).to_string()
        };
        let lines: Vec<_> = (0..500).map(|n| line(format!("{name}{n}"))).collect();
        lines.join("\n")
    };
    let send = |receiver: &crate::support::Receiver, body: String| {
        let request = receiver.client.post(receiver.url("/events/s"));
        request
            .header("content-type", "application/x-ndjson")
            .body(body)
            .send()
    };
    let (a, b) = tokio::join!(send(&one, post("a")), send(&two, post("b")));
    assert_eq!(a.unwrap().status(), StatusCode::OK);
    assert_eq!(b.unwrap().status(), StatusCode::OK);
    one.publish_run("s", "end", 0).await;
    let read = watcher.rest().await;
    let expected = |name: &str| (0..500).map(|n| format!("{name}{n}")).collect::<Vec<_>>();
    let (first, second) = if read[0] == "a0" {
        ("a", "b")
    } else {
        ("b", "a")
    };
    assert_eq!(read[..500], expected(first));
    assert_eq!(read[500..1_000], expected(second));
}

#[tokio::test]
async fn a_long_session_is_loaded_page_by_page_and_other_vocabularies_read_it() {
    let Some((_backing, one, two)) = two(&[]).await else {
        return;
    };
    let line = |n: usize| {
        json!({"session_id": "s", "event": {"type": "token", "content": format!("{n}")}})
            .to_string()
    };
    let lines: Vec<_> = (0..2_500).map(line).collect();
    let request = one.client.post(one.url("/events/s"));
    let request = request.header("content-type", "application/x-ndjson");
    let sent = request.body(lines.join("\n")).send();
    assert_eq!(soon(sent).await.unwrap().status(), StatusCode::OK);
    one.publish_run("s", "end", 0).await;
    let told = soon(two.get("/stream/s?format=agui&replay=all").send())
        .await
        .unwrap();
    let text = soon(told.text()).await.unwrap();
    assert!(text.contains("RUN_STARTED") && text.contains("RUN_FINISHED"));
    let read = two.open("/stream/s?replay=all").await.rest().await;
    let expected: Vec<_> = (0..2_500).map(|n| n.to_string()).collect();
    assert_eq!(read[..2_500], expected);
}

#[tokio::test]
async fn retention_frees_what_redis_keeps_unless_somebody_reads() {
    let flags = ["--retention-seconds", "1", "--keepalive-seconds", "1"];
    let Some((backing, one, two)) = two(&flags).await else {
        return;
    };
    one.publish("kept", json!({"type": "token", "content": "a"}))
        .await;
    one.publish("left", json!({"type": "token", "content": "a"}))
        .await;
    let mut reader = two.open("/stream/kept").await;
    assert_eq!(reader.take(1).await, ["a"]);
    let mut owner = redis(&backing).connection().await;
    let freed = async { while owner.exists::<_, bool>("kai:sse:left:state").await.unwrap() {} };
    soon(freed).await;
    assert!(owner.exists::<_, bool>("kai:sse:kept:state").await.unwrap());
    one.publish_run("kept", "x", 0).await;
    assert_eq!(reader.rest().await, ["done x"]);
    let empty = async {
        while redis::cmd("DBSIZE")
            .query_async::<u64>(&mut owner)
            .await
            .unwrap()
            > 0
        {}
    };
    soon(empty).await;
    // What was heard is not listened to any more, either.
    let silent = async {
        loop {
            let channels = redis::cmd("PUBSUB")
                .arg("CHANNELS")
                .query_async(&mut owner)
                .await;
            let channels: Vec<String> = channels.unwrap();
            if channels.is_empty() {
                return;
            }
        }
    };
    soon(silent).await;
}

#[tokio::test]
async fn when_everything_is_flushed_open_streams_are_told() {
    let Some((backing, one, two)) = two(&[]).await else {
        return;
    };
    let mut reader = two.open("/stream/s").await;
    for content in ["a", "b"] {
        one.publish("s", json!({"type": "token", "content": content}))
            .await;
    }
    let before = [reader.next().await.unwrap(), reader.next().await.unwrap()];
    let mut owner = redis(&backing).connection().await;
    redis::cmd("FLUSHALL").exec_async(&mut owner).await.unwrap();
    one.publish("s", json!({"type": "token", "content": "c"}))
        .await;
    let gap = reader.next().await.unwrap();
    let told: Value = serde_json::from_str(&gap.data).unwrap();
    let after = reader.next().await.unwrap();
    assert_eq!(
        told,
        json!({"requested": before[1].id, "oldest": after.id, "head": after.id})
    );
    assert_eq!(
        (gap.event.as_str(), after.data.contains("\"c\"")),
        ("gap", true)
    );
    assert_ne!(epoch(&after.id), epoch(&before[1].id));
    one.publish_run("s", "x", 0).await;
    assert_eq!(reader.rest().await, ["done x"]);
}

fn epoch(id: &str) -> &str {
    id.split_once('-').unwrap().0
}

#[tokio::test]
async fn the_commands_that_the_page_for_operators_allows_are_enough() {
    let page = include_str!("../../../../docs/receiver.md");
    let rule = page.lines().find_map(|line| line.strip_prefix("user kai "));
    let rule = rule.unwrap().replace("choose-one", "hunter2");
    let words: Vec<_> = ["--user", "kai"]
        .into_iter()
        .chain(rule.split(' '))
        .collect();
    let Some(server) = RedisServer::with(&words).await else {
        return;
    };
    let url = server.url().replace("redis://", "redis://kai:hunter2@");
    let flags = ["--backend", "redis", "--redis-url", url.as_str()];
    let (one, two) = (
        crate::support::Receiver::with(&flags).await,
        crate::support::Receiver::with(&flags).await,
    );
    let reader = two.open("/stream/s").await;
    one.publish_run("s", "x", 2).await;
    assert_eq!(reader.rest().await, ["x0", "x1", "done x"]);
    assert_eq!(two.metric("kai_sse_backend_errors_total").await, 0);
}

#[tokio::test]
async fn the_password_of_redis_is_in_no_message() {
    let Some(server) = RedisServer::with(&["--requirepass", "other"]).await else {
        return;
    };
    let url = server.url().replace("redis://", "redis://:hunter2@");
    assert!(!format!("{:?}", Address::parse(&url).unwrap()).contains("hunter2"));
    let variables = [
        ("SSE_PORT", "0"),
        ("SSE_BACKEND", "redis"),
        ("REDIS_URL", url.as_str()),
        ("RUST_LOG", "trace"),
    ];
    let mut program = Program::start(&variables, &[]);
    let receiver = program.url().await;
    let ready = client().get(format!("{receiver}/readyz")).send();
    assert_eq!(soon(ready).await.unwrap().status(), 503);
    let event = client().post(format!("{receiver}/events/s"));
    let event = event.body(r#"{"session_id":"s","event":{}}"#).send();
    let refused = soon(event).await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(!soon(refused.text()).await.unwrap().contains("hunter2"));
    program.signal("TERM").await;
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(0));
    assert!(
        errors.contains("cannot reach the Redis at 127.0.0.1:"),
        "{errors}"
    );
    assert!(!errors.contains("hunter2"), "{errors}");
}

#[tokio::test]
async fn a_wrong_address_of_redis_stops_the_start_with_one_line() {
    for (address, told) in [
        (
            Some("redis://:hunter2@127.0.0.1:port"),
            "REDIS_URL is not the address of a Redis",
        ),
        (
            Some("rediss://:hunter2@127.0.0.1/#insecure"),
            "REDIS_URL asks for TLS without",
        ),
        (None, "REDIS_URL"),
    ] {
        let mut variables = vec![("SSE_PORT", "0"), ("SSE_BACKEND", "redis")];
        variables.extend(address.map(|address| ("REDIS_URL", address)));
        let mut program = Program::start(&variables, &[]);
        let (status, errors) = program.end().await;
        assert_eq!(status.code(), Some(2), "{errors}");
        assert!(errors.contains(told), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(!errors.contains("hunter2"), "{errors}");
    }
}
