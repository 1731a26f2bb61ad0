//! Where a run stands: what was said so far, and what comes next. It follows from the run's steps
//! alone, so that a run which goes on after a crash stands where it stood.

use std::collections::VecDeque;

use super::step::{Step, Turn};
use super::tally::Tally;
use crate::model::{Message, ToolCall};

/// After so many queries in a row without a row, the agent stops looking.
const MAX_EMPTY_RESULTS: u32 = 5;

/// What the model has been told and has said, and what is still to be done.
pub(super) struct Conversation {
    messages: Vec<Message>,
    tally: Tally,
    turns: usize,
    max_turns: usize,
    /// The calls of the last turn that have no result yet.
    calls: VecDeque<ToolCall>,
    /// The turn without calls.
    last: Option<Turn>,
}

/// What comes next.
pub(super) enum Next<'a> {
    /// The model takes a turn.
    Turn,
    /// A tool runs.
    Tool(&'a ToolCall),
    /// Nothing: the model has answered.
    Answered(&'a Turn),
    /// Nothing: so many queries in a row found no row.
    NoData(u32),
    /// Nothing: the model has taken all its turns.
    TooManyTurns,
}

impl Conversation {
    /// A conversation that begins with these messages.
    pub(super) fn new(messages: Vec<Message>, tally: Tally, max_turns: usize) -> Self {
        Self {
            messages,
            tally,
            turns: 0,
            max_turns,
            calls: VecDeque::new(),
            last: None,
        }
    }

    /// What comes next.
    pub(super) fn next(&self) -> Next<'_> {
        if let Some(call) = self.calls.front() {
            return Next::Tool(call);
        }
        if let Some(turn) = &self.last {
            return Next::Answered(turn);
        }
        let empty = self.tally.empty_in_a_row();
        if empty >= MAX_EMPTY_RESULTS {
            Next::NoData(empty)
        } else if self.turns >= self.max_turns {
            Next::TooManyTurns
        } else {
            Next::Turn
        }
    }

    /// Goes on after a step.
    pub(super) fn apply(&mut self, step: Step) {
        match step {
            Step::Turn(turn) if turn.tool_calls.is_empty() => self.last = Some(turn),
            Step::Turn(turn) => {
                self.turns += 1;
                self.calls = turn.tool_calls.iter().cloned().collect();
                self.messages.push(Message::Assistant {
                    content: turn.text,
                    tool_calls: turn.tool_calls,
                });
            }
            Step::ToolResult(result) => {
                self.calls.pop_front();
                self.tally.count(result.query.as_ref(), result.charts);
                self.messages.push(Message::Tool {
                    call_id: result.call_id,
                    name: result.name,
                    content: result.content,
                });
            }
        }
    }

    /// Everything said so far, for the model.
    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What was gathered on the way.
    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }
}
