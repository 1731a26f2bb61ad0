//! "How often": how many rows tell what happened to a thing that is named, and participles that only
//! say that something happened at all.

use super::{Found, Reader};
use crate::offline::cue::Cue;
use crate::offline::intent::{Filter, Group, Measure, Test};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

/// The words that ask for a number of times.
const TIMES: &[&str] = &["often", "times", "kali", "sering"];

impl Reader<'_> {
    /// Takes the "how often" of "how often was the promotion SUMMER applied?", where the rows of just
    /// one table tell what happened to such a thing; whatever the verb, it is those that are counted.
    pub(super) fn occurrences(&mut self) {
        for at in 0..self.slots.len() {
            if self.cue(at) != Some(Cue::Count) || !self.says_times(at) {
                continue;
            }
            let Some((table, thing)) = self.what_happened() else {
                continue;
            };
            self.take(at);
            self.found.push(Found {
                measure: Measure::Rows(table),
                at,
                silent: false,
            });
            self.intent.happened = Some(table);
            for place in 0..self.slots.len() {
                if thing.is_some() && self.table(place) == thing {
                    self.take_as_context(place);
                }
            }
        }
    }

    /// Whether the words at a place ask for a number of times.
    pub(super) fn says_times(&self, at: usize) -> bool {
        let piece = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece));
        piece.is_some_and(|piece| {
            let mut words = piece.text.split_whitespace();
            words.any(|word| TIMES.contains(&word.to_lowercase().as_str()))
        })
    }

    /// The table whose rows are counted, and the thing to which they happened, if that has a table of
    /// its own.
    fn what_happened(&self) -> Option<(TableId, Option<TableId>)> {
        let named = self.intent.filters.iter().find_map(|filter| {
            let one = matches!(filter.test, Test::OneOf { negated: false, .. });
            let told = self.schema.is_label(filter.column)
                || self
                    .schema
                    .key(filter.column.table)
                    .contains(&filter.column)
                || self.refers(filter.column);
            (one && told).then_some(filter.column)
        });
        let each = match self.intent.groups.as_slice() {
            [group @ (Group::Entity(_) | Group::Column(_))] => Some(*group),
            _ => None,
        };
        let (counted, thing) = match (named, each) {
            (Some(column), _) if self.refers(column) => (column.table, None),
            (Some(ColumnId { table, .. }), _) | (None, Some(Group::Entity(table))) => {
                (self.only_child(table)?, Some(table))
            }
            // "How often did each kind of accident happen": each row is one.
            (None, Some(Group::Column(column))) => (column.table, Some(column.table)),
            _ => return None,
        };
        let other = |at: usize| match self.term(at) {
            Some(Term::Table(table)) => self.is_open(at) && Some(*table) != thing,
            Some(Term::Column(_)) => self.is_open(at),
            _ => false,
        };
        (!(0..self.slots.len()).any(other)).then_some((counted, thing))
    }

    /// Whether a column refers to the rows of another table.
    fn refers(&self, column: ColumnId) -> bool {
        self.schema.tables().any(|(to, _)| {
            let way = self.schema.way(column.table, to);
            way.is_some_and(|way| {
                matches!(way, [edge] if self.schema.edge(*edge).2.iter().any(|(from, _)| *from == column))
            })
        })
    }

    /// The only table whose rows refer to those of another.
    fn only_child(&self, of: TableId) -> Option<TableId> {
        let mut children = self.schema.tables().filter(|(id, _)| {
            let way = self.schema.way(*id, of);
            way.is_some_and(|way| matches!(way, [edge] if !self.schema.is_ambiguous(*edge)))
        });
        let (only, _) = children.next()?;
        children.next().is_none().then_some(only)
    }

    /// Takes participles that name a date without telling one: "how many meters are installed" counts
    /// those that have such a date.
    pub(super) fn done_at_all(&mut self) {
        let dated = |filter: &Filter, column| filter.column == column;
        for at in 0..self.slots.len() {
            let Some(column) = self.column(at) else {
                continue;
            };
            let counted = self
                .found
                .iter()
                .any(|found| !found.silent && found.measure == Measure::Rows(column.table));
            let told = !self.times.is_empty()
                || self.intent.asks_time
                || self.intent.filters.iter().any(|f| dated(f, column));
            if counted && !told && self.kind(column) == Kind::Date && self.is_participle(at) {
                self.take(at);
                if self.schema.column(column).nullable {
                    self.filter(column, Test::Null(false));
                }
            }
        }
    }

    /// Whether a single word has the form of a participle.
    fn is_participle(&self, at: usize) -> bool {
        const IRREGULAR: &[&str] = &[
            "paid", "sold", "sent", "built", "bought", "born", "made", "given", "taken", "begun",
            "held",
        ];
        let piece = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece));
        piece.is_some_and(|piece| {
            let word = piece.text.to_lowercase();
            let english = word.ends_with("ed") || IRREGULAR.contains(&word.as_str());
            let indonesian = ["di", "ter"].iter().any(|prefix| word.starts_with(prefix));
            !word.contains(' ') && word.chars().count() >= 4 && (english || indonesian)
        })
    }
}
