//! Whatever is published, and wherever a subscriber joins, it gets a valid stream and every cursor.

use futures::FutureExt as _;
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Builder;

use super::*;

/// An event as a publisher might send it, well or ill.
fn event() -> impl Strategy<Value = (String, String)> {
    let tool = || prop::sample::select(vec!["sql", "schema"]);
    let known = prop_oneof![
        4 => "[ab]{0,2}".prop_map(|text| json!({"type": "token", "content": text})),
        3 => "[ab]{0,2}".prop_map(|text| json!({"type": "thinking", "content": text})),
        3 => tool().prop_map(|tool| json!({"type": "tool_start", "tool": tool, "input": {"q": 1}})),
        3 => (tool(), prop::sample::select(vec!["{\"a\":\n1}", "no JSON", ""])).prop_map(
            |(tool, output)| json!({"type": "tool_end", "tool": tool, "output": output})),
        1 => "[ab]{0,2}".prop_map(|text| json!({"type": "answer", "content": text})),
        1 => Just(json!({"type": "sql_result", "data": [{"a": null}]})),
        1 => Just(json!({"type": "session_resumed", "message": "m", "session_id": "s"})),
        1 => Just(json!({"type": "error", "error": "e"})),
        1 => Just(json!({"type": "done"})),
        1 => Just(json!({"type": "done", "result": {"status": "completed"}})),
        1 => Just(json!({"type": "done", "result": {"status": "failed", "error": "f"}})),
    ];
    let known = known.prop_map(|event| {
        (
            event["type"].as_str().unwrap().to_owned(),
            event.to_string(),
        )
    });
    let kinds = [
        "token",
        "thinking",
        "answer",
        "tool_start",
        "tool_end",
        "error",
        "done",
        "gap",
        "timeout",
        "new",
        "message",
    ];
    let data = [
        "{}",
        "[]",
        "nonsense",
        "",
        "null",
        "{\"content\":7}",
        "{\"content\":null}",
        "{\"content\":\"a\",\"content\":\"b\"}",
        "{\"tool\":\"sql\"}",
        "{\"tool\":\"sql\",\"input\":null}",
        "{\"result\":[]}",
        "{\"a\":\r\n1}",
        "{\"result\":{\"status\":3}}",
        "{\"oldest\":\"x\"}",
    ];
    let ill = (
        prop::sample::select(kinds.to_vec()),
        prop::sample::select(data.to_vec()),
    )
        .prop_map(|(kind, data)| (kind.to_owned(), data.to_owned()));
    let strange = ("[^\r\n\0]{1,6}", "(?s).{0,8}");
    prop_oneof![12 => known, 2 => ill, 1 => strange]
}

/// Where a visitor joins.
#[derive(Debug, Clone)]
enum Join {
    Plain,
    All,
    After(prop::sample::Index),
    AfterOrAll(prop::sample::Index),
    Nowhere,
}

fn join() -> impl Strategy<Value = Join> {
    prop_oneof![
        Just(Join::Plain),
        Just(Join::All),
        Just(Join::Nowhere),
        any::<prop::sample::Index>().prop_map(Join::After),
        any::<prop::sample::Index>().prop_map(Join::AfterOrAll),
    ]
}

impl Join {
    fn visit(&self, ids: &[String]) -> Visit {
        let id = |index: &prop::sample::Index| (!ids.is_empty()).then(|| index.get(ids).clone());
        let (cursor, replay_all) = match self {
            Self::Plain => (None, false),
            Self::All => (None, true),
            Self::After(index) => (id(index), false),
            Self::AfterOrAll(index) => (id(index), true),
            Self::Nowhere => (Some("0000000-7".to_owned()), false),
        };
        Visit { cursor, replay_all }
    }
}

fn ids(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines.filter_map(|line| line.strip_prefix("id: ")).collect()
}

/// A native stream and a translated one, read side by side.
struct Pair {
    native: Subscription,
    other: Translation,
    native_text: String,
    other_text: String,
}

impl Pair {
    /// Reads a step from both; false when there is nothing now.
    fn step(&mut self) -> bool {
        let native = self.native.next().now_or_never();
        let other = self.other.next().now_or_never();
        let Some(native) = native else {
            assert_eq!(other, None);
            return false;
        };
        let other = other.expect("both read the same");
        let more = native.is_some();
        let texts = [
            (native, &mut self.native_text),
            (other, &mut self.other_text),
        ];
        for (frames, text) in texts {
            text.push_str(std::str::from_utf8(&frames.unwrap_or_default()).unwrap());
        }
        more
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Joins, readers that fall out of the log, and ends of all kinds.
    #[test]
    fn every_join_gets_a_valid_stream_with_the_cursors_of_the_native_one(
        before in prop::collection::vec(event(), 0..25),
        after in prop::collection::vec((event(), 0_usize..3), 0..25),
        kept in 1_usize..40,
        join in join(),
        vocabulary in prop::sample::select(VOCABULARIES.to_vec()),
    ) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let texts = runtime.block_on(async {
            let hub = hub(kept, Duration::from_mins(5));
            let published: Vec<_> =
                before.iter().map(|(kind, data)| publish(&hub, kind, data)).collect();
            let visit = join.visit(&published);
            let native = super::visit(&hub, &visit)?;
            let other = super::visit(&hub, &visit)?;
            let mut pair = Pair {
                native,
                other: Translation::join(other, vocabulary).await,
                native_text: String::new(),
                other_text: String::new(),
            };
            for ((kind, data), reads) in &after {
                publish(&hub, kind, data);
                for _ in 0..*reads {
                    pair.step();
                }
            }
            hub.stop();
            while pair.step() {}
            Some((pair.native_text, pair.other_text))
        });
        if let Some((native, other)) = texts {
            prop_assert_eq!(check(vocabulary, &other), Ok(()));
            prop_assert_eq!(ids(&native), ids(&other));
        }
    }

    /// The same beneath the hub, where a gap or the time-out may come at any place.
    #[test]
    fn gaps_and_the_time_out_fit_in_anywhere(
        events in prop::collection::vec(prop::option::weighted(0.9, event()), 0..30),
        heard_from in 0_usize..30,
        times_out in any::<bool>(),
        vocabulary in prop::sample::select(VOCABULARIES.to_vec()),
    ) {
        let mut translator = Translator::new(vocabulary, "s".to_owned(), "e-1".to_owned());
        let mut text = String::new();
        let mut live = false;
        for (index, event) in events.iter().enumerate() {
            let id = crate::log::Log::new(LogLimits { events: 1, bytes: 1 }).id(index as u64 + 1);
            let frame = match event {
                Some((kind, data)) => {
                    let kind = EventType::try_from(kind.clone()).unwrap();
                    Draft::new(&kind, data).seal(id)
                }
                None if index < heard_from => continue,
                None => {
                    let gap = json!({"requested": null, "oldest": format!("gap-{index}"), "head": null});
                    crate::frame::unnumbered("gap", &gap.to_string())
                }
            };
            if index < heard_from {
                translator.skip(&frame);
                continue;
            }
            if !std::mem::replace(&mut live, true) {
                translator.go_live();
            }
            text.push_str(std::str::from_utf8(&translator.translate(&frame)).unwrap());
        }
        if times_out {
            translator.go_live();
            let frame = crate::frame::unnumbered("timeout", "{}");
            text.push_str(std::str::from_utf8(&translator.translate(&frame)).unwrap());
            let end = translator.finish().unwrap_or_default();
            text.push_str(std::str::from_utf8(&end).unwrap());
            prop_assert!(vocabulary == Vocabulary::Agui || text.ends_with("data: [DONE]\n\n"));
        }
        prop_assert_eq!(check(vocabulary, &text), Ok(()));
    }

    /// One who is there from the first event loses no text, in whatever pieces it comes.
    #[test]
    fn no_text_is_lost(
        pieces in prop::collection::vec((any::<bool>(), "(?s).{0,6}"), 0..20),
        vocabulary in prop::sample::select(VOCABULARIES.to_vec()),
    ) {
        let mut translator = Translator::new(vocabulary, "s".to_owned(), "e-1".to_owned());
        translator.go_live();
        let mut told = [String::new(), String::new()];
        for (index, (reasoning, piece)) in pieces.iter().enumerate() {
            let kind = if *reasoning { "thinking" } else { "token" };
            let data = json!({"type": kind, "content": piece});
            let frame = format!("id: e-{index}\nevent: {kind}\ndata: {data}\n\n");
            let frames = translator.translate(frame.as_bytes());
            for frame in data_of(&frames) {
                if let Some(delta) = frame["delta"].as_str() {
                    let kind = frame["type"].as_str().unwrap().to_lowercase();
                    told[usize::from(kind.starts_with("reasoning"))].push_str(delta);
                }
            }
        }
        for (index, told) in told.iter().enumerate() {
            let said = pieces.iter().filter(|(reasoning, _)| usize::from(*reasoning) == index);
            let said: String = said.map(|(_, piece)| piece.as_str()).collect();
            prop_assert_eq!(told, &said);
        }
    }
}

fn data_of(frames: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(frames).unwrap();
    let json = |data: &&str| serde_json::from_str(data).unwrap();
    data(text).iter().map(json).collect()
}
