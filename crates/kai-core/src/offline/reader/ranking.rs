//! Superlatives and orders: "the highest", "terbanyak", "top 5 … by …", "oldest".

use super::Reader;
use crate::offline::cue::{Cue, Degree, Function, Superlative};
use crate::offline::intent::{Group, Measure, RankBy, Ranking, Test};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes every superlative, "top" and order.
    pub(super) fn rankings(&mut self) {
        self.order_by_figure();
        self.order_by_first();
        for at in 0..self.slots.len() {
            if let Some(Cue::Superlative(superlative)) = self.cue(at) {
                self.superlative(at, superlative);
            }
        }
        for at in 0..self.slots.len() {
            if let Some(Cue::Top { descending }) = self.cue(at) {
                self.take(at);
                let dated = at
                    .checked_sub(1)
                    .and_then(|before| self.column(before))
                    .filter(|column| matches!(self.kind(*column), Kind::Date | Kind::Year));
                if let Some(column) = dated.filter(|_| self.intent.ranking.is_none()) {
                    // "installed first": the earliest.
                    self.take(at - 1);
                    self.rank_rows(column, !descending);
                    continue;
                }
                self.descending.get_or_insert(descending);
                self.intent.extreme |= self.intent.limit.is_none();
            }
        }
        self.default_order();
    }

    /// "by average capital", "sorted by number of members": the figure behind the cue.
    fn order_by_figure(&mut self) {
        let Some(sort) = self.rank_by_next.filter(|_| self.intent.ranking.is_none()) else {
            return;
        };
        if let Some(found) = self.found.iter().find(|found| found.at > sort).copied() {
            self.rank(Ranking {
                by: RankBy::Measure(found.measure),
                descending: true,
            });
        } else if let Some(table) = self
            .after(sort, |_| false)
            .and_then(|index| self.table(index))
        {
            let at = self.after(sort, |_| false).unwrap_or(sort);
            self.take(at);
            self.rank(Ranking {
                by: RankBy::Measure(self.bulk(table, Degree::Number)),
                descending: true,
            });
        }
    }

    fn superlative(&mut self, at: usize, superlative: Superlative) {
        let descending = superlative.descending;
        if let Some(ranking) = self.intent.ranking {
            // "sorted by the highest average", "the largest by area": what it is by is known, this
            // only says the direction.
            self.take(at);
            self.descending = Some(self.falls(superlative, ranking.by));
            if self.rank_by_next.is_none() && !self.sorted {
                self.single();
            }
            return;
        }
        if self.both_ends(at, superlative) {
            return;
        }
        let Some(place) = self.ranked_noun(at, superlative) else {
            self.ranked_value(at, superlative);
            return;
        };
        if let Some(index) = self.slots.get(place).and_then(|slot| slot.measure) {
            if let Some(found) = self.found.get(index).copied() {
                self.take(at);
                self.rank(Ranking {
                    by: RankBy::Measure(found.measure),
                    descending,
                });
                self.single();
            }
            return;
        }
        match self.term(place).cloned() {
            // A name stands for its thing: "the cheapest program".
            Some(Term::Column(column))
                if self.schema.is_label(column)
                    && matches!(superlative.degree, Degree::Quality(_))
                    && self.quality(column.table, superlative.degree).is_some() =>
            {
                self.ranked_table(at, place, column.table, superlative);
            }
            Some(Term::Column(column)) => self.ranked_column(at, place, column, superlative),
            Some(Term::Table(table)) => self.ranked_table(at, place, table, superlative),
            _ => {}
        }
    }

    /// "the biggest deposit": the things that a value beside the superlative tells the kind of.
    fn ranked_value(&mut self, at: usize, superlative: Superlative) {
        let before = at.checked_sub(1);
        let sides = if superlative.behind {
            [before, Some(at + 1)]
        } else {
            [Some(at + 1), before]
        };
        let kind = sides
            .into_iter()
            .flatten()
            .find_map(|place| match self.term(place) {
                Some(Term::Values(column, _)) => Some((place, column.table)),
                _ => None,
            });
        if let Some((place, table)) = kind.filter(|_| superlative.degree != Degree::Number) {
            self.ranked_table(at, place, table, superlative);
        }
    }

    /// The place of the noun that a superlative belongs to.
    fn ranked_noun(&self, at: usize, superlative: Superlative) -> Option<usize> {
        let noun = |index: usize| {
            let slot = self.slots.get(index)?;
            let is_noun = matches!(slot.term, Term::Table(_) | Term::Column(_));
            (is_noun && (!slot.used || slot.measure.is_some())).then_some(index)
        };
        let left = || {
            // Only what is taken, and small words, may stand between.
            (0..at)
                .rev()
                .take_while(|index| {
                    noun(*index).is_some()
                        || !self.is_open(*index)
                        || matches!(
                            self.cue(*index),
                            Some(Cue::That | Cue::Have | Cue::Which | Cue::Who | Cue::Verb)
                        )
                })
                .find_map(noun)
        };
        let right = || {
            (at + 1..self.slots.len())
                .take_while(|index| {
                    noun(*index).is_some()
                        || !self.is_open(*index)
                        || matches!(self.cue(*index), Some(Cue::At | Cue::Relation | Cue::Verb))
                })
                .find_map(noun)
        };
        let opens_clause = at.checked_sub(1).is_none_or(|before| {
            matches!(
                self.cue(before),
                Some(Cue::Have | Cue::That | Cue::Which | Cue::Who | Cue::At | Cue::Show)
            )
        });
        if superlative.behind && !opens_clause {
            left().or_else(right)
        } else if superlative.behind {
            let next = noun(at + 1).or_else(right);
            next.or_else(left)
        } else {
            right().or_else(left)
        }
    }

    fn ranked_column(
        &mut self,
        at: usize,
        place: usize,
        column: ColumnId,
        superlative: Superlative,
    ) {
        let descending = superlative.descending;
        if !self.schema.is_measure(column) {
            let dated = matches!(self.kind(column), Kind::Date | Kind::Year);
            match superlative.degree {
                // "the earliest founding year" is the year itself, not a row.
                Degree::Age
                    if dated
                        && !self.head_before(at.min(place), column.table)
                        && !self.asks_for_rows()
                        && !self.asks_which_of(column.table, at.min(place)) =>
                {
                    let function = if descending {
                        Function::Minimum
                    } else {
                        Function::Maximum
                    };
                    self.take(at);
                    self.take(place);
                    self.found.push(super::Found {
                        measure: Measure::Of(function, column),
                        at: place,
                        silent: false,
                    });
                }
                Degree::Age if dated => {
                    self.take(at);
                    self.take(place);
                    self.rank_rows(column, !descending);
                }
                Degree::Size if dated => {
                    self.take(at);
                    self.take(place);
                    self.rank_rows(column, descending);
                }
                // "the most common occupation": the value itself is ranked by its rows.
                Degree::Number if !self.schema.is_label(column) => {
                    self.take(at);
                    let measure = Measure::Rows(column.table);
                    self.rank(Ranking {
                        by: RankBy::Measure(measure),
                        descending,
                    });
                    self.single();
                }
                _ => {}
            }
            return;
        }
        self.take(at);
        self.take(place);
        let owner_before = self
            .context
            .iter()
            .any(|(index, table)| *index < place && *table == column.table);
        let head = self.head_before(at.min(place), column.table)
            || (0..at.min(place)).any(|index| self.table(index) == Some(column.table));
        if head {
            let leads = self.slots.iter().find_map(|slot| match slot.term {
                Term::Table(table) => Some(table == column.table),
                _ => None,
            });
            // "which machine on line 3 has the highest power" is about machines, not about lines.
            let finer = leads != Some(true) && self.head_is_coarser(at.min(place), column.table);
            let by = if finer && self.adds_up(column) {
                RankBy::Measure(Measure::Of(Function::Sum, column))
            } else if finer {
                let function = if descending {
                    Function::Maximum
                } else {
                    Function::Minimum
                };
                RankBy::Measure(Measure::Of(function, column))
            } else {
                RankBy::Column(column)
            };
            self.rank(Ranking { by, descending });
            self.single();
        } else if self.intent.limit.is_some()
            || (owner_before && self.asks_for_rows())
            || (self.asks_for_people() && self.schema.is_person(column.table))
            || (self.asks_which() && self.intent.groups.is_empty())
        {
            self.rank_rows(column, descending);
        } else {
            let function = if descending {
                Function::Maximum
            } else {
                Function::Minimum
            };
            self.found.push(super::Found {
                measure: Measure::Of(function, column),
                at: place,
                silent: false,
            });
        }
    }

    /// Whether "who" is asked, so that the answer is a row and not a value.
    pub(super) fn asks_for_people(&self) -> bool {
        self.slots
            .iter()
            .enumerate()
            .any(|(at, slot)| match slot.term {
                Term::Cue(Cue::Who) => true,
                // At the beginning "who" asks, elsewhere it begins a clause.
                Term::Cue(Cue::That) => at == 0,
                _ => false,
            })
    }

    /// Whether "which" asks for things, so that a superlative of a number is about one of them.
    fn asks_which(&self) -> bool {
        let words = ["which", "mana", "manakah", "who", "siapa", "siapakah"];
        self.pieces
            .iter()
            .any(|piece| words.contains(&piece.text.to_lowercase().as_str()))
    }

    /// Whether things of the table are asked for, named before a place.
    fn asks_which_of(&self, table: TableId, before: usize) -> bool {
        let named = self
            .slots
            .iter()
            .take(before)
            .any(|slot| slot.term == Term::Table(table));
        named && self.asks_which()
    }

    fn asks_for_rows(&self) -> bool {
        self.slots
            .iter()
            .any(|slot| matches!(slot.term, Term::Cue(Cue::Show)))
    }

    /// Whether the noun that leads the question stands for many rows of the table each.
    fn head_is_coarser(&self, before: usize, table: TableId) -> bool {
        (0..before).any(|index| {
            self.table(index).is_some_and(|head| {
                head != table
                    && self.schema.way(table, head).is_some()
                    && self.schema.way(head, table).is_none()
            }) || self.column(index).is_some_and(|head| {
                head.table != table && self.schema.way(head.table, table).is_none()
            })
        })
    }

    fn ranked_table(&mut self, at: usize, place: usize, table: TableId, superlative: Superlative) {
        let descending = superlative.descending;
        let asks_value =
            (0..at).any(|index| matches!(self.term(index), Some(Term::Cue(Cue::HowMuch))));
        let finer_head = self.head_table(at.min(place)).is_some_and(|head| {
            head != table && self.schema.way(head, table).is_some() && self.stands_in(at.min(place))
        });
        if finer_head && let Some((column, rises)) = self.quality(table, superlative.degree) {
            // "the villages in the smallest district": whose district is the smallest.
            self.take(at);
            self.take_as_context(place);
            let descending = descending == rises;
            self.filter(column, Test::Extreme { descending });
        } else if self.head_before(at.min(place), table)
            && matches!(superlative.degree, Degree::Number | Degree::Size)
        {
            self.take(at);
            self.take(place);
            let by = RankBy::Measure(self.most_of(table, superlative, place < at));
            self.rank(Ranking { by, descending });
            self.single();
        } else if let Some(person) = self.asked_person(table)
            && matches!(superlative.degree, Degree::Number | Degree::Size)
        {
            // "who borrowed the most": the people whose loans these are.
            self.take(at);
            self.take(place);
            self.group(Group::Entity(person));
            let by = RankBy::Measure(self.most_of(table, superlative, place < at));
            self.rank(Ranking { by, descending });
            self.limit_to_one();
        } else if let Some(column) = self.quality(table, superlative.degree) {
            let (column, rises) = column;
            self.take(at);
            if self.head_before(at.min(place), table) {
                // "in which province is the oldest cooperative": one row of the second thing.
                self.take(place);
                self.intent.subject = Some(table);
            }
            let value = (asks_value || self.said("what")) && superlative.degree == Degree::Size;
            if value && self.intent.limit.is_none() && self.schema.amount(table) == Some(column) {
                let function = if descending {
                    Function::Maximum
                } else {
                    Function::Minimum
                };
                self.take(place);
                self.found.push(super::Found {
                    measure: Measure::Of(function, column),
                    at: place,
                    silent: false,
                });
            } else {
                self.rank(Ranking {
                    by: RankBy::Column(column),
                    descending: descending == rises,
                });
                self.single();
            }
        }
    }

    /// How things of a table are measured by "the most"; of what is done the most ("who paid the
    /// most"), it is how much, where that is told.
    fn most_of(&self, table: TableId, superlative: Superlative, done: bool) -> Measure {
        let amount = self.schema.amount(table);
        match amount.filter(|_| done && !superlative.behind && superlative.degree == Degree::Number)
        {
            Some(column) => Measure::Of(Function::Sum, column),
            None => self.bulk(table, superlative.degree),
        }
    }

    /// Whether what begins at a place is where the things before it are, or what they belong to.
    fn stands_in(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.cue(before));
        matches!(before, Some(Cue::At | Cue::Relation | Cue::Verb | Cue::To))
    }

    /// The people that "who" asks for, where the question only names what they have.
    pub(super) fn asked_person(&self, table: TableId) -> Option<TableId> {
        if !self.asks_for_people() || self.schema.is_person(table) {
            return None;
        }
        let people = self
            .schema
            .tables()
            .map(|(id, _)| id)
            .filter(|id| self.schema.is_person(*id));
        people
            .filter_map(|id| Some((self.schema.way(table, id)?.len(), id)))
            .min()
            .map(|(_, id)| id)
    }

    /// The people that "who" asks for, where the question only names what they belong to.
    pub(super) fn people_of(&self, table: TableId) -> Option<TableId> {
        if !self.asks_for_people() || self.schema.is_person(table) {
            return None;
        }
        let people = self.schema.tables().map(|(id, _)| id);
        people
            .filter(|id| self.schema.is_person(*id))
            .filter_map(|id| Some((self.schema.way(id, table)?.len(), id)))
            .min()
            .map(|(_, id)| id)
    }

    /// Whether the question asks "what" or "berapa" rather than "which".
    fn said(&self, word: &str) -> bool {
        self.pieces
            .iter()
            .any(|piece| piece.text.to_lowercase().starts_with(word))
    }

    fn rank_rows(&mut self, column: ColumnId, descending: bool) {
        self.rank(Ranking {
            by: RankBy::Column(column),
            descending,
        });
        self.single();
    }

    /// A superlative without a number asks for one row, unless there is a row for each group.
    fn single(&mut self) {
        self.intent.extreme_asked = true;
        if self.intent.limit.is_none() && self.intent.groups.is_empty() {
            self.intent.extreme = true;
        }
    }

    fn limit_to_one(&mut self) {
        self.intent.extreme = self.intent.limit.is_none();
    }

    /// Fills in what an order leaves out: its direction, and with a limit alone, what it is by.
    fn default_order(&mut self) {
        if let Some(descending) = self.descending {
            if let Some(ranking) = &mut self.intent.ranking {
                ranking.descending = descending;
            } else if let Some(found) = self.found.first().copied() {
                self.rank(Ranking {
                    by: RankBy::Measure(found.measure),
                    descending,
                });
            } else if let Some(column) = self.open_measure() {
                self.rank(Ranking {
                    by: RankBy::Column(column),
                    descending,
                });
            } else if let Some(found) = self.head_quality() {
                self.rank(Ranking {
                    by: RankBy::Column(found),
                    descending,
                });
            }
        }
    }

    fn open_measure(&self) -> Option<ColumnId> {
        (0..self.slots.len())
            .filter_map(|index| self.column(index))
            .find(|column| self.schema.is_measure(*column))
    }

    /// "the top 5 loans": by what they amount to.
    fn head_quality(&self) -> Option<ColumnId> {
        let table = (0..self.slots.len()).find_map(|index| self.table(index))?;
        self.quality(table, Degree::Size).map(|(column, _)| column)
    }
}
