//! Tests of the hub and its subscriptions: what visitors are given, and what is freed when.
#![allow(clippy::unwrap_used, clippy::panic)]

use bytes::Bytes;
use tokio::runtime::Builder;

use super::*;
use crate::frame::{Draft, EventType};
use crate::producer::{RunId, Stamp};

const OPTIONS: HubOptions = HubOptions {
    max_sessions: 10,
    max_subscribers: 100,
    log: LogLimits {
        events: 100,
        bytes: 10_000,
    },
    idle_timeout: Duration::from_mins(5),
    keepalive: Duration::from_secs(15),
    retention: Duration::from_mins(10),
};

fn id(text: &str) -> SessionId {
    SessionId::new(text)
}

fn draft(kind: &str, data: &str) -> Draft {
    Draft::new(&EventType::try_from(kind.to_owned()).unwrap(), data)
}

/// Publishes an event and returns its id.
fn publish(hub: &Hub, session: &str, kind: &str) -> String {
    match hub.publish(&id(session), draft(kind, "{}")).unwrap() {
        Receipt::Stored(id) => id.to_string(),
        Receipt::Duplicate => panic!("nothing is repeated here"),
    }
}

fn open(hub: &Arc<Hub>, session: &str, visit: &Visit) -> Subscription {
    match hub.subscribe(&id(session), visit).unwrap() {
        Opening::Stream(subscription) => *subscription,
        Opening::Finished => panic!("finished"),
    }
}

fn plain(hub: &Arc<Hub>, session: &str) -> Subscription {
    open(hub, session, &Visit::default())
}

/// A frame in short: `token 3` for the third event, `timeout`, `retry`, `comment` for others.
fn short(frame: &Bytes) -> String {
    let text = std::str::from_utf8(frame).unwrap();
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    match (field("event"), field("id")) {
        (Some(kind), Some(id)) => format!("{kind} {}", id.split_once('-').unwrap().1),
        (Some(kind), None) => kind.to_owned(),
        (None, _) if field("retry").is_some() => "retry".to_owned(),
        (None, _) => "comment".to_owned(),
    }
}

async fn take(subscription: &mut Subscription, count: usize) -> Vec<String> {
    let mut frames = Vec::new();
    for _ in 0..count {
        frames.push(short(&subscription.next().await.unwrap()));
    }
    frames
}

async fn rest(subscription: &mut Subscription) -> Vec<String> {
    let mut frames = Vec::new();
    while let Some(frame) = subscription.next().await {
        frames.push(short(&frame));
    }
    frames
}

#[tokio::test]
async fn every_subscriber_gets_every_event_from_the_first() {
    let hub = Hub::new(OPTIONS);
    let mut early = plain(&hub, "s");
    publish(&hub, "s", "token");
    assert_eq!(take(&mut early, 2).await, ["retry", "token 1"]);
    let mut late = plain(&hub, "s");
    publish(&hub, "s", "done");
    assert_eq!(rest(&mut early).await, ["done 2"]);
    assert_eq!(rest(&mut late).await, ["retry", "token 1", "done 2"]);
}

#[tokio::test]
async fn a_second_question_starts_behind_the_end_of_the_first() {
    let hub = Hub::new(OPTIONS);
    publish(&hub, "s", "token");
    publish(&hub, "s", "done");
    assert_eq!(
        rest(&mut plain(&hub, "s")).await,
        ["retry", "token 1", "done 2"]
    );
    let mut second = plain(&hub, "s");
    publish(&hub, "s", "token");
    publish(&hub, "s", "done");
    assert_eq!(rest(&mut second).await, ["retry", "token 3", "done 4"]);
    let all = Visit {
        cursor: None,
        replay_all: true,
    };
    assert_eq!(
        rest(&mut open(&hub, "s", &all)).await,
        ["retry", "token 1", "done 2", "token 3", "done 4"]
    );
}

#[tokio::test]
async fn runs_that_nobody_read_are_shown_one_by_one() {
    let hub = Hub::new(OPTIONS);
    for kind in ["token", "done", "token", "done"] {
        publish(&hub, "s", kind);
    }
    assert_eq!(
        rest(&mut plain(&hub, "s")).await,
        ["retry", "token 1", "done 2"]
    );
    assert_eq!(
        rest(&mut plain(&hub, "s")).await,
        ["retry", "token 3", "done 4"]
    );
}

#[tokio::test]
async fn a_visitor_who_leaves_before_the_end_has_not_read_the_run() {
    let hub = Hub::new(OPTIONS);
    publish(&hub, "s", "token");
    publish(&hub, "s", "done");
    let mut visitor = plain(&hub, "s");
    assert_eq!(take(&mut visitor, 2).await, ["retry", "token 1"]);
    drop(visitor);
    assert_eq!(
        rest(&mut plain(&hub, "s")).await,
        ["retry", "token 1", "done 2"]
    );
}

#[tokio::test]
async fn a_cursor_on_done_is_finished() {
    let hub = Hub::new(OPTIONS);
    let visit = Visit {
        cursor: Some(publish(&hub, "s", "done")),
        replay_all: false,
    };
    let opening = hub.subscribe(&id("s"), &visit).unwrap();
    assert!(matches!(opening, Opening::Finished));
}

#[tokio::test]
async fn a_cursor_of_another_session_reads_nothing_of_it() {
    let hub = Hub::new(OPTIONS);
    let visit = Visit {
        cursor: Some(publish(&hub, "theirs", "token")),
        replay_all: false,
    };
    let mut stream = open(&hub, "mine", &visit);
    publish(&hub, "mine", "done");
    let opening = stream.next().await.unwrap();
    assert!(opening.ends_with(b"\"oldest\":null,\"head\":null}\n\n"));
    assert_eq!(rest(&mut stream).await, ["done 1"]);
}

#[tokio::test]
async fn a_reader_who_falls_out_of_the_log_is_told() {
    let hub = Hub::new(HubOptions {
        log: LogLimits {
            events: 2,
            ..OPTIONS.log
        },
        ..OPTIONS
    });
    let mut slow = plain(&hub, "s");
    publish(&hub, "s", "token");
    assert_eq!(take(&mut slow, 2).await, ["retry", "token 1"]);
    for _ in 0..3 {
        publish(&hub, "s", "token");
    }
    assert_eq!(take(&mut slow, 3).await, ["gap", "token 3", "token 4"]);
    publish(&hub, "s", "done");
    assert_eq!(rest(&mut slow).await, ["done 5"]);
}

#[tokio::test]
async fn silence_is_filled_with_comments_until_the_time_out() {
    let hub = Hub::new(HubOptions {
        keepalive: Duration::from_millis(20),
        idle_timeout: Duration::from_millis(70),
        ..OPTIONS
    });
    let frames = rest(&mut plain(&hub, "s")).await;
    let (first, others) = frames.split_first().unwrap();
    let (last, comments) = others.split_last().unwrap();
    assert_eq!((first.as_str(), last.as_str()), ("retry", "timeout"));
    assert!(!comments.is_empty() && comments.iter().all(|frame| frame == "comment"));
}

#[tokio::test]
async fn a_stop_lets_streams_send_what_there_is_and_end() {
    let hub = Hub::new(OPTIONS);
    let mut waiting = plain(&hub, "s");
    assert_eq!(take(&mut waiting, 1).await, ["retry"]);
    let waiting = tokio::spawn(async move { rest(&mut waiting).await });
    let mut behind = plain(&hub, "t");
    publish(&hub, "t", "token");
    hub.stop();
    assert_eq!(waiting.await.unwrap(), ["retry"]);
    assert_eq!(rest(&mut behind).await, ["retry", "token 1", "retry"]);
    let refused = hub.publish(&id("s"), draft("token", "{}"));
    assert_eq!(refused, Err(PublishError::Stopping));
    let refused = hub.subscribe(&id("s"), &Visit::default());
    assert_eq!(refused.unwrap_err(), SubscribeError::Stopping);
}

#[tokio::test]
async fn there_may_be_only_so_many_sessions() {
    let hub = Hub::new(HubOptions {
        max_sessions: 2,
        ..OPTIONS
    });
    publish(&hub, "a", "token");
    let visitor = plain(&hub, "b");
    let refused = hub.publish(&id("c"), draft("token", "{}"));
    assert_eq!(refused, Err(PublishError::TooManySessions { limit: 2 }));
    let refused = hub.subscribe(&id("c"), &Visit::default());
    assert_eq!(refused.unwrap_err(), SubscribeError::TooManySessions);
    publish(&hub, "b", "token");
    drop(visitor);
    assert_eq!(hub.sessions(), 2);
}

#[tokio::test]
async fn an_event_that_no_session_can_hold_is_refused() {
    let hub = Hub::new(OPTIONS);
    let refused = hub.publish(&id("s"), draft("token", &"x".repeat(10_000)));
    assert_eq!(refused, Err(PublishError::TooLarge { limit: 10_000 }));
    assert_eq!(hub.sessions(), 0);
}

#[tokio::test]
async fn sessions_are_freed_when_nobody_needs_them() {
    let hub = Hub::new(OPTIONS);
    drop(plain(&hub, "never written"));
    assert_eq!(hub.sessions(), 0);

    publish(&hub, "written", "token");
    publish(&hub, "read", "token");
    let visitor = plain(&hub, "read");
    let now = Instant::now();
    assert_eq!(hub.sweep(now + OPTIONS.retention / 2), 0);
    assert_eq!(hub.sweep(now + OPTIONS.retention), 1);
    drop(visitor);
    assert_eq!(hub.sweep(now + OPTIONS.retention / 2), 0);
    assert_eq!(hub.sweep(Instant::now() + OPTIONS.retention), 1);
    assert_eq!(hub.sessions(), 0);
}

#[tokio::test]
async fn a_producer_that_is_shut_out_keeps_no_session_alive() {
    let hub = Hub::new(OPTIONS);
    let post = |attempt: u64| Post {
        draft: draft("token", "{}"),
        stamp: Some(Stamp {
            run: RunId::try_from("r".to_owned()).unwrap(),
            attempt: attempt.try_into().unwrap(),
            seq: 1.try_into().unwrap(),
        }),
    };
    assert!(hub.publish(&id("s"), post(2)).is_ok());
    let written = Instant::now();
    let refused = hub.publish(&id("s"), post(1)).unwrap_err();
    assert!(matches!(refused, PublishError::Refused(_)));
    assert_eq!(hub.sweep(written + OPTIONS.retention), 1);
}

#[tokio::test]
async fn a_batch_that_holds_nothing_begins_no_session() {
    let hub = Hub::new(OPTIONS);
    assert_eq!(hub.publish_all(&id("s"), Vec::new()), Published::default());
    let large = Post::from(draft("token", &"x".repeat(10_000)));
    let refused = hub.publish_all(&id("s"), vec![large]).refused;
    assert_eq!(refused, Some(PublishError::TooLarge { limit: 10_000 }));
    assert_eq!(hub.sessions(), 0);
}

/// Publishers, readers that come and go, and sweeps that free everything they may, all at once on
/// several threads: nothing hangs, and nobody sees a number twice or out of order.
#[test]
fn publishing_reading_and_freeing_at_once_keeps_every_reader_in_order() {
    const EVENTS: usize = 2_000;
    let runtime = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let hub = Hub::new(HubOptions {
            retention: Duration::ZERO,
            log: LogLimits {
                events: 10_000,
                bytes: 10_000_000,
            },
            ..OPTIONS
        });
        let mut readers = Vec::new();
        for _ in 0..8 {
            let mut steady = plain(&hub, "s");
            readers.push(tokio::spawn(async move { rest(&mut steady).await }));
        }
        let publisher = tokio::spawn({
            let hub = Arc::clone(&hub);
            async move {
                for _ in 1..EVENTS {
                    publish(&hub, "s", "token");
                    publish(&hub, "other", "token");
                    hub.sweep(Instant::now());
                    drop(plain(&hub, "other"));
                    tokio::task::yield_now().await;
                }
                publish(&hub, "s", "done");
            }
        });
        let mut expected = vec!["retry".to_owned()];
        expected.extend((1..EVENTS).map(|seq| format!("token {seq}")));
        expected.push(format!("done {EVENTS}"));
        for reader in readers {
            assert_eq!(reader.await.unwrap(), expected);
        }
        publisher.await.unwrap();
        hub.sweep(Instant::now());
        assert_eq!(hub.sessions(), 0);
    });
}
