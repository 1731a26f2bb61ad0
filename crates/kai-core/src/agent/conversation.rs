//! Where a run stands: what was said so far, and what comes next. It follows from the run's steps
//! alone, so that a run which goes on after a crash stands where it stood.

use std::collections::VecDeque;

use super::ending::{Checked, Ending};
use super::prompts;
use super::step::{Step, Turn};
use super::tally::Tally;
use super::tools::{LastQuery as Last, SoFar};
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
    ending: Ending,
    /// Whether the answer is made from the last query instead of the model's words.
    delivers_query: bool,
    /// Whether the model was just asked to correct its answer.
    is_correcting: bool,
    /// Whether the model was told that no more queries are run.
    told_of_failure: bool,
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
            ending: Ending::default(),
            delivers_query: false,
            is_correcting: false,
            told_of_failure: false,
            last_query: None,
        }
    }

    /// The same with a model that works by rule, or with one that does not.
    pub(super) fn with_model_by_rule(mut self, by_rule: bool) -> Self {
        self.ending.by_rule = by_rule;
        self
    }

    /// The same whose answer is made from its last query, or from the model's words.
    pub(super) fn delivering_query(mut self, delivers_query: bool) -> Self {
        self.delivers_query = delivers_query;
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
        let draft = self.ending.draft().filter(|_| self.is_correcting)?;
        Some(&draft.unverified)
    }

    /// What tools can build on.
    pub(super) fn so_far(&self) -> SoFar<'_> {
        let last_query = self.last_query.as_ref();
        SoFar {
            last_query: last_query.map(|last| Last {
                sql: &last.sql,
                content: &last.content,
            }),
        }
    }

    /// Goes on after a step.
    pub(super) fn apply(&mut self, step: Step) {
        self.is_correcting = false;
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
                    echo: turn.echo,
                });
            }
            Step::ToolResult(result) => {
                self.calls.pop_front();
                self.tally.count(&result);
                if let Some(query) = &result.query {
                    self.last_query = Some(LastQuery {
                        sql: query.sql.clone(),
                        content: result.content.clone(),
                    });
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
            Step::Summary(summary) => {
                self.messages.truncate(1);
                self.before_question = 1;
                let mut content = window::with_summary(&self.question, &summary.text);
                // What the model has to do next was said with the rest.
                if let Some(request) = self.request() {
                    content = format!("{content}\n\n{request}");
                }
                self.messages.push(Message::User { content });
            }
        }
    }

    /// Takes the turn that answers, or has it corrected.
    fn conclude(&mut self, turn: Turn) {
        // What is made from the rows holds.
        let unverified = if self.delivers_query && self.last_query.is_some() {
            Vec::new()
        } else {
            self.tally.unverified(&turn.said())
        };
        let may_correct = self.turns + 1 < self.max_turns && !self.told_of_failure;
        let said = Message::Assistant {
            content: turn.text.clone(),
            tool_calls: Vec::new(),
            echo: turn.echo.clone(),
        };
        if !self.ending.conclude(turn, unverified, may_correct) {
            self.turns += 1;
            self.is_correcting = true;
            self.messages.push(said);
            self.push_request();
        }
    }

    /// Tells the model once that no more queries are run, when so many have failed.
    fn tell_of_failure(&mut self) {
        if self.calls.is_empty() && !self.told_of_failure && self.tally.failure().is_some() {
            self.told_of_failure = true;
            self.push_request();
        }
    }

    /// What the model was asked to do besides answering the question.
    fn request(&self) -> Option<String> {
        if self.told_of_failure {
            return self.tally.failure().map(prompts::no_more_queries);
        }
        let draft = self.ending.draft()?;
        Some(prompts::correction(&draft.unverified))
    }

    fn push_request(&mut self) {
        let request = self.request();
        self.messages
            .extend(request.map(|content| Message::User { content }));
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
