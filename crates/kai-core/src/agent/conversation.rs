//! Where a run stands: what was said so far, and what comes next. It follows from the run's steps
//! alone, so that a run which goes on after a crash stands where it stood.

use std::collections::VecDeque;

use super::step::{Step, Turn};
use super::tally::Tally;
use super::window;
use crate::model::{Message, ToolCall};

/// After so many queries in a row without a row, the agent stops looking.
const MAX_EMPTY_RESULTS: u32 = 5;

/// What the model has been told and has said, and what is still to be done.
pub(super) struct Conversation {
    /// What the model is told: its task, the history, the question, and the turns since.
    messages: Vec<Message>,
    question: String,
    /// How many messages come before the question.
    before_question: usize,
    tally: Tally,
    turns: usize,
    max_turns: usize,
    /// The calls of the last turn that have no result yet.
    calls: VecDeque<ToolCall>,
    /// The turn without calls.
    last: Option<Turn>,
    last_query: Option<LastQuery>,
}

/// The query that ran last.
pub(super) struct LastQuery {
    /// The statement as it ran.
    pub(super) sql: String,
    /// What the model was told of its rows: JSON, as text.
    pub(super) content: String,
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

/// What could be done about a conversation that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrowed {
    /// It is shorter now.
    Shortened,
    /// What was said has to be summarised.
    NeedsSummary,
    /// Nothing: the task and the question alone are too long.
    No,
}

impl Conversation {
    /// A conversation in which the model is told its task, then these messages, then the question.
    pub(super) fn new(
        task: String,
        history: impl IntoIterator<Item = Message>,
        question: &str,
        tally: Tally,
        max_turns: usize,
    ) -> Self {
        let mut messages = vec![Message::System { content: task }];
        messages.extend(history);
        let before_question = messages.len();
        messages.push(Message::User {
            content: question.to_owned(),
        });
        Self {
            messages,
            question: question.to_owned(),
            before_question,
            tally,
            turns: 0,
            max_turns,
            calls: VecDeque::new(),
            last: None,
            last_query: None,
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
                    echo: turn.echo,
                });
            }
            Step::ToolResult(result) => {
                self.calls.pop_front();
                if let Some(query) = &result.query {
                    self.last_query = Some(LastQuery {
                        sql: query.sql.clone(),
                        content: result.content.clone(),
                    });
                }
                self.tally.count(result.query.as_ref(), result.charts);
                self.messages.push(Message::Tool {
                    call_id: result.call_id,
                    name: result.name,
                    content: result.content,
                });
            }
            Step::Summary(summary) => {
                self.messages.truncate(1);
                self.before_question = 1;
                self.messages.push(Message::User {
                    content: window::with_summary(&self.question, &summary.text),
                });
            }
        }
    }

    /// Everything said so far, for the model.
    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// How many tokens the model reads for it, estimated.
    pub(super) fn tokens(&self) -> usize {
        self.messages.iter().map(Message::tokens).sum()
    }

    /// Whether something can be left out.
    pub(super) fn can_narrow(&self) -> bool {
        self.messages.len() > 2
    }

    /// Leaves out what the model needs least: first the results of tools that it has answered to,
    /// then the history.
    pub(super) fn narrow(&mut self) -> Narrowed {
        if window::shorten_old_results(&mut self.messages) {
            return Narrowed::Shortened;
        }
        if self.before_question > 1 {
            self.messages.drain(1..self.before_question);
            self.before_question = 1;
            return Narrowed::Shortened;
        }
        if self.can_narrow() {
            Narrowed::NeedsSummary
        } else {
            Narrowed::No
        }
    }

    /// The query that ran last, if one did.
    pub(super) fn last_query(&self) -> Option<&LastQuery> {
        self.last_query.as_ref()
    }

    /// What was gathered on the way.
    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }
}
