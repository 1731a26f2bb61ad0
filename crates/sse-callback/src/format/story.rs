//! What a front end has to be told about a run, event by event: the state machine that is the same
//! in every vocabulary.

use std::collections::VecDeque;

use serde::{Deserialize, Deserializer};
use serde_json::value::{RawValue, to_raw_value};

use super::native::Event;

/// One thing to tell. Each vocabulary has its own words for it, or none.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A run begins; nothing but a failure is told outside of one.
    RunStarted { run: &'a str },
    /// A run is over.
    RunFinished {
        run: &'a str,
        event: &'a RawValue,
        result: Option<&'a RawValue>,
    },
    /// A run is over, because it failed.
    RunFailed { failure: Failure<'a> },
    /// The stream ends for want of events, and no run is open.
    StreamFailed { failure: Failure<'a> },
    /// A message begins.
    Opened { block: BlockKind, id: &'a str },
    /// It goes on; `delta` is not empty.
    Continued {
        block: BlockKind,
        id: &'a str,
        delta: &'a str,
    },
    /// It is complete.
    Closed { block: BlockKind, id: &'a str },
    /// A tool is called; `again` when that was before the subscriber joined, so that one who has been
    /// here before knows of it.
    Called {
        call: &'a str,
        tool: &'a str,
        input: &'a RawValue,
        again: bool,
    },
    /// A call that was told has an outcome; `id` is the event that brought it.
    Returned {
        call: &'a str,
        id: &'a str,
        output: &'a str,
    },
    /// A call that was told has no outcome, and none will come.
    Abandoned { call: &'a str },
    /// Anything that front ends have no common word for, as it is.
    Other { kind: &'a str, event: &'a RawValue },
}

/// The two kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// What the user asked for.
    Text,
    /// How the model came to it.
    Reasoning,
}

/// Why something failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'a> {
    /// For people.
    pub(super) message: &'a str,
    /// For programs; only the receiver's own failures have one.
    pub(super) code: Option<&'static str>,
}

/// Where the steps go.
pub(super) type Tell<'a> = dyn FnMut(Step<'_>) + 'a;

/// What one subscriber has been told, and what is going on.
///
/// Both are the same for one who is there from the first event. One who joins later is first taken
/// through the run's earlier events in silence; what is going on is then told when it first
/// matters, under the names that it has for everybody else.
#[derive(Debug)]
pub(super) struct Story {
    /// The event that the next run starts with, as long as none has come.
    expected: String,
    /// Whether the subscriber hears what happens.
    live: bool,
    run: Option<Run>,
    /// Whether the last that was told is that a run failed; only a new run may follow.
    failure_told: bool,
    /// A run that has failed, and whose `done` is still to come.
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Run {
    /// The id of its first event.
    id: String,
    told: bool,
    block: Option<Block>,
    calls: VecDeque<Call>,
}

#[derive(Debug)]
struct Block {
    kind: BlockKind,
    /// The id of the event that began it.
    id: String,
    told: bool,
}

#[derive(Debug)]
struct Call {
    id: String,
    tool: String,
    /// What to tell before its outcome, if it was not told.
    untold: Option<Box<RawValue>>,
}

#[derive(Debug)]
struct Failed {
    run: String,
    message: String,
    told: bool,
}

#[derive(Default, Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    tool: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    oldest: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Outcome {
    status: Option<String>,
    error: Option<String>,
}

/// What an event means here.
enum Meaning<'a> {
    Piece(BlockKind, String),
    Whole(String),
    ToolStart(String, &'a RawValue),
    ToolEnd(String, String),
    Failure(String),
    Done(Option<&'a RawValue>),
    Gap(Option<String>),
    /// A turn that was cut begins again.
    Resumed,
    Timeout,
    Other,
}

impl Story {
    /// So many calls are remembered while they wait for their outcome; the oldest make room.
    const CALLS: usize = 100;

    /// The story for a subscriber who is told nothing yet; `expected` is the id of the first event
    /// that it will see.
    pub(super) fn silent(expected: String) -> Self {
        Self {
            expected,
            live: false,
            run: None,
            failure_told: false,
            failed: None,
        }
    }

    /// From here on the subscriber hears what happens.
    pub(super) fn go_live(&mut self) {
        self.live = true;
    }

    /// Takes the next event, and tells what it means.
    pub(super) fn event(&mut self, event: &Event<'_>, tell: &mut Tell<'_>) {
        let owned;
        let json = if let Ok(json) = serde_json::from_str::<&RawValue>(&event.data) {
            json
        } else {
            owned = text_value(&event.data);
            &*owned
        };
        let expected;
        let id = if let Some(id) = event.id {
            id
        } else {
            expected = self.expected.clone();
            &expected
        };
        match meaning(event, json) {
            Meaning::Piece(kind, delta) => self.piece(kind, id, &delta, tell),
            Meaning::Whole(text) => {
                let live = self.live;
                let run = self.begun(id, tell);
                run.close(tell);
                run.piece(live, BlockKind::Text, id, &text, tell);
                run.close(tell);
            }
            Meaning::ToolStart(tool, input) => self.tool_start(id, tool, input, tell),
            Meaning::ToolEnd(tool, output) => self.tool_end(id, tool, &output, tell),
            Meaning::Failure(message) => {
                self.begun(id, tell);
                self.fail(&message, tell);
            }
            Meaning::Done(result) => self.done(id, json, result, tell),
            Meaning::Gap(oldest) => {
                let run = self.begun(oldest.as_deref().unwrap_or(id), tell);
                run.wind_up(tell);
                let kind = event.kind;
                tell(Step::Other { kind, event: json });
            }
            Meaning::Timeout => self.timeout(tell),
            Meaning::Resumed => {
                // What is told again is not the rest of the message that was open. A call goes on: its
                // beginning is not told again.
                self.begun(id, tell).close(tell);
                let kind = event.kind;
                tell(Step::Other { kind, event: json });
            }
            Meaning::Other => {
                self.begun(id, tell);
                let kind = event.kind;
                tell(Step::Other { kind, event: json });
            }
        }
    }

    /// The run that is open, or a new one, and the subscriber knows of it if it is to.
    fn begun(&mut self, id: &str, tell: &mut Tell<'_>) -> &mut Run {
        self.failed = None;
        let run = self.run.get_or_insert_with(|| Run::new(id));
        if self.live && !run.told {
            run.told = true;
            self.failure_told = false;
            tell(Step::RunStarted { run: &run.id });
        }
        run
    }

    fn piece(&mut self, kind: BlockKind, id: &str, delta: &str, tell: &mut Tell<'_>) {
        let live = self.live;
        self.begun(id, tell).piece(live, kind, id, delta, tell);
    }

    fn tool_start(&mut self, id: &str, tool: String, input: &RawValue, tell: &mut Tell<'_>) {
        let live = self.live;
        let run = self.begun(id, tell);
        run.close(tell);
        if run.calls.len() == Self::CALLS
            && let Some(oldest) = run.calls.pop_front()
        {
            oldest.abandon(tell);
        }
        let mut call = Call {
            id: call_id(id),
            tool,
            untold: Some(input.to_owned()),
        };
        if live {
            call.tell(false, tell);
        }
        run.calls.push_back(call);
    }

    fn tool_end(&mut self, id: &str, tool: String, output: &str, tell: &mut Tell<'_>) {
        let live = self.live;
        let run = self.begun(id, tell);
        run.close(tell);
        // Of several calls of one tool, the one that began first ends first.
        let waiting = run.calls.iter().position(|call| call.tool == tool);
        let found = waiting.and_then(|index| run.calls.remove(index));
        if live {
            let again = found.is_some();
            let mut call = found.unwrap_or_else(|| Call {
                id: call_id(id),
                tool,
                untold: Some(empty_object()),
            });
            call.tell(again, tell);
            let call = &call.id;
            tell(Step::Returned { call, id, output });
        }
    }

    fn done(&mut self, id: &str, event: &RawValue, result: Option<&RawValue>, tell: &mut Tell<'_>) {
        if let Some(failed) = self.failed.take() {
            if self.live && !failed.told {
                self.begun(&failed.run, tell);
                self.fail(&failed.message, tell);
                self.failed = None;
            }
            return;
        }
        let outcome = result
            .and_then(|result| serde_json::from_str::<Outcome>(result.get()).ok())
            .unwrap_or_default();
        self.begun(id, tell);
        if outcome.status.as_deref() == Some("failed") {
            let message = outcome.error.unwrap_or_else(|| "the run failed".to_owned());
            self.fail(&message, tell);
            self.failed = None;
        } else if let Some(mut run) = self.run.take() {
            run.wind_up(tell);
            if self.live {
                let run = &run.id;
                tell(Step::RunFinished { run, event, result });
            }
        }
    }

    fn fail(&mut self, message: &str, tell: &mut Tell<'_>) {
        let Some(mut run) = self.run.take() else {
            return;
        };
        run.wind_up(tell);
        if self.live {
            let failure = Failure {
                message,
                code: None,
            };
            tell(Step::RunFailed { failure });
            self.failure_told = true;
        }
        self.failed = Some(Failed {
            run: run.id,
            message: message.to_owned(),
            told: self.live,
        });
    }

    fn timeout(&mut self, tell: &mut Tell<'_>) {
        let failure = Failure {
            message: "no event came for a long time, so the stream ends",
            code: Some("timeout"),
        };
        if let Some(mut run) = self.run.take_if(|run| run.told) {
            run.wind_up(tell);
            tell(Step::RunFailed { failure });
        } else if !self.failure_told {
            tell(Step::StreamFailed { failure });
        }
    }
}

impl Run {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            told: false,
            block: None,
            calls: VecDeque::new(),
        }
    }

    fn piece(&mut self, live: bool, kind: BlockKind, id: &str, delta: &str, tell: &mut Tell<'_>) {
        if delta.is_empty() {
            return;
        }
        if self.block.as_ref().is_some_and(|block| block.kind != kind) {
            self.close(tell);
        }
        let block = self.block.get_or_insert_with(|| Block {
            kind,
            id: id.to_owned(),
            told: false,
        });
        if !live {
            return;
        }
        let id = &block.id;
        if !block.told {
            block.told = true;
            tell(Step::Opened { block: kind, id });
        }
        let block = kind;
        tell(Step::Continued { block, id, delta });
    }

    /// Completes the message that is open, if any.
    fn close(&mut self, tell: &mut Tell<'_>) {
        if let Some(block) = self.block.take_if(|block| block.told) {
            let id = &block.id;
            let block = block.kind;
            tell(Step::Closed { block, id });
        }
        self.block = None;
    }

    /// Completes all that is open.
    fn wind_up(&mut self, tell: &mut Tell<'_>) {
        self.close(tell);
        for call in self.calls.drain(..) {
            call.abandon(tell);
        }
    }
}

impl Call {
    fn tell(&mut self, again: bool, tell: &mut Tell<'_>) {
        if let Some(input) = self.untold.take() {
            tell(Step::Called {
                call: &self.id,
                tool: &self.tool,
                input: &input,
                again,
            });
        }
    }

    fn abandon(self, tell: &mut Tell<'_>) {
        if self.untold.is_none() {
            tell(Step::Abandoned { call: &self.id });
        }
    }
}

/// A call's name differs from the one of the message that brings its outcome.
fn call_id(event: &str) -> String {
    format!("call-{event}")
}

fn meaning<'a>(event: &Event<'_>, json: &'a RawValue) -> Meaning<'a> {
    let fields: Fields<'a> = serde_json::from_str(json.get()).unwrap_or_default();
    let meaning = match (event.kind, event.id) {
        ("thinking", _) => {
            text(fields.content).map(|delta| Meaning::Piece(BlockKind::Reasoning, delta))
        }
        ("token", _) => text(fields.content).map(|delta| Meaning::Piece(BlockKind::Text, delta)),
        ("answer", _) => text(fields.content).map(Meaning::Whole),
        ("tool_start", _) => text(fields.tool)
            .zip(fields.input)
            .map(|(tool, input)| Meaning::ToolStart(tool, input)),
        ("tool_end", _) => text(fields.tool)
            .zip(text(fields.output))
            .map(|(tool, output)| Meaning::ToolEnd(tool, output)),
        ("error", _) => text(fields.error).map(Meaning::Failure),
        ("done", _) => Some(Meaning::Done(fields.result)),
        ("session_resumed", _) => Some(Meaning::Resumed),
        ("gap", None) => Some(Meaning::Gap(text(fields.oldest))),
        ("timeout", None) => Some(Meaning::Timeout),
        _ => None,
    };
    meaning.unwrap_or(Meaning::Other)
}

/// A field that counts as there when it is null, too.
fn present<'de, D: Deserializer<'de>>(field: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(field).map(Some)
}

fn text(field: Option<&RawValue>) -> Option<String> {
    field.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

fn text_value(text: &str) -> Box<RawValue> {
    to_raw_value(text).unwrap_or_else(|_| empty_object())
}

fn empty_object() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).unwrap_or_default()
}
