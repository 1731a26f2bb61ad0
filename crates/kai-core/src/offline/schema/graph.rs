//! The foreign-key graph: declared and inferred references, and the ways along them.

use std::collections::BTreeMap;

use super::naming::is_spoken;
use super::{ColumnId, TableId, TableInfo};
use crate::database::{Column, Table, split_table_name};
use crate::offline::lexicon::{Unit, name_units};

/// A reference from one table to another, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::offline) struct EdgeId(usize);

/// Two tables that hang together through a third, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::offline) struct Bridge {
    /// The table that leads to both sides.
    pub(in crate::offline) via: TableId,
    /// Where the first table's side and the bridge meet: it is reached from the first table.
    pub(in crate::offline) meeting: TableId,
}

#[derive(Debug)]
struct Edge {
    from: TableId,
    to: TableId,
    columns: Vec<(ColumnId, ColumnId)>,
    /// How far-fetched it is to follow it without being told to.
    cost: usize,
    /// Whether another reference between the two tables is just as likely meant.
    ambiguous: bool,
}

/// A way along references.
#[derive(Debug, Clone, Default)]
struct Way {
    cost: usize,
    edges: Vec<EdgeId>,
}

/// A reference that is named after what it leads to.
const PLAIN: usize = 1;

/// A reference that plays a part of its own: `lead_id`, `origin`.
const ROLE: usize = 3;

/// The references of a schema.
#[derive(Debug)]
pub(super) struct Graph {
    edges: Vec<Edge>,
    /// For every table, the least far-fetched way to each table that it leads to.
    ways: Vec<BTreeMap<TableId, Way>>,
}

impl Graph {
    pub(super) fn new(catalogue: &[Table], tables: &[TableInfo]) -> Self {
        let mut edges = declared(catalogue);
        inferred(catalogue, tables, &mut edges);
        weigh(catalogue, tables, &mut edges);
        let ways = (0..tables.len())
            .map(|from| ways(TableId(from), &edges))
            .collect();
        Self { edges, ways }
    }

    /// The columns that refer to another table.
    pub(super) fn reference_columns(&self) -> Vec<(TableId, usize)> {
        self.edges
            .iter()
            .flat_map(|edge| &edge.columns)
            .map(|(from, _)| (from.table, from.position))
            .collect()
    }

    pub(super) fn way(&self, from: TableId, to: TableId) -> Option<&[EdgeId]> {
        self.ways
            .get(from.0)?
            .get(&to)
            .map(|way| way.edges.as_slice())
    }

    /// Whether a reference stands beside another that is just as likely meant.
    pub(super) fn is_ambiguous(&self, id: EdgeId) -> bool {
        self.edges.get(id.0).is_some_and(|edge| edge.ambiguous)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "only the graph makes edge ids, from its own positions"
    )]
    pub(super) fn edge(&self, id: EdgeId) -> (TableId, TableId, &[(ColumnId, ColumnId)]) {
        let edge = &self.edges[id.0];
        (edge.from, edge.to, &edge.columns)
    }

    pub(super) fn bridge(&self, from: TableId, to: TableId) -> Option<Bridge> {
        let mut best: Option<(usize, Bridge)> = None;
        for (via, from_via) in self.ways.iter().enumerate() {
            let Some(there) = from_via.get(&to) else {
                continue;
            };
            for (meeting, reach) in self.ways.get(from.0)? {
                let Some(here) = from_via.get(meeting).filter(|way| !way.edges.is_empty()) else {
                    continue;
                };
                let cost = there.cost + here.cost + reach.cost;
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((
                        cost,
                        Bridge {
                            via: TableId(via),
                            meeting: *meeting,
                        },
                    ));
                }
            }
        }
        best.map(|(_, bridge)| bridge)
    }

    pub(super) fn root(&self, tables: &[TableId]) -> Option<TableId> {
        let cost = |ways: &BTreeMap<TableId, Way>| -> Option<usize> {
            tables
                .iter()
                .map(|table| ways.get(table).map(|way| way.cost))
                .sum()
        };
        let costs = self
            .ways
            .iter()
            .enumerate()
            .filter_map(|(at, ways)| Some((cost(ways)?, TableId(at))));
        costs.min().map(|(_, table)| table)
    }
}

fn declared(catalogue: &[Table]) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (from, table) in catalogue.iter().enumerate() {
        let from = TableId(from);
        let mut of_table: Vec<Edge> = Vec::new();
        for (position, column) in table.columns.iter().enumerate() {
            let Some(key) = &column.foreign_key else {
                continue;
            };
            let Some(to) = catalogue
                .iter()
                .position(|t| same_name(&t.name, &key.reference_table))
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

fn same_name(a: &str, b: &str) -> bool {
    split_table_name(a) == split_table_name(b)
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
    for (from, table) in catalogue.iter().enumerate() {
        for (position, column) in table.columns.iter().enumerate() {
            let here = ColumnId {
                table: TableId(from),
                position,
            };
            let known = edges
                .iter()
                .any(|edge| edge.columns.iter().any(|(column, _)| *column == here));
            let own_key = tables.get(from).is_some_and(|t| t.key == [position]);
            if known || own_key {
                continue;
            }
            let units = name_units(&column.name);
            let candidates = keys.iter().filter_map(|key| {
                let same_type = is_number(&key.column.data_type) == is_number(&column.data_type);
                if !same_type || contradicts(column, key.column) {
                    return None;
                }
                let likeness = reference(column, &units, key, key.id.table == here.table)?;
                Some((likeness, key.id))
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
            units: name_units(&column.name),
            named: named(info),
            words: words.parts.iter().map(|(unit, _)| unit).collect(),
        }
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
    column.low_cardinality
        && key.low_cardinality
        && column
            .categories
            .iter()
            .any(|value| !key.categories.contains(value))
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

fn ways(from: TableId, edges: &[Edge]) -> BTreeMap<TableId, Way> {
    let mut settled: BTreeMap<TableId, Way> = BTreeMap::new();
    let mut open = BTreeMap::from([(from, Way::default())]);
    while let Some(next) = open
        .iter()
        .min_by_key(|(table, way)| (way.cost, **table))
        .map(|(table, _)| *table)
    {
        let way = open.remove(&next).unwrap_or_default();
        for (at, edge) in edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| edge.from == next)
        {
            let cost = way.cost + edge.cost;
            let shorter = open.get(&edge.to).is_none_or(|known| cost < known.cost);
            if !settled.contains_key(&edge.to) && edge.to != next && shorter {
                let mut longer = way.edges.clone();
                longer.push(EdgeId(at));
                open.insert(
                    edge.to,
                    Way {
                        cost,
                        edges: longer,
                    },
                );
            }
        }
        settled.insert(next, way);
    }
    settled
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
    let ends: Vec<_> = edges
        .iter()
        .map(|edge| (edge.from, edge.to, edge.cost))
        .collect();
    for (at, edge) in edges.iter_mut().enumerate() {
        let same = (edge.from, edge.to, edge.cost);
        edge.ambiguous = ends
            .iter()
            .enumerate()
            .any(|(other, ends)| other != at && *ends == same);
    }
}
