//! Where a run stands: what was said so far, and what comes next. It follows from the run's steps
//! alone, so that a run which goes on after a crash stands where it stood.

use std::collections::VecDeque;

use super::ending::{Checked, Ending};
use super::prompts;
use super::step::{Step, Turn};
use super::tally::Tally;
use super::tools::{LastQuery, SoFar};
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
    ending: Ending,
    /// Whether the model was told that no more queries are run.
    told_of_failure: bool,
    last_query: Option<(String, String)>,
}

/// What comes next.
pub(super) enum Next<'a> {
    /// The model takes a turn.
    Turn,
    /// A tool runs.
    Tool(&'a ToolCall),
    /// Nothing: the model has answered.
    Answered(&'a Checked),
    /// Nothing: the person is asked back.
    Asked(&'a str),
    /// Nothing: so many queries in a row failed, the last one with this error.
    Failed(&'a str),
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
            ending: Ending::default(),
            told_of_failure: false,
            last_query: None,
        }
    }

    /// The same with a model that works by rule, or with one that does not.
    pub(super) fn with_model_by_rule(mut self, by_rule: bool) -> Self {
        self.ending.by_rule = by_rule;
        self
    }

    /// What comes next.
    pub(super) fn next(&self) -> Next<'_> {
        if let Some(call) = self.calls.front() {
            return Next::Tool(call);
        }
        if let Some(question) = self.ending.asked() {
            return Next::Asked(question);
        }
        let failure = self.tally.failure();
        if let Some(answer) = self.ending.answer() {
            return match failure {
                Some(error) if answer.turn.said().is_empty() => Next::Failed(error),
                _ => Next::Answered(answer),
            };
        }
        if let Some(error) = failure.filter(|_| self.ending.by_rule) {
            return Next::Failed(error);
        }
        let empty = self.tally.empty_in_a_row();
        if empty >= MAX_EMPTY_RESULTS {
            Next::NoData(empty)
        } else if self.turns >= self.max_turns {
            match (self.ending.draft(), failure) {
                (Some(draft), _) => Next::Answered(draft),
                (None, Some(error)) => Next::Failed(error),
                (None, None) => Next::TooManyTurns,
            }
        } else {
            Next::Turn
        }
    }

    /// Whether the model may still call tools.
    pub(super) fn offers_tools(&self) -> bool {
        !self.told_of_failure
    }

    /// The numbers that the model was just asked to correct.
    pub(super) fn correcting(&self) -> Option<&[String]> {
        let asked = matches!(self.messages.last(), Some(Message::User { .. }));
        let draft = self.ending.draft().filter(|_| asked)?;
        Some(&draft.unverified)
    }

    /// What tools can build on.
    pub(super) fn so_far(&self) -> SoFar<'_> {
        let last_query = self.last_query.as_ref();
        SoFar {
            last_query: last_query.map(|(sql, content)| LastQuery { sql, content }),
        }
    }

    /// Goes on after a step.
    pub(super) fn apply(&mut self, step: Step) {
        match step {
            Step::Turn(turn) if turn.tool_calls.is_empty() || self.told_of_failure => {
                self.conclude(turn);
            }
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
                self.tally.count(&result);
                if let Some(query) = &result.query {
                    self.last_query = Some((query.sql.clone(), result.content.clone()));
                }
                if let Some(question) = result.asked {
                    self.calls.clear();
                    self.ending.ask(question);
                }
                self.messages.push(Message::Tool {
                    call_id: result.call_id,
                    name: result.name,
                    content: result.content,
                });
                self.tell_of_failure();
            }
        }
    }

    /// Takes the turn that answers, or has it corrected.
    fn conclude(&mut self, turn: Turn) {
        let may_correct = self.turns + 1 < self.max_turns && !self.told_of_failure;
        let text = turn.text.clone();
        let unverified = self.ending.conclude(turn, &self.tally, may_correct);
        if unverified.is_empty() {
            return;
        }
        self.turns += 1;
        self.messages.push(Message::Assistant {
            content: text,
            tool_calls: Vec::new(),
        });
        self.messages.push(Message::User {
            content: prompts::correction(&unverified),
        });
    }

    /// Tells the model once that no more queries are run, when so many have failed.
    fn tell_of_failure(&mut self) {
        if self.told_of_failure || !self.calls.is_empty() {
            return;
        }
        if let Some(error) = self.tally.failure() {
            self.messages.push(Message::User {
                content: prompts::no_more_queries(error),
            });
            self.told_of_failure = true;
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
