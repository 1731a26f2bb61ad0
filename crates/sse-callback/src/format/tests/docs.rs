//! The examples of `docs/events.md`: each is an event of the contract, and what the page says
//! becomes of it is what the code makes of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kai_core::event::AgentEvent;

use super::*;

const PAGE: &str = include_str!("../../../../../docs/events.md");

/// The receiver's own, which no publisher sends.
const OWN: [&str; 2] = ["gap", "timeout"];

/// The one example of a type that the contract does not know.
const UNKNOWN: &str = "progress";

struct Example {
    native: String,
    agui: String,
    aisdk: String,
}

impl Example {
    fn kind(&self) -> String {
        let event: Value = serde_json::from_str(&self.native).unwrap();
        event["type"].as_str().unwrap_or_default().to_owned()
    }

    fn shown(&self, vocabulary: Vocabulary) -> &str {
        match vocabulary {
            Vocabulary::Agui => &self.agui,
            Vocabulary::Aisdk => &self.aisdk,
        }
    }
}

/// The sections with an example: a heading, and three blocks of code.
fn examples() -> Vec<(&'static str, Example)> {
    let sections = PAGE.split("\n## `").skip(1);
    let example = |section: &'static str| {
        let heading = section.split('`').next().unwrap();
        let fenced: Vec<_> = section.split("```").skip(1).step_by(2).collect();
        let [native, agui, aisdk] = fenced[..] else {
            panic!("{heading} needs three blocks");
        };
        let code = |block: &str| {
            let (language, code) = block.split_once('\n').unwrap();
            assert_eq!(language, "json", "{heading}");
            code.trim_end().to_owned()
        };
        let [native, agui, aisdk] = [native, agui, aisdk].map(code);
        let example = Example {
            native,
            agui,
            aisdk,
        };
        (heading, example)
    };
    sections.map(example).collect()
}

#[test]
fn each_example_is_an_event_of_the_contract_and_none_is_missing() {
    let mut kinds = BTreeSet::new();
    for (heading, example) in examples() {
        if OWN.contains(&heading) {
            continue;
        }
        assert_eq!(example.kind(), heading);
        if heading == UNKNOWN {
            assert!(serde_json::from_str::<AgentEvent>(&example.native).is_err());
            continue;
        }
        let event: AgentEvent = serde_json::from_str(&example.native).unwrap();
        let written: Value = serde_json::from_str(&example.native).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), written, "{heading}");
        kinds.insert(event.kind());
    }
    // The contract itself says what it knows when it is asked for something else.
    let refused = serde_json::from_str::<AgentEvent>(r#"{"type":"nonsense"}"#).unwrap_err();
    let refused = refused.to_string();
    let (_, known) = refused.split_once("expected one of").unwrap();
    let contract: BTreeSet<&str> = known.split('`').skip(1).step_by(2).collect();
    assert!(contract.len() >= 15, "{refused}");
    assert_eq!(kinds, contract);
}

#[test]
fn each_example_becomes_what_the_page_shows() {
    for vocabulary in VOCABULARIES {
        let mut text = String::new();
        let mut translator = listener(vocabulary);
        let mut number = 0;
        for (heading, example) in examples() {
            let line = example.native.replace('\n', " ");
            let mut frame = String::new();
            if !OWN.contains(&heading) {
                number += 1;
                writeln!(frame, "id: k3v9x0a-{number}").unwrap();
            }
            write!(frame, "event: {heading}\ndata: {line}\n\n").unwrap();
            if heading == "timeout" {
                translator = listener(vocabulary);
                text.clear();
            }
            let mut told = translator.translate(frame.as_bytes()).to_vec();
            if heading == "timeout" {
                told.extend(translator.finish().unwrap_or_default());
            }
            let told = String::from_utf8(told).unwrap();
            let shown = data(&told).join("\n");
            assert_eq!(
                shown,
                example.shown(vocabulary),
                "{heading} as {vocabulary:?}"
            );
            text.push_str(&told);
            assert_eq!(check(vocabulary, &text), Ok(()));
        }
    }
}

fn listener(vocabulary: Vocabulary) -> Translator {
    let expected = "k3v9x0a-1".to_owned();
    let mut translator = Translator::new(vocabulary, "koperasi-1".to_owned(), expected);
    translator.go_live();
    translator
}
