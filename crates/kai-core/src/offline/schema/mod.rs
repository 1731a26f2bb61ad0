//! The schema as the model sees it: names in units of meaning, columns by kind, labels, measures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lexicon::{Unit, lexicon, means};
use super::preferences::Preferences;
use crate::database::{Dialect, Table};

mod catalogue;
mod derived;
mod flags;
mod graph;
mod kinds;
mod names;
mod naming;
mod references;
mod store;
mod sums;
mod values;
mod words;

pub(super) use catalogue::Catalogue;
use catalogue::columns;
pub(super) use derived::{Derived, Operation};
pub(super) use graph::{Bridge, EdgeId};
pub(super) use names::{NameIndex, Named};
pub(super) use store::Schemas;
pub(super) use values::{LONGEST, ValueIndex, ValueInfo, Values, joined};
pub(super) use words::plural;

/// A table of one schema, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TableId(usize);

/// A column of one schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ColumnId {
    /// Its table.
    pub(super) table: TableId,
    position: usize,
}

/// How exactly dates tell a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dated {
    /// By the day, or better.
    Days,
    /// By the month, written as text: "2024-05".
    Months,
}

/// What a column holds, as far as questions care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers that can be compared.
    Number,
    /// Years as numbers.
    Year,
    /// Dates, with or without a time.
    Date,
    /// Yes or no, as a Boolean type.
    Flag,
    /// Yes or no, as the numbers 1 and 0.
    FlagNumber,
    /// Yes or no, in words or letters of their own: see [`Schema::flag_value`].
    FlagText,
    /// Everything else.
    Text,
}

impl Kind {
    /// Whether it says yes or no.
    pub(super) fn is_flag(self) -> bool {
        matches!(self, Self::Flag | Self::FlagNumber | Self::FlagText)
    }
}

/// A table.
#[derive(Debug)]
pub(super) struct TableInfo {
    /// Its name as the catalogue gives it.
    pub(super) name: String,
    /// The parts of its name.
    pub(super) parts: Name,
    /// The words of its name, each by itself, where some belong together.
    pub(super) words: Option<Name>,
    /// Its columns.
    pub(super) columns: Vec<ColumnInfo>,
    /// What its owner says of it.
    pub(super) description: Vec<Unit>,
    label: Vec<usize>,
    key: Vec<usize>,
}

/// A column.
#[derive(Debug)]
pub(super) struct ColumnInfo {
    /// Its name.
    pub(super) name: String,
    /// The parts of its name.
    pub(super) parts: Name,
    /// The words of its name, each by itself, where some belong together.
    pub(super) words: Option<Name>,
    /// What it holds.
    pub(super) kind: Kind,
    /// How exactly its dates tell a time, where it holds dates.
    pub(super) dated: Dated,
    /// Whether it is (part of) the key, or refers to another table: nothing that people ask for.
    pub(super) technical: bool,
    /// Whether it may be NULL.
    pub(super) nullable: bool,
    /// Whether its few values are known.
    pub(super) categorical: bool,
    /// What its owner says of it.
    pub(super) description: Vec<Unit>,
}

/// The parts of a name, each with how much it says.
#[derive(Debug, Clone, Default)]
pub(super) struct Name {
    /// The parts and their weights.
    pub(super) parts: Vec<(Unit, u32)>,
}

impl Name {
    /// The units without their weights.
    pub(super) fn units(&self) -> Vec<Unit> {
        self.parts.iter().map(|(unit, _)| unit.clone()).collect()
    }

    /// Whether one of the parts means what the lexicon gives to `form`.
    pub(super) fn means(&self, form: &str) -> bool {
        lexicon()
            .concept(form)
            .is_some_and(|c| self.parts.iter().any(|(u, _)| u.concepts.contains(&c)))
    }

    /// The parts that say something of their own.
    fn strong(&self) -> impl Iterator<Item = &Unit> {
        self.parts
            .iter()
            .filter(|(_, weight)| *weight >= 1000)
            .map(|(unit, _)| unit)
    }
}

/// A database's tables as one question sees them: with what it has made known beside the catalogue.
#[derive(Debug)]
pub(super) struct Schema {
    /// The SQL that the database speaks.
    pub(super) dialect: Dialect,
    catalogue: Arc<Catalogue>,
    learned: ValueIndex,
    preferences: Preferences,
}

impl Schema {
    /// Reads the catalogue.
    pub(super) fn new(dialect: Dialect, catalogue: &[Table]) -> Self {
        Self::of(dialect, Arc::new(Catalogue::new(catalogue)))
    }

    /// The schema of a catalogue that has been read.
    pub(super) fn of(dialect: Dialect, catalogue: Arc<Catalogue>) -> Self {
        Self {
            dialect,
            catalogue,
            learned: ValueIndex::default(),
            preferences: Preferences::default(),
        }
    }

    /// The same, with what the connection's verified pairs say.
    pub(super) fn preferring(self, preferences: Preferences) -> Self {
        Self {
            preferences,
            ..self
        }
    }

    /// What the connection's verified pairs say.
    pub(super) fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// The tables, in the catalogue's order.
    pub(super) fn tables(&self) -> impl Iterator<Item = (TableId, &TableInfo)> {
        self.catalogue
            .tables
            .iter()
            .enumerate()
            .map(|(at, table)| (TableId(at), table))
    }

    /// The columns of a table.
    pub(super) fn columns(&self, table: TableId) -> impl Iterator<Item = (ColumnId, &ColumnInfo)> {
        let columns = &self.table(table).columns;
        columns
            .iter()
            .enumerate()
            .map(move |(position, c)| (ColumnId { table, position }, c))
    }

    /// Every column.
    pub(super) fn all_columns(&self) -> impl Iterator<Item = (ColumnId, &ColumnInfo)> {
        columns(&self.catalogue.tables)
    }

    /// A table.
    #[expect(
        clippy::indexing_slicing,
        reason = "only the schema makes ids, from its own positions"
    )]
    pub(super) fn table(&self, id: TableId) -> &TableInfo {
        &self.catalogue.tables[id.0]
    }

    /// A column.
    #[expect(
        clippy::indexing_slicing,
        reason = "only the schema makes ids, from its own positions"
    )]
    pub(super) fn column(&self, id: ColumnId) -> &ColumnInfo {
        match derived::info(id) {
            Some(info) => info,
            None => &self.catalogue.tables[id.table.0].columns[id.position],
        }
    }

    /// The columns that show a row of the table to people: its name, or else its key.
    pub(super) fn label(&self, table: TableId) -> Vec<ColumnId> {
        let info = self.table(table);
        let positions = if info.label.is_empty() {
            &info.key
        } else {
            &info.label
        };
        positions
            .iter()
            .map(|position| ColumnId {
                table,
                position: *position,
            })
            .collect()
    }

    /// Whether the column is what shows a row of its table.
    pub(super) fn is_label(&self, column: ColumnId) -> bool {
        self.table(column.table).label.contains(&column.position)
    }

    /// The columns of the table's key.
    pub(super) fn key(&self, table: TableId) -> Vec<ColumnId> {
        self.table(table)
            .key
            .iter()
            .map(|position| ColumnId {
                table,
                position: *position,
            })
            .collect()
    }

    /// Whether the column holds a number worth adding up or comparing.
    pub(super) fn is_measure(&self, column: ColumnId) -> bool {
        kinds::is_measure(self.column(column))
    }

    /// How a column in words says yes or no.
    pub(super) fn flag_value(&self, column: ColumnId, truth: bool) -> Option<&str> {
        flags::said(self.values().of(column), truth)
    }

    /// The columns that can be added up or compared.
    pub(super) fn measures(&self, table: TableId) -> Vec<ColumnId> {
        self.columns(table)
            .map(|(id, _)| id)
            .filter(|id| self.is_measure(*id))
            .collect()
    }

    /// The column that says how much a row amounts to, where there is one: named by a word like
    /// "amount" alone, or the only number of a table, when it is named by what it is counted in.
    pub(super) fn amount(&self, table: TableId) -> Option<ColumnId> {
        let measures = self.measures(table);
        let says_nothing_else = |id: &ColumnId| self.column(*id).parts.strong().next().is_none();
        let named = measures
            .iter()
            .copied()
            .filter(says_nothing_else)
            .find(|id| self.column(*id).parts.means("amount"));
        named.or(match measures.as_slice() {
            [only] => Some(*only).filter(says_nothing_else),
            _ => None,
        })
    }

    /// Whether the table's things are summed rather than counted.
    pub(super) fn is_mass(&self, table: TableId) -> bool {
        self.table(table)
            .parts
            .strong()
            .flat_map(|unit| &unit.concepts)
            .any(|concept| lexicon().is_mass(*concept))
    }

    /// The column that places a row of the table in time: a year first, then a date.
    pub(super) fn time(&self, table: TableId) -> Option<ColumnId> {
        let of = |kind| {
            let mut columns = self
                .columns(table)
                .filter(move |(_, c)| c.kind == kind && !c.parts.means("birth"));
            let first = columns.next();
            columns
                .chain(first)
                .min_by_key(|(id, c)| (c.nullable, *id))
                .map(|(id, _)| id)
        };
        of(Kind::Year).or_else(|| of(Kind::Date))
    }

    /// The edges that lead from a table to another, each to one row at most; `None` when there is
    /// no such way.
    pub(super) fn way(&self, from: TableId, to: TableId) -> Option<&[EdgeId]> {
        self.catalogue.graph.way(from, to)
    }

    /// Whether a question would have to say which of several references it means.
    pub(super) fn is_ambiguous(&self, edge: EdgeId) -> bool {
        self.catalogue.graph.is_ambiguous(edge)
    }

    /// How two tables hang together when no row of the first leads to one row of the second.
    pub(super) fn bridge(&self, from: TableId, to: TableId) -> Option<Bridge> {
        self.catalogue.graph.bridge(from, to)
    }

    /// How two tables hang together over one that the question names, or else over the nearest; and
    /// whether another one might as well be meant.
    pub(super) fn bridge_beside(
        &self,
        from: TableId,
        to: TableId,
        named: &[TableId],
    ) -> Option<(Bridge, bool)> {
        let graph = &self.catalogue.graph;
        let nearest = graph.bridge(from, to)?;
        if nearest.via == to || named.contains(&nearest.via) {
            return Some((nearest, false));
        }
        let mut others = named.iter().filter(|via| ![from, to].contains(via));
        let over_named = others.find_map(|via| graph.bridge_over(from, to, *via));
        if let Some(bridge) = over_named {
            return Some((bridge, false));
        }
        let rivalled = graph.is_rivalled(from, to, &nearest);
        Some((nearest, rivalled))
    }

    /// The table from which all of these can be reached, the nearest one.
    pub(super) fn root(&self, tables: &[TableId]) -> Option<TableId> {
        self.catalogue.graph.root(tables)
    }

    /// Whether the rows of a table are people: they have a sex or a birthday, or are called so.
    pub(super) fn is_person(&self, table: TableId) -> bool {
        let info = self.table(table);
        let called = [
            "member",
            "customer",
            "employee",
            "user",
            "person",
            "student",
            "teacher",
            "patient",
            "doctor",
            "participant",
        ];
        called.iter().any(|form| info.parts.means(form))
            || info
                .columns
                .iter()
                .any(|column| column.parts.means("gender") || column.parts.means("birth"))
    }

    /// Whether a table does nothing but tie others together.
    pub(super) fn is_junction(&self, table: TableId) -> bool {
        self.table(table)
            .columns
            .iter()
            .all(|column| column.technical)
    }

    /// The columns at both ends of an edge, and the table that it leads to.
    pub(super) fn edge(&self, edge: EdgeId) -> (TableId, TableId, &[(ColumnId, ColumnId)]) {
        self.catalogue.graph.edge(edge)
    }

    /// The index of the names.
    pub(super) fn names(&self) -> &NameIndex {
        &self.catalogue.names
    }

    /// The known values, with those that a search has found.
    pub(super) fn values(&self) -> Values<'_> {
        Values::new(&self.catalogue.values, &self.learned)
    }

    /// A known value with its words.
    pub(super) fn value(&self, id: u32) -> Option<(ColumnId, ValueInfo)> {
        let (column, text) = self.values().value(id)?;
        Some((column, values::info(text, &self.column(column).parts)))
    }

    /// The known values of a column, with their words.
    pub(super) fn values_of(&self, column: ColumnId) -> impl Iterator<Item = ValueInfo> {
        let name = &self.column(column).parts;
        self.values()
            .of(column)
            .map(move |text| values::info(text, name))
    }

    /// The column of that name, as the catalogue spells both.
    pub(super) fn find(&self, table: &str, column: &str) -> Option<ColumnId> {
        let (table, info) = self.tables().find(|(_, info)| info.name == table)?;
        let position = info.columns.iter().position(|info| info.name == column)?;
        Some(ColumnId { table, position })
    }

    /// Makes values known that searches in the database have found, in place of those before.
    pub(super) fn learn(&mut self, found: &[(ColumnId, Vec<String>)]) {
        let mut news: BTreeMap<ColumnId, Vec<&str>> = BTreeMap::new();
        for (column, values) in found {
            let known: BTreeSet<&str> = self.catalogue.values.of(*column).collect();
            let learned = news.entry(*column).or_default();
            for value in values {
                if !known.contains(value.as_str()) && !learned.contains(&value.as_str()) {
                    learned.push(value);
                }
            }
        }
        let news = news.into_iter();
        self.learned =
            ValueIndex::new(news.map(|(id, values)| (id, &self.column(id).parts, values)));
    }
}

/// Whether a unit list has a meaning, for the neighbours.
fn has(units: &[Unit], form: &str) -> bool {
    means(units, form)
}
