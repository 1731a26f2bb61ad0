//! Matching: names and values of a schema among the words of a question.

use std::collections::BTreeSet;

use super::{Link, Target};
use crate::language::Language;
use crate::offline::cue::{Cue, cue_at};
use crate::offline::lexicon::{Unit, lexicon};
use crate::offline::schema::{ColumnId, Kind, LONGEST, Named, Schema, ValueInfo, joined};
use crate::offline::text::{Word, words};
use crate::offline::token::{Span, Token, TokenKind};

/// How alike a word and its synonym are, in thousandths.
const SYNONYM: u32 = 985;

/// Words that are a part of a value, how many of its words they leave out, and the value.
type PartOf = (Span, usize, ValueInfo);

/// Finds the names and values of a schema among the words of a question.
pub(super) struct Matcher<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) lattice: &'a [Vec<(usize, Unit)>],
    pub(super) words: &'a [&'a Word],
    pub(super) language: Language,
}

impl Matcher<'_> {
    /// The tables and columns that the words name.
    pub(super) fn names(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = self.identifiers(schema);
        for at in 0..self.tokens.len() {
            let common = self.is_too_common(at);
            let units = self.lattice.get(at).map(Vec::as_slice).unwrap_or_default();
            for named in schema.names().with(units.iter().map(|(_, unit)| unit)) {
                let (name, apart, owner, target) = match named {
                    Named::Table(id) => {
                        let table = schema.table(id);
                        let words = table.words.as_ref();
                        (&table.parts, words, Vec::new(), Target::Table(id))
                    }
                    Named::Column(id) => {
                        let column = schema.column(id);
                        if column.technical {
                            continue;
                        }
                        let owner = schema.table(id.table).parts.units();
                        let words = column.words.as_ref();
                        (&column.parts, words, owner, Target::Column(id))
                    }
                };
                let whole = self.name_at(at, &name.parts, &owner);
                let apart = apart.and_then(|name| self.name_at(at, &name.parts, &owner));
                let best = whole
                    .into_iter()
                    .chain(apart)
                    .max_by_key(|(span, score)| (span.len(), *score));
                let named = best.filter(|(span, _)| {
                    (!common || span.len() > 1) && !self.is_counted(*span, &target, schema)
                });
                if let Some((span, score)) = named {
                    links.push((span, Link { target, score }));
                }
            }
        }
        links
    }

    /// Whether words that would name a column rather say how many there are of something: "number of
    /// meters" is no meter's number, and in English neither is "no meter".
    fn is_counted(&self, span: Span, target: &Target, schema: &Schema) -> bool {
        let Target::Column(column) = target else {
            return false;
        };
        let first = span.first();
        let says = |at: usize, text: &str| {
            let word = self.words.get(at);
            word.is_some_and(|word| word.keys.iter().any(|key| key == text))
        };
        let amount = schema.column(*column).kind == Kind::Number;
        let number_of = says(first, "number") && says(first + 1, "of") && !amount;
        let none = self.language == Language::English && says(first, "no");
        span.len() > 1 && (number_of || none)
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
                        let likeness = part.likeness(unit)?;
                        // A synonym is a little less sure than the word itself.
                        let synonym = likeness == 1000 && !part.word.same(&unit.word);
                        let likeness = if synonym { SYNONYM } else { likeness };
                        Some((likeness, *weight, index))
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

    /// The values that the words spell out, mean, or are a part of.
    pub(super) fn values(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = self.denials(schema);
        let mut partial: Vec<(ColumnId, Vec<PartOf>)> = Vec::new();
        for id in self.candidates(schema) {
            let Some((column, value)) = schema.value(id).filter(|(_, value)| is_word(value)) else {
                continue;
            };
            if schema.column(column).kind.is_flag() {
                continue;
            }
            let own = schema.table(column.table).parts.units();
            for at in 0..self.tokens.len() {
                if let Some((span, score)) = self.value_at(at, &value) {
                    let target = Target::Values(column, vec![value.text.clone()]);
                    links.push((span, Link { target, score }));
                } else if let Some(span) = self
                    .part_at(at, &value, &own)
                    .filter(|span| !self.is_in_longer_name(*span, schema))
                {
                    let more = value.words.len() - span.len().min(value.words.len());
                    let found = (span, more, value.clone());
                    match partial.iter_mut().rfind(|(known, _)| *known == column) {
                        Some((_, parts)) => parts.push(found),
                        None => partial.push((column, vec![found])),
                    }
                }
            }
        }
        for (column, parts) in partial {
            links.extend(partial_links(column, parts, schema));
        }
        links
    }

    /// The values that share a form or a meaning with a word of the question, in their order.
    fn candidates(&self, schema: &Schema) -> BTreeSet<u32> {
        let index = schema.values();
        let mut found = BTreeSet::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let quoted = words(&token.text);
            let (whole, all) = if token.kind == TokenKind::Quoted {
                (joined(&quoted), quoted.as_slice())
            } else {
                (token.word.norm.clone(), std::slice::from_ref(&token.word))
            };
            found.extend(index.with(&whole));
            for key in all.iter().flat_map(|word| &word.keys) {
                found.extend(index.with(key));
            }
            let mut several = token.word.norm.clone();
            for next in self.words.iter().skip(at + 1).take(LONGEST - 1) {
                several.push(' ');
                several.push_str(&next.norm);
                found.extend(index.with(&several));
            }
            let units = self.lattice.get(at).map(Vec::as_slice).unwrap_or_default();
            for concept in units.iter().flat_map(|(_, unit)| &unit.concepts) {
                found.extend(index.meaning(*concept));
            }
        }
        found
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
        (score >= SYNONYM).then_some((span, 960))
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

impl Matcher<'_> {
    /// Whether words are only one part of a name that goes on beside them: of "Olga Basuki", a value
    /// with another Olga in it is not meant.
    fn is_in_longer_name(&self, span: Span, schema: &Schema) -> bool {
        let is_value = |word: &Word| {
            let values = schema.values();
            let mut whole = values
                .with(&word.norm)
                .filter_map(|id| values.value(id))
                .filter(|(_, text)| words(text).len() == 1);
            whole.next().is_some()
        };
        let is_name = |at: usize| {
            self.tokens.get(at).is_some_and(|token| {
                token.name_like
                    && token.word.norm.chars().count() > 2
                    && !lexicon().knows(&token.word)
                    && cue_at(&[&token.word]).is_none()
                    && !is_value(&token.word)
            })
        };
        let (first, after) = (span.first(), span.first() + span.len());
        is_name(first) && (first.checked_sub(1).is_some_and(is_name) || is_name(after))
    }
}

pub(super) fn is_word(value: &ValueInfo) -> bool {
    value.text.chars().count() > 1
        && value.text.chars().any(|c| c.is_alphabetic() || c == '/')
        && !value.words.is_empty()
        || !value.units.iter().all(|unit| unit.concepts.is_empty())
}

/// Whether a word is a value of another column of the same table.
fn stands_alone(unit: &Unit, column: ColumnId, schema: &Schema) -> bool {
    let index = schema.values();
    let spelled = unit.word.keys.iter().flat_map(|key| index.with(key));
    let meant = unit
        .concepts
        .iter()
        .flat_map(|concept| index.meaning(*concept));
    spelled
        .chain(meant)
        .filter_map(|id| index.value(id))
        .any(|(other, _)| other.table == column.table && other != column)
}

/// For each run of words, the values that contain it with the fewest words more.
fn partial_links(column: ColumnId, mut found: Vec<PartOf>, schema: &Schema) -> Vec<(Span, Link)> {
    let own = schema.table(column.table).parts.units();
    let generic = |value: &ValueInfo| {
        // "Kota" in "Kota Bandung" is no part of the name: it is a value or a thing elsewhere.
        value
            .units
            .iter()
            .filter(|unit| {
                own.iter().any(|own| own.likeness(unit).is_some())
                    || stands_alone(unit, column, schema)
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
