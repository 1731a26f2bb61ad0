//! The end of the program while all kinds of peers are there: it is over within 30 seconds, and those
//! who can hear it are told when to come back, each at another time.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::program::Program;
use crate::raw::Raw;
use crate::support::{client, metric, soon};

/// The waiting times that a stream's text asks for.
fn retries(text: &str) -> Vec<u64> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("retry: "));
    lines.map(|value| value.parse().unwrap()).collect()
}

pub(crate) async fn a_shutdown_waits_for_nobody_longer_than_thirty_seconds() {
    const STREAMS: usize = 400;
    // So that only the shutdown itself can cut the one who never reads.
    let settings = [("SSE_WRITE_TIMEOUT_SECONDS", "600"), ("RUST_LOG", "warn")];
    let mut program = Program::start(&settings, &["--port", "0"]);
    let url = program.url().await;
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let client = client();
    let open = (0..STREAMS).map(async |_| {
        let mut raw = Raw::get(address, "/stream/s", "Connection: close\r\n").await;
        let text = raw.read_until("\n\n").await;
        (raw, text)
    });
    let open = join_all(open).await;

    let _deaf = Raw::get(address, "/stream/deaf", "").await;
    let sent = async || {
        let page = soon(client.get(format!("{url}/metrics")).send())
            .await
            .unwrap();
        metric(
            &soon(page.text()).await.unwrap(),
            "kai_sse_events_delivered_total",
        )
    };
    // Its buffers are full when events are no longer taken from the log.
    let content = "x".repeat(500_000);
    let (mut published, mut stuck) = (0_u64, false);
    while !stuck {
        let event = json!({"type": "token", "content": content});
        let body = json!({"session_id": "deaf", "event": event}).to_string();
        let post = client.post(format!("{url}/events/deaf")).body(body);
        assert!(soon(post.send()).await.unwrap().status().is_success());
        published += 1;
        stuck = published > 20 && sent().await + 4 < published;
    }
    // One whose header is there, and whose body comes only during the shutdown; and one whose body
    // never comes.
    let begin = "POST /events/late HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 37\r\n\r\n";
    let mut late = Raw::connect(address).await;
    late.write(begin).await;
    late.read_until("100 Continue").await;
    let mut never = Raw::connect(address).await;
    never.write(begin).await;
    never.read_until("100 Continue").await;

    program.signal("TERM").await;
    let asked = Instant::now();
    let rest = join_all(
        open.into_iter()
            .map(async |(raw, text)| (text, raw.rest().await)),
    )
    .await;
    let quick = asked.elapsed();
    late.write(r#"{"session_id":"late","event":{"a":1}}"#).await;
    let refused = late.rest().await;
    assert!(refused.contains("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    assert!(quick < Duration::from_secs(10), "{quick:?}");

    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (begun, ended) in rest {
        first.extend(retries(&begun));
        last.extend(retries(&ended));
    }
    // Spread over their whole range: some in every tenth of it.
    for (times, from, to) in [(first, 1_000, 3_000), (last, 1_000, 5_000)] {
        assert_eq!(times.len(), STREAMS);
        assert!(
            times.iter().all(|time| (from..=to).contains(time)),
            "{times:?}"
        );
        for tenth in 0..10 {
            let begin = from + (to - from) * tenth / 10;
            let end = begin + (to - from) / 10;
            assert!(
                times.iter().any(|time| (begin..=end).contains(time)),
                "{times:?}"
            );
        }
    }

    let (status, errors) = timeout(Duration::from_secs(30), program.ended())
        .await
        .expect("it ends within 30 seconds");
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(status.code(), Some(0), "{errors}");
    assert!(errors.contains("cutting 2 connections"), "{errors}");
    println!("streams ended after {quick:?}, the program after {took:?}");
}
