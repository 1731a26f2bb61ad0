//! The vocabulary of the Vercel AI SDK's UI message streams, as of its version 5.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::story::{BlockKind, Step};
use super::translator::Frames;

/// What follows the last part of a stream that is complete.
pub(super) const END: &str = "[DONE]";

#[derive(Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
enum Part<'a> {
    Start {
        message_id: &'a str,
    },
    TextStart {
        id: &'a str,
    },
    TextDelta {
        id: &'a str,
        delta: &'a str,
    },
    TextEnd {
        id: &'a str,
    },
    ReasoningStart {
        id: &'a str,
    },
    ReasoningDelta {
        id: &'a str,
        delta: &'a str,
    },
    ReasoningEnd {
        id: &'a str,
    },
    ToolInputAvailable {
        tool_call_id: &'a str,
        tool_name: &'a str,
        input: &'a RawValue,
        /// Or else a front end takes it for a tool that it has to run itself.
        provider_executed: bool,
    },
    ToolOutputAvailable {
        tool_call_id: &'a str,
        output: &'a RawValue,
    },
    ToolOutputError {
        tool_call_id: &'a str,
        error_text: &'a str,
    },
    Error {
        error_text: &'a str,
    },
    Finish,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(rename = "type")]
    kind: String,
    data: &'a RawValue,
}

/// Says a step; a run is one message of the assistant.
pub(super) fn say(step: &Step<'_>, frames: &mut Frames) {
    match *step {
        Step::RunStarted { run } => frames.push(&Part::Start { message_id: run }),
        Step::RunFinished { event, .. } => {
            frames.push(&data("done", event));
            frames.push(&Part::Finish);
        }
        Step::RunFailed { failure } => {
            frames.push(&error(failure.message));
            frames.push(&Part::Finish);
        }
        Step::StreamFailed { failure } => frames.push(&error(failure.message)),
        Step::Opened { block, id } => frames.push(&match block {
            BlockKind::Text => Part::TextStart { id },
            BlockKind::Reasoning => Part::ReasoningStart { id },
        }),
        Step::Continued { block, id, delta } => frames.push(&match block {
            BlockKind::Text => Part::TextDelta { id, delta },
            BlockKind::Reasoning => Part::ReasoningDelta { id, delta },
        }),
        Step::Closed { block, id } => frames.push(&match block {
            BlockKind::Text => Part::TextEnd { id },
            BlockKind::Reasoning => Part::ReasoningEnd { id },
        }),
        Step::Called {
            call, tool, input, ..
        } => frames.push(&Part::ToolInputAvailable {
            tool_call_id: call,
            tool_name: tool,
            input,
            provider_executed: true,
        }),
        Step::Returned { call, output, .. } => returned(call, output, frames),
        Step::Abandoned { call } => frames.push(&Part::ToolOutputError {
            tool_call_id: call,
            error_text: "no result of this call was published",
        }),
        Step::Other { kind, event } => frames.push(&data(kind, event)),
    }
}

/// The output of a tool is JSON as text, most of the time.
fn returned(tool_call_id: &str, output: &str, frames: &mut Frames) {
    let text;
    let output = if let Ok(json) = serde_json::from_str::<&RawValue>(output) {
        json
    } else {
        text = to_raw_value(output).unwrap_or_default();
        &*text
    };
    frames.push(&Part::ToolOutputAvailable {
        tool_call_id,
        output,
    });
}

fn error(error_text: &str) -> Part<'_> {
    Part::Error { error_text }
}

fn data<'a>(kind: &str, event: &'a RawValue) -> Data<'a> {
    Data {
        kind: format!("data-kai-{kind}"),
        data: event,
    }
}
