//! `?format=`: the same session in the words of front ends, over HTTP.

use eventsource_stream::Event;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Events, Receiver, soon};

/// A run of eight events with `done` as the last.
async fn publish_run(receiver: &Receiver, session: &str) {
    for event in [
        json!({"type": "thinking", "content": "Hm."}),
        json!({"type": "tool_start", "tool": "sql_query", "input": {"query": "SELECT 1"}}),
        json!({"type": "sql_result", "sql": "SELECT 1", "columns": ["a"], "data": [{"a": 1}],
               "row_count": 1, "truncated": false}),
        json!({"type": "tool_end", "tool": "sql_query", "output": "{\"success\":true}"}),
        json!({"type": "token", "content": "Satu"}),
        json!({"type": "token", "content": ", one."}),
        json!({"type": "invented", "since": "yesterday"}),
        json!({"type": "done", "result": {"status": "completed"}}),
    ] {
        receiver.publish(session, event).await;
    }
}

async fn all(mut events: Events) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        all.push(event);
    }
    all
}

/// The types of what came, and the id after which each came. The parser keeps the last id, as a
/// browser does.
fn types(events: &[Event]) -> Vec<String> {
    let short = |event: &Event| {
        let seq = event.id.split_once('-').map_or("", |(_, seq)| seq);
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        format!("{seq} {}", data["type"].as_str().unwrap_or(&event.data))
    };
    events.iter().map(short).collect()
}

#[tokio::test]
async fn agui_tells_a_run_in_its_own_words() {
    let receiver = Receiver::start().await;
    publish_run(&receiver, "s").await;
    let events = all(receiver.open("/stream/s?format=agui").await).await;
    assert!(events.iter().all(|event| event.event == "message"));
    assert_eq!(
        types(&events),
        [
            " RUN_STARTED",
            " REASONING_START",
            " REASONING_MESSAGE_START",
            "1 REASONING_MESSAGE_CONTENT",
            "1 REASONING_MESSAGE_END",
            "1 REASONING_END",
            "1 TOOL_CALL_START",
            "1 TOOL_CALL_ARGS",
            "2 TOOL_CALL_END",
            "3 CUSTOM",
            "4 TOOL_CALL_RESULT",
            "4 TEXT_MESSAGE_START",
            "5 TEXT_MESSAGE_CONTENT",
            "6 TEXT_MESSAGE_CONTENT",
            "7 CUSTOM",
            "7 TEXT_MESSAGE_END",
            "8 RUN_FINISHED",
        ]
    );
    let started: Value = serde_json::from_str(&events[0].data).unwrap();
    assert_eq!(started["threadId"], "s");
}

#[tokio::test]
async fn aisdk_tells_a_run_in_its_own_words() {
    let receiver = Receiver::start().await;
    publish_run(&receiver, "s").await;
    let request = receiver.get("/stream/s?format=aisdk");
    let response = soon(request.send()).await.unwrap();
    let headers = response.headers();
    assert_eq!(headers["x-vercel-ai-ui-message-stream"], "v1");
    assert_eq!(headers["content-type"], "text/event-stream");
    let events = all(Events::of(response)).await;
    assert_eq!(
        types(&events),
        [
            " start",
            " reasoning-start",
            "1 reasoning-delta",
            "1 reasoning-end",
            "2 tool-input-available",
            "3 data-kai-sql_result",
            "4 tool-output-available",
            "4 text-start",
            "5 text-delta",
            "6 text-delta",
            "7 data-kai-invented",
            "7 text-end",
            "7 data-kai-done",
            "8 finish",
            "8 [DONE]",
        ]
    );
}

#[tokio::test]
async fn native_is_the_default() {
    let receiver = Receiver::start().await;
    publish_run(&receiver, "s").await;
    for path in ["/stream/s?replay=all", "/stream/s?replay=all&format=native"] {
        let response = soon(receiver.get(path).send()).await.unwrap();
        let marked = response
            .headers()
            .contains_key("x-vercel-ai-ui-message-stream");
        assert!(!marked);
        let events = all(Events::of(response)).await;
        let kinds: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(kinds[0], "thinking");
        assert_eq!(kinds[7..], ["done"]);
    }
}

#[tokio::test]
async fn an_unknown_format_is_refused() {
    let receiver = Receiver::start().await;
    for format in ["", "AGUI", "xml", "agui,aisdk"] {
        let path = format!("/stream/s?format={format}");
        let response = soon(receiver.get(&path).send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let body: Value = response.json().await.unwrap();
        let message = body["detail"][0]["msg"].as_str().unwrap();
        assert!(
            message.contains("format=native, agui or aisdk"),
            "{message}"
        );
    }
}

/// Broken after any frame whatever, a stream that goes on from the last id tells the rest, and
/// opens what it needs.
#[tokio::test]
async fn every_cursor_resumes_in_every_format() {
    let receiver = Receiver::start().await;
    publish_run(&receiver, "s").await;
    for (format, text, start) in [
        ("agui", "TEXT_MESSAGE_CONTENT", "RUN_STARTED"),
        ("aisdk", "text-delta", "start"),
    ] {
        let path = format!("/stream/s?replay=all&format={format}");
        let whole = all(receiver.open(&path).await).await;
        for seen in whole.iter().filter(|event| !event.id.is_empty()) {
            let response = receiver.resume(&path, &seen.id).await;
            if seen.id.ends_with("-8") {
                assert_eq!(response.status(), StatusCode::NO_CONTENT);
                continue;
            }
            let rest = all(Events::of(response)).await;
            assert!(rest[0].data.contains(start), "{:?}", rest[0]);
            let texts = |events: &[Event]| -> Vec<String> {
                let later = events.iter().filter(|event| event.data.contains(text));
                let later = later.filter(|event| number(event) > number(seen));
                later.map(|event| event.data.clone()).collect()
            };
            assert_eq!(texts(&rest), texts(&whole), "after {}", seen.id);
        }
    }
}

fn number(event: &Event) -> u64 {
    let (_, seq) = event.id.split_once('-').unwrap_or_default();
    seq.parse().unwrap_or_default()
}

#[tokio::test]
async fn formats_share_a_session_live() {
    let receiver = Receiver::start().await;
    let mut native = receiver.open("/stream/s").await;
    let mut agui = receiver.open("/stream/s?format=agui").await;
    let mut aisdk = receiver.open("/stream/s?format=aisdk").await;
    let event = json!({"type": "token", "content": "a"});
    receiver.publish("s", event).await;
    assert_eq!(native.next().await.unwrap().event, "token");
    let mut first = Vec::new();
    for events in [&mut agui, &mut aisdk] {
        for _ in 0..3 {
            first.push(events.next().await.unwrap());
        }
    }
    assert_eq!(
        types(&first),
        [
            " RUN_STARTED",
            " TEXT_MESSAGE_START",
            "1 TEXT_MESSAGE_CONTENT",
            " start",
            " text-start",
            "1 text-delta",
        ]
    );
    receiver.publish("s", json!({"type": "done"})).await;
    assert_eq!(
        types(&all(agui).await),
        ["1 TEXT_MESSAGE_END", "2 RUN_FINISHED"]
    );
    let end = types(&all(aisdk).await);
    assert_eq!(
        end,
        ["1 text-end", "1 data-kai-done", "2 finish", "2 [DONE]"]
    );
}

#[tokio::test]
async fn every_format_is_kept_alive_and_times_out() {
    let receiver =
        Receiver::with(&["--keepalive-seconds", "1", "--idle-timeout-seconds", "2"]).await;
    for (format, end) in [
        ("agui", "\"code\":\"timeout\"}\n\n"),
        ("aisdk", "data: [DONE]\n\n"),
    ] {
        let path = format!("/stream/s?format={format}");
        let response = soon(receiver.get(&path).send()).await.unwrap();
        let text = soon(response.text()).await.unwrap();
        assert!(text.starts_with("retry: "), "{text}");
        assert!(text.contains("\n\n: keep-alive\n\n"), "{text}");
        assert!(text.ends_with(end), "{text}");
    }
}
