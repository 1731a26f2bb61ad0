//! Reading: from the terms of a question, in their order, to what it asks for.
//!
//! Each pass looks for one kind of phrase and takes the terms that it explains. What no pass has
//! taken at the end was not understood, and a question of which a part was not understood is not
//! answered: a figure for another question is worse than none.

use super::cue::{Comparison, Cue, Superlative};
use super::intent::{Bound, Filter, Group, Having, Intent, Measure, Ranking, Test};
use super::link::Piece;
use super::quantity::Dates;
use super::schema::{ColumnId, Kind, Schema, TableId};
use super::terms::{Choice, Term};
use crate::language::Language;

mod arithmetic;
mod asked;
mod conditions;
mod dimensions;
mod each;
mod finish;
mod groups;
mod lists;
mod measures;
mod more;
mod numbers;
mod occurrences;
mod orders;
mod periods;
mod quality;
mod ranking;
mod rivals;
mod shared;
mod things;
mod times;
mod values;

/// A term in its place.
#[derive(Debug, Clone)]
struct Slot {
    term: Term,
    /// The piece that it came from.
    piece: usize,
    /// Whether a pass has explained it.
    used: bool,
    /// The figure that it is the object of.
    measure: Option<usize>,
}

/// A figure that was found, and where its object stands.
#[derive(Debug, Clone, Copy)]
struct Found {
    measure: Measure,
    at: usize,
    /// Whether it only orders or restricts the rows.
    silent: bool,
}

/// A time that still needs its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Test(Comparison, Dates),
    Year,
    Month,
}

/// What a question asks for, and the pieces that remained unexplained.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// What it asks for.
    pub(super) intent: Intent,
    /// The pieces that nothing explained.
    pub(super) unexplained: Vec<usize>,
}

/// Reads one choice of terms.
pub(super) fn read(
    choice: &Choice,
    pieces: &[Piece],
    schema: &Schema,
    language: Language,
) -> Reading {
    let slots = choice
        .terms
        .iter()
        .map(|(piece, term)| Slot {
            term: term.clone(),
            piece: *piece,
            used: false,
            measure: None,
        })
        .collect();
    let mut reader = Reader {
        schema,
        pieces,
        language,
        slots,
        intent: Intent::default(),
        context: Vec::new(),
        found: Vec::new(),
        times: Vec::new(),
        rank_by_next: None,
        descending: None,
        contrast: false,
        sorted: false,
        begins_with: None,
        done: None,
        unresolved: false,
    };
    reader.arithmetic();
    reader.asked_time();
    reader.asked_qualities();
    reader.full_names();
    reader.shared();
    reader.owners();
    reader.rivals();
    reader.more_of();
    reader.values();
    reader.flags();
    reader.periods_apart();
    reader.emptiness();
    reader.years_side_by_side();
    reader.quantities();
    reader.compounds();
    reader.orders();
    reader.groups();
    reader.occurrences();
    reader.measures();
    reader.rankings();
    reader.finish()
}

struct Reader<'a> {
    schema: &'a Schema,
    pieces: &'a [Piece],
    language: Language,
    slots: Vec<Slot>,
    intent: Intent,
    /// Tables that were named in passing: as the owner of a column, or beside a value.
    context: Vec<(usize, TableId)>,
    found: Vec<Found>,
    times: Vec<Time>,
    /// The place after which the figure to order by stands.
    rank_by_next: Option<usize>,
    descending: Option<bool>,
    contrast: bool,
    /// Whether the rows are put in an order, so that no single one is asked for.
    sorted: bool,
    /// What comes first in the order, and of which column, if it is said.
    begins_with: Option<(Superlative, Option<ColumnId>)>,
    /// What those did who are asked for, so that a time is of that.
    done: Option<TableId>,
    /// Whether an order was asked for and nothing was found to order by.
    unresolved: bool,
}

impl Reader<'_> {
    fn term(&self, at: usize) -> Option<&Term> {
        self.slots.get(at).map(|slot| &slot.term)
    }

    fn is_open(&self, at: usize) -> bool {
        self.slots.get(at).is_some_and(|slot| !slot.used)
    }

    fn cue(&self, at: usize) -> Option<Cue> {
        match self.term(at) {
            Some(Term::Cue(cue)) if self.is_open(at) => Some(*cue),
            _ => None,
        }
    }

    /// The table at a place, if nothing has taken it yet.
    fn table(&self, at: usize) -> Option<TableId> {
        match self.term(at) {
            Some(Term::Table(table)) if self.is_open(at) => Some(*table),
            _ => None,
        }
    }

    /// The column at a place, if nothing has taken it yet.
    fn column(&self, at: usize) -> Option<ColumnId> {
        match self.term(at) {
            Some(Term::Column(column)) if self.is_open(at) => Some(*column),
            _ => None,
        }
    }

    fn kind(&self, column: ColumnId) -> Kind {
        self.schema.column(column).kind
    }

    fn take(&mut self, at: usize) {
        if let Some(slot) = self.slots.get_mut(at) {
            slot.used = true;
        }
    }

    /// Takes a table that stands there only to say whose a column or a value is.
    fn take_as_context(&mut self, at: usize) {
        if let Some(Term::Table(table)) = self.term(at).cloned() {
            self.context.push((at, table));
        }
        self.take(at);
    }

    /// The nearest place before `at` that is neither taken nor one of the cues to pass over.
    fn before(&self, at: usize, pass: impl Fn(Cue) -> bool) -> Option<usize> {
        (0..at)
            .rev()
            .find(|index| self.is_open(*index) && !self.cue(*index).is_some_and(&pass))
    }

    /// The nearest place after `at` that is neither taken nor one of the cues to pass over.
    fn after(&self, at: usize, pass: impl Fn(Cue) -> bool) -> Option<usize> {
        (at + 1..self.slots.len())
            .find(|index| self.is_open(*index) && !self.cue(*index).is_some_and(&pass))
    }

    /// Whether a Table or a Column is open before a place, other than `except`: then the question
    /// is about that, and what follows only tells more of it.
    fn head_before(&self, at: usize, except: TableId) -> bool {
        let asked = |index| matches!(self.term(index), Some(Term::Cue(Cue::Year)));
        (self.intent.asks_time && (0..at).any(asked))
            || (0..at).any(|index| match self.term(index) {
                Some(Term::Table(table)) => self.is_open(index) && *table != except,
                Some(Term::Column(column)) => {
                    self.is_open(index) && !self.schema.is_measure(*column)
                }
                _ => false,
            })
    }

    fn filter(&mut self, column: ColumnId, test: Test) {
        let same = self
            .intent
            .filters
            .iter_mut()
            .find(|filter| filter.column == column);
        match (same.map(|filter| &mut filter.test), test) {
            (
                Some(Test::OneOf { values, negated }),
                Test::OneOf {
                    values: more,
                    negated: other,
                },
            ) if *negated == other => {
                for value in more {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
            (_, test) => self.intent.filters.push(Filter { column, test }),
        }
    }

    fn having(&mut self, measure: Measure, comparison: Comparison, number: rust_decimal::Decimal) {
        self.intent.having.push(Having {
            measure,
            comparison,
            bound: Bound::Number(number),
        });
    }

    fn group(&mut self, group: Group) {
        if !self.intent.groups.contains(&group) {
            self.intent.groups.push(group);
        }
    }

    fn rank(&mut self, ranking: Ranking) {
        self.intent.ranking.get_or_insert(ranking);
    }

    /// A column as a group: the label of a table stands for the table's rows.
    fn group_of_column(&self, column: ColumnId) -> Group {
        if self.schema.is_label(column) {
            Group::Entity(column.table)
        } else {
            Group::Column(column)
        }
    }

    /// Takes the "first and" of "first and last names": a name of two columns is shown whole.
    fn full_names(&mut self) {
        for at in 0..self.slots.len() {
            let first = self.cue(at) == Some(Cue::Top { descending: true });
            let and = self.cue(at + 1) == Some(Cue::And);
            let name = self.column(at + 2).is_some_and(|column| {
                self.schema.is_label(column) && self.schema.label(column.table).len() > 1
            });
            if first && and && name {
                self.take(at);
                self.take(at + 1);
            }
        }
    }

    /// Takes "when" and "in what year".
    fn asked_time(&mut self) {
        for at in 0..self.slots.len() {
            let asks = |index: Option<usize>| {
                index
                    .is_some_and(|index| matches!(self.cue(index), Some(Cue::Which | Cue::HowMuch)))
            };
            let year =
                self.cue(at) == Some(Cue::Year) && (asks(at.checked_sub(1)) || asks(Some(at + 1)));
            if !year && self.cue(at) != Some(Cue::When) {
                continue;
            }
            let english = self
                .slots
                .get(at)
                .and_then(|slot| self.pieces.get(slot.piece))
                .is_some_and(|piece| piece.text.eq_ignore_ascii_case("when"));
            let noun = at.checked_sub(1).and_then(|before| self.term(before));
            let noun = matches!(
                noun,
                Some(Term::Table(_) | Term::Column(_) | Term::Values(..))
            );
            if !year && english && noun && at + 1 < self.slots.len() {
                // "the average when paid by card" asks for no time.
                self.take(at);
                continue;
            }
            self.intent.asks_time = true;
            for beside in [at.checked_sub(1), Some(at), Some(at + 1)]
                .into_iter()
                .flatten()
            {
                if beside == at
                    || (year && matches!(self.cue(beside), Some(Cue::Which | Cue::HowMuch)))
                {
                    self.take(beside);
                }
            }
        }
    }

    /// Takes `type of cooperative`: a column, and the table that has it.
    fn owners(&mut self) {
        for at in 0..self.slots.len() {
            if let (Some(column), Some(table)) = (self.column(at), self.table(at + 1))
                && column.table == table
            {
                self.take_as_context(at + 1);
            }
        }
    }

    /// Takes `cooperative type`: a table that only says whose the column after it is; and of two
    /// tables side by side the one that only narrows the other, by the language's word order.
    fn compounds(&mut self) {
        for at in 0..self.slots.len() {
            let Some(table) = self.table(at) else {
                continue;
            };
            if let Some(column) = self.column(at + 1)
                && column.table == table
            {
                self.take_as_context(at);
            } else if let Some(second) = self.table(at + 1) {
                let narrower = match self.language {
                    // "the plays of artists" are plays.
                    Language::English if !self.says_of(at) => at,
                    _ => at + 1,
                };
                let related = self.schema.way(table, second).is_some()
                    || self.schema.way(second, table).is_some();
                if related {
                    self.take_as_context(narrower);
                }
            }
        }
    }

    /// Whether "of" stands between a place and the next.
    fn says_of(&self, at: usize) -> bool {
        let piece = |index: usize| self.slots.get(index).map_or(0, |slot| slot.piece);
        let between = self.pieces.get(piece(at) + 1..piece(at + 1));
        between
            .unwrap_or_default()
            .iter()
            .any(|piece| piece.text.eq_ignore_ascii_case("of"))
    }

    /// Takes columns that say yes or no by themselves.
    fn flags(&mut self) {
        for at in 0..self.slots.len() {
            let Some(column) = self.column(at) else {
                continue;
            };
            if !self.kind(column).is_flag() {
                continue;
            }
            let negated = self.take_negation(at);
            self.take(at);
            self.filter(column, Test::Is(!negated));
        }
    }

    /// Takes a "not" that stands before a place, with nothing but small words between.
    fn take_negation(&mut self, at: usize) -> bool {
        let before = self.before(at, |cue| {
            matches!(cue, Cue::At | Cue::That | Cue::Have | Cue::Verb)
        });
        // "no frozen cooperatives" denies the cooperatives, not the value.
        let denies_noun = self.table(at + 1).is_some();
        let negation = before.filter(|index| match self.cue(*index) {
            Some(Cue::Not) => true,
            Some(Cue::Without) => !denies_noun,
            _ => false,
        });
        if let Some(index) = negation {
            self.take(index);
        }
        negation.is_some()
    }
}
