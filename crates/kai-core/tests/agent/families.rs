//! One run with each family's exchanges, in its own wire format: the same result, the same events.

use kai_core::agent::{Step, Turn};
use kai_core::event::AgentEvent;
use kai_core::model::Usage;
use kai_core::model::openai::Family;
use kai_test_support::model::{End, Reply};
use serde_json::{Value, json};

use super::{QUERY, Run, Shop, hasty};

/// The three turns of the run: it lists the tables and describes one, queries, and answers.
struct Exchanges {
    family: Family,
    turns: [Reply; 3],
}

fn arguments() -> String {
    json!({"query": QUERY}).to_string()
}

/// In fragments, with a chunk for the role, one for the end and one for the usage.
fn openai() -> Exchanges {
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test",
               "system_fingerprint": "fp", "choices": [
                   {"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]})
    };
    let turn = |deltas: Vec<Value>, finish: &str| {
        let mut chunks = vec![chunk(
            json!({"role": "assistant", "content": "", "refusal": null}),
            Value::Null,
        )];
        chunks.extend(deltas.into_iter().map(|delta| chunk(delta, Value::Null)));
        chunks.push(chunk(json!({}), json!(finish)));
        chunks.push(json!({"id": "chatcmpl-1", "choices": [], "usage": {
            "prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77,
            "prompt_tokens_details": {"cached_tokens": 60}}}));
        Reply::chunks(&chunks)
    };
    let call = |index: u64, piece: Value| {
        let mut piece = piece;
        piece["index"] = index.into();
        json!({"tool_calls": [piece]})
    };
    let begin = |id: &str, name: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": ""}});
    let more = |arguments: &str| json!({"function": {"arguments": arguments}});
    let query = arguments();
    let (first, second) = query.split_at(17);
    Exchanges {
        family: Family::OpenAi,
        turns: [
            turn(
                vec![
                    json!({"content": "<think"}),
                    json!({"content": "ing>Which tables?</thinking>"}),
                    call(0, begin("call_a", "list_tables")),
                    call(0, more("{}")),
                    call(1, begin("call_b", "describe_tables")),
                    call(1, more("{\"tables\": [\"cust")),
                    call(1, more("omer\"]}")),
                ],
                "tool_calls",
            ),
            turn(
                vec![
                    json!({"content": "<thinking>Count.</thinking>"}),
                    call(0, begin("call_c", "sql_query")),
                    call(0, more(first)),
                    call(0, more(second)),
                ],
                "tool_calls",
            ),
            turn(
                vec![
                    json!({"content": "<answer>Bandung 2"}),
                    json!({"content": " — Bogor 1."}),
                    json!({"content": "<suggestions>- Why?</suggestions></answer>"}),
                ],
                "stop",
            ),
        ],
    }
}

/// Whole calls that all have index 0, signatures to be sent back, usage in every chunk, CRLF.
fn google() -> Exchanges {
    let turn =
        |deltas: Vec<Value>| {
            let last = deltas.len() - 1;
            let chunks = deltas.into_iter().enumerate().map(|(at, delta)| {
            let finish = if at == last { json!("stop") } else { Value::Null };
            let chunk = json!({"choices": [{"delta": delta, "finish_reason": finish, "index": 0}],
                "created": 1, "model": "gemini", "object": "chat.completion.chunk",
                "usage": {"completion_tokens": at, "prompt_tokens": 70, "total_tokens": 70 + at}});
            format!("data: {chunk}\r\n\r\n")
        });
            Reply::raw(chunks)
        };
    let call = |id: &str, name: &str, arguments: &str| {
        json!({"extra_content": {"google": {"thought_signature": format!("signed {id}")}},
               "function": {"arguments": arguments, "name": name}, "id": id, "index": 0,
               "type": "function"})
    };
    Exchanges {
        family: Family::Google,
        turns: [
            turn(vec![
                json!({"content": "<thinking>Which tables?</thinking>", "role": "assistant"}),
                json!({"role": "assistant", "tool_calls": [
                    call("a", "list_tables", "{}"),
                    call("b", "describe_tables", "{\"tables\":[\"customer\"]}"),
                ]}),
            ]),
            turn(vec![
                json!({"content": "<thinking>Count.</thinking>", "role": "assistant",
                       "tool_calls": [call("c", "sql_query", &arguments())]}),
            ]),
            turn(vec![
                json!({"content": "<answer>Bandung 2 — Bogor 1.<sugg", "role": "assistant"}),
                json!({"content": "estions>- Why?</suggestions></answer>", "role": "assistant"}),
            ]),
        ],
    }
}

/// Comments while it waits, reasoning in parts that are wanted back, the cost in the last chunk.
fn openrouter() -> Exchanges {
    let turn = |deltas: Vec<Value>, finish: &str| {
        let mut frames = vec![": OPENROUTER PROCESSING\n\n".to_owned(); 2];
        for delta in deltas {
            let chunk = json!({"id": "gen-1", "provider": "P", "model": "m", "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": delta, "finish_reason": null, "native_finish_reason": null}]});
            frames.push(format!("data: {chunk}\n\n"));
            frames.push(": OPENROUTER PROCESSING\n\n".to_owned());
        }
        let chunk = json!({"id": "gen-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""},
            "finish_reason": finish, "native_finish_reason": "completed"}]});
        frames.push(format!("data: {chunk}\n\n"));
        let chunk = json!({"id": "gen-1", "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": null}],
            "usage": {"prompt_tokens": 70, "completion_tokens": 7, "cost": 0.001, "prompt_tokens_details": null}});
        frames.push(format!("data: {chunk}\n\n"));
        Reply::raw(frames)
    };
    let reasoning = |text: &str| {
        json!({"role": "assistant", "content": "", "reasoning": text, "reasoning_details": [
            {"type": "reasoning.text", "text": text, "format": "f", "index": 0}]})
    };
    let signature = json!({"content": "", "reasoning_details": [
        {"type": "reasoning.text", "signature": "signed", "format": "f", "index": 0},
        {"type": "reasoning.encrypted", "data": "e1", "index": 1},
        {"type": "reasoning.encrypted", "data": "e2", "index": 1}]});
    let call = |index: u64, id: &str, name: &str, arguments: &str| {
        json!({"role": "assistant", "content": null, "tool_calls": [{"index": index, "id": id,
               "type": "function", "function": {"name": name, "arguments": arguments}}]})
    };
    Exchanges {
        family: Family::OpenRouter,
        turns: [
            turn(
                vec![
                    reasoning("Which "),
                    reasoning("tables?"),
                    signature,
                    call(0, "a", "list_tables", ""),
                    call(1, "b", "describe_tables", "{\"tables\":[\"customer\"]}"),
                ],
                "tool_calls",
            ),
            turn(
                vec![reasoning("Count."), call(0, "c", "sql_query", &arguments())],
                "tool_calls",
            ),
            turn(
                vec![
                    json!({"content": "<answer>Bandung 2 — Bogor 1.<suggestions>- Why?</suggestions></answer>"}),
                ],
                "stop",
            ),
        ],
    }
}

/// All calls in one chunk with index 0, `stop` after them, thoughts under a name of their own.
fn ollama() -> Exchanges {
    let turn = |deltas: Vec<Value>| {
        let mut chunks: Vec<Value> = deltas
            .into_iter()
            .map(|delta| json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m",
                "system_fingerprint": "fp_ollama", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
            .collect();
        chunks.push(
            json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""},
            "finish_reason": "stop"}]}),
        );
        chunks.push(json!({"choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 7}}));
        Reply::chunks(&chunks)
    };
    Exchanges {
        family: Family::Ollama,
        turns: [
            turn(vec![
                json!({"role": "assistant", "content": "", "reasoning": "Which tables?"}),
                json!({"role": "assistant", "content": "", "tool_calls": [
                    {"id": "call_a", "index": 0, "type": "function", "function": {"name": "list_tables", "arguments": "{}"}},
                    {"id": "call_b", "index": 0, "type": "function", "function": {
                        "name": "describe_tables", "arguments": "{\"tables\":[\"customer\"]}"}}]}),
            ]),
            turn(vec![
                json!({"role": "assistant", "content": "<think>Count.</think>"}),
                json!({"role": "assistant", "content": "", "tool_calls": [
                    {"id": "call_c", "index": 0, "type": "function", "function": {
                        "name": "sql_query", "arguments": arguments()}}]}),
            ]),
            turn(vec![
                json!({"role": "assistant", "content": "<answer>Bandung 2 — Bogor 1.<suggestions>"}),
                json!({"role": "assistant", "content": "- Why?</suggestions></answer>"}),
            ]),
        ],
    }
}

/// Another service by its address: no ids, no index, arguments as an object, no `[DONE]`.
fn other() -> Exchanges {
    let turn = |deltas: &[Value]| {
        let finish = json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]});
        Reply::deltas(deltas)
            .and(Reply::chunks(&[finish]))
            .ending(End::Unsaid)
    };
    Exchanges {
        family: Family::OpenAi,
        turns: [
            turn(&[
                json!({"reasoning_content": "Which tables?"}),
                json!({"tool_calls": [{"index": null, "function": {"name": "list_tables", "arguments": {}}}]}),
                json!({"tool_calls": [{"function": {"name": "describe_tables", "arguments": {"tables": ["customer"]}}}]}),
            ]),
            turn(&[
                json!({"content": [{"type": "text", "text": "<thinking>Count.</thinking>"}]}),
                json!({"tool_calls": [{"function": {"name": "sql_query", "arguments": {"query": QUERY}}}]}),
            ]),
            // The last event has no blank line after it.
            turn(&[json!({"content": "<answer>Bandung 2 — Bogor 1.<suggestions>- Why?</suggestions></answer>"})])
                .and(Reply::raw(["data: {\"choices\": []}"]))
                .ending(End::Unsaid),
        ],
    }
}

/// A service that does not stream at all.
fn whole() -> Exchanges {
    let turn = |message: Value| {
        Reply::json(
            200,
            &json!({"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 70, "completion_tokens": 7}}),
        )
    };
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    Exchanges {
        family: Family::OpenAi,
        turns: [
            turn(
                json!({"role": "assistant", "content": "<thinking>Which tables?</thinking>", "tool_calls": [
                call("a", "list_tables", "{}"), call("b", "describe_tables", "{\"tables\":[\"customer\"]}")]}),
            ),
            turn(
                json!({"role": "assistant", "content": "<thinking>Count.</thinking>",
                        "tool_calls": [call("c", "sql_query", &arguments())]}),
            ),
            turn(json!({"role": "assistant",
                        "content": "<answer>Bandung 2 — Bogor 1.<suggestions>- Why?</suggestions></answer>"})),
        ],
    }
}

fn all() -> Vec<Exchanges> {
    vec![openai(), google(), openrouter(), ollama(), other(), whole()]
}

async fn played(family: Family, turns: &[Reply]) -> Run {
    Shop::with(family, hasty(), turns.to_vec())
        .await
        .run()
        .await
}

/// The events, the pieces of one text put together.
fn joined(events: &[AgentEvent]) -> Vec<Value> {
    let mut joined: Vec<Value> = Vec::new();
    for event in events {
        let event = serde_json::to_value(event).unwrap();
        match joined.last_mut() {
            Some(last) if last["type"] == event["type"] && event["content"].is_string() => {
                let text = [&last["content"], &event["content"]].map(|text| text.as_str().unwrap());
                last["content"] = text.concat().into();
            }
            _ => joined.push(event),
        }
    }
    joined
}

#[tokio::test]
async fn every_family_gives_the_same_result_and_the_same_events() {
    let expected = played(openai().family, &openai().turns).await;
    let kinds: Vec<Value> = joined(&expected.events)
        .into_iter()
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        [
            "thinking",
            "tool_start",
            "tool_end",
            "tool_start",
            "tool_end",
            "thinking",
            "tool_start",
            "tool_end",
            "sql_result",
            "chart_config",
            "token",
            "suggestions",
        ]
    );
    for Exchanges { family, turns } in all() {
        let run = played(family, &turns).await;
        let mut result = run.result().clone();
        result.task_id = expected.result().task_id.clone();
        result.execution_time_ms = expected.result().execution_time_ms;
        assert_eq!(&result, expected.result(), "{family:?}");
        assert_eq!(joined(&run.events), joined(&expected.events), "{family:?}");
        assert_eq!(run.requests.len(), 3, "{family:?}");
    }
}

#[tokio::test]
async fn the_stream_may_be_cut_into_packets_anywhere() {
    for Exchanges { family, turns } in all() {
        let whole = played(family, &turns).await;
        for bytes in [1, 7, 64] {
            let cut = turns.clone().map(|turn| turn.in_packets_of(bytes));
            let run = played(family, &cut).await;
            assert_eq!(
                joined(&run.events),
                joined(&whole.events),
                "{family:?} in {bytes}"
            );
        }
    }
}

/// The earlier turns of the model, as the last request tells them.
fn echoed(run: &Run) -> Vec<Value> {
    let messages = run.requests[2]["messages"].as_array().unwrap();
    let turns = messages
        .iter()
        .filter(|message| message["role"] == "assistant");
    turns.cloned().collect()
}

#[tokio::test]
async fn what_a_family_wants_back_is_sent_back() {
    let run = played(google().family, &google().turns).await;
    let calls = &echoed(&run)[0]["tool_calls"];
    for (at, id) in ["a", "b"].iter().enumerate() {
        assert_eq!(
            calls[at]["extra_content"]["google"]["thought_signature"],
            format!("signed {id}")
        );
    }
    let results = run.requests[2]["messages"].as_array().unwrap();
    let mut named = results.iter().filter(|message| message["role"] == "tool");
    assert!(named.all(|message| message["name"].is_string()));
    assert!(
        !run.requests[0]["tools"]
            .to_string()
            .contains("additionalProperties")
    );

    let run = played(openrouter().family, &openrouter().turns).await;
    let turn = &echoed(&run)[0];
    assert_eq!(
        turn["reasoning_details"],
        json!([
            {"type": "reasoning.text", "text": "Which tables?", "format": "f", "index": 0, "signature": "signed"},
            {"type": "reasoning.encrypted", "data": "e1", "index": 1},
            {"type": "reasoning.encrypted", "data": "e2", "index": 1},
        ])
    );
    assert_eq!(turn.get("reasoning"), None, "it would be told twice");
    assert_eq!(turn["content"], Value::Null);

    let run = played(other().family, &other().turns).await;
    assert_eq!(echoed(&run)[0]["reasoning_content"], "Which tables?");
    let ids: Vec<&Value> = run.requests[2]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| &message["tool_call_id"])
        .collect();
    assert_eq!(
        ids,
        ["call_2_0", "call_2_1", "call_5_0"],
        "each id is used once"
    );
}

#[tokio::test]
async fn what_each_turn_cost_is_kept_with_it() {
    for Exchanges { family, turns } in all() {
        let steps = super::going_on::steps(Shop::with(family, hasty(), turns.to_vec()).await).await;
        let costs: Vec<Option<Usage>> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Turn(Turn { usage, .. }) => Some(*usage),
                _ => None,
            })
            .collect();
        assert_eq!(costs.len(), 3, "{family:?}");
        let read: Vec<Option<u64>> = costs
            .iter()
            .map(|cost| Some(cost.as_ref()?.input_tokens))
            .collect();
        let is_told = read.iter().all(|read| *read == Some(70));
        assert!(
            is_told || read == [None, None, None],
            "{family:?}: {costs:?}"
        );
    }
    let steps = super::going_on::steps(Shop::open(openai().turns.to_vec()).await).await;
    let Step::Turn(turn) = &steps[0] else {
        panic!()
    };
    let cost = Usage {
        input_tokens: 70,
        output_tokens: 7,
        cached_tokens: 60,
    };
    assert_eq!(turn.usage, Some(cost));
}
