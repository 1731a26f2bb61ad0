//! Searches: unknown words of the question that may stand in a cell of the database.

use serde_json::Value;

use super::conversation::FoundIn;
use super::cue::Cue;
use super::link::{Content, Piece, Target};
use super::schema::{ColumnId, Kind, Schema, TableId};
use super::text::{fold, words};

/// How many searches one question is worth.
const MAX_SEARCHES: usize = 3;

/// How many tables are searched, those that the question names and their neighbours first.
const MAX_TABLES: usize = 12;

/// A search for a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Search {
    /// The name that is looked for.
    pub(super) name: String,
    /// The tables in which it is looked for.
    pub(super) tables: Vec<String>,
    /// Whether it must be a whole value, as it does not look like a name.
    whole: bool,
}

/// The searches that the pieces call for.
pub(super) fn searches(pieces: &[Piece], schema: &Schema) -> Vec<Search> {
    let tables = tables(pieces, schema);
    if tables.is_empty() {
        return Vec::new();
    }
    names(pieces, schema)
        .into_iter()
        .map(|(name, whole)| Search {
            name,
            tables: tables.clone(),
            whole,
        })
        .collect()
}

impl Search {
    /// The values that were found, by column.
    pub(super) fn learned(
        &self,
        places: &[FoundIn],
        schema: &Schema,
    ) -> Vec<(ColumnId, Vec<String>)> {
        places
            .iter()
            .filter_map(|place| {
                let column = schema.find(&place.table, &place.column)?;
                let info = schema.column(column);
                let values = place.values.iter().filter_map(Value::as_str);
                let values: Vec<String> = values
                    .filter(|value| self.is_meant(value))
                    .map(str::to_owned)
                    .collect();
                let useful = info.kind == Kind::Text && !values.is_empty();
                useful.then_some((column, values))
            })
            .collect()
    }

    /// Whether a value has all words of the name, and for what is no name is nothing else.
    fn is_meant(&self, value: &str) -> bool {
        let (asked, found) = (words(&self.name), words(value));
        let all = asked
            .iter()
            .all(|word| found.iter().any(|other| other.same(word)));
        all && (!self.whole || asked.len() == found.len())
    }
}

/// The runs of unknown words, and whether each must be a whole value: it need not where it looks like
/// a name, being quoted, with a capital, or where a place or a name is bound to stand.
fn names(pieces: &[Piece], schema: &Schema) -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = Vec::new();
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
        // What is known of a name may be only its beginning: "Jakarta" of "Jakarta Selatan".
        let known = before
            .iter()
            .rev()
            .take_while(|piece| capital && is_name(piece, schema));
        let mut words: Vec<&str> = known.map(|piece| piece.text.as_str()).collect();
        words.reverse();
        words.extend(run.iter().map(|piece| piece.text.as_str()));
        let name = words.join(" ");
        let letters = fold(&name).chars().filter(|c| c.is_alphanumeric()).count();
        if letters >= 2 {
            names.push((name, !(capital || stands_for_a_place(before))));
        }
        at += run.len();
    }
    // Names before words that may be anything.
    names.sort_by_key(|(_, whole)| *whole);
    names.truncate(MAX_SEARCHES);
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

/// The tables that have texts, those that the question names first.
fn tables(pieces: &[Piece], schema: &Schema) -> Vec<String> {
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
    let mut tables: Vec<(usize, TableId)> = schema
        .tables()
        .filter(|(table, _)| {
            let mut columns = schema.columns(*table);
            columns.any(|(_, column)| column.kind == Kind::Text && !column.categorical)
        })
        .map(|(table, _)| (distance(table), table))
        .collect();
    tables.sort();
    tables
        .into_iter()
        .take(MAX_TABLES)
        .map(|(_, table)| schema.table(table).name.clone())
        .collect()
}
