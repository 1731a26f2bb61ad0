//! The end of reading: what the remaining nouns are, which column a time is of, what is left over.

use super::{Reader, Reading, Slot, Time};
use crate::offline::cue::{Cue, Function};
use crate::offline::intent::{Existence, Filter, Group, Intent, Measure, RankBy, Test};
use crate::offline::link::{Content, Piece};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Gives every remaining noun its part, and tells what is left.
    pub(super) fn finish(mut self) -> Reading {
        let spoken: Vec<Measure> = self
            .found
            .iter()
            .filter(|f| !f.silent)
            .map(|f| f.measure)
            .collect();
        self.intent.measures = spoken;
        self.which_has_more();
        self.drop_own_group();
        self.first_of_each();
        self.every_one();
        if self.intent.asks_time && self.is_about_figures() && self.intent.groups.is_empty() {
            // "When was the highest one" is a day, of one row.
            let extreme = |measure: &Measure| {
                matches!(
                    measure,
                    Measure::Of(Function::Minimum | Function::Maximum, _)
                )
            };
            self.unresolved |= self.intent.measures.iter().any(extreme);
            self.times.push(Time::Year);
        }
        self.times_of_columns();
        if self.is_about_figures() {
            self.nouns_beside_figures();
        } else {
            self.nouns_of_a_list();
        }
        if self.intent.best_of.is_empty() {
            self.first_of_each();
        }
        self.contrast();
        self.done_at_all();
        self.possessed();
        self.pronouns();
        // A number that limits no rows was something else: "count of 40 ft containers".
        self.unresolved |= self.intent.limit.is_some()
            && self.intent.ranking.is_none()
            && self.intent.groups.is_empty()
            && !self.intent.measures.is_empty();
        self.resolve_times();
        // What must be there and must not be there was misread.
        let contradicts = |one: &Existence| {
            let other =
                |other: &Existence| other.table == one.table && other.negated != one.negated;
            self.intent.existence.iter().any(other)
        };
        self.unresolved |= self.intent.existence.iter().any(contradicts);
        // "a health policy and a vehicle policy" are two, and one of them lost what it is.
        let mut required: Vec<TableId> = Vec::new();
        for existence in self.intent.existence.iter().filter(|e| !e.negated) {
            self.unresolved |= required.contains(&existence.table);
            required.push(existence.table);
        }
        self.unresolved |= self.asks_once_more();
        self.take_small_words();
        self.intent.named = self
            .slots
            .iter()
            .filter_map(|slot| match &slot.term {
                Term::Table(table) => Some(*table),
                Term::Column(column) | Term::Values(column, _) => Some(column.table),
                _ => None,
            })
            .collect();
        let unexplained = self
            .slots
            .iter()
            .filter(|slot| !slot.used)
            .map(|slot| slot.piece)
            .chain(self.quantifiers())
            .collect::<Vec<usize>>();
        let unexplained = if self.unresolved && unexplained.is_empty() {
            self.to_blame().into_iter().collect()
        } else {
            unexplained
        };
        Reading {
            intent: std::mem::take(&mut self.intent),
            unexplained,
        }
    }

    /// The piece to name where everything was read and yet nothing came of it: the first that says
    /// what to do, not a preposition.
    fn to_blame(&self) -> Option<usize> {
        let asks = |slot: &&Slot| {
            matches!(slot.term, Term::Cue(cue) if !matches!(
                cue,
                Cue::At | Cue::That | Cue::And | Cue::Have | Cue::Which | Cue::Show
            ))
        };
        let blamed = self.slots.iter().find(asks).or(self.slots.first());
        blamed.map(|slot| slot.piece)
    }

    /// "the average age per student", "across all students": the mean is of them, not of each.
    fn drop_own_group(&mut self) {
        let [Group::Entity(table)] = self.intent.groups.as_slice() else {
            return;
        };
        let own = |measure: &Measure| match measure {
            Measure::Of(Function::Average, column) => column.table == *table,
            _ => false,
        };
        // "per product name" asks for each name, though a product is told by it.
        let said = self
            .slots
            .iter()
            .any(|slot| slot.term == Term::Table(*table));
        if said && !self.intent.measures.is_empty() && self.intent.measures.iter().all(own) {
            self.intent.groups.clear();
        }
    }

    /// "the name of every doctor": a list of them, since no figure is asked for.
    fn every_one(&mut self) {
        let only_group = match self.intent.groups.as_slice() {
            [Group::Entity(table)] => Some(*table),
            _ => None,
        };
        let no_figure = self.found.is_empty()
            && self.intent.having.is_empty()
            && self.intent.ranking.is_none()
            && self.times.iter().all(|time| matches!(time, Time::Test(..)));
        let belongs = |table: TableId| {
            only_group.is_some_and(|group| self.schema.way(group, table).is_some())
        };
        // "each club with its stadium": each of them has but one.
        let other = self.slots.iter().any(|slot| match slot.term {
            Term::Table(table) => !belongs(table),
            Term::Column(column) => self.schema.is_measure(column) && !belongs(column.table),
            Term::Cue(Cue::HowMuch) => true,
            _ => false,
        });
        if let Some(table) = only_group.filter(|_| no_figure && !other) {
            self.intent.groups.clear();
            self.intent.subject = Some(table);
        }
    }

    fn is_about_figures(&self) -> bool {
        !self.intent.measures.is_empty()
            || !self.intent.having.is_empty()
            || !self.intent.groups.is_empty()
            || self
                .times
                .iter()
                .any(|time| !matches!(time, Time::Test(..)))
            || matches!(self.intent.ranking, Some(ranking) if matches!(ranking.by, RankBy::Measure(_)))
    }

    /// The tables that figures are taken from.
    pub(super) fn measured(&self) -> Vec<TableId> {
        let ranked = self.intent.ranking.and_then(|ranking| match ranking.by {
            RankBy::Measure(measure) => Some(measure.table()),
            RankBy::Column(_) => None,
        });
        let having = self
            .intent
            .having
            .iter()
            .map(|having| having.measure.table());
        self.intent
            .measures
            .iter()
            .map(|measure| measure.table())
            .chain(ranked)
            .chain(having)
            .collect()
    }

    fn nouns_beside_figures(&mut self) {
        let first_figure = self
            .found
            .iter()
            .filter(|found| !found.silent)
            .map(|found| found.at)
            .min();
        let ranked_or_restricted = self.intent.ranking.is_some() || !self.intent.having.is_empty();
        for at in 0..self.slots.len() {
            let leads = first_figure.is_none_or(|figure| at < figure);
            if let Some(table) = self.table(at) {
                self.table_beside_figures(at, table, leads, ranked_or_restricted);
            } else if let Some(column) = self.column(at) {
                self.column_beside_figures(at, column, leads, ranked_or_restricted);
            }
        }
        self.implied_figure();
    }

    fn table_beside_figures(&mut self, at: usize, table: TableId, leads: bool, restricted: bool) {
        let measured = self.measured();
        let of_share =
            matches!(self.intent.measures.as_slice(), [Measure::Share(of)] if *of != table);
        if measured.contains(&table) || self.is_within_denial(at, table) {
            self.take(at);
        } else if of_share && !leads && self.decides_nothing() && self.hangs_together(table) {
            // "what share of the orders used a voucher": those that have one.
            self.take(at);
            self.intent.existence.push(Existence {
                table,
                negated: false,
            });
        } else if measured
            .iter()
            .any(|from| self.schema.way(*from, table).is_some())
        {
            let and = at
                .checked_sub(1)
                .is_some_and(|before| self.cue(before) == Some(Cue::And));
            let nothing_else = self.intent.groups.is_empty();
            // "hotel-hotel kita digaji berapa" asks for one figure of all of them.
            let one_figure = !restricted && self.asks_one_figure(at);
            // "provinces with …" leads; "savings of members" only says whose they are.
            if leads && (restricted || nothing_else) && !one_figure || and {
                self.group(Group::Entity(table));
            }
            self.take(at);
        } else if measured
            .iter()
            .any(|to| self.schema.bridge(*to, table).is_some())
        {
            let by = leads && self.intent.groups.is_empty();
            self.take(at);
            if by {
                self.group(Group::Entity(table));
            } else {
                self.intent.existence.push(Existence {
                    table,
                    negated: false,
                });
            }
        } else if measured.is_empty() && !self.intent.groups.contains(&Group::Entity(table)) {
            self.take(at);
            self.intent.subject.get_or_insert(table);
        }
    }

    /// Whether nothing yet says which rows a share is of.
    fn decides_nothing(&self) -> bool {
        let own = |filter: &Filter| {
            let measured = self.intent.measures.first().map(|measure| measure.table());
            Some(filter.column.table) == measured
        };
        self.intent.existence.is_empty() && !self.intent.filters.iter().any(own)
    }

    /// Whether a table hangs together with what is measured.
    fn hangs_together(&self, table: TableId) -> bool {
        self.measured().iter().any(|from| {
            self.schema.way(*from, table).is_some() || self.schema.bridge(*from, table).is_some()
        })
    }

    /// Whether a noun only says more of what is denied before it: "never booked a room".
    pub(super) fn is_within_denial(&self, at: usize, table: TableId) -> bool {
        let clause = (0..at).rev().take_while(|index| {
            let term = self.slots.get(*index).map(|slot| &slot.term);
            !matches!(term, Some(Term::Cue(Cue::And | Cue::Or)))
        });
        let denied = clause
            .filter_map(|index| self.slots.get(index))
            .any(|slot| slot.used && matches!(slot.term, Term::Cue(Cue::Not | Cue::Without)));
        denied
            && self.intent.existence.iter().any(|existence| {
                existence.negated
                    && existence.table != table
                    && self.schema.way(existence.table, table).is_some()
            })
    }

    fn column_beside_figures(
        &mut self,
        at: usize,
        column: ColumnId,
        leads: bool,
        restricted: bool,
    ) {
        if self.schema.is_measure(column) {
            let spoken =
                self.intent.measures.is_empty() || self.cue(at.wrapping_sub(1)) == Some(Cue::And);
            if spoken {
                // "total loans and interest": the figure's function reaches over the "and".
                let function = self
                    .found
                    .iter()
                    .rev()
                    .find_map(|found| match found.measure {
                        Measure::Of(function, _) if found.at < at => Some(function),
                        _ => None,
                    });
                let function = function
                    .or_else(|| self.inner_function(at))
                    .unwrap_or(Function::Sum);
                self.take(at);
                self.intent.measures.push(Measure::Of(function, column));
            }
            return;
        }
        if matches!(self.kind(column), Kind::Date | Kind::Year) && !leads {
            return;
        }
        let and = at
            .checked_sub(1)
            .is_some_and(|before| self.cue(before) == Some(Cue::And));
        if (leads && (restricted || self.intent.groups.is_empty())) || and {
            let group = self.group_of_column(column);
            self.take(at);
            self.group(group);
        }
    }

    /// What the words of a column would say of themselves: the "total" of "total amount".
    pub(super) fn inner_function(&self, at: usize) -> Option<Function> {
        let piece = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece))?;
        match piece.inner {
            Some(Cue::Aggregate(function)) => Some(function),
            Some(Cue::CountOrAmount) => Some(Function::Sum),
            _ => None,
        }
    }

    /// Groups alone ask for how many there are in each.
    fn implied_figure(&mut self) {
        let ranked = matches!(self.intent.ranking, Some(ranking) if matches!(ranking.by, RankBy::Measure(_)));
        if self.intent.measures.is_empty() && self.intent.having.is_empty() && !ranked {
            let subject = self
                .intent
                .subject
                .or_else(|| self.context.first().map(|(_, table)| *table));
            if let Some(table) =
                subject.filter(|table| !self.intent.groups.contains(&Group::Entity(*table)))
            {
                self.intent.measures.push(Measure::Rows(table));
            }
        }
    }

    /// "compare A and B": a row for each of the values.
    fn contrast(&mut self) {
        if !self.contrast {
            return;
        }
        if let Some(column) = self.several_values()
            && !self.intent.measures.is_empty()
        {
            let group = self.group_of_column(column);
            self.group(group);
        }
    }

    /// "cooperatives that have initial capital": the column must be filled in.
    fn possessed(&mut self) {
        let counts = matches!(self.intent.measures.as_slice(), [Measure::Rows(_)]);
        if counts && self.intent.groups.is_empty() {
            for at in 1..self.slots.len() {
                let Some(column) = self.column(at) else {
                    continue;
                };
                if self.cue(at - 1) == Some(Cue::Have) && self.schema.column(column).nullable {
                    self.take(at);
                    self.filter(column, Test::Null(false));
                }
            }
        }
    }

    /// Takes "with their number", "beserta jumlahnya": the figure that ranks or restricts, once more.
    fn pronouns(&mut self) {
        let known = self.intent.ranking.is_some() || !self.intent.having.is_empty();
        for at in 1..self.slots.len() {
            let count = matches!(
                self.cue(at),
                Some(
                    Cue::Count | Cue::CountOrAmount | Cue::HowMuch | Cue::Aggregate(Function::Sum)
                )
            );
            let added = matches!(self.cue(at - 1), Some(Cue::And | Cue::Have | Cue::Show));
            let share = self.cue(at) == Some(Cue::Share)
                && matches!(
                    self.intent.measures.as_slice(),
                    [Measure::Share(_) | Measure::Portion(_)]
                );
            let compared = self
                .intent
                .filters
                .iter()
                .rev()
                .find_map(|filter| match filter.test {
                    Test::Compare(..) => Some(filter.column),
                    _ => None,
                });
            if (known && count && added) || share {
                self.take(at);
            } else if let Some(column) = compared.filter(|_| count && added) {
                // "more than 15 beds, with their number": what was compared.
                self.take(at);
                self.intent.shown.push(column);
            }
        }
    }

    /// The places of "all" and "only" before something that the listed things have: there they ask
    /// for more than that one of it exists.
    fn quantifiers(&self) -> Vec<usize> {
        let quantifies = |piece: usize| {
            let next = self
                .slots
                .iter()
                .filter(|slot| slot.piece > piece)
                .find_map(|slot| match &slot.term {
                    Term::Table(table) => Some(*table),
                    Term::Values(column, _) => Some(column.table),
                    _ => None,
                });
            next.is_some_and(|table| {
                let exists = |e: &Existence| !e.negated && e.table == table;
                self.intent.existence.iter().any(exists)
            })
        };
        let is_cue = |piece: &Piece| matches!(piece.content, Content::Cue(Cue::Quantifier, _));
        let all = self
            .pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| is_cue(piece));
        all.map(|(at, _)| at).filter(|at| quantifies(*at)).collect()
    }

    /// Takes the words that only hold the others together.
    fn take_small_words(&mut self) {
        for at in 0..self.slots.len() {
            let small = matches!(
                self.cue(at),
                Some(
                    Cue::And
                        | Cue::That
                        | Cue::At
                        | Cue::Which
                        | Cue::Who
                        | Cue::When
                        | Cue::Show
                        | Cue::Have
                        | Cue::HowMuch
                        | Cue::Distinct
                        | Cue::Relation
                        | Cue::Verb
                        | Cue::From
                        | Cue::Year
                        | Cue::Greeting
                        | Cue::To
                        | Cue::Filled
                )
            );
            // "between A and B", "made by A".
            let of_values = matches!(self.cue(at), Some(Cue::Between | Cue::By))
                && matches!(self.term(at + 1), Some(Term::Values(..)));
            if self.cue(at) == Some(Cue::Distinct) {
                self.intent.distinct = true;
            }
            if small || of_values {
                self.take(at);
            }
        }
    }
}

impl Intent {
    /// Whether the question asks for nothing that could be answered.
    pub(in crate::offline) fn is_empty(&self) -> bool {
        self.measures.is_empty()
            && self.subject.is_none()
            && self.groups.is_empty()
            && self.shown.is_empty()
    }
}
