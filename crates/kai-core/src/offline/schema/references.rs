//! The references between tables: those that are declared, and those that names and values suggest.

use std::collections::{BTreeMap, BTreeSet};

use super::naming::is_spoken;
use super::{ColumnId, TableId, TableInfo};
use crate::database::{Column, Table, split_table_name};
use crate::offline::lexicon::{Concept, Unit, name_units};

/// A reference from one table to another.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: TableId,
    pub(super) to: TableId,
    pub(super) columns: Vec<(ColumnId, ColumnId)>,
    /// How far-fetched it is to follow it without being told to.
    pub(super) cost: usize,
    /// Whether another reference between the two tables is just as likely meant.
    pub(super) ambiguous: bool,
}

impl Edge {
    fn new(from: TableId, to: TableId, columns: Vec<(ColumnId, ColumnId)>) -> Self {
        Self {
            from,
            to,
            columns,
            cost: PLAIN,
            ambiguous: false,
        }
    }
}

/// A reference that is named after what it leads to.
const PLAIN: usize = 1;

/// A reference that plays a part of its own: `lead_id`, `origin`.
const ROLE: usize = 3;

/// The references between the tables of a catalogue, each with what it costs to follow it.
pub(super) fn references(catalogue: &[Table], tables: &[TableInfo]) -> Vec<Edge> {
    let mut edges = declared(catalogue);
    inferred(catalogue, tables, &mut edges);
    weigh(catalogue, tables, &mut edges);
    edges
}

fn declared(catalogue: &[Table]) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    let mut positions: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for (at, table) in catalogue.iter().enumerate() {
        positions.entry(split_table_name(&table.name)).or_insert(at);
    }
    for (from, table) in catalogue.iter().enumerate() {
        let from = TableId(from);
        let mut of_table: Vec<Edge> = Vec::new();
        for (position, column) in table.columns.iter().enumerate() {
            let Some(key) = &column.foreign_key else {
                continue;
            };
            let Some(to) = positions
                .get(&split_table_name(&key.reference_table))
                .copied()
            else {
                continue;
            };
            let Some(target) = catalogue
                .get(to)
                .and_then(|t| t.columns.iter().position(|c| c.name == key.field_name))
            else {
                continue;
            };
            let composite = catalogue
                .get(to)
                .is_some_and(|t| t.columns.iter().filter(|c| c.is_primary_key).count() > 1);
            let to = TableId(to);
            let pair = (
                ColumnId {
                    table: from,
                    position,
                },
                ColumnId {
                    table: to,
                    position: target,
                },
            );
            // Columns that refer to different parts of one key are one reference.
            let part_of = of_table.iter_mut().find(|edge| {
                composite
                    && edge.to == to
                    && edge
                        .columns
                        .iter()
                        .all(|(_, known)| known.position != target)
            });
            match part_of {
                Some(edge) => edge.columns.push(pair),
                None => of_table.push(Edge::new(from, to, vec![pair])),
            }
        }
        edges.extend(of_table);
    }
    edges
}

/// Adds the references that nobody declared: `customer_id` to the key of `customers`, a column that
/// is named as another table's key is, and both behind a word for the part that is played
/// (`manager_emp_no`). Known values that the key does not have speak against it.
fn inferred(catalogue: &[Table], tables: &[TableInfo], edges: &mut Vec<Edge>) {
    let keys: Vec<Key<'_>> = tables
        .iter()
        .enumerate()
        .filter_map(|(at, table)| {
            let [position] = table.key.as_slice() else {
                return None;
            };
            let column = catalogue.get(at)?.columns.get(*position)?;
            Some(Key::new(table, TableId(at), *position, column))
        })
        .collect();
    let named = Named::new(&keys);
    let known: BTreeSet<ColumnId> = edges
        .iter()
        .flat_map(|edge| edge.columns.iter().map(|(column, _)| *column))
        .collect();
    for (from, table) in catalogue.iter().enumerate() {
        for (position, column) in table.columns.iter().enumerate() {
            let here = ColumnId {
                table: TableId(from),
                position,
            };
            let own_key = tables.get(from).is_some_and(|t| t.key == [position]);
            if known.contains(&here) || own_key {
                continue;
            }
            let units = name_units(&column.name);
            let number = is_number(&column.data_type);
            let likely = named.by(&units).into_iter();
            let candidates = likely.filter_map(|at| {
                let key = keys.get(at).filter(|key| key.number == number)?;
                let likeness = reference(column, &units, key, key.id.table == here.table)?;
                (!contradicts(column, key.column)).then_some((likeness, key.id))
            });
            let candidates: Vec<(Likeness, ColumnId)> = candidates.collect();
            let Some(best) = candidates.iter().map(|(likeness, _)| *likeness).min() else {
                continue;
            };
            let mut nearest = candidates.iter().filter(|(likeness, _)| *likeness == best);
            let target = nearest.next().map(|(_, target)| *target);
            // A part of a name that several tables have tells none of them.
            let unclear = best == Likeness::Part && nearest.next().is_some();
            if let Some(target) = target.filter(|_| !unclear) {
                edges.push(Edge::new(TableId(from), target.table, vec![(here, target)]));
            }
        }
    }
}

/// How a column is named after a table's key, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// As the key itself.
    Key,
    /// As the table, with a word for its key.
    Table,
    /// As one of both, behind a word for a part that is played.
    Role,
    /// As a part of the table's name, with a word for its key.
    Part,
}

/// A key of one column, with what a reference to it may be called after.
struct Key<'a> {
    id: ColumnId,
    column: &'a Column,
    /// Whether it is a number.
    number: bool,
    units: Vec<Unit>,
    /// What the table's name says.
    named: Vec<&'a Unit>,
    /// The words of the table's name, each by itself.
    words: Vec<&'a Unit>,
}

impl<'a> Key<'a> {
    fn new(info: &'a TableInfo, table: TableId, position: usize, column: &'a Column) -> Self {
        let words = info.words.as_ref().unwrap_or(&info.parts);
        Self {
            id: ColumnId { table, position },
            column,
            number: is_number(&column.data_type),
            units: name_units(&column.name),
            named: named(info),
            words: words.parts.iter().map(|(unit, _)| unit).collect(),
        }
    }
}

/// The keys by the words and meanings of what they may be called after.
struct Named<'a> {
    words: BTreeMap<&'a str, Vec<usize>>,
    concepts: BTreeMap<Concept, Vec<usize>>,
}

impl<'a> Named<'a> {
    fn new(keys: &'a [Key<'a>]) -> Self {
        let mut named = Self {
            words: BTreeMap::new(),
            concepts: BTreeMap::new(),
        };
        for (at, key) in keys.iter().enumerate() {
            let own = key.units.iter();
            for unit in own.chain(key.named.iter().chain(&key.words).copied()) {
                for word in &unit.word.keys {
                    named.words.entry(word).or_default().push(at);
                }
                for concept in &unit.concepts {
                    named.concepts.entry(*concept).or_default().push(at);
                }
            }
        }
        named
    }

    /// The keys that share a word or a meaning with a name, in their order.
    fn by(&self, units: &[Unit]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for unit in units {
            let keys = unit.word.keys.iter();
            let words = keys.filter_map(|key| self.words.get(key.as_str()));
            let concepts = unit.concepts.iter();
            let concepts = concepts.filter_map(|concept| self.concepts.get(concept));
            found.extend(words.chain(concepts).flatten());
        }
        found
    }
}

fn reference(column: &Column, units: &[Unit], key: &Key<'_>, own: bool) -> Option<Likeness> {
    if !own && column.name.eq_ignore_ascii_case(&key.column.name) && key.units.len() > 1 {
        return Some(Likeness::Key);
    }
    let rest: Vec<&Unit> = units.iter().filter(|unit| !is_key_word(unit)).collect();
    let one_key_word = rest.len() + 1 == units.len();
    if !own && one_key_word && all_named(&rest, &key.named) {
        return Some(Likeness::Table);
    }
    let whole: Vec<&Unit> = units.iter().collect();
    let key_units: Vec<&Unit> = key.units.iter().collect();
    let as_key = key.units.len() > 1 && ends_as(&whole, &key_units);
    let as_table = one_key_word && !key.named.is_empty() && ends_as(&rest, &key.named);
    if as_key || as_table {
        return Some(Likeness::Role);
    }
    let is_word = |unit: &&Unit| {
        key.words
            .iter()
            .any(|word| word.likeness(unit) == Some(1000))
    };
    let part = !own
        && one_key_word
        && !rest.is_empty()
        && rest.len() < key.words.len()
        && rest.iter().all(is_word);
    part.then_some(Likeness::Part)
}

/// Whether the longer name ends as the shorter one does.
fn ends_as(longer: &[&Unit], tail: &[&Unit]) -> bool {
    longer.len() > tail.len()
        && longer
            .iter()
            .rev()
            .zip(tail.iter().rev())
            .all(|(a, b)| a.likeness(b) == Some(1000))
}

/// Whether these are just the words of a table's name, in any order.
fn all_named(rest: &[&Unit], named: &[&Unit]) -> bool {
    rest.len() == named.len()
        && rest
            .iter()
            .all(|unit| named.iter().any(|part| part.likeness(unit) == Some(1000)))
}

/// Whether both have known values, and the column has one that the key has not.
fn contradicts(column: &Column, key: &Column) -> bool {
    if !column.low_cardinality || !key.low_cardinality {
        return false;
    }
    let of_key: BTreeSet<&String> = key.categories.iter().collect();
    let mut values = column.categories.iter();
    values.any(|value| !of_key.contains(value))
}

fn is_key_word(unit: &Unit) -> bool {
    ["id", "code", "kode", "no", "number", "kd", "fk", "key"].contains(&unit.word.norm.as_str())
}

/// What a table's name says beside habits and subject areas.
fn named(target: &TableInfo) -> Vec<&Unit> {
    target
        .parts
        .parts
        .iter()
        .filter(|(_, weight)| is_spoken(*weight))
        .map(|(unit, _)| unit)
        .collect()
}

fn is_number(data_type: &str) -> bool {
    let upper = data_type.to_ascii_uppercase();
    ["INT", "NUM", "DEC", "SERIAL"]
        .iter()
        .any(|word| upper.contains(word))
}

/// Whether a name is a table's name and a word for its key, in either order.
fn refers(column: &str, target: &TableInfo) -> bool {
    let units = name_units(column);
    let rest: Vec<&Unit> = units.iter().filter(|unit| !is_key_word(unit)).collect();
    rest.len() + 1 == units.len() && all_named(&rest, &named(target))
}

/// Tells references that are named after their table from those that play a part, and finds those
/// that a question would have to choose between.
fn weigh(catalogue: &[Table], tables: &[TableInfo], edges: &mut [Edge]) {
    let name = |column: &ColumnId| {
        let column = catalogue
            .get(column.table.0)
            .and_then(|table| table.columns.get(column.position));
        column.map_or("", |column| column.name.as_str())
    };
    for edge in edges.iter_mut() {
        let plain = edge.columns.iter().all(|(from, to)| {
            let target = tables.get(to.table.0);
            name(from).eq_ignore_ascii_case(name(to))
                || target.is_some_and(|target| refers(name(from), target))
        });
        edge.cost = if plain { PLAIN } else { ROLE };
    }
    let mut alike: BTreeMap<(TableId, TableId, usize), usize> = BTreeMap::new();
    for edge in edges.iter() {
        *alike.entry((edge.from, edge.to, edge.cost)).or_default() += 1;
    }
    for edge in edges {
        let count = alike.get(&(edge.from, edge.to, edge.cost));
        edge.ambiguous = count.is_some_and(|count| *count > 1);
    }
}
