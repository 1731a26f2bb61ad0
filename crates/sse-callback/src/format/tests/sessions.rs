//! Whole sessions as each vocabulary tells them.

use serde_json::json;

use super::*;

/// A question, three tools, an answer.
fn run() -> Vec<Value> {
    let rows = json!([
        {"provinsi": "Jawa Barat", "rata_rata": "512500000.00"},
        {"provinsi": "Bali", "rata_rata": "498000000.00"},
    ]);
    let sql = "SELECT provinsi, AVG(modal_awal) AS rata_rata FROM koperasi GROUP BY provinsi";
    vec![
        json!({"type": "memory_loaded", "message": "Found 1 memory", "stats": {"total": 1}}),
        json!({"type": "thinking", "content": "I need the "}),
        json!({"type": "thinking", "content": "schema first."}),
        json!({"type": "tool_start", "tool": "list_tables", "input": {}}),
        json!({"type": "tool_end", "tool": "list_tables", "output": "{\"tables\":[\"koperasi\"]}"}),
        json!({"type": "tool_start", "tool": "table_details", "input": {"table": "koperasi"}}),
        json!({"type": "tool_end", "tool": "table_details", "output": "kolom: provinsi, modal_awal"}),
        json!({"type": "thinking", "content": "Now the averages."}),
        json!({"type": "tool_start", "tool": "sql_query", "input": {"query": sql}}),
        json!({"type": "sql_result", "sql": sql, "columns": ["provinsi", "rata_rata"],
               "data": rows, "row_count": 2, "truncated": false}),
        json!({"type": "chart_config", "widget_type": "bar", "widget_data": rows,
               "x_axis_key": "provinsi", "y_axis_key": "rata_rata"}),
        json!({"type": "tool_end", "tool": "sql_query", "output": "{\"success\":true,\"row_count\":2}"}),
        json!({"type": "token", "content": "Jawa Barat "}),
        json!({"type": "token", "content": "leads,\nthen Bali."}),
        json!({"type": "suggestions", "content": "And the smallest?"}),
        done("a1"),
    ]
}

fn done(task: &str) -> Value {
    json!({"type": "done", "result": {"task_id": task, "status": "completed",
           "final_answer": "Jawa Barat leads,\nthen Bali.", "sql_queries": ["SELECT 1"],
           "execution_time_ms": 120, "error": null}})
}

fn failed_run() -> Vec<Value> {
    vec![
        json!({"type": "thinking", "content": "Let me look."}),
        json!({"type": "tool_start", "tool": "sql_query", "input": {"query": "SELECT 1"}}),
        json!({"type": "error", "error": "the database does not answer"}),
        json!({"type": "done", "result": {"task_id": "a2", "status": "failed", "final_answer": "",
               "error": "the database does not answer"}}),
    ]
}

/// A visit from the first event to the end, with nothing in it that differs from run to run.
async fn told(events: &[Value], format: Format, visit: &Visit) -> String {
    let hub = hub(1_000, Duration::from_mins(5));
    let ids = publish_all(&hub, events);
    hub_told(&hub, &ids[0], format, visit).await
}

async fn hub_told(hub: &Arc<Hub>, id: &str, format: Format, visit: &Visit) -> String {
    let mut subscription = super::visit(hub, visit).unwrap();
    let text = if let Some(vocabulary) = format.vocabulary() {
        let text = rest(Translation::join(subscription, vocabulary).await).await;
        assert_eq!(check(vocabulary, &text), Ok(()));
        text
    } else {
        let mut text = String::new();
        while let Some(frame) = subscription.next().await {
            text.push_str(std::str::from_utf8(&frame).unwrap());
        }
        text
    };
    let (epoch, _) = id.split_once('-').unwrap();
    let steady = |line: &str| {
        if line.starts_with("retry: ") {
            "retry: 2000".to_owned()
        } else {
            line.replace(epoch, "epoch00")
        }
    };
    text.lines().map(steady).collect::<Vec<_>>().join("\n")
}

macro_rules! each_format {
    ($name:literal, $format:ident => $told:expr) => {
        for $format in [Format::Native, Format::Agui, Format::Aisdk] {
            let name = format!("{}_{:?}", $name, $format).to_lowercase();
            insta::assert_snapshot!(name, $told);
        }
    };
}

#[tokio::test]
async fn a_run() {
    each_format!("a_run", format => told(&run(), format, &Visit::default()).await);
}

#[tokio::test]
async fn a_failed_run() {
    each_format!("a_failed_run", format => told(&failed_run(), format, &Visit::default()).await);
}

#[tokio::test]
async fn events_that_nobody_knows() {
    let events = [
        json!({"type": "token", "content": "a"}),
        json!({"type": "new thing", "number": 1}),
        json!({"type": "token", "text": "a token without content"}),
        json!({"type": "tool_end", "tool": "never_started", "output": "42"}),
        json!({"type": "token", "content": ""}),
        done("a1"),
    ];
    each_format!("unknown", format => told(&events, format, &Visit::default()).await);
}

#[tokio::test]
async fn two_runs_in_one_session() {
    let mut events = failed_run();
    events.extend([
        json!({"type": "answer", "content": "It works."}),
        done("a3"),
    ]);
    let all = Visit {
        cursor: None,
        replay_all: true,
    };
    each_format!("two_runs", format => told(&events, format, &all).await);
}

/// A worker is lost in the middle of a turn, and its successor in the middle of a tool.
fn resumed_run() -> Vec<Value> {
    let resumed = |step: u32| {
        json!({"type": "session_resumed", "message": format!("Continuing after step {step}"),
               "session_id": "koperasi-1"})
    };
    vec![
        json!({"type": "thinking", "content": "I need "}),
        resumed(0),
        json!({"type": "thinking", "content": "I need the averages."}),
        json!({"type": "tool_start", "tool": "sql_query", "input": {"query": "SELECT 1"}}),
        resumed(1),
        json!({"type": "tool_end", "tool": "sql_query", "output": "[1]"}),
        json!({"type": "token", "content": "Jawa "}),
        json!({"type": "token", "content": "Ba"}),
        resumed(2),
        json!({"type": "token", "content": "Jawa Barat leads."}),
        done("a1"),
    ]
}

/// The types of what is told, in short.
fn types(told: &str) -> Vec<String> {
    let short = |data: &&str| {
        let part: Value = serde_json::from_str(data).ok()?;
        Some(part["type"].as_str()?.to_lowercase().replace('_', "-"))
    };
    data(told).iter().filter_map(short).collect()
}

#[tokio::test]
async fn a_turn_that_was_cut_is_told_again_as_a_message_of_its_own() {
    let visit = Visit::default();
    let agui = types(&told(&resumed_run(), Format::Agui, &visit).await).join(" ");
    let expected = "run-started \
        reasoning-start reasoning-message-start reasoning-message-content \
        reasoning-message-end reasoning-end custom \
        reasoning-start reasoning-message-start reasoning-message-content \
        reasoning-message-end reasoning-end \
        tool-call-start tool-call-args tool-call-end custom tool-call-result \
        text-message-start text-message-content text-message-content text-message-end custom \
        text-message-start text-message-content text-message-end run-finished";
    assert_eq!(agui, expected);
    let aisdk = types(&told(&resumed_run(), Format::Aisdk, &visit).await).join(" ");
    let expected = "start reasoning-start reasoning-delta reasoning-end data-kai-session-resumed \
        reasoning-start reasoning-delta reasoning-end \
        tool-input-available data-kai-session-resumed tool-output-available \
        text-start text-delta text-delta text-end data-kai-session-resumed \
        text-start text-delta text-end data-kai-done finish";
    assert_eq!(aisdk, expected);
}

#[tokio::test]
async fn one_who_joins_a_turn_that_is_told_again_hears_no_more_of_the_first() {
    let hub = hub(1_000, Duration::from_mins(5));
    let ids = publish_all(&hub, &resumed_run());
    for format in [Format::Agui, Format::Aisdk] {
        let told = hub_told(&hub, &ids[0], format, &after(&ids[8])).await;
        assert!(told.contains("Jawa Barat leads."), "{told}");
        assert_eq!(told.matches("epoch00-10").count(), 4, "{told}");
    }
}

#[tokio::test]
async fn one_who_joins_in_the_middle() {
    let events = [
        json!({"type": "thinking", "content": "Hm."}),
        json!({"type": "tool_start", "tool": "sql_query", "input": {"query": "SELECT 1"}}),
        json!({"type": "tool_start", "tool": "sql_query", "input": {"query": "SELECT 2"}}),
        json!({"type": "token", "content": "unheard "}),
        json!({"type": "token", "content": "heard"}),
        json!({"type": "tool_end", "tool": "sql_query", "output": "[1]"}),
        done("a1"),
    ];
    let hub = hub(1_000, Duration::from_mins(5));
    let ids = publish_all(&hub, &events);
    each_format!("joined", format => hub_told(&hub, &ids[0], format, &after(&ids[3])).await);
}

#[tokio::test]
async fn one_whose_run_is_half_gone() {
    let hub = hub(3, Duration::from_mins(5));
    let ids = publish_all(&hub, &run());
    each_format!("half_gone", format => hub_told(&hub, &ids[0], format, &after(&ids[1])).await);
}

#[tokio::test]
async fn one_who_comes_back_behind_the_error_of_a_run() {
    let hub = hub(1_000, Duration::from_mins(5));
    let ids = publish_all(&hub, &failed_run());
    each_format!("behind_an_error",
        format => hub_told(&hub, &ids[0], format, &after(&ids[2])).await);
}

#[tokio::test]
async fn a_stream_that_times_out() {
    let hub = hub(1_000, Duration::from_millis(20));
    let ids = publish_all(&hub, &run()[..14]);
    each_format!("times_out", format => hub_told(&hub, &ids[0], format, &after(&ids[12])).await);
}

#[tokio::test]
async fn a_stream_that_times_out_before_anything_came() {
    for vocabulary in VOCABULARIES {
        let hub = hub(10, Duration::from_millis(20));
        let subscription = visit(&hub, &Visit::default()).unwrap();
        let text = rest(Translation::join(subscription, vocabulary).await).await;
        assert_eq!(check(vocabulary, &text), Ok(()));
        assert!(text.contains("no event came for a long time"), "{text}");
    }
}

#[tokio::test]
async fn a_cursor_from_before_a_restart() {
    for vocabulary in VOCABULARIES {
        let hub = hub(10, Duration::from_millis(20));
        let subscription = visit(&hub, &after("0000000-5")).unwrap();
        let mut translation = Translation::join(subscription, vocabulary).await;
        let opening = translation.next().await.unwrap();
        let id = publish(&hub, "token", r#"{"type":"token","content":"a"}"#);
        publish(&hub, "done", "{}");
        let text = std::str::from_utf8(&opening).unwrap().to_owned() + &rest(translation).await;
        assert_eq!(check(vocabulary, &text), Ok(()));
        assert!(text.starts_with("retry: ") && text.contains(r#""requested":"0000000-5""#));
        // The run is named before its first event is there, and keeps the name.
        let name = format!("\"{id}\"");
        let first = data(&text)[0];
        assert!(first.contains(&name), "{first}");
    }
}

#[tokio::test]
async fn a_stop_leaves_the_stream_open_ended() {
    for vocabulary in VOCABULARIES {
        let hub = hub(10, Duration::from_mins(5));
        publish(&hub, "token", r#"{"type":"token","content":"a"}"#);
        let subscription = visit(&hub, &Visit::default()).unwrap();
        let translation = Translation::join(subscription, vocabulary).await;
        hub.stop();
        let text = rest(translation).await;
        assert_eq!(check(vocabulary, &text), Ok(()));
        assert!(
            text.trim_end()
                .lines()
                .last()
                .unwrap()
                .starts_with("retry: ")
        );
    }
}

#[tokio::test]
async fn calls_that_wait_for_ever_are_few() {
    for vocabulary in VOCABULARIES {
        let hub = hub(1_000, Duration::from_mins(5));
        let call = json!({"type": "tool_start", "tool": "t", "input": {}});
        publish_all(&hub, &vec![call; 300]);
        publish(&hub, "done", "{}");
        let subscription = visit(&hub, &Visit::default()).unwrap();
        let text = rest(Translation::join(subscription, vocabulary).await).await;
        assert_eq!(check(vocabulary, &text), Ok(()));
    }
}
