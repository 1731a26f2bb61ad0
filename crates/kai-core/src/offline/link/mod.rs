//! Linking: which words of a question name tables, columns and values, and which say what to do.

use super::cue::{Cue, cue_at, cues_at};
use super::lexicon::{Unit, units_at};
use super::quantity::{Dates, Quantity, dates_at, quantity_at};
use super::schema::{ColumnId, Schema, TableId};
use super::text::Word;
use super::token::{Span, Token, TokenKind};
use crate::database::split_table_name;
use crate::language::Language;

mod matcher;
mod written;

use matcher::Matcher;

/// What a word of the question may name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A table.
    Table(TableId),
    /// A column.
    Column(ColumnId),
    /// Values of a column: several where the words fit several alike.
    Values(ColumnId, Vec<String>),
}

/// A guess at what words name, and how good it is, in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// What.
    pub(super) target: Target,
    /// How good.
    pub(super) score: u32,
}

/// Words that belong together.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Where they stand.
    pub(super) span: Span,
    /// The words.
    pub(super) text: String,
    /// What they are.
    pub(super) content: Content,
    /// What the first of them would say by itself: the "total" of "total amount".
    pub(super) inner: Option<Cue>,
}

/// What words are.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A cue, and what the same words may name.
    Cue(Cue, Vec<Link>),
    /// Names, best first.
    Links(Vec<Link>),
    /// A number.
    Quantity(Quantity),
    /// A day or a month.
    Dates(Dates),
    /// Nothing that is known.
    Unknown {
        /// Whether it looks like a name: quoted, or with a capital.
        name_like: bool,
    },
}

/// A reading of some tokens, before it is chosen.
struct Candidate {
    span: Span,
    /// Lower is chosen first.
    tier: u8,
    score: u32,
    content: Content,
}

/// The question's pieces, in order.
pub(super) fn pieces(tokens: &[Token], schema: &Schema, language: Language) -> Vec<Piece> {
    let all: Vec<&Word> = tokens.iter().map(|token| &token.word).collect();
    let lattice: Vec<Vec<(usize, Unit)>> = (0..tokens.len())
        .map(|at| units_at(all.get(at..).unwrap_or_default()))
        .collect();
    let mut candidates = Vec::new();
    for at in 0..tokens.len() {
        function_words(tokens, &all, at, language, &mut candidates);
    }
    let matcher = Matcher {
        tokens,
        lattice: &lattice,
        words: &all,
        language,
    };
    let mut links = matcher.names(schema);
    let short = matcher.short_values(schema, &links);
    links.extend(short);
    let keys = matcher.keys(schema, &links);
    links.extend(keys);
    links.extend(matcher.values(schema));
    for (span, mut link) in links {
        link.score += raised(&link.target, span, &all, schema);
        let known = candidates
            .iter_mut()
            .find(|c| c.span == span && !matches!(c.content, Content::Cue(Cue::Filler, _)));
        match known.map(|c| (&mut c.content, &mut c.score, &mut c.tier)) {
            Some((Content::Links(links), score, tier)) => {
                *score = (*score).max(link.score);
                *tier = (*tier).min(tier_of(link.score));
                links.push(link);
            }
            Some((Content::Cue(_, links), ..)) => {
                if names_literally(&link.target, span, tokens, schema) {
                    links.push(link);
                }
            }
            Some(_) => {}
            None => candidates.push(Candidate {
                span,
                tier: tier_of(link.score),
                score: link.score,
                content: Content::Links(vec![link]),
            }),
        }
    }
    let mut chosen = cover(candidates);
    let mut pieces: Vec<Piece> = chosen.drain(..).map(|c| piece(tokens, &all, c)).collect();
    for (at, token) in tokens.iter().enumerate() {
        let span = Span::new(at, 1);
        let silent = token.kind == TokenKind::Mark || pieces.iter().any(|p| p.span.overlaps(span));
        if !silent {
            let mut links = described(&token.word, schema);
            let denied = pieces.iter().any(|piece| {
                piece.span.first() < at
                    && matches!(piece.content, Content::Cue(Cue::Without | Cue::Not, _))
            });
            if denied {
                links.extend(roles(&token.word, schema));
            }
            let content = if links.is_empty() {
                Content::Unknown {
                    name_like: token.name_like || token.kind == TokenKind::Quoted,
                }
            } else {
                Content::Links(links)
            };
            pieces.push(Piece {
                span,
                text: token.text.clone(),
                content,
                inner: None,
            });
        }
    }
    pieces.sort_by_key(|piece| piece.span.first());
    pieces
}

/// How much the verified pairs of the connection raise a link.
fn raised(target: &Target, span: Span, all: &[&Word], schema: &Schema) -> u32 {
    let said: Vec<&Word> = span
        .tokens()
        .filter_map(|at| all.get(at).copied())
        .collect();
    let bare = |table: TableId| split_table_name(&schema.table(table).name).pop();
    match target {
        Target::Table(table) => {
            let name = bare(*table).unwrap_or_default();
            schema.preferences().raise(&said, &[&name])
        }
        Target::Column(column) | Target::Values(column, _) => {
            let table = bare(column.table).unwrap_or_default();
            let names = [table.as_str(), schema.column(*column).name.as_str()];
            schema.preferences().raise(&said, &names)
        }
    }
}

/// Whether a cue's own word stands in a column's name: only then may it mean the column.
fn names_literally(target: &Target, span: Span, tokens: &[Token], schema: &Schema) -> bool {
    let Target::Column(column) = target else {
        return true;
    };
    let parts = &schema.column(*column).parts.parts;
    let word = tokens.get(span.first()).map(|token| &token.word);
    word.is_some_and(|word| parts.iter().any(|(unit, _)| unit.word.same(word)))
}

fn tier_of(score: u32) -> u8 {
    match score {
        950.. => 0,
        _ => 1,
    }
}

fn function_words(
    tokens: &[Token],
    all: &[&Word],
    at: usize,
    language: Language,
    found: &mut Vec<Candidate>,
) {
    let quoted = tokens
        .get(at)
        .is_some_and(|token| token.kind == TokenKind::Quoted);
    if let Some((length, dates)) = dates_at(tokens, at) {
        let content = Content::Dates(dates);
        found.push(Candidate {
            span: Span::new(at, length),
            tier: 0,
            score: 2000,
            content,
        });
    } else if let Some((length, quantity)) = quantity_at(tokens, at, language) {
        let content = Content::Quantity(quantity);
        found.push(Candidate {
            span: Span::new(at, length),
            tier: 0,
            score: 2000,
            content,
        });
    }
    if quoted {
        return;
    }
    for (length, cue) in cues_at(all.get(at..).unwrap_or_default()) {
        let span = Span::new(at, length);
        if found
            .iter()
            .any(|known| known.span == span && matches!(known.content, Content::Cue(..)))
        {
            continue;
        }
        // A phrase of several words is no name, even where it says nothing.
        let tier = if cue == Cue::Filler && length == 1 {
            2
        } else {
            0
        };
        // Names win against cues of the same length, but not on the same words.
        found.push(Candidate {
            span,
            tier,
            score: 900,
            content: Content::Cue(cue, Vec::new()),
        });
    }
}

/// Chooses readings that do not overlap: the surest first, then the longest.
fn cover(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    use std::cmp::Reverse;
    candidates.sort_by_key(|c| (c.tier, Reverse(c.span.len()), Reverse(c.score), c.span));
    let mut taken = Span::default();
    candidates.retain(|candidate| {
        let free = !taken.overlaps(candidate.span);
        if free {
            taken = taken.union(candidate.span);
        }
        free
    });
    candidates
}

fn piece(tokens: &[Token], all: &[&Word], candidate: Candidate) -> Piece {
    let texts: Vec<&str> = candidate
        .span
        .tokens()
        .filter_map(|at| tokens.get(at))
        .map(|token| token.text.as_str())
        .collect();
    let mut content = candidate.content;
    if let Content::Links(links) | Content::Cue(_, links) = &mut content {
        links.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.target.cmp(&b.target)));
        let best = links.first().map_or(0, |link| link.score);
        links.retain(|link| link.score + 250 >= best);
        links.dedup_by(|a, b| a.target == b.target);
        links.truncate(8);
    }
    let first = all.get(candidate.span.first()..).unwrap_or_default();
    let inner = match content {
        Content::Links(_) => cue_at(first.get(..1).unwrap_or_default()).map(|(_, cue)| cue),
        _ => None,
    };
    Piece {
        span: candidate.span,
        text: texts.join(" "),
        content,
        inner,
    }
}

/// References that the word names the part of: the "dean" of `DeanLecturerId`. They tell no more than
/// whether there is one.
fn roles(word: &Word, schema: &Schema) -> Vec<Link> {
    let units = units_at(&[word]);
    let Some((_, unit)) = units.last() else {
        return Vec::new();
    };
    let columns = schema.all_columns().filter(|(id, column)| {
        let plays = |(part, weight): &(Unit, u32)| {
            *weight > 10 && part.likeness(unit).is_some_and(|likeness| likeness >= 980)
        };
        column.technical
            && !schema.key(id.table).contains(id)
            && column.parts.parts.len() > 1
            && column.parts.parts.iter().any(plays)
    });
    let links = columns.map(|(id, _)| Link {
        target: Target::Column(id),
        score: 600,
    });
    links.collect()
}

/// Tables and columns whose owner's description has the word.
fn described(word: &Word, schema: &Schema) -> Vec<Link> {
    let units = units_at(&[word]);
    let Some((_, unit)) = units.last() else {
        return Vec::new();
    };
    let says = |description: &[Unit]| {
        description
            .iter()
            .any(|other| other.likeness(unit) == Some(1000))
    };
    let mut links: Vec<Link> = schema
        .all_columns()
        .filter(|(_, column)| !column.technical && says(&column.description))
        .map(|(id, _)| Link {
            target: Target::Column(id),
            score: 500,
        })
        .collect();
    links.extend(
        schema
            .tables()
            .filter(|(_, table)| says(&table.description))
            .map(|(id, _)| Link {
                target: Target::Table(id),
                score: 450,
            }),
    );
    // A word that describes many things tells none of them.
    if word.norm.chars().count() < 4 || links.len() > 2 {
        Vec::new()
    } else {
        links
    }
}
