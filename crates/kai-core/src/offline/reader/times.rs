//! Times without a column of their own, and which column they are of.

use super::{Reader, Time};
use crate::offline::cue::Cue;
use crate::offline::intent::{Filter, Group, Test};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Dates and years that nothing compared: what a time without a column is of.
    pub(super) fn times_of_columns(&mut self) {
        if self.times.is_empty() {
            return;
        }
        for at in 0..self.slots.len() {
            let Some(column) = self.column(at) else {
                continue;
            };
            if matches!(self.kind(column), Kind::Date | Kind::Year) {
                self.take(at);
                for time in std::mem::take(&mut self.times) {
                    self.apply_time(time, column);
                }
                return;
            }
        }
    }

    /// Gives the times that are left the usual column of what the question is about.
    pub(super) fn resolve_times(&mut self) {
        if self.times.is_empty() {
            return;
        }
        // "have ordered nothing since May": the time is of what is missing.
        let missing = self.intent.existence.iter().filter(|e| e.negated);
        let mut tables: Vec<TableId> = missing.map(|existence| existence.table).collect();
        tables.extend(self.measured());
        tables.extend(self.done);
        tables.extend(self.intent.subject);
        let column = tables.iter().find_map(|table| self.schema.time(*table));
        if let Some(column) = column {
            for time in std::mem::take(&mut self.times) {
                self.apply_time(time, column);
            }
        } else {
            // Nothing here has a date: the year stays unexplained.
            for slot in &mut self.slots {
                slot.used &= !matches!(
                    slot.term,
                    Term::Quantity(_) | Term::Dates(_) | Term::Cue(Cue::Yearly | Cue::Monthly)
                );
            }
        }
    }

    fn apply_time(&mut self, time: Time, column: ColumnId) {
        match (time, self.kind(column)) {
            (Time::Test(comparison, dates), _) => {
                self.intent.filters.push(Filter {
                    column,
                    test: Test::Dated(comparison, dates),
                });
            }
            (Time::Year, Kind::Year) => self.group(Group::Column(column)),
            (Time::Year, _) => self.group(Group::Year(column)),
            (Time::Month, _) => self.group(Group::Month(column)),
        }
    }
}
