//! The vocabulary of AG-UI, the Agent–User Interaction Protocol.

use serde::Serialize;
use serde_json::value::RawValue;

use super::story::{BlockKind, Step};
use super::translator::Frames;

#[derive(Serialize)]
#[serde(
    tag = "type",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
enum Event<'a> {
    RunStarted {
        thread_id: &'a str,
        run_id: &'a str,
    },
    RunFinished {
        thread_id: &'a str,
        run_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<&'a RawValue>,
    },
    RunError {
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'static str>,
    },
    TextMessageStart {
        message_id: &'a str,
        role: &'static str,
    },
    TextMessageContent {
        message_id: &'a str,
        delta: &'a str,
    },
    TextMessageEnd {
        message_id: &'a str,
    },
    ReasoningStart {
        message_id: &'a str,
    },
    ReasoningMessageStart {
        message_id: &'a str,
        role: &'static str,
    },
    ReasoningMessageContent {
        message_id: &'a str,
        delta: &'a str,
    },
    ReasoningMessageEnd {
        message_id: &'a str,
    },
    ReasoningEnd {
        message_id: &'a str,
    },
    ToolCallStart {
        tool_call_id: &'a str,
        tool_call_name: &'a str,
    },
    ToolCallArgs {
        tool_call_id: &'a str,
        delta: &'a str,
    },
    ToolCallEnd {
        tool_call_id: &'a str,
    },
    ToolCallResult {
        message_id: &'a str,
        tool_call_id: &'a str,
        content: &'a str,
        role: &'static str,
    },
    Custom {
        name: &'a str,
        value: &'a RawValue,
    },
}

/// Says a step; the session is the thread.
pub(super) fn say(session: &str, step: &Step<'_>, frames: &mut Frames) {
    match *step {
        Step::RunStarted { run } => frames.push(&Event::RunStarted {
            thread_id: session,
            run_id: run,
        }),
        Step::RunFinished { run, result, .. } => frames.push(&Event::RunFinished {
            thread_id: session,
            run_id: run,
            result,
        }),
        Step::RunFailed { failure } | Step::StreamFailed { failure } => {
            frames.push(&Event::RunError {
                message: failure.message,
                code: failure.code,
            });
        }
        Step::Opened { block, id } => open(block, id, frames),
        Step::Continued { block, id, delta } => {
            let message_id = id;
            frames.push(&match block {
                BlockKind::Text => Event::TextMessageContent { message_id, delta },
                BlockKind::Reasoning => Event::ReasoningMessageContent { message_id, delta },
            });
        }
        Step::Closed { block, id } => close(block, id, frames),
        Step::Called {
            call,
            tool,
            input,
            again,
        } => called(call, tool, (!again).then_some(input), frames),
        Step::Returned { call, id, output } => frames.push(&Event::ToolCallResult {
            message_id: id,
            tool_call_id: call,
            content: output,
            role: "tool",
        }),
        // Here a call is complete with its arguments; that no result comes needs no word.
        Step::Abandoned { .. } => {}
        Step::Other { kind, event } => frames.push(&Event::Custom {
            name: kind,
            value: event,
        }),
    }
}

/// Without the input when the call was told before: clients know a repeated call by its id, but they
/// append what is repeated of its arguments.
fn called(tool_call_id: &str, tool_call_name: &str, input: Option<&RawValue>, frames: &mut Frames) {
    frames.push(&Event::ToolCallStart {
        tool_call_id,
        tool_call_name,
    });
    if let Some(input) = input {
        let delta = input.get();
        frames.push(&Event::ToolCallArgs {
            tool_call_id,
            delta,
        });
    }
    frames.push(&Event::ToolCallEnd { tool_call_id });
}

fn open(block: BlockKind, message_id: &str, frames: &mut Frames) {
    match block {
        BlockKind::Text => frames.push(&Event::TextMessageStart {
            message_id,
            role: "assistant",
        }),
        BlockKind::Reasoning => {
            frames.push(&Event::ReasoningStart { message_id });
            frames.push(&Event::ReasoningMessageStart {
                message_id,
                role: "reasoning",
            });
        }
    }
}

fn close(block: BlockKind, message_id: &str, frames: &mut Frames) {
    match block {
        BlockKind::Text => frames.push(&Event::TextMessageEnd { message_id }),
        BlockKind::Reasoning => {
            frames.push(&Event::ReasoningMessageEnd { message_id });
            frames.push(&Event::ReasoningEnd { message_id });
        }
    }
}
