//! Lists: what is listed where no figure is asked for, and what is shown of it.

use super::Reader;
use crate::offline::cue::{Cue, Function};
use crate::offline::intent::{Existence, Measure, RankBy};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Gives the nouns of a list their parts: what is listed, what is shown, what must exist.
    pub(super) fn nouns_of_a_list(&mut self) {
        let mut columns = Vec::new();
        for at in 0..self.slots.len() {
            if let Some(table) = self.table(at) {
                self.take(at);
                if self.intent.subject.is_some() && self.is_within_denial(at, table) {
                    continue;
                }
                let and = at
                    .checked_sub(1)
                    .is_some_and(|before| matches!(self.cue(before), Some(Cue::And | Cue::Have)));
                match self.intent.subject {
                    None => self.intent.subject = Some(table),
                    Some(subject) if self.schema.way(subject, table).is_some() => {
                        if and {
                            // "cooperatives with their province" shows both.
                            columns.splice(0..0, self.schema.label(subject));
                        }
                        if and || self.intent.ranking.is_some() {
                            columns.extend(self.schema.label(table));
                        }
                    }
                    // "never sailed a voyage" has said already that there is none.
                    Some(_) if self.is_denied(table) => {}
                    Some(subject) if self.schema.bridge(subject, table).is_some() => {
                        self.intent.existence.push(Existence {
                            table,
                            negated: false,
                        });
                    }
                    Some(_) => self.reopen(at),
                }
            } else if let Some(column) = self.column(at) {
                self.take(at);
                if let Some(event) = self.done_by_subject(at, column) {
                    // "who have ever claimed": the claim only must be there.
                    self.intent.existence.push(Existence {
                        table: event,
                        negated: false,
                    });
                    continue;
                }
                if let Some(subject) = self.intent.subject.filter(|_| self.is_added(at)) {
                    // "hospitals with their city": the hospitals are asked for, too.
                    let label = self.schema.label(subject);
                    if !columns.iter().any(|column| label.contains(column)) {
                        columns.splice(0..0, label);
                    }
                }
                columns.push(column);
            }
        }
        self.turn_to_finer(&mut columns);
        if columns.is_empty() {
            self.turn_to_people();
        }
        let known = self.intent.subject.is_some();
        if let Some(subject) = self.list_subject(&columns) {
            self.intent.subject = Some(subject);
            if !known {
                self.intent.shown.retain(|column| column.table == subject);
            }
        }
        self.add_asked_time(&mut columns);
        self.show(columns);
    }

    /// The table of a column that a verb names, where its rows belong to what is listed.
    fn done_by_subject(&self, at: usize, column: ColumnId) -> Option<TableId> {
        let subject = self.intent.subject?;
        let text = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece))
            .map(|piece| piece.text.to_lowercase())?;
        let verb = !text.contains(' ')
            && (["me", "di"].iter().any(|prefix| text.starts_with(prefix)) || text.ends_with("ed"));
        let belongs = self.schema.way(subject, column.table).is_none()
            && self.schema.way(column.table, subject).is_some();
        (verb && belongs && !self.is_added(at)).then_some(column.table)
    }

    /// Whether a place is added to what stands before it by "and" or "with".
    fn is_added(&self, at: usize) -> bool {
        let before = (0..at).rev().find(|index| {
            let term = self.slots.get(*index).map(|slot| &slot.term);
            !matches!(term, Some(Term::Cue(Cue::Which | Cue::At | Cue::Show)))
        });
        before.is_some_and(|index| {
            let term = self.slots.get(index).map(|slot| &slot.term);
            matches!(term, Some(Term::Cue(Cue::And | Cue::Have)))
        })
    }

    /// "who got injured": the people whose injuries these are.
    fn turn_to_people(&mut self) {
        let Some(subject) = self.intent.subject else {
            return;
        };
        if self.intent.ranking.is_some() || self.intent.asks_time {
            return;
        }
        if let Some(person) = self.asked_person(subject) {
            self.done = Some(subject);
            self.intent.subject = Some(person);
            self.intent.existence.push(Existence {
                table: subject,
                negated: false,
            });
        }
    }

    fn is_denied(&self, table: TableId) -> bool {
        let denies = |existence: &Existence| existence.negated && existence.table == table;
        self.intent.existence.iter().any(denies)
    }

    /// "student names and thesis titles": one row for each of the things that lead to the others.
    fn turn_to_finer(&mut self, columns: &mut Vec<ColumnId>) {
        let Some(subject) = self.intent.subject else {
            return;
        };
        let far = |column: &ColumnId| self.schema.way(subject, column.table).is_none();
        let finer = columns
            .iter()
            .find(|column| far(column) && self.schema.way(column.table, subject).is_some());
        if let Some(finer) = finer.map(|column| column.table) {
            let label = self.schema.label(subject);
            if !columns.iter().any(|column| label.contains(column)) {
                columns.splice(0..0, label);
            }
            self.intent.subject = Some(finer);
        }
    }

    fn reopen(&mut self, at: usize) {
        if let Some(slot) = self.slots.get_mut(at) {
            slot.used = false;
        }
    }

    /// What is listed when no noun says it: the owner of the columns, or of the values.
    fn list_subject(&self, columns: &[ColumnId]) -> Option<TableId> {
        let ranked = self.intent.ranking.and_then(|ranking| match ranking.by {
            RankBy::Column(column) => Some(column.table),
            RankBy::Measure(_) => None,
        });
        let owners: Vec<TableId> = columns.iter().map(|column| column.table).collect();
        let people = || {
            let filtered = self
                .intent
                .filters
                .first()
                .map(|filter| filter.column.table)?;
            self.people_of(filtered)
        };
        self.intent
            .subject
            .or_else(|| self.schema.root(&owners).filter(|_| !owners.is_empty()))
            .or_else(people)
            .or(ranked)
            .or_else(|| self.context.first().map(|(_, table)| *table))
            .or_else(|| {
                self.intent
                    .filters
                    .first()
                    .map(|filter| filter.column.table)
            })
    }

    /// Shows the named columns; a figure of many rows is added up when no single row is meant.
    fn show(&mut self, columns: Vec<ColumnId>) {
        let asks_value = self.slots.iter().any(|slot| {
            matches!(slot.term, Term::Cue(Cue::HowMuch))
                || matches!(slot.term, Term::Cue(Cue::Which | Cue::Who))
        });
        let one = match columns.as_slice() {
            [column] if self.schema.is_measure(*column) => Some(*column),
            _ => None,
        };
        let named = self.intent.filters.iter().any(|filter| {
            self.schema.is_label(filter.column)
                && Some(filter.column.table) == one.map(|column| column.table)
        });
        let no_rows = self.intent.ranking.is_none() && self.intent.limit.is_none();
        let summed = one.is_some_and(|column| self.says_sum(column) || self.adds_total(column));
        if let Some(column) = one.filter(|column| {
            let value = asks_value && !self.intent.filters.is_empty() && self.adds_up(*column);
            no_rows && !named && (summed || value)
        }) {
            self.intent
                .measures
                .push(Measure::Of(Function::Sum, column));
            return;
        }
        self.intent.shown.extend(columns);
    }

    /// Whether "total" stands before a column that is not itself called so: "total fines in May" is
    /// one figure.
    fn adds_total(&self, column: ColumnId) -> bool {
        const TOTAL: &[&str] = &["total", "tot", "jumlah", "jml"];
        let at = self
            .slots
            .iter()
            .position(|slot| slot.term == Term::Column(column));
        let said = at.and_then(|at| self.inner_function(at)) == Some(Function::Sum);
        let parts = &self.schema.column(column).parts.parts;
        let called = parts
            .iter()
            .any(|(unit, _)| TOTAL.contains(&unit.word.norm.as_str()));
        let things = self
            .slots
            .iter()
            .any(|slot| matches!(slot.term, Term::Table(table) if table != column.table));
        said && !called && !things && self.adds_up(column)
    }

    /// Whether the words ask for a sum: "the total amount", "how much was refunded" of no single thing.
    fn says_sum(&self, column: ColumnId) -> bool {
        let at = self
            .slots
            .iter()
            .position(|slot| slot.term == Term::Column(column));
        let total = at.and_then(|at| self.inner_function(at)) == Some(Function::Sum);
        let said = |text: &str| {
            self.pieces
                .iter()
                .any(|piece| piece.text.eq_ignore_ascii_case(text))
        };
        let no_thing = !self
            .slots
            .iter()
            .any(|slot| matches!(slot.term, Term::Table(_)));
        let asked = said("berapa") || said("berapakah") || said("what");
        (total && asked && no_thing) || (said("how much") && no_thing)
    }

    /// "In what year was A built?": the only time that the thing has, where none is named.
    fn add_asked_time(&mut self, columns: &mut Vec<ColumnId>) {
        let is_time = |column: &ColumnId| matches!(self.kind(*column), Kind::Date | Kind::Year);
        let Some(subject) = self.intent.subject.filter(|_| self.intent.asks_time) else {
            return;
        };
        // "the oldest": the time that orders the rows is the one that is asked for.
        let ordering = match self.intent.ranking.map(|ranking| ranking.by) {
            Some(RankBy::Column(column)) => Some(column),
            _ => None,
        };
        if columns.iter().chain(&ordering).any(is_time) {
            return;
        }
        let times: Vec<ColumnId> = self
            .schema
            .columns(subject)
            .map(|(id, _)| id)
            .filter(is_time)
            .collect();
        match times.as_slice() {
            [only] => columns.push(*only),
            _ => self.unresolved = true,
        }
    }
}
