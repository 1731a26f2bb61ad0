//! The script in Redis decides as the hub in memory does: random sequences of posts, single and in
//! batches, under small limits, are answered alike and leave the same log.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use kai_core::ids::SessionId;
use kai_sse_callback::backend::redis::{Address, Redis};
use kai_sse_callback::frame::{Draft, EventType};
use kai_sse_callback::hub::{Hub, HubOptions, Opening, Published};
use kai_sse_callback::log::{LogLimits, Visit};
use kai_sse_callback::producer::{Post, RunId, Stamp};
use kai_sse_callback::subscription::Subscription;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio_util::sync::CancellationToken;

use crate::redis_server::RedisServer;

const CASES: u32 = 300;

#[derive(Debug, Clone)]
struct Posted {
    stamp: Option<(String, u64, u64)>,
    done: bool,
    length: usize,
}

impl Posted {
    fn post(&self) -> Post {
        let kind = if self.done { "done" } else { "token" };
        let data = format!("\"{}\"", "x".repeat(self.length));
        let stamp = self.stamp.as_ref().map(|(run, attempt, seq)| Stamp {
            run: RunId::try_from(run.clone()).unwrap(),
            attempt: (*attempt).try_into().unwrap(),
            seq: (*seq).try_into().unwrap(),
        });
        Post {
            draft: Draft::new(&EventType::try_from(kind.to_owned()).unwrap(), &data),
            stamp,
        }
    }
}

/// Numbers that are near each other, so that they often follow, and those at the edges of a carry, of
/// what Lua can count, and of 64 bits.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        12 => 1_u64..6,
        1 => 8_u64..12,
        1 => 98_u64..102,
        1 => (1_u64 << 53) - 1..(1 << 53) + 3,
        1 => u64::MAX - 2..=u64::MAX,
    ]
}

fn posted() -> impl Strategy<Value = Posted> {
    let run = prop_oneof![
        6 => (0_u8..3).prop_map(|n| format!("run-{n}")),
        2 => (0_u8..40).prop_map(|n| format!("other-{n}")),
        1 => Just("\0é:%s ".to_owned()),
    ];
    let stamp = prop::option::weighted(0.9, (run, number(), number()));
    let length = prop_oneof![8 => 0_usize..40, 1 => 350_usize..450];
    (stamp, prop::bool::weighted(0.2), length).prop_map(|(stamp, done, length)| Posted {
        stamp,
        done,
        length,
    })
}

/// What of an answer is the same wherever sessions are kept; the epoch is not.
fn answer(published: &Published) -> String {
    let last = published.last.map(|id| id.seq);
    format!(
        "{} {} {last:?} {:?}",
        published.accepted, published.duplicates, published.refused
    )
}

fn opened(opening: Opening) -> Subscription {
    match opening {
        Opening::Stream(subscription) => *subscription,
        Opening::Finished => panic!("nobody came back"),
    }
}

/// All frames that are there now, without their epochs.
fn frames(mut subscription: Subscription, hub: &Hub) -> Vec<String> {
    let epoch = |id: &str| id.split_once('-').map(|(epoch, _)| epoch.to_owned());
    let mine = epoch(&subscription.next_id().to_string()).unwrap();
    let mut frames = Vec::new();
    while let Some(Some(frame)) = subscription.next().now_or_never() {
        frames.push(
            String::from_utf8(frame.to_vec())
                .unwrap()
                .replace(&mine, "EPOCH"),
        );
    }
    frames.retain(|frame| !frame.starts_with("retry: "));
    assert!(!hub.is_stopping());
    frames
}

#[test]
fn redis_and_memory_decide_alike() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(server) = runtime.block_on(RedisServer::start()) else {
        return;
    };
    let limits = HubOptions {
        max_sessions: 10_000,
        max_subscribers: 10,
        log: LogLimits {
            events: 12,
            bytes: 1_000,
        },
        idle_timeout: Duration::from_mins(5),
        keepalive: Duration::from_secs(15),
        retention: Duration::from_mins(10),
    };
    let address = Address::parse(&server.url()).unwrap();
    let (redis, follower) = runtime.block_on(Redis::open(address, limits));
    let stop = CancellationToken::new();
    let following = runtime.spawn(follower.run(stop.clone()));
    let memory = Hub::new(limits);
    let batches = prop::collection::vec(prop::collection::vec(posted(), 1..5), 1..30);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let cases = Cell::new(0);
    TestRunner::new(config)
        .run(&batches, |batches| {
            cases.update(|cases| cases + 1);
            let session = SessionId::new(format!("case {}", cases.get()));
            compare(&runtime, &redis, &memory, &session, &batches)
        })
        .unwrap();
    stop.cancel();
    runtime.block_on(following).unwrap();
}

fn compare(
    runtime: &tokio::runtime::Runtime,
    redis: &Arc<Redis>,
    memory: &Arc<Hub>,
    session: &SessionId,
    batches: &[Vec<Posted>],
) -> Result<(), TestCaseError> {
    runtime.block_on(async {
        for batch in batches {
            let posts = || batch.iter().map(Posted::post).collect::<Vec<_>>();
            let here = memory.publish_all(session, posts());
            let there = redis.publish_all(session, posts()).await;
            prop_assert_eq!(answer(&here), answer(&there), "{:?}", batch);
        }
        let visit = Visit {
            cursor: None,
            replay_all: true,
        };
        let here = opened(memory.subscribe(session, &visit).unwrap());
        let there = opened(redis.subscribe(session, &visit).await.unwrap());
        prop_assert_eq!(frames(here, memory), frames(there, redis.hub()));
        Ok(())
    })
}
