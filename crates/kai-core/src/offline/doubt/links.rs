//! Doubts about links: values that are far or no values, and columns that another one rivals.

use super::{Case, Doubt};
use crate::offline::intent::{Filter, Measure, Test};
use crate::offline::lexicon::{Unit, units_at};
use crate::offline::link::{Content, Link, Piece, Target};
use crate::offline::plan::Source;
use crate::offline::schema::ColumnId;
use crate::offline::terms::Term;
use crate::offline::text::Word;
use crate::offline::units::is_unit;

/// Below which score words name only a part of what a column is called.
const PARTIAL: u32 = 700;

/// How much worse the words may fit another column that is as likely meant.
const ALIKE: u32 = 100;

impl Case<'_> {
    /// Values whose things are far, and those that are no values.
    pub(super) fn values(&self) -> Vec<Doubt> {
        let root = match &self.select.from {
            Source::Table(table) => Some(*table),
            Source::Query(_) | Source::Nothing => None,
        };
        let mut doubts = Vec::new();
        for (at, term) in self.terms {
            let (Term::Values(column, values), Some(piece)) = (term, self.pieces.get(*at)) else {
                continue;
            };
            let single = !piece.text.contains(' ');
            let named = self.terms.iter().any(|(place, term)| match term {
                Term::Table(table) => *table == column.table,
                Term::Column(other) => place != at && other.table == column.table,
                _ => false,
            });
            let near = root.is_none_or(|root| self.schema.way(root, column.table).is_some());
            let over_third = root
                .and_then(|root| self.schema.bridge(root, column.table))
                .is_some_and(|bridge| bridge.via != column.table);
            let literal = values.iter().any(|v| v.eq_ignore_ascii_case(&piece.text));
            let sure = literal && (self.schema.is_label(*column) || !over_third);
            // "total working hours" is of no cause that is called "hours".
            let unit = single && !named && is_unit(&piece.text);
            if unit || (single && !named && !near && !sure) {
                doubts.push(Doubt::FarValue(*at));
            }
            let word = Word::new(&piece.text);
            let is_table = |link: &Link| match link.target {
                Target::Table(table) if link.score >= 900 => {
                    let parts = &self.schema.table(table).parts.parts;
                    table != column.table || parts.iter().any(|(unit, _)| unit.word.same(&word))
                }
                _ => false,
            };
            let links = match &piece.content {
                Content::Links(links) => links.as_slice(),
                _ => &[],
            };
            let own_word = {
                let parts = &self.schema.table(column.table).parts.parts;
                parts.iter().any(|(unit, _)| unit.word.same(&word))
            };
            // "credit cards": the value itself, beside the thing that has it.
            let beside = literal && named && !own_word;
            let kind = single && literal && own_word && !self.schema.is_label(*column);
            let apart = if single { !beside } else { !literal && !named };
            if kind || (apart && links.iter().any(is_table)) {
                doubts.push(Doubt::TableAsValue(*at));
            }
        }
        doubts
    }

    /// Columns that another one rivals, or that are not what their words say.
    pub(super) fn columns(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        for (at, term) in self.terms {
            let (Term::Column(column), Some(piece)) = (term, self.pieces.get(*at)) else {
                continue;
            };
            let told =
                |filter: &Filter| filter.column == *column && matches!(filter.test, Test::Null(_));
            let derived = column.derived().is_some();
            let technical = !derived && self.schema.column(*column).technical;
            let key = self.schema.key(column.table).contains(column);
            if technical && !key && !self.intent.filters.iter().any(told) {
                doubts.push(Doubt::BareReference(*at));
            }
            if let Content::Links(links) = &piece.content {
                let score = |target: &Target| {
                    links
                        .iter()
                        .find(|link| link.target == *target)
                        .map(|link| link.score)
                };
                let own = score(&Target::Column(*column));
                let twin = links.iter().any(|link| match link.target {
                    Target::Column(other) => {
                        other != *column
                            && other.table == column.table
                            && self.schema.is_measure(other) == self.schema.is_measure(*column)
                            && own.is_some_and(|own| own < PARTIAL && link.score + ALIKE >= own)
                    }
                    _ => false,
                });
                doubts.extend(twin.then_some(Doubt::TwinColumns(*at)));
            }
            doubts.extend(
                self.has_other_owner(*column, piece)
                    .then_some(Doubt::OtherOwner(*at)),
            );
            doubts.extend(
                self.is_not_its_own(*column, piece)
                    .then_some(Doubt::NotItsOwn(*at)),
            );
        }
        let deciding = self
            .intent
            .filters
            .iter()
            .filter_map(|filter| match filter.test {
                Test::Compare(..) | Test::Against { .. } => Some(filter.column),
                _ => None,
            });
        let figures = self
            .intent
            .measures
            .iter()
            .filter_map(|measure| match measure {
                Measure::Of(_, column) => Some(*column),
                _ => None,
            });
        let strange = deciding
            .chain(figures)
            .find(|column| !self.named(column.table));
        doubts.extend(strange.map(Doubt::StrangeColumn));
        doubts
    }

    /// Whether the words of a column also name one of the only thing that the question tells by its
    /// name, and the column is of another thing that is not named: "the price of A" is A's own, not
    /// that of the orders for it.
    fn is_not_its_own(&self, column: ColumnId, piece: &Piece) -> bool {
        let Content::Links(links) = &piece.content else {
            return false;
        };
        let told = self.intent.filters.iter().find_map(|filter| {
            let one = matches!(&filter.test,
                Test::OneOf { values, negated: false } if values.len() == 1);
            (one && self.schema.is_label(filter.column)).then_some(filter.column.table)
        });
        let Some(thing) = told.filter(|thing| *thing != column.table) else {
            return false;
        };
        let spoken_of = self
            .terms
            .iter()
            .any(|(_, term)| matches!(term, Term::Table(table) if *table != thing));
        let own = |link: &Link| {
            matches!(link.target, Target::Column(other)
                if other.table == thing
                    && self.schema.is_measure(other) == self.schema.is_measure(column))
        };
        let many = self.schema.way(column.table, thing).is_some();
        !spoken_of && many && links.iter().any(own)
    }

    /// Whether a word of a column's phrase is what another table is called, and nothing of the
    /// column's own: "review score" of the hotels' stars.
    fn has_other_owner(&self, column: ColumnId, piece: &Piece) -> bool {
        let words: Vec<Word> = piece.text.split_whitespace().map(Word::new).collect();
        if words.len() < 2 {
            return false;
        }
        let own = &self.schema.column(column).parts.parts;
        let owner = &self.schema.table(column.table).parts.parts;
        words.iter().any(|word| {
            let says = |parts: &[(Unit, u32)]| parts.iter().any(|(part, _)| part.word.same(word));
            let Some((_, unit)) = units_at(&[word]).pop() else {
                return false;
            };
            let related = |parts: &[(Unit, u32)]| {
                parts.iter().any(|(part, _)| part.likeness(&unit).is_some())
            };
            let elsewhere = self.schema.tables().any(|(id, table)| {
                id != column.table
                    && matches!(table.parts.parts.as_slice(), [_])
                    && says(&table.parts.parts)
            });
            elsewhere && !related(own) && !related(owner)
        })
    }
}
