//! Receivers and Redis die and come back while events flow: what was acknowledged is read once, in
//! order, by everybody.

use std::time::Duration;

use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::program::Program;
use crate::redis_server::RedisServer;
use crate::support::client;

/// How long publishers and subscribers wait before they try again.
const AGAIN: Duration = Duration::from_millis(20);

/// Longer than any test here takes.
const PATIENCE: Duration = Duration::from_secs(40);

/// A receiver as a program that is started again at the same address.
struct Restarting {
    port: String,
    redis: String,
    program: Program,
}

impl Restarting {
    async fn start(redis: &str) -> Self {
        let mut program = run(redis, "0");
        let url = program.url().await;
        let port = url.rsplit_once(':').unwrap().1.to_owned();
        Self {
            port,
            redis: redis.to_owned(),
            program,
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it with a signal, waits until it is over, and starts it again.
    async fn restart(&mut self, signal: &str) {
        self.program.signal(signal).await;
        let (status, errors) = self.program.end().await;
        assert!(signal == "KILL" || status.code() == Some(0), "{errors}");
        self.program = run(&self.redis, &self.port);
        self.program.url().await;
    }
}

fn run(redis: &str, port: &str) -> Program {
    let variables = [
        ("SSE_BACKEND", "redis"),
        ("REDIS_URL", redis),
        ("SSE_PORT", port),
        ("SSE_KEEPALIVE_SECONDS", "1"),
    ];
    Program::start(&variables, &[])
}

/// Publishes numbered events, each until somebody has acknowledged it, by turns to the receivers; tells
/// how many are done.
fn publisher(
    urls: Vec<String>,
    session: &'static str,
    events: usize,
) -> (watch::Receiver<usize>, JoinHandle<()>) {
    let (told, progress) = watch::channel(0);
    let work = async move {
        let client = patient();
        let mut turn = 0;
        for seq in 1..=events {
            let event = if seq == events {
                json!({"type": "done"})
            } else {
                json!({"type": "token", "content": seq})
            };
            let body = json!({"session_id": session, "event": event, "run_id": "r", "seq": seq});
            loop {
                let url = format!("{}/events/{session}", urls[turn % urls.len()]);
                turn += 1;
                let sent = client.post(url).body(body.to_string()).send().await;
                match sent.map(|answer| answer.status()) {
                    Ok(StatusCode::OK) => break,
                    Ok(StatusCode::SERVICE_UNAVAILABLE) | Err(_) => sleep(AGAIN).await,
                    Ok(status) => panic!("event {seq} got {status}"),
                }
            }
            told.send_replace(seq);
        }
    };
    (progress, tokio::spawn(work))
}

fn patient() -> Client {
    // Installs the provider of TLS that every client wants to have.
    drop(client());
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(1))
        .build()
        .unwrap()
}

/// Reads a session to its `done`, by turns from the receivers, coming back with the last id whenever a
/// stream breaks or ends; gives ids and data.
async fn subscriber(
    urls: Vec<String>,
    session: &'static str,
    first: usize,
) -> Vec<(String, Value)> {
    let client = patient();
    let mut read: Vec<(String, Value)> = Vec::new();
    for turn in first.. {
        let request = client.get(format!("{}/stream/{session}", urls[turn % urls.len()]));
        let request = match read.last() {
            Some((id, _)) => request.header("Last-Event-ID", id),
            None => request,
        };
        if let Ok(response) = request.send().await {
            assert_eq!(response.status(), StatusCode::OK);
            let mut events = response.bytes_stream().eventsource();
            while let Some(Ok(event)) = events.next().await {
                let ended = event.event == "done";
                assert!(ended || event.event == "token", "{event:?}");
                read.push((event.id, serde_json::from_str(&event.data).unwrap()));
                if ended {
                    return read;
                }
            }
        }
        sleep(AGAIN).await;
    }
    read
}

/// Asserts that everything was read once and in order, under ids that rise in one epoch.
fn assert_whole(read: &[(String, Value)], events: usize) {
    let epoch = read[0].0.split_once('-').unwrap().0;
    for (index, (id, event)) in read.iter().enumerate() {
        let seq = index + 1;
        assert_eq!(id, &format!("{epoch}-{seq}"));
        assert!(seq == events || event["content"] == seq, "{id}: {event}");
    }
    assert_eq!(read.len(), events);
}

async fn reached(progress: &mut watch::Receiver<usize>, events: usize) {
    let reached = progress.wait_for(|done| *done >= events);
    drop(timeout(PATIENCE, reached).await.unwrap().unwrap());
}

#[tokio::test]
async fn nothing_is_lost_or_repeated_while_receivers_and_redis_are_killed() {
    const EVENTS: usize = 1_500;
    let Some(mut server) = RedisServer::start().await else {
        return;
    };
    let mut receivers = [
        Restarting::start(&server.url()).await,
        Restarting::start(&server.url()).await,
    ];
    let urls: Vec<_> = receivers.iter().map(Restarting::url).collect();
    let readers: Vec<_> = (0..4)
        .map(|first| tokio::spawn(subscriber(urls.clone(), "s", first)))
        .collect();
    let (mut progress, publisher) = publisher(urls, "s", EVENTS);
    for round in 1..=6 {
        reached(&mut progress, round * EVENTS / 7).await;
        match round {
            2 | 5 => {
                server.kill();
                server.restart().await;
            }
            other => receivers[other % 2].restart("KILL").await,
        }
    }
    timeout(PATIENCE, publisher).await.unwrap().unwrap();
    for reader in readers {
        let read = timeout(PATIENCE, reader).await.unwrap().unwrap();
        assert_whole(&read, EVENTS);
    }
}

#[tokio::test]
async fn a_rolling_restart_of_two_receivers_under_load_loses_nothing() {
    const EVENTS: usize = 600;
    const SESSIONS: [&str; 4] = ["a", "b", "c", "d"];
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let mut receivers = [
        Restarting::start(&server.url()).await,
        Restarting::start(&server.url()).await,
    ];
    let urls: Vec<_> = receivers.iter().map(Restarting::url).collect();
    let mut readers = Vec::new();
    let mut publishers = Vec::new();
    for session in SESSIONS {
        for first in 0..3 {
            readers.push(tokio::spawn(subscriber(urls.clone(), session, first)));
        }
        publishers.push(publisher(urls.clone(), session, EVENTS));
    }
    for (turn, receiver) in receivers.iter_mut().enumerate() {
        reached(&mut publishers[0].0, (turn + 1) * EVENTS / 3).await;
        receiver.restart("TERM").await;
    }
    for (_, publisher) in publishers {
        timeout(PATIENCE, publisher).await.unwrap().unwrap();
    }
    for reader in readers {
        let read = timeout(PATIENCE, reader).await.unwrap().unwrap();
        assert_whole(&read, EVENTS);
    }
}
