//! The catalogue of a database as it is read: the names taken apart, the references, the values.

use super::graph::Graph;
use super::names::NameIndex;
use super::values::ValueIndex;
use super::{ColumnId, ColumnInfo, Kind, TableId, TableInfo, kinds, naming};
use crate::database::Table;
use crate::offline::lexicon::{Unit, name_units, single_units, units};
use crate::offline::text::words;

/// A database's tables, and how they hang together: all that many questions share.
#[derive(Debug)]
pub(in crate::offline) struct Catalogue {
    pub(super) tables: Vec<TableInfo>,
    pub(super) graph: Graph,
    pub(super) values: ValueIndex,
    pub(super) names: NameIndex,
}

impl Catalogue {
    /// Reads the names and the values of the tables, and infers how they hang together.
    pub(in crate::offline) fn new(catalogue: &[Table]) -> Self {
        let areas = naming::areas(catalogue);
        let mut tables: Vec<TableInfo> = catalogue.iter().map(|one| table(one, &areas)).collect();
        let graph = Graph::new(catalogue, &tables);
        let names = NameIndex::new(&tables);
        let known = |id: ColumnId| {
            let column = catalogue.get(id.table.0)?.columns.get(id.position)?;
            Some(column.categories.iter().map(String::as_str).collect())
        };
        let values = ValueIndex::new(
            columns(&tables).map(|(id, info)| (id, &info.parts, known(id).unwrap_or_default())),
        );
        for (from, column) in graph.reference_columns() {
            if let Some(column) = tables
                .get_mut(from.0)
                .and_then(|t| t.columns.get_mut(column))
            {
                column.technical = true;
            }
        }
        for table in &mut tables {
            table.label = kinds::label(table);
        }
        Self {
            tables,
            graph,
            values,
            names,
        }
    }
}

/// Every column of the tables.
pub(super) fn columns(tables: &[TableInfo]) -> impl Iterator<Item = (ColumnId, &ColumnInfo)> {
    tables.iter().enumerate().flat_map(|(at, table)| {
        let columns = table.columns.iter().enumerate();
        columns.map(move |(position, info)| {
            let table = TableId(at);
            (ColumnId { table, position }, info)
        })
    })
}

fn table(table: &Table, areas: &[String]) -> TableInfo {
    let bare = naming::bare(&table.name);
    let units = name_units(&bare);
    let single = single_units(&bare);
    let words =
        (single.len() > units.len()).then(|| naming::table_name(&table.name, single, areas));
    let parts = naming::table_name(&table.name, units, areas);
    let columns: Vec<ColumnInfo> = table
        .columns
        .iter()
        .map(|column| {
            let units = kinds::without_question_verb(name_units(&column.name));
            let single = single_units(&column.name);
            let words = (single.len() > units.len()).then(|| naming::column_name(single, &parts));
            let name = naming::column_name(units, &parts);
            let kind = kinds::kind(column, &name);
            ColumnInfo {
                kind,
                dated: kinds::dated(kind, &column.categories),
                technical: column.foreign_key.is_some()
                    || (column.is_primary_key && kind != Kind::Text),
                nullable: column.nullable,
                categorical: column.low_cardinality && !column.categories.is_empty(),
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
        words,
        columns,
        description: comment(table.description.as_deref()),
        label: Vec::new(),
        key,
    }
}

fn comment(text: Option<&str>) -> Vec<Unit> {
    units(&words(text.unwrap_or_default()))
}
