//! Probes: a bounded query that looks for a name of the question among the cells of the database.

use serde_json::Value;

use super::cue::Cue;
use super::link::{Content, Piece, Target};
use super::plan::{Expr, Output, Predicate, Select, Shape};
use super::print;
use super::schema::{ColumnId, Kind, Schema, TableId};

/// How many columns are searched.
const MAX_COLUMNS: usize = 6;

/// How many values of a column are taken.
const MAX_VALUES: u64 = 15;

/// A search for names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    /// The query.
    pub(super) sql: String,
    /// The names that are looked for.
    pub(super) names: Vec<String>,
    sources: Vec<(String, ColumnId)>,
}

/// The search that the pieces call for, if any.
pub(super) fn probe(pieces: &[Piece], schema: &Schema) -> Option<Probe> {
    let names = names(pieces, schema);
    let columns = columns(pieces, schema);
    if names.is_empty() || columns.is_empty() {
        return None;
    }
    let mut branches = Vec::new();
    let mut sources = Vec::new();
    for column in &columns {
        let source = format!(
            "{}.{}",
            schema.table(column.table).name,
            schema.column(*column).name
        );
        for name in &names {
            branches.push(print::sql(&branch(*column, name, &source), schema));
        }
        sources.push((source, *column));
    }
    let sql = match branches.as_slice() {
        [only] => only.clone(),
        several => several
            .iter()
            .enumerate()
            .map(|(at, branch)| format!("SELECT * FROM ({branch}) AS p{at}"))
            .collect::<Vec<_>>()
            .join(" UNION ALL "),
    };
    Some(Probe {
        sql,
        names,
        sources,
    })
}

impl Probe {
    /// Makes the values that were found known.
    pub(super) fn learn(&self, rows: &[Value], schema: &mut Schema) {
        for (source, column) in &self.sources {
            let values: Vec<String> = rows
                .iter()
                .filter(|row| row.get("source").and_then(Value::as_str) == Some(source))
                .filter_map(|row| row.get("value").and_then(Value::as_str))
                .map(str::to_owned)
                .collect();
            schema.learn(*column, &values);
        }
    }
}

/// The runs of unknown words that look like names: quoted, with a capital, or where a place or a
/// name is bound to stand.
fn names(pieces: &[Piece], schema: &Schema) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let unknown = |piece: &&Piece| matches!(piece.content, Content::Unknown { .. });
        let rest = pieces.get(at..).unwrap_or_default();
        let run: Vec<&Piece> = rest.iter().take_while(unknown).collect();
        if run.is_empty() {
            at += 1;
            continue;
        }
        let before = pieces.get(..at).unwrap_or_default();
        let capital = run
            .iter()
            .any(|piece| matches!(piece.content, Content::Unknown { name_like: true }));
        if capital || stands_for_a_place(before) {
            // What is known of a name may be only its beginning: "Jakarta" of "Jakarta Selatan".
            let known = before
                .iter()
                .rev()
                .take_while(|piece| is_name(piece, schema));
            let mut words: Vec<&str> = known.map(|piece| piece.text.as_str()).collect();
            words.reverse();
            words.extend(run.iter().map(|piece| piece.text.as_str()));
            names.push(words.join(" "));
        }
        at += run.len();
    }
    names.truncate(3);
    names
}

/// "in the city of x": what stands between only says what kind of thing it is.
fn stands_for_a_place(before: &[Piece]) -> bool {
    let says = |piece: &&Piece| {
        !matches!(
            piece.content,
            Content::Links(_) | Content::Cue(Cue::Filler, _)
        )
    };
    let first = before.iter().rev().find(says);
    first.is_some_and(|piece| matches!(piece.content, Content::Cue(Cue::At, _)))
}

fn is_name(piece: &Piece, schema: &Schema) -> bool {
    match &piece.content {
        Content::Links(links) => links.first().is_some_and(
            |link| matches!(&link.target, Target::Values(column, _) if schema.is_label(*column)),
        ),
        _ => false,
    }
}

/// The columns in which names stand, those of the things that the question names first.
fn columns(pieces: &[Piece], schema: &Schema) -> Vec<ColumnId> {
    let mentioned: Vec<TableId> = pieces
        .iter()
        .filter_map(|piece| match &piece.content {
            Content::Links(links) => links.first(),
            _ => None,
        })
        .map(|link| match &link.target {
            Target::Table(table) => *table,
            Target::Column(column) | Target::Values(column, _) => column.table,
        })
        .collect();
    let distance = |table: TableId| {
        mentioned
            .iter()
            .filter_map(|from| {
                let there = schema.way(*from, table).map(<[_]>::len);
                there.or_else(|| schema.way(table, *from).map(|way| way.len() + 3))
            })
            .min()
            .unwrap_or(9)
    };
    let mut columns: Vec<(usize, ColumnId)> = schema
        .tables()
        .flat_map(|(table, _)| schema.label(table))
        .filter(|column| {
            let info = schema.column(*column);
            info.kind == Kind::Text && !info.categorical
        })
        .map(|column| (distance(column.table), column))
        .collect();
    columns.sort();
    columns
        .into_iter()
        .map(|(_, column)| column)
        .take(MAX_COLUMNS)
        .collect()
}

fn branch(column: ColumnId, name: &str, source: &str) -> Select {
    let output = |expr, alias: &str| Output {
        expr,
        alias: alias.to_owned(),
        heading: alias.to_owned(),
        shape: Shape::Plain,
    };
    let mut select = Select::from(column.table);
    select.distinct = true;
    select.outputs = vec![
        output(Expr::Text(source.to_owned()), "source"),
        output(Expr::Column(column), "value"),
    ];
    select.filters = name
        .split_whitespace()
        .map(|word| Predicate::Contains(Expr::Lower(column), word.to_lowercase()))
        .collect();
    select.order = vec![(Expr::Column(column), false)];
    select.limit = Some(MAX_VALUES);
    select
}
