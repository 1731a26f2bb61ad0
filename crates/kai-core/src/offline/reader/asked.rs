//! What a question word at the end asks for: one figure of all that was named, or a thing more.

use super::Reader;
use crate::offline::cue::Cue;
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Whether "berapa" asks for a figure at the end, of things that a place or a name before it
    /// only tells the surroundings of: "di hotel kita", "pemain klub Garuda".
    pub(super) fn asks_one_figure(&self, at: usize) -> bool {
        let asks = self
            .slots
            .iter()
            .skip(at)
            .any(|slot| matches!(slot.term, Term::Cue(Cue::HowMuch)));
        let side = |index: usize| self.slots.get(index).map(|slot| &slot.term);
        let placed = at
            .checked_sub(1)
            .is_some_and(|before| side(before) == Some(&Term::Cue(Cue::At)));
        let narrowed = matches!(side(at + 1), Some(Term::Values(..)));
        let chosen = self.slots.iter().any(|slot| {
            matches!(
                slot.term,
                Term::Cue(Cue::Which | Cue::Each | Cue::Show | Cue::Who)
            )
        });
        asks && !chosen && (placed || narrowed)
    }

    /// "…, and as what?": a second thing is asked for, and nothing says what.
    pub(super) fn asks_once_more(&self) -> bool {
        let last = self.slots.len().checked_sub(1);
        let Some(last) = last.filter(|last| self.cue(*last) == Some(Cue::Which)) else {
            return false;
        };
        last.checked_sub(1)
            .is_some_and(|before| self.cue(before) == Some(Cue::And) && !self.is_comma(before))
    }
}
