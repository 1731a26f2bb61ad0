//! Linking: which words of a question name tables, columns and values, and which say what to do.

use super::cue::{Cue, cue_at, cues_at};
use super::lexicon::{Unit, lexicon, units_at};
use super::quantity::{Dates, Quantity, dates_at, quantity_at};
use super::schema::{ColumnId, Kind, Schema, TableId, ValueInfo};
use super::text::{Word, words};
use super::token::{Span, Token, TokenKind};
use crate::language::Language;

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
    };
    let mut links = matcher.names(schema);
    let short = matcher.short_values(schema, &links);
    links.extend(short);
    links.extend(matcher.values(schema));
    for (span, link) in links {
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
            let links = described(&token.word, schema);
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
        let tier = if cue == Cue::Filler { 2 } else { 0 };
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

struct Matcher<'a> {
    tokens: &'a [Token],
    lattice: &'a [Vec<(usize, Unit)>],
    words: &'a [&'a Word],
}

impl Matcher<'_> {
    fn names(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for at in 0..self.tokens.len() {
            if self.is_too_common(at) {
                continue;
            }
            for (id, table) in schema.tables() {
                if let Some((span, score)) = self.name_at(at, &table.parts.parts, &[]) {
                    links.push((
                        span,
                        Link {
                            target: Target::Table(id),
                            score,
                        },
                    ));
                }
            }
            for (id, column) in schema.all_columns() {
                if column.technical {
                    continue;
                }
                let owner = schema.table(id.table).parts.units();
                let whole = self.name_at(at, &column.parts.parts, &owner);
                let apart = column
                    .words
                    .as_ref()
                    .and_then(|name| self.name_at(at, &name.parts, &owner));
                let best = whole
                    .into_iter()
                    .chain(apart)
                    .max_by_key(|(span, score)| (span.len(), *score));
                if let Some((span, score)) = best {
                    links.push((
                        span,
                        Link {
                            target: Target::Column(id),
                            score,
                        },
                    ));
                }
            }
        }
        links
    }

    /// Whether a word is a particle that names nothing, whatever a column may be called.
    fn is_too_common(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else {
            return true;
        };
        let particle = matches!(
            cue_at(&[word]),
            Some((
                _,
                Cue::Filler
                    | Cue::At
                    | Cue::And
                    | Cue::Or
                    | Cue::Not
                    | Cue::That
                    | Cue::Have
                    | Cue::Which
                    | Cue::Who
                    | Cue::To
            ))
        );
        particle && word.norm.chars().count() <= 4
    }

    /// The longest run of tokens from `start` on whose units are parts of a name, in any order.
    /// Between them may stand a particle, or the name of the thing that has the column.
    fn name_at(&self, start: usize, name: &[(Unit, u32)], owner: &[Unit]) -> Option<(Span, u32)> {
        let total: u32 = name.iter().map(|(_, weight)| weight).sum();
        let mut open: Vec<&(Unit, u32)> = name.iter().filter(|(_, weight)| *weight > 0).collect();
        let (mut at, mut skipped) = (start, 0);
        let (mut span, mut matched) = (Span::default(), 0);
        while let Some(units) = self.lattice.get(at) {
            let hit = units.iter().find_map(|(length, unit)| {
                let best = open
                    .iter()
                    .enumerate()
                    .filter_map(|(index, (part, weight))| {
                        Some((part.likeness(unit)?, *weight, index))
                    })
                    .max_by_key(|(likeness, weight, index)| {
                        (*likeness, *weight, std::cmp::Reverse(*index))
                    })?;
                Some((*length, best))
            });
            if let Some((length, (likeness, weight, index))) = hit {
                matched += weight * likeness / 1000;
                open.remove(index);
                span = span.union(Span::new(at, length));
                at += length;
                skipped = 0;
                if open.is_empty() {
                    break;
                }
            } else if span.len() > 0 && skipped < 2 && self.may_skip(at, owner) {
                skipped += 1;
                at += 1;
            } else {
                break;
            }
        }
        let score = (matched * 1000).checked_div(total)?;
        (score >= 500).then_some((span, score))
    }

    fn may_skip(&self, at: usize, owner: &[Unit]) -> bool {
        let particle = self
            .words
            .get(at)
            .is_some_and(|word| ["of", "the", "dari", "s"].contains(&word.norm.as_str()));
        let units = self.lattice.get(at).map(Vec::as_slice).unwrap_or_default();
        particle
            || units
                .iter()
                .any(|(_, unit)| owner.iter().any(|own| own.likeness(unit) == Some(1000)))
    }

    fn values(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for (id, column) in schema.all_columns() {
            let own = schema.table(id.table).parts.units();
            let mut partial: Vec<(Span, usize, &ValueInfo)> = Vec::new();
            for value in column.values.iter().filter(|value| is_word(value)) {
                for at in 0..self.tokens.len() {
                    if let Some((span, score)) = self.value_at(at, value) {
                        let target = Target::Values(id, vec![value.text.clone()]);
                        links.push((span, Link { target, score }));
                    } else if let Some(span) = self.part_at(at, value, &own) {
                        partial.push((
                            span,
                            value.words.len() - span.len().min(value.words.len()),
                            value,
                        ));
                    }
                }
            }
            links.extend(partial_links(id, partial, schema));
        }
        links
    }

    /// Values of one letter or number, where they stand right behind their column's name.
    fn short_values(&self, schema: &Schema, names: &[(Span, Link)]) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for (span, link) in names {
            let Target::Column(id) = link.target else {
                continue;
            };
            let Some(last) = span.tokens().last() else {
                continue;
            };
            let Some(token) = self.tokens.get(last + 1) else {
                continue;
            };
            let text = token.text.as_str();
            let column = schema.column(id);
            let value = column
                .values
                .iter()
                .find(|value| !is_word(value) && value.text.eq_ignore_ascii_case(text));
            if let Some(value) = value.filter(|_| column.kind == Kind::Text) {
                let target = Target::Values(id, vec![value.text.clone()]);
                links.push((
                    Span::new(last + 1, 1),
                    Link {
                        target,
                        score: 1000,
                    },
                ));
            }
        }
        links
    }

    /// The tokens that spell a value out or mean the same.
    fn value_at(&self, at: usize, value: &ValueInfo) -> Option<(Span, u32)> {
        let token = self.tokens.get(at)?;
        if token.kind == TokenKind::Quoted {
            let quoted = words(&token.text);
            let same = quoted.len() == value.words.len()
                && quoted
                    .iter()
                    .zip(&value.words)
                    .all(|(a, b)| a.norm == b.norm);
            return same.then_some((Span::new(at, 1), 1000));
        }
        let length = value.words.len();
        let spelled = self
            .words
            .get(at..at + length)
            .is_some_and(|w| w.iter().zip(&value.words).all(|(a, b)| a.same(b)));
        if spelled {
            let common = length == 1 && cue_at(&[&token.word]).is_some() && !token.name_like;
            return (!common).then_some((Span::new(at, length), 1000));
        }
        if value.units.iter().any(|unit| unit.concepts.is_empty())
            || cue_at(&[&token.word]).is_some_and(|(_, cue)| cue == Cue::Filler)
        {
            return None;
        }
        let parts: Vec<(Unit, u32)> = value
            .units
            .iter()
            .map(|unit| (unit.clone(), 1000))
            .collect();
        let (span, score) = self.name_at(at, &parts, &[])?;
        // Roots alone make a verb of a value: "menjual" is not "penjual".
        (score == 1000).then_some((span, 960))
    }

    /// The run of words from a token on that a longer value contains.
    fn part_at(&self, at: usize, value: &ValueInfo, own: &[Unit]) -> Option<Span> {
        let contains = |index: usize| {
            self.words.get(index).is_some_and(|word| {
                let long = word.norm.chars().count() >= 4;
                let units = self
                    .lattice
                    .get(index)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let names_table = units
                    .iter()
                    .any(|(_, unit)| own.iter().any(|own| own.likeness(unit) == Some(1000)));
                long && !names_table
                    && value.words.iter().any(|own| own.norm == word.norm)
                    && cue_at(&[word]).is_none()
            })
        };
        if at.checked_sub(1).is_some_and(contains) || value.words.len() < 2 {
            return None;
        }
        let length = (at..self.words.len())
            .take_while(|index| contains(*index))
            .count();
        // A word of everyday language is no name: "employees" are not the value "Private Employee".
        let named = length > 1
            || self
                .words
                .get(at..at + length)
                .is_some_and(|words| words.iter().any(|word| !lexicon().knows(word)));
        named.then(|| Span::new(at, length))
    }
}

fn is_word(value: &ValueInfo) -> bool {
    value.text.chars().count() > 1
        && value.text.chars().any(char::is_alphabetic)
        && !value.words.is_empty()
        || !value.units.iter().all(|unit| unit.concepts.is_empty())
}

/// For each run of words, the values that contain it with the fewest words more.
fn partial_links(
    column: ColumnId,
    mut found: Vec<(Span, usize, &ValueInfo)>,
    schema: &Schema,
) -> Vec<(Span, Link)> {
    let own = schema.table(column.table).parts.units();
    let generic = |value: &ValueInfo| {
        // "Kota" in "Kota Bandung" is no part of the name: it is a value or a thing elsewhere.
        value
            .units
            .iter()
            .filter(|unit| {
                own.iter().any(|own| own.likeness(unit).is_some())
                    || schema.columns(column.table).any(|(id, other)| {
                        id != column
                            && other
                                .values
                                .iter()
                                .any(|v| v.units.iter().any(|u| u.likeness(unit) == Some(1000)))
                    })
            })
            .count()
    };
    for (_, more, value) in &mut found {
        *more = more.saturating_sub(generic(value));
    }
    found.sort_by_key(|(span, more, value)| (*span, *more, value.text.clone()));
    let mut links: Vec<(Span, Link)> = Vec::new();
    for run in found.chunk_by(|a, b| a.0 == b.0) {
        let least = run
            .iter()
            .map(|(_, more, _)| *more)
            .min()
            .unwrap_or_default();
        let values: Vec<String> = run
            .iter()
            .filter(|(_, more, _)| *more == least)
            .map(|(.., value)| value.text.clone())
            .collect();
        let score = match (least, values.len()) {
            (0, _) => 960,
            (_, 1) => 700,
            _ => 600,
        };
        if let (Some((span, ..)), true) = (run.first(), values.len() <= 20) {
            links.push((
                *span,
                Link {
                    target: Target::Values(column, values),
                    score,
                },
            ));
        }
    }
    links
}
