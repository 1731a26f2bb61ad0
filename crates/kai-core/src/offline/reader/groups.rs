//! Groups: "per province", "by type and gender", "each year", and orders that "by" asks for.

use super::{Reader, Time};
use crate::offline::cue::{Cue, Degree};
use crate::offline::intent::{Group, RankBy, Ranking};
use crate::offline::schema::Kind;
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes every grouping phrase, and the words that ask for an order.
    pub(super) fn groups(&mut self) {
        for at in 0..self.slots.len() {
            match self.cue(at) {
                Some(Cue::Yearly) => {
                    self.take(at);
                    if !self.is_in_column(&["annual", "yearly", "tahunan"]) {
                        self.times.push(Time::Year);
                    }
                }
                Some(Cue::Monthly) => {
                    self.take(at);
                    if !self.is_in_column(&["month", "monthly", "bulan", "bulanan", "bln"]) {
                        self.times.push(Time::Month);
                    }
                }
                Some(Cue::Each) => self.group_phrase(at),
                Some(Cue::By) if self.names_doer(at) => {
                    self.take(at);
                    self.take_as_context(at + 1);
                }
                Some(Cue::By) => {
                    if self.sorted || self.begins_with.is_some() || self.asks_for_order(at) {
                        self.order_phrase(at);
                    } else {
                        self.group_phrase(at);
                    }
                }
                Some(Cue::Sort) => {
                    self.sorted = true;
                    self.order_phrase(at);
                }
                Some(Cue::Direction { descending }) => {
                    self.take(at);
                    self.descending = Some(descending);
                }
                Some(Cue::Contrast) => {
                    self.take(at);
                    self.contrast = true;
                }
                _ => {}
            }
        }
    }

    /// Whether "by" names what the rows are ordered by: a figure, or a number of each row.
    fn asks_for_order(&self, at: usize) -> bool {
        let Some(next) = self.after(at, |_| false) else {
            return false;
        };
        match self.term(next) {
            Some(Term::Cue(
                Cue::Count
                | Cue::CountOrAmount
                | Cue::Aggregate(_)
                | Cue::Superlative(_)
                | Cue::Share,
            )) => true,
            // "the two oldest bridges by year built"
            Some(Term::Column(column))
                if matches!(self.kind(*column), Kind::Date | Kind::Year)
                    && self.ranks_age_before(at) =>
            {
                true
            }
            Some(Term::Column(column)) => {
                let figures = (0..at).any(|index| {
                    matches!(
                        self.cue(index),
                        Some(Cue::Count | Cue::CountOrAmount | Cue::Aggregate(_))
                    )
                });
                self.schema.is_measure(*column) && !figures
            }
            // "the top 5 provinces by cooperatives" counts them; "members by province" groups.
            Some(Term::Table(table)) => self.intent.limit.is_some() && self.head_before(at, *table),
            _ => false,
        }
    }

    fn ranks_age_before(&self, at: usize) -> bool {
        (0..at).any(|index| {
            matches!(self.cue(index), Some(Cue::Superlative(superlative))
                if superlative.degree == Degree::Age)
        })
    }

    /// Whether "by" names who did what stands before it: "won by films of each genre".
    fn names_doer(&self, at: usize) -> bool {
        let each_behind =
            (at + 1..self.slots.len()).any(|index| self.cue(index) == Some(Cue::Each));
        let done = at
            .checked_sub(1)
            .is_some_and(|before| match self.term(before) {
                Some(Term::Cue(Cue::Relation | Cue::Verb)) => true,
                Some(Term::Column(column)) => self.kind(*column).is_flag(),
                _ => false,
            });
        each_behind && done && self.table(at + 1).is_some()
    }

    /// "per A", "by A and B": takes the things that rows are put together by.
    fn group_phrase(&mut self, at: usize) {
        let mut index = at;
        let mut found = false;
        while let Some(next) = self.after(index, |cue| matches!(cue, Cue::Distinct | Cue::At)) {
            let group = match self.term(next) {
                Some(Term::Table(table)) => Some(Group::Entity(*table)),
                Some(Term::Column(column)) => match self.kind(*column) {
                    Kind::Date if self.said_year(at, next) => Some(Group::Year(*column)),
                    _ => Some(self.group_of_column(*column)),
                },
                Some(Term::Cue(Cue::Year)) => {
                    self.take(next);
                    self.year_group(next);
                    None
                }
                Some(Term::Cue(Cue::Month)) => {
                    self.times.push(Time::Month);
                    self.take(next);
                    None
                }
                _ => break,
            };
            found = true;
            self.take(next);
            if let Some(group) = group {
                self.group(group);
                self.take_owner_after(next);
            }
            let joined = self.cue(next + 1) == Some(Cue::And)
                && !(self.is_comma(next + 1) && self.leads(at))
                && match self.term(next + 2) {
                    Some(Term::Table(_) | Term::Cue(Cue::Year | Cue::Month)) => {
                        self.is_open(next + 2)
                    }
                    Some(Term::Column(column)) => {
                        self.is_open(next + 2) && !self.schema.is_measure(*column)
                    }
                    _ => false,
                };
            if !joined {
                break;
            }
            self.take(next + 1);
            index = next + 1;
        }
        // "…, how many of each?" is about what was named before.
        let each = self.cue(at) == Some(Cue::Each);
        let last = self
            .after(at, |cue| matches!(cue, Cue::At | Cue::That))
            .is_none();
        let several = !self.intent.groups.is_empty() || self.asks_for_more() || self.contrast;
        if found || (each && last && several) {
            self.take(at);
        }
    }

    /// Whether a number that the question names is called so: a monthly salary is one per month.
    fn is_in_column(&self, words: &[&str]) -> bool {
        self.slots.iter().any(|slot| match slot.term {
            Term::Column(column) => {
                let parts = &self.schema.column(column).parts.parts;
                self.schema.is_measure(column)
                    && parts
                        .iter()
                        .any(|(unit, _)| words.contains(&unit.word.norm.as_str()))
            }
            _ => false,
        })
    }

    /// Whether a place is a comma.
    pub(super) fn is_comma(&self, at: usize) -> bool {
        let piece = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece));
        piece.is_some_and(|piece| piece.text == ",")
    }

    /// Whether nothing is named before a place: "for each region, which branch …".
    fn leads(&self, at: usize) -> bool {
        !self.slots.iter().take(at).any(|slot| {
            matches!(
                slot.term,
                Term::Table(_)
                    | Term::Column(_)
                    | Term::Cue(Cue::Count | Cue::CountOrAmount | Cue::Aggregate(_))
            )
        })
    }

    /// "by year of joining": the date behind "year", or else the usual one.
    fn year_group(&mut self, at: usize) {
        match self
            .column(at + 1)
            .map(|column| (column, self.kind(column)))
        {
            Some((column, Kind::Date)) => {
                self.take(at + 1);
                self.group(Group::Year(column));
            }
            Some((column, Kind::Year)) => {
                self.take(at + 1);
                self.group(Group::Column(column));
            }
            _ => self.times.push(Time::Year),
        }
    }

    fn said_year(&self, from: usize, to: usize) -> bool {
        (from..to).any(|index| matches!(self.term(index), Some(Term::Cue(Cue::Year | Cue::Yearly))))
    }

    /// "by type of cooperative": the table only says whose the column is.
    fn take_owner_after(&mut self, at: usize) {
        if let (Some(Term::Column(column)), Some(table)) =
            (self.term(at).cloned(), self.table(at + 1))
            && column.table == table
        {
            self.take_as_context(at + 1);
        }
    }

    /// "sorted by A", "by average A": notes what the rows are ordered by.
    fn order_phrase(&mut self, at: usize) {
        self.take(at);
        let Some(next) = self.after(at, |cue| {
            matches!(cue, Cue::Direction { .. } | Cue::At | Cue::Year)
        }) else {
            return;
        };
        let sorted = self.column(next);
        if let Some(column) = sorted {
            self.take(next);
            let falls = self.schema.is_measure(column);
            let (end, descending) = self.direction_after(next);
            self.rank(Ranking {
                by: RankBy::Column(column),
                descending: descending.unwrap_or(falls),
            });
            self.further_keys(end);
        } else {
            self.rank_by_next = Some(at);
        }
    }

    /// A direction right behind a column, and where the two end.
    fn direction_after(&mut self, at: usize) -> (usize, Option<bool>) {
        match self.cue(at + 1) {
            Some(Cue::Direction { descending }) => {
                self.take(at + 1);
                (at + 1, Some(descending))
            }
            _ => (at, None),
        }
    }

    /// "sorted by A and then by B": the columns that order what the first leaves equal.
    fn further_keys(&mut self, mut end: usize) {
        while self.cue(end + 1) == Some(Cue::And) {
            let place =
                end + 2 + usize::from(matches!(self.cue(end + 2), Some(Cue::By | Cue::And)));
            let Some(column) = self.column(place) else {
                return;
            };
            for index in end + 1..=place {
                self.take(index);
            }
            let (last, descending) = self.direction_after(place);
            let falls = self.schema.is_measure(column);
            self.intent.then.push((column, descending.unwrap_or(falls)));
            end = last;
        }
    }
}
