//! Conditions without a number: what is empty, what is missing, what must exist.

use super::Reader;
use crate::offline::cue::Cue;
use crate::offline::intent::{Existence, Test};
use crate::offline::schema::{ColumnId, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes "without initial capital", "capital is unknown", "who have no loans".
    pub(super) fn emptiness(&mut self) {
        for at in 0..self.slots.len() {
            match self.cue(at) {
                Some(Cue::Empty) => self.empty(at, true),
                Some(Cue::Filled) => self.empty(at, false),
                Some(Cue::Without) => self.without(at),
                Some(Cue::Not) => self.not(at),
                Some(Cue::Nobody) => self.nobody(at),
                _ => {}
            }
        }
    }

    fn empty(&mut self, at: usize, null: bool) {
        let small = |cue| matches!(cue, Cue::That | Cue::Have);
        let negation = self
            .before(at, small)
            .filter(|index| matches!(self.cue(*index), Some(Cue::Not)));
        let null = null != negation.is_some();
        let end = negation.unwrap_or(at);
        let column =
            |index: Option<usize>| index.and_then(|index| Some((index, self.column(index)?)));
        // "have no occupation recorded" is about what is missing, not about what is filled in.
        if !null
            && self
                .before(at, small)
                .is_some_and(|i| self.column(i).is_some() && self.has_without_before(i))
        {
            self.take(at);
            return;
        }
        let near = column(self.before(end, small)).or_else(|| column(self.after(at, small)));
        if let Some((index, column)) = near {
            self.take(at);
            self.take(index);
            if let Some(negation) = negation {
                self.take(negation);
            }
            self.filter(column, Test::Null(null));
        }
    }

    /// Whether "no A" can mean that it is not filled in: what says yes and no has a value for it.
    fn may_be_missing(&self, column: ColumnId) -> bool {
        let info = self.schema.column(column);
        info.nullable && !info.kind.is_flag()
    }

    fn has_without_before(&self, at: usize) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| matches!(self.cue(before), Some(Cue::Without)))
    }

    fn without(&mut self, at: usize) {
        let Some(next) = self.after(at, |cue| matches!(cue, Cue::At | Cue::Distinct)) else {
            return;
        };
        if let Some(column) = self.column(next) {
            if self.may_be_missing(column) {
                self.take(at);
                self.take(next);
                self.filter(column, Test::Null(true));
            }
        } else if let Some(table) = self.table(next) {
            self.take(at);
            self.take(next);
            self.intent.existence.push(Existence {
                table,
                negated: true,
            });
        }
    }

    /// "positions that nobody holds": the only people that have something to do with them.
    fn nobody(&mut self, at: usize) {
        let Some(head) = self.head_table(at) else {
            return;
        };
        if let Some((next, table)) = self.undone(at, head) {
            // "that nobody has opened": there is none of what the verb names.
            self.take(at);
            self.take(next);
            self.intent.existence.push(Existence {
                table,
                negated: true,
            });
            return;
        }
        let people = self.schema.tables().map(|(id, _)| id);
        let mut near: Vec<(usize, TableId)> = people
            .filter(|id| *id != head && self.schema.is_person(*id))
            .filter_map(|id| Some((self.schema.way(id, head)?.len(), id)))
            .collect();
        near.sort_unstable();
        let certain = match near.as_slice() {
            [(_, only)] => Some(*only),
            [(least, first), (more, _), ..] if least < more => Some(*first),
            _ => None,
        };
        if let Some(table) = certain {
            self.take(at);
            self.intent.existence.push(Existence {
                table,
                negated: true,
            });
        }
    }

    /// What a verb behind "nobody" names: things of another table that refer to those spoken of.
    fn undone(&self, at: usize, head: TableId) -> Option<(usize, TableId)> {
        let next = self.after(at, |cue| {
            matches!(
                cue,
                Cue::Have | Cue::That | Cue::Relation | Cue::Verb | Cue::At
            )
        })?;
        let table = self
            .table(next)
            .or_else(|| self.column(next).map(|column| column.table))?;
        let refers = table != head && self.schema.way(table, head).is_some();
        refers.then_some((next, table))
    }

    /// "never borrowed", "not yet approved": the thing or the date that a verb names is missing.
    fn not(&mut self, at: usize) {
        let next = at + 1;
        let apart = self
            .column(next)
            .map(|column| column.table)
            .filter(|table| {
                let head = self.head_table(at);
                head.is_some_and(|head| head != *table && self.schema.way(head, *table).is_none())
            });
        if let Some(table) = apart {
            // "never fed": there is no feeding.
            self.take(at);
            self.take(next);
            self.intent.existence.push(Existence {
                table,
                negated: true,
            });
        } else if let Some(table) = self.denied_value(at) {
            // "never given Fish": there is no feeding with that food.
            self.take(at);
            self.intent.existence.push(Existence {
                table,
                negated: true,
            });
        } else if let Some(column) = self.column(next) {
            let timed = (next + 1..self.slots.len())
                .find(|index| !matches!(self.cue(*index), Some(Cue::At | Cue::Year)))
                .is_some_and(|index| {
                    matches!(self.term(index), Some(Term::Quantity(_) | Term::Dates(_)))
                });
            let compared = matches!(
                self.cue(next + 1),
                Some(Cue::Compare(_) | Cue::Between | Cue::Superlative(_))
            );
            let followed = timed || compared;
            if self.may_be_missing(column) && !followed {
                self.take(at);
                self.take(next);
                self.filter(column, Test::Null(true));
            }
        } else if let Some(next) = self.after(at, |cue| {
            matches!(
                cue,
                Cue::Relation | Cue::Verb | Cue::To | Cue::At | Cue::Have
            )
        }) && let Some(table) = self.table(next)
            && self
                .slots
                .iter()
                .take(at)
                .any(|slot| matches!(&slot.term, Term::Table(other) if *other != table))
        {
            self.take(at);
            self.take(next);
            self.intent.existence.push(Existence {
                table,
                negated: true,
            });
        }
    }

    /// The table of the value that a denied verb is about, where the rows of that table belong to
    /// what is listed: then it is such a row that is missing.
    fn denied_value(&self, at: usize) -> Option<TableId> {
        let is_verb = |index: &usize| matches!(self.cue(*index), Some(Cue::Relation | Cue::Verb));
        let verbs = (at + 1..self.slots.len()).take_while(is_verb).count();
        let Some(Term::Values(column, _)) = self.term(at + 1 + verbs).filter(|_| verbs > 0) else {
            return None;
        };
        let head = self.head_table(at)?;
        let apart = head != column.table && self.schema.way(head, column.table).is_none();
        let plain = self.intent.filters.iter().any(|filter| {
            filter.column == *column && matches!(filter.test, Test::OneOf { negated: false, .. })
        });
        (apart && plain).then_some(column.table)
    }
}
