//! Doubts: signs that a query is not what its question asked, told by what became of its words.

use super::cue::{Cue, Function};
use super::intent::{Intent, Measure, RankBy, Test};
use super::link::Piece;
use super::plan::{Select, Source};
use super::schema::{ColumnId, Schema, TableId};
use super::terms::Term;

mod figures;
mod links;

/// A sign that a query is not what its question asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A thing is named, and the query does not read it.
    LostTable(TableId),
    /// A column is named, and the query does not read it.
    LostColumn(ColumnId),
    /// "The most" or "the least" is asked for, and nothing is put in order.
    LostOrder,
    /// Something is denied, and nothing is left out.
    LostDenial,
    /// "For each" is said, and there is but one row, or a row for something else.
    LostEach,
    /// The rows are those of a thing that nobody spoke of.
    StrangeRows(TableId),
    /// The first thing that is named is not what is listed.
    OtherSubject(TableId),
    /// A value of a thing that is not named, which hangs together with the rows over a further one.
    FarValue(usize),
    /// A word that names a table was taken for a value.
    TableAsValue(usize),
    /// A sum is taken of what does not add up.
    NotAddedUp(ColumnId),
    /// Things are counted of which a name tells the only one.
    OneCounted(TableId),
    /// A part of a year or of a month is compared with what holds only whole ones.
    PartOfYear(ColumnId),
    /// Things are counted over the rows of another one.
    CountedOver(TableId),
    /// A word asks for a number or for a sum, and the thing has an amount.
    CountOrSum(TableId),
    /// A word names two columns of one thing alike.
    TwinColumns(usize),
    /// A column decides of a thing that nobody spoke of.
    StrangeColumn(ColumnId),
    /// A word of a column's phrase names another thing.
    OtherOwner(usize),
    /// A reference is shown or counted, where only whether there is one can be told.
    BareReference(usize),
    /// Things are counted to restrict the groups, and a sum of theirs is what is asked for.
    OtherBound(TableId),
    /// "How much" is asked, and things are counted.
    CountedMuch(TableId),
    /// A column of another thing, though the one that is named has such a column of its own.
    NotItsOwn(usize),
    /// Something must exist that exists wherever another thing does that must.
    Implied(TableId),
}

/// What the doubts are told by.
pub(super) struct Case<'a> {
    /// The pieces of the question.
    pub(super) pieces: &'a [Piece],
    /// What each was taken for.
    pub(super) terms: &'a [(usize, Term)],
    /// What is asked for.
    pub(super) intent: &'a Intent,
    /// The query.
    pub(super) select: &'a Select,
    /// The tables.
    pub(super) schema: &'a Schema,
}

impl Case<'_> {
    /// All signs that the query is not what was asked.
    pub(super) fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = self.lost_names();
        doubts.extend(self.lost_words());
        doubts.extend(self.rows());
        doubts.extend(self.values());
        doubts.extend(self.columns());
        doubts.extend(self.figures());
        doubts
    }

    fn tables_of(&self, columns: &[ColumnId]) -> Vec<TableId> {
        let mut tables = Vec::new();
        self.select.add_tables(self.schema, &mut tables);
        tables.extend(columns.iter().map(|column| column.table));
        tables
    }

    /// Names of tables and columns that the query does without.
    fn lost_names(&self) -> Vec<Doubt> {
        let mut columns = Vec::new();
        self.select.add_columns(&mut columns);
        let tables = self.tables_of(&columns);
        let refers = |table: TableId| {
            columns.iter().any(|column| {
                let way = self.schema.way(column.table, table);
                way.and_then(<[_]>::last).is_some_and(|edge| {
                    let (_, _, pairs) = self.schema.edge(*edge);
                    pairs.iter().any(|(from, _)| from == column)
                })
            })
        };
        let mut doubts = Vec::new();
        let root = match &self.select.from {
            Source::Table(table) => Some(*table),
            Source::Query(_) | Source::Nothing => None,
        };
        // "trees in the parks": each has its park.
        let placed = |at: usize, table: TableId| {
            let before = at.checked_sub(1).and_then(|before| self.terms.get(before));
            matches!(before, Some((_, Term::Cue(Cue::At))))
                && root.is_some_and(|root| self.schema.way(root, table).is_some())
        };
        for (at, (_, term)) in self.terms.iter().enumerate() {
            match term {
                Term::Table(table)
                    if !tables.contains(table) && !refers(*table) && !placed(at, *table) =>
                {
                    doubts.push(Doubt::LostTable(*table));
                }
                Term::Column(column) if column.derived().is_none() && !columns.contains(column) => {
                    // "that nobody has opened": the column's word said that there is none.
                    let denied = self
                        .intent
                        .existence
                        .iter()
                        .any(|e| e.table == column.table);
                    doubts.extend((!denied).then_some(Doubt::LostColumn(*column)));
                }
                _ => {}
            }
        }
        doubts
    }

    fn says(&self, is: impl Fn(Cue) -> bool) -> bool {
        self.terms
            .iter()
            .any(|(_, term)| matches!(term, Term::Cue(cue) if is(*cue)))
    }

    /// Words that ask for something that the query does not do.
    fn lost_words(&self) -> Vec<Doubt> {
        let intent = self.intent;
        let mut doubts = Vec::new();
        let extreme = |test: &Test| matches!(test, Test::Extreme { .. });
        let ordered = intent.ranking.is_some()
            || !intent.best_of.is_empty()
            || intent.filters.iter().any(|filter| extreme(&filter.test))
            || intent.measures.iter().any(|measure| {
                matches!(
                    measure,
                    Measure::Spread(_) | Measure::Of(Function::Minimum | Function::Maximum, _)
                )
            });
        // "paling sedikit 4" is a comparison.
        let compared = !intent.having.is_empty()
            || intent
                .filters
                .iter()
                .any(|f| matches!(f.test, Test::Compare(..)));
        let alone = intent.groups.is_empty()
            && intent.best_of.is_empty()
            && matches!(intent.ranking.map(|r| r.by), Some(RankBy::Measure(_)));
        let ordered = (ordered || compared) && !alone;
        // "how long does it last" ranks nothing.
        let ranks = self.terms.iter().any(|(at, term)| {
            let lasts = self
                .pieces
                .get(*at)
                .is_some_and(|p| p.text.eq_ignore_ascii_case("last"));
            matches!(term, Term::Cue(Cue::Superlative(_))) && !lasts
        });
        if ranks && !ordered {
            doubts.push(Doubt::LostOrder);
        }
        let denies = |test: &Test| {
            matches!(
                test,
                Test::OneOf { negated: true, .. }
                    | Test::Among { negated: true, .. }
                    | Test::Null(true)
                    | Test::Is(false)
            )
        };
        let denied = intent.filters.iter().any(|filter| denies(&filter.test))
            || intent.existence.iter().any(|existence| existence.negated)
            || intent.events.iter().any(|event| {
                event.negated || event.filters.iter().any(|filter| denies(&filter.test))
            });
        let nothing = self.pieces.iter().any(|piece| {
            let text = piece.text.to_lowercase();
            NOTHING.contains(&text.as_str())
        });
        let denies = self.says(|cue| matches!(cue, Cue::Not | Cue::Without | Cue::Nobody));
        if (denies || nothing) && !denied {
            doubts.push(Doubt::LostDenial);
        }
        let each = self
            .terms
            .iter()
            .position(|(_, term)| *term == Term::Cue(Cue::Each));
        if let Some(at) = each {
            let mean = |measure: &Measure| matches!(measure, Measure::MeanCount { .. });
            let next = self.terms.get(at + 1).map(|(_, term)| term);
            let listed = match (next, intent.subject) {
                (Some(Term::Table(table)), Some(subject)) => *table == subject,
                _ => false,
            };
            let grouped = !intent.groups.is_empty()
                || !intent.best_of.is_empty()
                || intent.measures.iter().any(mean);
            if !grouped && !listed {
                doubts.push(Doubt::LostEach);
            }
        }
        doubts
    }

    fn named(&self, table: TableId) -> bool {
        self.intent.happened == Some(table)
            || self.terms.iter().any(|(_, term)| match term {
                Term::Table(named) => *named == table,
                Term::Column(column) | Term::Values(column, _) => column.table == table,
                _ => false,
            })
    }

    /// Whether the rows are those that the question speaks of.
    fn rows(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let root = match &self.select.from {
            Source::Table(table) => Some(*table),
            Source::Query(_) | Source::Nothing => None,
        };
        // "who works in Oslo": the people are asked for by that word alone.
        let asks_people = self.terms.iter().enumerate().any(|(at, (_, term))| {
            matches!(term, Term::Cue(Cue::Who)) || (at == 0 && *term == Term::Cue(Cue::That))
        });
        let no_thing = !self
            .terms
            .iter()
            .any(|(_, term)| matches!(term, Term::Table(_)));
        let people = |table: TableId| asks_people && no_thing && self.schema.is_person(table);
        let links = root.is_some_and(|root| self.links_named(root));
        if let Some(root) = root.filter(|root| !links && !self.named(*root) && !people(*root)) {
            doubts.push(Doubt::StrangeRows(root));
        }
        let counted = self
            .intent
            .measures
            .iter()
            .find_map(|measure| match measure {
                Measure::Rows(table) if root.is_some_and(|root| root != *table) => Some(*table),
                _ => None,
            });
        // Two counts side by side are each over their own rows.
        let counts_root = root.is_some_and(|root| {
            let counts = |measure: &Measure| *measure == Measure::Rows(root);
            self.intent.measures.iter().any(counts)
        });
        let counted = counted.filter(|_| !links && !counts_root);
        doubts.extend(counted.map(Doubt::CountedOver));
        let first = self.terms.iter().find_map(|(_, term)| match term {
            Term::Table(table) => Some(*table),
            _ => None,
        });
        let listed = self.intent.measures.is_empty()
            && self.intent.groups.is_empty()
            && !matches!(self.intent.ranking.map(|r| r.by), Some(RankBy::Measure(_)));
        if let (true, Some(first), Some(subject)) = (listed, first, self.intent.subject)
            && first != subject
            && self.intent.best_of.is_empty()
            && !self.intent.existence.iter().any(|e| e.table == first)
            && !self.label_named(subject)
        {
            doubts.push(Doubt::OtherSubject(first));
        }
        doubts.extend(self.implied());
        doubts
    }

    /// Whether each row of a table joins one of a thing that is named with one of another: what a project
    /// and an employee have to do with each other nobody names.
    fn links_named(&self, link: TableId) -> bool {
        let mut ends = self.terms.iter().filter_map(|(_, term)| match term {
            Term::Table(table) => {
                let way = self.schema.way(link, *table)?;
                matches!(way, [_]).then_some(*table)
            }
            _ => None,
        });
        let first = ends.next();
        first.is_some() && ends.any(|end| Some(end) != first)
    }

    /// Whether the question asks for the names of a table's rows: "student names and thesis titles".
    fn label_named(&self, table: TableId) -> bool {
        self.terms.iter().any(|(_, term)| {
            matches!(term, Term::Column(column)
                if column.table == table && self.schema.is_label(*column))
        })
    }

    /// Something that must exist, and does wherever another thing is that must: one of the two was
    /// meant to hang together with the rows otherwise.
    fn implied(&self) -> Option<Doubt> {
        let root = self
            .intent
            .subject
            .or_else(|| match self.intent.measures.first() {
                Some(Measure::Rows(table)) => Some(*table),
                _ => None,
            })?;
        let needed: Vec<TableId> = self
            .intent
            .existence
            .iter()
            .filter(|e| !e.negated)
            .map(|e| e.table)
            .collect();
        let over = |table: &TableId| {
            let bridge = self.schema.bridge(root, *table)?;
            (bridge.via != *table && needed.contains(&bridge.via)).then_some(Doubt::Implied(*table))
        };
        needed.iter().find_map(over)
    }
}

/// What says in one word that there is none.
const NOTHING: &[&str] = &["nothing", "none", "neither", "nor"];

#[cfg(test)]
mod tests {
    use crate::database::Dialect;
    use crate::language::Language;
    use crate::offline::fixtures::{kiosk, zoo};
    use crate::offline::schema::Schema;
    use crate::offline::understand::{Obstacle, understand};

    #[test]
    fn what_puts_nothing_in_order_is_not_answered() {
        let schema = Schema::new(Dialect::Sqlite, &zoo());
        let question = "Among the animals, which one has the lowest average weight?";
        let understanding = understand(question, &schema, Language::English);
        assert!(understanding.readings.is_empty(), "{understanding:?}");
    }

    #[test]
    fn a_part_of_a_year_is_not_compared_with_years() {
        let schema = Schema::new(Dialect::Sqlite, &kiosk());
        let asked = |question: &str| understand(question, &schema, Language::English);
        let whole = asked("How many races were there in 2023?");
        assert!(!whole.readings.is_empty(), "{whole:?}");
        let part = asked("How many races were there in the first half of 2023?");
        assert!(
            matches!(part.obstacle, Some(Obstacle::Unsure(_))),
            "{part:?}"
        );
    }
}
