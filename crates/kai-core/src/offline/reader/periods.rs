//! The same thing done in one time and not in another: "ordered in 2023 and in 2024 but not in 2025".

use super::Reader;
use super::numbers::Bound;
use crate::offline::cue::{Comparison, Cue};
use crate::offline::intent::{Event, Filter, Test};
use crate::offline::quantity::Dates;
use crate::offline::schema::TableId;
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes what was done in some times and left undone in another: for each there must be a row
    /// of its own, or none.
    pub(super) fn periods_apart(&mut self) {
        let times: Vec<(usize, Dates)> = (0..self.slots.len())
            .filter_map(|at| Some((at, self.time_at(at)?)))
            .collect();
        let denial = (1..self.slots.len()).find(|at| {
            matches!(self.cue(*at), Some(Cue::Not | Cue::Without))
                && self.cue(at - 1) == Some(Cue::And)
                && times.iter().any(|(time, _)| time < at)
                && times.iter().any(|(time, _)| time > at)
        });
        let (Some(denial), Some((first, _)), Some((last, _))) =
            (denial, times.first(), times.last())
        else {
            return;
        };
        let Some((event_at, event)) = self.event_before(*first) else {
            return;
        };
        let compared = (event_at..=*last).any(|at| {
            matches!(
                self.cue(at),
                Some(Cue::Compare(_) | Cue::CompareBefore(_) | Cue::Between | Cue::To)
            )
        });
        let again = |at: usize| match self.term(at) {
            Some(Term::Table(table)) => *table == event,
            Some(Term::Column(column)) => column.table == event,
            Some(Term::Values(..)) => false,
            _ => true,
        };
        let Some(column) = self.schema.time(event) else {
            return;
        };
        if compared || !(event_at..=*last).all(again) {
            return;
        }
        for (at, dates) in &times {
            let test = Test::Dated(Comparison::Equal, *dates);
            self.intent.events.push(Event {
                table: event,
                negated: *at > denial,
                filters: vec![Filter { column, test }],
            });
        }
        for at in event_at..=*last {
            self.take(at);
        }
    }

    fn time_at(&self, at: usize) -> Option<Dates> {
        match self.term(at)? {
            Term::Quantity(quantity) if self.is_open(at) => Bound::Number(*quantity).dates(),
            Term::Dates(dates) if self.is_open(at) => Some(*dates),
            _ => None,
        }
    }

    /// What was done: the nearest thing before a place that belongs to another one named before it.
    fn event_before(&self, at: usize) -> Option<(usize, TableId)> {
        let head = (0..at).find_map(|index| Some((index, self.table(index)?)))?;
        (head.0 + 1..at).rev().find_map(|index| {
            let table = self
                .table(index)
                .or_else(|| self.column(index).map(|column| column.table))?;
            let belongs = table != head.1 && self.schema.way(table, head.1).is_some();
            belongs.then_some((index, table))
        })
    }
}
