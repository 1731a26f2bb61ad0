//! Whatever the model's service does, and whenever: a run has one end, and tells it once.

use std::collections::HashMap;
use std::sync::Mutex;

use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use kai_core::http;
use kai_test_support::model::{End, PlayedModel, Reply};
use serde_json::{Value, json};

use crate::harness::{CONNECTION, Stack, Worker, soon};

/// What goes wrong with a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    WrongKey,
    UnknownModel,
    Unpaid,
    Overloaded,
    RateLimited,
    TooLong,
    Cut,
    EndsEarly,
    FallsSilent,
    ErrorInside,
    Garbage,
    SaysNothing,
    BadArguments,
    UnknownTool,
}

const FAULTS: [Fault; 14] = [
    Fault::WrongKey,
    Fault::UnknownModel,
    Fault::Unpaid,
    Fault::Overloaded,
    Fault::RateLimited,
    Fault::TooLong,
    Fault::Cut,
    Fault::EndsEarly,
    Fault::FallsSilent,
    Fault::ErrorInside,
    Fault::Garbage,
    Fault::SaysNothing,
    Fault::BadArguments,
    Fault::UnknownTool,
];

impl Fault {
    fn reply(self) -> Reply {
        let begun = || Reply::text(&["<thinking>Let me see.</thinking>", "<answer>There are "]);
        let call = |arguments: &str, tool: &str| {
            Reply::deltas(&[json!({"tool_calls": [
                {"index": 0, "id": "x", "function": {"name": tool, "arguments": arguments}}]})])
        };
        match self {
            Self::WrongKey => Reply::status(401, "wrong key"),
            Self::UnknownModel => Reply::status(404, "model not found"),
            Self::Unpaid => Reply::status(402, "insufficient credits"),
            Self::Overloaded => Reply::status(503, "overloaded"),
            Self::RateLimited => Reply::status(429, "slow down").header("retry-after-ms", "1"),
            Self::TooLong => Reply::status(400, "maximum context length is 9 tokens"),
            Self::Cut => begun().ending(End::Cut),
            Self::EndsEarly => begun().ending(End::Unsaid),
            Self::FallsSilent => begun().ending(End::Hang),
            Self::ErrorInside => begun().and(Reply::chunks(&[json!({"error": {"code": 502}})])),
            Self::Garbage => begun().and(Reply::raw(["data: }{\n\n"])),
            Self::SaysNothing => Reply::text(&[]),
            Self::BadArguments => call("{\"query\": SELECT", "sql_query"),
            Self::UnknownTool => call("{}", "drop_database"),
        }
    }

    /// Whether a run gets over it when it happens once.
    fn passes(self) -> bool {
        !matches!(
            self,
            Self::WrongKey | Self::UnknownModel | Self::Unpaid | Self::TooLong
        )
    }
}

/// A run whose turn with this number goes wrong: once, or every time it is asked for.
#[derive(Debug, Clone, Copy)]
struct Case {
    fault: Fault,
    turn: usize,
    always: bool,
}

fn cases() -> Vec<Case> {
    let turns = [0, 1]
        .into_iter()
        .flat_map(|turn| [false, true].map(|always| (turn, always)));
    let cases = FAULTS.into_iter().flat_map(|fault| {
        turns.clone().map(move |(turn, always)| Case {
            fault,
            turn,
            always,
        })
    });
    cases.collect()
}

fn name(case: usize) -> String {
    format!("fault-{case}.")
}

/// Plays the turn that a request asks for, or what goes wrong with it.
fn reply(request: &Value, happened: &Mutex<HashMap<usize, u32>>) -> Option<Reply> {
    let messages = request["messages"].as_array()?;
    let asked = messages.iter().filter(|message| message["role"] == "user");
    let asked: String = asked
        .filter_map(|message| message["content"].as_str())
        .collect();
    let number: usize = asked
        .split_once("fault-")?
        .1
        .split_once('.')?
        .0
        .parse()
        .ok()?;
    if request.get("tools").is_none() {
        return Some(Reply::text(&["Nothing yet."]));
    }
    let turn = messages
        .iter()
        .filter(|message| message["role"] == "assistant")
        .count();
    let case = cases()[number];
    let mut happened = happened.lock().unwrap();
    let times = happened.entry(number).or_default();
    if turn == case.turn && (case.always || *times == 0) {
        *times += 1;
        return Some(case.fault.reply());
    }
    let mut results = messages.iter().filter(|message| message["role"] == "tool");
    let has_rows = results.any(|result| {
        result["content"]
            .as_str()
            .is_some_and(|text| text.contains("row_count"))
    });
    Some(if has_rows {
        Reply::text(&["<answer>There are ", "three.</answer>"])
    } else {
        let query = json!({"query": "SELECT COUNT(*) AS n FROM koperasi"});
        Reply::calls(&[("q", "sql_query", query)])
    })
}

/// What a viewer of a run gets until its stream ends: the kinds of the events and the last one's data.
pub(crate) async fn watched(stack: &Stack, session: &str) -> (Vec<String>, Value) {
    let client = http::client_builder().build().unwrap();
    let url = format!("{}/stream/{session}", stack.receiver.url());
    let response = client
        .get(format!("{url}?replay=all"))
        .send()
        .await
        .unwrap();
    let mut frames = response.bytes_stream().eventsource();
    let (mut kinds, mut last, mut id) = (Vec::new(), Value::Null, String::new());
    while let Some(Ok(frame)) = soon("a frame", frames.next()).await {
        kinds.push(frame.event);
        last = serde_json::from_str(&frame.data).unwrap();
        id = frame.id;
    }
    // Nothing follows, however long the worker had to send more.
    let rest = client
        .get(url)
        .header("Last-Event-ID", id)
        .send()
        .await
        .unwrap();
    assert_eq!(rest.status(), 204, "{session} after {kinds:?}");
    (kinds, last)
}

#[tokio::test]
async fn a_run_ends_once_whatever_the_model_does() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let happened = Mutex::default();
    let model = PlayedModel::answering(move |request| reply(request, &happened)).await;
    let mut command = stack.command(&["run"]);
    command
        .env("CHAT_FAMILY", "openai")
        .env("CHAT_MODEL", "gpt-test")
        .env("OPENAI_API_KEY", "sk-hush")
        .env("CHAT_BASE_URL", model.url())
        .env("CHAT_MAX_RETRIES", "1")
        .env("CHAT_SILENCE_TIMEOUT_SECONDS", "1")
        .env("AGENT_MAX_ITERATIONS", "4")
        .env("KAI_RUN_MAX_ATTEMPTS", "2");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;

    let mut runs = Vec::new();
    for number in 0..cases().len() {
        let session = name(number);
        let input = json!({
            "prompt": format!("Ada berapa koperasi? {session}"),
            "connection_id": CONNECTION,
            "conversation_id": session,
            "callback_url": stack.receiver.callback(&session),
        });
        runs.push(stack.submit(&input).await);
    }
    for ((case, number), workflow) in cases().into_iter().zip(0..).zip(&runs) {
        let outcome = stack.result(workflow).await;
        let (kinds, done) = watched(&stack, &name(number)).await;
        let told = format!("{case:?}: {kinds:?}, {outcome:?}");
        let count = |kind: &str| kinds.iter().filter(|seen| *seen == kind).count();
        assert_eq!(count("done"), 1, "{told}");
        assert_eq!(kinds.last().unwrap(), "done", "{told}");
        let result = &done["result"];
        assert_eq!(result["status"] == "failed", outcome.is_err(), "{told}");
        assert_eq!(count("error"), usize::from(outcome.is_err()), "{told}");
        if let Ok(outcome) = &outcome {
            assert_eq!(outcome, result, "{told}");
        } else {
            assert_eq!(kinds[kinds.len() - 2], "error", "{told}");
            assert!(
                !result["error"].as_str().unwrap().contains("sk-hush"),
                "{told}"
            );
        }
        if case.fault.passes() && !case.always {
            assert_eq!(result["status"], "completed", "{told}");
            assert_eq!(result["final_answer"], "There are three.", "{told}");
        }
        if !case.fault.passes() && case.fault != Fault::TooLong {
            assert_eq!(result["status"], "failed", "{told}");
        }
    }
}
