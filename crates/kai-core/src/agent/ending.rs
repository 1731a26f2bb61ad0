//! How a conversation comes to its end: the answer, whose numbers are checked, or a question back.

use super::step::Turn;

/// What there is of an answer.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Whether the model works by rule, so that it cannot be asked to correct itself.
    pub(super) by_rule: bool,
    answer: Option<Checked>,
    /// An answer that the model was asked to correct; it counts if no other comes.
    draft: Option<Checked>,
    /// What the person is asked.
    asked: Option<String>,
}

/// An answer, and its numbers that come from nowhere.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) turn: Turn,
    pub(super) unverified: Vec<String>,
}

impl Ending {
    /// Takes the turn that answers, with its numbers that come from nowhere. False when the model has
    /// to correct it.
    pub(super) fn conclude(
        &mut self,
        turn: Turn,
        unverified: Vec<String>,
        may_correct: bool,
    ) -> bool {
        if !unverified.is_empty() && may_correct && !self.by_rule && self.draft.is_none() {
            self.draft = Some(Checked { turn, unverified });
            return false;
        }
        let is_blank = turn.said().is_empty();
        self.answer = match self.draft.take() {
            Some(draft) if is_blank => Some(draft),
            _ => Some(Checked { turn, unverified }),
        };
        true
    }

    /// Takes what the person is asked.
    pub(super) fn ask(&mut self, question: String) {
        self.asked = Some(question);
    }

    /// The answer.
    pub(super) fn answer(&self) -> Option<&Checked> {
        self.answer.as_ref()
    }

    /// The answer that was to be corrected.
    pub(super) fn draft(&self) -> Option<&Checked> {
        self.draft.as_ref()
    }

    /// What the person is asked.
    pub(super) fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }
}
