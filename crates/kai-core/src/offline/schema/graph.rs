//! The foreign-key graph: the ways along the references from table to table.

use std::collections::BTreeMap;

use super::references::{Edge, references};
use super::{ColumnId, TableId, TableInfo};
use crate::database::Table;

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

/// A way along references.
#[derive(Debug, Clone, Default)]
struct Way {
    cost: usize,
    edges: Vec<EdgeId>,
}

/// The references of a schema.
#[derive(Debug)]
pub(super) struct Graph {
    edges: Vec<Edge>,
    /// For every table, the least far-fetched way to each table that it leads to.
    ways: Vec<BTreeMap<TableId, Way>>,
}

impl Graph {
    pub(super) fn new(catalogue: &[Table], tables: &[TableInfo]) -> Self {
        let edges = references(catalogue, tables);
        let mut starting: Vec<Vec<EdgeId>> = vec![Vec::new(); tables.len()];
        for (at, edge) in edges.iter().enumerate() {
            if let Some(known) = starting.get_mut(edge.from.0) {
                known.push(EdgeId(at));
            }
        }
        let ways = (0..tables.len())
            .map(|from| ways(TableId(from), &edges, &starting))
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

    /// Whether another table ties the two together about as closely as a bridge does, by references
    /// of its own.
    pub(super) fn is_rivalled(&self, from: TableId, to: TableId, bridge: &Bridge) -> bool {
        let length = |via: TableId, meeting: TableId| {
            let from_via = self.ways.get(via.0)?;
            let (there, here) = (from_via.get(&to)?, from_via.get(&meeting)?);
            let reach = self.ways.get(from.0)?.get(&meeting)?;
            (!here.edges.is_empty())
                .then_some(there.edges.len() + here.edges.len() + reach.edges.len())
        };
        let Some(own) = length(bridge.via, bridge.meeting) else {
            return false;
        };
        let ends = [from, to, bridge.via];
        (0..self.ways.len()).map(TableId).any(|via| {
            !ends.contains(&via)
                && self.way(via, bridge.via).is_none()
                && self.way(bridge.via, via).is_none()
                && length(via, bridge.meeting).is_some_and(|other| other <= own + 1)
        })
    }

    /// A bridge over one table, if it leads to both sides.
    pub(super) fn bridge_over(&self, from: TableId, to: TableId, via: TableId) -> Option<Bridge> {
        let from_via = self.ways.get(via.0)?;
        from_via.get(&to)?;
        let met = self.ways.get(from.0)?.keys();
        let meeting = met
            .filter(|meeting| {
                from_via
                    .get(*meeting)
                    .is_some_and(|way| !way.edges.is_empty())
            })
            .min_by_key(|meeting| from_via.get(*meeting).map(|way| way.cost))?;
        Some(Bridge {
            via,
            meeting: *meeting,
        })
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

fn ways(from: TableId, edges: &[Edge], starting: &[Vec<EdgeId>]) -> BTreeMap<TableId, Way> {
    let mut settled: BTreeMap<TableId, Way> = BTreeMap::new();
    let mut open = BTreeMap::from([(from, Way::default())]);
    while let Some(next) = open
        .iter()
        .min_by_key(|(table, way)| (way.cost, **table))
        .map(|(table, _)| *table)
    {
        let way = open.remove(&next).unwrap_or_default();
        for id in starting.get(next.0).into_iter().flatten() {
            let Some(edge) = edges.get(id.0) else {
                continue;
            };
            let cost = way.cost + edge.cost;
            let shorter = open.get(&edge.to).is_none_or(|known| cost < known.cost);
            if !settled.contains_key(&edge.to) && edge.to != next && shorter {
                let mut longer = way.edges.clone();
                longer.push(*id);
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
