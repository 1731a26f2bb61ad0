//! Terms: each piece of the question with one meaning; the likeliest combinations first.

use super::cue::Cue;
use super::link::{Content, Link, Piece, Target};
use super::quantity::{Dates, Quantity};
use super::schema::{ColumnId, Kind, Schema, TableId};
use super::text::Word;
use super::verbs::{is_particle, is_verb};
use crate::language::Language;

/// A piece of the question with one meaning.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// Something to do.
    Cue(Cue),
    /// A table.
    Table(TableId),
    /// A column.
    Column(ColumnId),
    /// Values of a column.
    Values(ColumnId, Vec<String>),
    /// A number.
    Quantity(Quantity),
    /// A day or a month.
    Dates(Dates),
    /// Not understood.
    Unknown,
}

/// One way to take all pieces.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// The meanings, with the position of their piece. Words that say nothing are left out.
    pub(super) terms: Vec<(usize, Term)>,
    /// How unlikely it is: the less, the better.
    pub(super) cost: i64,
}

/// How many combinations are considered.
const BEAM: usize = 32;

/// The likeliest ways to take the pieces, best first.
pub(super) fn choices(pieces: &[Piece], schema: &Schema, language: Language) -> Vec<Choice> {
    let mentioned = mentioned(pieces);
    let mut beam = vec![Choice {
        terms: Vec::new(),
        cost: 0,
    }];
    for (at, piece) in pieces.iter().enumerate() {
        let options: Vec<(Option<Term>, i64)> = match &piece.content {
            Content::Cue(Cue::Filler | Cue::Quantifier, _) => vec![(None, 0)],
            Content::Cue(cue, _)
                if !pieces
                    .iter()
                    .any(|piece| matches!(piece.content, Content::Links(_))) =>
            {
                vec![(Some(Term::Cue(*cue)), 0)]
            }
            Content::Cue(cue, links) => {
                let own = std::iter::once((Some(Term::Cue(*cue)), 0));
                own.chain(links.iter().map(|link| {
                    (
                        Some(term(link)),
                        400 + cost(link, at, pieces, &mentioned, schema),
                    )
                }))
                .collect()
            }
            Content::Links(links) => {
                let named = links
                    .iter()
                    .map(|link| (Some(term(link)), cost(link, at, pieces, &mentioned, schema)));
                // What rows are listed by needs no word: "the names of the products".
                // But "the names of the customers whose …" says what is listed.
                let known = |column: ColumnId| {
                    !piece.text.contains(' ')
                        || mentioned.iter().any(|(_, table)| *table == column.table)
                };
                let silent = says_name(&piece.text)
                    && links.iter().all(|link| {
                        matches!(link.target, Target::Column(c) if schema.is_label(c) && known(c))
                    });
                named.chain(silent.then_some((None, 250))).collect()
            }
            Content::Quantity(quantity) => vec![(Some(Term::Quantity(*quantity)), 0)],
            Content::Dates(dates) => vec![(Some(Term::Dates(*dates)), 0)],
            Content::Unknown { .. } if is_particle(at, pieces, language) => vec![(None, 0)],
            Content::Unknown { .. } if is_verb(at, pieces, language) => {
                vec![(Some(Term::Cue(Cue::Verb)), 0)]
            }
            Content::Unknown { .. } => vec![(Some(Term::Unknown), 0)],
        };
        beam = beam
            .iter()
            .flat_map(|choice| {
                options.iter().map(|(term, cost)| {
                    let mut next = choice.clone();
                    next.terms.extend(term.clone().map(|term| (at, term)));
                    next.cost += cost;
                    next
                })
            })
            .collect();
        // The sort is stable: among equals the earlier link of the earlier piece stays first.
        beam.sort_by_key(|choice| choice.cost);
        beam.truncate(BEAM);
    }
    beam
}

/// Whether words only say that something is called by its name.
fn says_name(text: &str) -> bool {
    const NAMES: &[&str] = &["name", "title", "label", "nama", "judul"];
    text.split_whitespace().any(|word| {
        Word::new(word)
            .keys
            .iter()
            .any(|key| NAMES.contains(&key.as_str()))
    })
}

fn term(link: &Link) -> Term {
    match &link.target {
        Target::Table(table) => Term::Table(*table),
        Target::Column(column) => Term::Column(*column),
        Target::Values(column, values) => Term::Values(*column, values.clone()),
    }
}

/// The tables that the question surely names, and where.
fn mentioned(pieces: &[Piece]) -> Vec<(usize, TableId)> {
    let sure = |(at, piece): (usize, &Piece)| match &piece.content {
        Content::Links(links) => links.first().and_then(|link| match link.target {
            Target::Table(table) if link.score >= 700 => Some((at, table)),
            _ => None,
        }),
        _ => None,
    };
    pieces.iter().enumerate().filter_map(sure).collect()
}

/// How unlikely a link is where it stands: its own quality, and what its neighbours say.
fn cost(
    link: &Link,
    at: usize,
    pieces: &[Piece],
    mentioned: &[(usize, TableId)],
    schema: &Schema,
) -> i64 {
    // What the same words may also name is no hint.
    let mentioned: Vec<TableId> = mentioned
        .iter()
        .filter(|(place, _)| *place != at)
        .map(|(_, table)| *table)
        .collect();
    let own = 1000 - i64::from(link.score);
    let (column, is_value) = match &link.target {
        Target::Table(table) => return own + table_cost(*table, &mentioned, schema),
        Target::Column(column) => (*column, false),
        Target::Values(column, _) => (*column, true),
    };
    let beside = |target: &Target| {
        neighbours(at, pieces).any(|piece| match &piece.content {
            Content::Links(links) => links.iter().any(|link| link.target == *target),
            _ => false,
        })
    };
    let table = Target::Table(column.table);
    let settled = if is_value {
        beside(&Target::Column(column)) || (schema.is_label(column) && beside(&table))
    } else {
        beside(&table)
    };
    let bonus = if settled {
        -300
    } else if is_value && noun_before(at, pieces) == Some(&table) {
        // "listeners in Japan" are not artists from there.
        -250
    } else if mentioned.contains(&column.table) {
        -150
    } else {
        let common = !is_value
            && schema
                .column(column)
                .parts
                .parts
                .iter()
                .all(|(_, weight)| *weight < 1000);
        // A name or a date of something that the question does not speak of is not what it means.
        let strange = if common && !mentioned.is_empty() {
            300
        } else {
            0
        };
        let nearest = mentioned
            .iter()
            .map(|table| steps(*table, column.table, schema))
            .min();
        strange + nearest.map_or(0, |steps| steps * 40)
    };
    let label = if is_value && schema.is_label(column) {
        -30
    } else {
        0
    };
    // A word of a table's name is the table, though one of its kinds may be called so, too.
    let named_so = |piece: &Piece| {
        let word = Word::new(&piece.text);
        let parts = &schema.table(column.table).parts.parts;
        parts.iter().any(|(unit, _)| unit.word.same(&word))
            && matches!(&piece.content, Content::Links(links)
                if links.iter().any(|link| link.target == table))
    };
    let kind = if is_value && pieces.get(at).is_some_and(named_so) {
        300
    } else {
        0
    };
    own + bonus + label + kind + time_cost(link, at, pieces, schema)
}

/// "were scheduled in 2024": before a time, a word that is both a date's name and a state is the date.
fn time_cost(link: &Link, at: usize, pieces: &[Piece], schema: &Schema) -> i64 {
    let dated = |link: &Link| match &link.target {
        Target::Column(column) => {
            matches!(schema.column(*column).kind, Kind::Date | Kind::Year)
        }
        _ => false,
    };
    let Some(Content::Links(links)) = pieces.get(at).map(|piece| &piece.content) else {
        return 0;
    };
    if !links.iter().any(dated) || !is_before_time(at, pieces) {
        return 0;
    }
    match &link.target {
        Target::Values(..) => 300,
        Target::Column(_) if dated(link) => -200,
        _ => 0,
    }
}

/// Whether a time follows, with small words and comparisons between.
fn is_before_time(at: usize, pieces: &[Piece]) -> bool {
    let next = pieces.iter().skip(at + 1).find(|piece| {
        !matches!(
            piece.content,
            Content::Cue(
                Cue::Filler
                    | Cue::At
                    | Cue::Year
                    | Cue::Month
                    | Cue::Between
                    | Cue::Compare(_)
                    | Cue::To,
                _
            )
        )
    });
    match next.map(|piece| &piece.content) {
        Some(Content::Dates(_)) => true,
        Some(Content::Quantity(quantity)) => quantity.year().is_some(),
        _ => false,
    }
}

/// The noun that stands before a value, with nothing but small words between.
fn noun_before(at: usize, pieces: &[Piece]) -> Option<&Target> {
    let before = pieces.get(..at).unwrap_or_default().iter().rev();
    let mut said = before.skip_while(|piece| {
        matches!(
            piece.content,
            Content::Cue(
                Cue::Filler | Cue::Quantifier | Cue::At | Cue::That | Cue::Relation | Cue::Have,
                _
            )
        )
    });
    match said.next().map(|piece| &piece.content) {
        Some(Content::Links(links)) => links.first().map(|link| &link.target),
        _ => None,
    }
}

/// A table that is named only in part had better hang together with the others.
fn table_cost(table: TableId, mentioned: &[TableId], schema: &Schema) -> i64 {
    let others = mentioned.iter().filter(|other| **other != table);
    others
        .map(|other| steps(*other, table, schema))
        .min()
        .map_or(0, |steps| steps * 10)
}

fn steps(a: TableId, b: TableId, schema: &Schema) -> i64 {
    let length = |from, to| {
        schema
            .way(from, to)
            .map(|way| i64::try_from(way.len()).unwrap_or(9))
    };
    match (length(a, b), length(b, a)) {
        (Some(x), Some(y)) => x.min(y),
        (Some(x), None) | (None, Some(x)) => x,
        (None, None) => 5,
    }
}

/// The pieces before and after, words that say nothing left out.
fn neighbours(at: usize, pieces: &[Piece]) -> impl Iterator<Item = &Piece> {
    let says = |piece: &&Piece| {
        !matches!(
            piece.content,
            Content::Cue(Cue::Filler | Cue::Quantifier, _)
        )
    };
    let before = pieces.get(..at).unwrap_or_default().iter().rev().find(says);
    let after = pieces.get(at + 1..).unwrap_or_default().iter().find(says);
    before.into_iter().chain(after)
}
