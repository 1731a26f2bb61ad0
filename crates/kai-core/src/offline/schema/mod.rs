//! The schema as the model sees it: names in units of meaning, columns by kind, labels, measures.

use super::lexicon::{Unit, lexicon, means, name_units, single_units, units};
use super::text::{Word, words};
use crate::database::{Dialect, Table, split_table_name};

mod graph;
mod kinds;
mod words;

use graph::Graph;
pub(super) use graph::{Bridge, EdgeId};
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
    /// Everything else.
    Text,
}

/// A table.
#[derive(Debug)]
pub(super) struct TableInfo {
    /// Its name as the catalogue gives it.
    pub(super) name: String,
    /// The parts of its name.
    pub(super) parts: Name,
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
    /// Whether it is (part of) the key, or refers to another table: nothing that people ask for.
    pub(super) technical: bool,
    /// Whether it may be NULL.
    pub(super) nullable: bool,
    /// Whether its few values are known.
    pub(super) categorical: bool,
    /// Its known values.
    pub(super) values: Vec<ValueInfo>,
    /// What its owner says of it.
    pub(super) description: Vec<Unit>,
}

/// A value of a column.
#[derive(Debug, Clone)]
pub(super) struct ValueInfo {
    /// As it stands in the database.
    pub(super) text: String,
    /// Its words.
    pub(super) words: Vec<Word>,
    /// Its units of meaning.
    pub(super) units: Vec<Unit>,
}

impl ValueInfo {
    /// A value of a column. The letters of a column about gender are read as what they stand for.
    fn of(text: &str, column: &Name) -> Self {
        let mut value = Self::new(text);
        let meaning = match text.to_ascii_lowercase().as_str() {
            "m" | "l" => "male",
            "f" | "p" | "w" => "female",
            _ => return value,
        };
        if column.means("gender")
            && let (Some(unit), Some(concept)) =
                (value.units.first_mut(), lexicon().concept(meaning))
        {
            unit.concepts = vec![concept];
        }
        value
    }

    fn new(text: &str) -> Self {
        let words = words(text);
        let units = units(&words);
        Self {
            text: text.to_owned(),
            words,
            units,
        }
    }
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

/// A database's tables, and how they hang together.
#[derive(Debug)]
pub(super) struct Schema {
    /// The SQL that the database speaks.
    pub(super) dialect: Dialect,
    tables: Vec<TableInfo>,
    graph: Graph,
}

/// How much a part of a column's name says that only repeats the table's: next to nothing.
const REPEATED: u32 = 10;

/// Words that stand before a table's name by habit.
const PREFIXES: &[&str] = &[
    "tbl", "tb", "dim", "fact", "fct", "mst", "trx", "tr", "ref", "stg", "vw", "v", "t", "m",
];

impl Schema {
    /// Reads the catalogue.
    pub(super) fn new(dialect: Dialect, catalogue: &[Table]) -> Self {
        let tables = catalogue.iter().map(table).collect::<Vec<_>>();
        let graph = Graph::new(catalogue, &tables);
        let mut schema = Self {
            dialect,
            tables,
            graph,
        };
        for (from, column) in schema.graph.reference_columns() {
            if let Some(column) = schema
                .tables
                .get_mut(from.0)
                .and_then(|t| t.columns.get_mut(column))
            {
                column.technical = true;
            }
        }
        for table in &mut schema.tables {
            table.label = kinds::label(table);
        }
        schema
    }

    /// The tables, in the catalogue's order.
    pub(super) fn tables(&self) -> impl Iterator<Item = (TableId, &TableInfo)> {
        self.tables
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
        self.tables().flat_map(|(table, _)| self.columns(table))
    }

    /// A table.
    #[expect(
        clippy::indexing_slicing,
        reason = "only the schema makes ids, from its own positions"
    )]
    pub(super) fn table(&self, id: TableId) -> &TableInfo {
        &self.tables[id.0]
    }

    /// A column.
    #[expect(
        clippy::indexing_slicing,
        reason = "only the schema makes ids, from its own positions"
    )]
    pub(super) fn column(&self, id: ColumnId) -> &ColumnInfo {
        &self.tables[id.table.0].columns[id.position]
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

    /// The columns that can be added up or compared.
    pub(super) fn measures(&self, table: TableId) -> Vec<ColumnId> {
        self.columns(table)
            .map(|(id, _)| id)
            .filter(|id| self.is_measure(*id))
            .collect()
    }

    /// The column that says how much a row amounts to, where there is one: named by a word like
    /// "amount" alone.
    pub(super) fn amount(&self, table: TableId) -> Option<ColumnId> {
        self.measures(table).into_iter().find(|id| {
            let parts = &self.column(*id).parts;
            parts.means("amount") && parts.strong().next().is_none()
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
        self.graph.way(from, to)
    }

    /// Whether a question would have to say which of several references it means.
    pub(super) fn is_ambiguous(&self, edge: EdgeId) -> bool {
        self.graph.is_ambiguous(edge)
    }

    /// How two tables hang together when no row of the first leads to one row of the second.
    pub(super) fn bridge(&self, from: TableId, to: TableId) -> Option<Bridge> {
        self.graph.bridge(from, to)
    }

    /// The table from which all of these can be reached, the nearest one.
    pub(super) fn root(&self, tables: &[TableId]) -> Option<TableId> {
        self.graph.root(tables)
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
        self.graph.edge(edge)
    }

    /// Makes values known that a probe has found.
    pub(super) fn learn(&mut self, column: ColumnId, values: &[String]) {
        let Some(info) = self
            .tables
            .get_mut(column.table.0)
            .and_then(|t| t.columns.get_mut(column.position))
        else {
            return;
        };
        for value in values {
            if !info.values.iter().any(|known| known.text == *value) {
                info.values.push(ValueInfo::new(value));
            }
        }
    }
}

fn table(table: &Table) -> TableInfo {
    let bare = split_table_name(&table.name).pop().unwrap_or_default();
    let mut parts: Vec<(Unit, u32)> = name_units(&bare)
        .into_iter()
        .map(|unit| {
            let weight = weight(&unit);
            (unit, weight)
        })
        .collect();
    let more = parts.len() > 1;
    if let Some((first, weight)) = parts.first_mut()
        && more
        && PREFIXES.contains(&first.word.norm.as_str())
    {
        *weight = 0;
    }
    let parts = Name { parts };
    let columns: Vec<ColumnInfo> = table
        .columns
        .iter()
        .map(|column| {
            let units = kinds::without_question_verb(name_units(&column.name));
            let single = single_units(&column.name);
            let words = (single.len() > units.len()).then(|| column_name(single, &parts));
            let name = column_name(units, &parts);
            let kind = kinds::kind(column, &name);
            ColumnInfo {
                kind,
                technical: column.foreign_key.is_some()
                    || (column.is_primary_key && kind != Kind::Text),
                nullable: column.nullable,
                categorical: column.low_cardinality && !column.categories.is_empty(),
                values: column
                    .categories
                    .iter()
                    .map(|value| ValueInfo::of(value, &name))
                    .collect(),
                description: comment(column.description.as_deref()),
                name: column.name.clone(),
                parts: name,
                words,
            }
        })
        .collect();
    let key = kinds::key(table);
    TableInfo {
        name: table.name.clone(),
        parts,
        columns,
        description: comment(table.description.as_deref()),
        label: Vec::new(),
        key,
    }
}

fn comment(text: Option<&str>) -> Vec<Unit> {
    units(&words(text.unwrap_or_default()))
}

fn weight(unit: &Unit) -> u32 {
    unit.concepts
        .iter()
        .map(|concept| lexicon().weight(*concept))
        .max()
        .unwrap_or(1000)
}

/// The parts of a column's name. What only repeats the table's name says little.
fn column_name(units: Vec<Unit>, table: &Name) -> Name {
    let more = units.len() > 1;
    let parts = units
        .into_iter()
        .map(|unit| {
            let repeats = table
                .parts
                .iter()
                .any(|(part, _)| part.likeness(&unit).is_some());
            let weight = if repeats && more {
                REPEATED
            } else {
                weight(&unit)
            };
            (unit, weight)
        })
        .collect();
    Name { parts }
}

/// Whether a unit list has a meaning, for the neighbours.
fn has(units: &[Unit], form: &str) -> bool {
    means(units, form)
}
