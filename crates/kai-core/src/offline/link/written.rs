//! Matching by how something is written: identifiers, keys, single letters, words with a denial in them.

use super::matcher::{Matcher, is_word};
use super::{Link, Target};
use crate::offline::cue::cue_at;
use crate::offline::lexicon::{Unit, lexicon};
use crate::offline::schema::{ColumnId, Kind, Schema};
use crate::offline::text::Word;
use crate::offline::token::{Span, TokenKind};

/// Words between a thing and the number of its key.
const KEY_WORDS: &[&str] = &[
    "number", "no", "nomor", "id", "kode", "code", "ids", "nomer", "bernomor", "ber",
];

/// Words that deny each other, by the lexicon's forms.
const OPPOSITES: &[(&str, &str)] = &[
    ("active", "inactive"),
    ("paid", "unpaid"),
    ("open", "closed"),
];

/// Whether a word denies a part of a name: "unpaid" that something is paid.
fn denies(unit: &Unit, part: &Unit) -> bool {
    let has = |unit: &Unit, form: &str| {
        lexicon()
            .concept(form)
            .is_some_and(|concept| unit.concepts.contains(&concept))
    };
    let listed = OPPOSITES
        .iter()
        .any(|(yes, no)| has(part, yes) && has(unit, no) && !has(unit, yes));
    let stem = ["un", "in", "non", "not "]
        .iter()
        .filter_map(|prefix| unit.word.norm.strip_prefix(prefix))
        .find(|stem| stem.len() >= 4);
    listed || stem.is_some_and(|stem| part.word.same(&Word::new(stem)))
}

impl Matcher<'_> {
    /// The names that are written as they stand in the database: `order_no`, `OrderNo`.
    pub(super) fn identifiers(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let inner_upper = token.text.chars().skip(1).any(char::is_uppercase);
            let written = token.text.contains('_') || inner_upper;
            if token.kind != TokenKind::Word || !written {
                continue;
            }
            let same = |name: &str| name.eq_ignore_ascii_case(&token.text);
            let tables = schema
                .tables()
                .filter(|(_, table)| same(&table.name))
                .map(|(id, _)| Target::Table(id));
            let columns = schema
                .all_columns()
                .filter(|(_, column)| same(&column.name) && !column.technical)
                .map(|(id, _)| Target::Column(id));
            let span = Span::new(at, 1);
            links.extend(tables.chain(columns).map(|target| {
                let score = 1000;
                (span, Link { target, score })
            }));
        }
        links
    }

    /// Values of one letter or number, where they stand right beside their column's name: "grade B",
    /// "B grade"; and a single capital that is a value of one column only.
    pub(super) fn short_values(
        &self,
        schema: &Schema,
        names: &[(Span, Link)],
    ) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for (span, link) in names {
            let Target::Column(id) = link.target else {
                continue;
            };
            let after = span.tokens().last().map(|last| last + 1);
            // "size = 40" says the same as "size 40".
            let equals = |at: usize| {
                let token = self.tokens.get(at);
                token.is_some_and(|token| token.kind == TokenKind::Mark && token.text == "=")
            };
            let after = after.map(|at| at + usize::from(equals(at)));
            let before = span.first().checked_sub(1);
            for (at, leads) in [(after, false), (before, true)] {
                let Some(token) = at.and_then(|at| self.tokens.get(at)) else {
                    continue;
                };
                if leads && token.kind == TokenKind::Number {
                    continue;
                }
                let value = schema.values_of(id).find(|value| {
                    !is_word(value) && value.text.eq_ignore_ascii_case(token.text.as_str())
                });
                let text = matches!(schema.column(id).kind, Kind::Text | Kind::FlagText);
                if let (Some(value), Some(at), true) = (value, at, text) {
                    let target = Target::Values(id, vec![value.text]);
                    links.push((
                        Span::new(at, 1),
                        Link {
                            target,
                            score: 1000,
                        },
                    ));
                }
            }
        }
        links.extend(self.capitals(schema));
        links
    }

    /// Single capitals that are a value of one column only.
    fn capitals(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let single = token.text.chars().count() == 1
                && token.name_like
                && !["A", "I"].contains(&token.text.as_str());
            if !single {
                continue;
            }
            let columns: Vec<(ColumnId, String)> = schema
                .values()
                .with(&token.word.norm)
                .filter_map(|id| schema.values().value(id))
                .filter(|(column, text)| {
                    *text == token.text && schema.column(*column).kind == Kind::Text
                })
                .map(|(column, text)| (column, text.to_owned()))
                .collect();
            if let [(column, text)] = columns.as_slice() {
                let target = Target::Values(*column, vec![text.clone()]);
                links.push((Span::new(at, 1), Link { target, score: 900 }));
            }
        }
        links
    }

    /// Words that deny what a column of yes and no says: "unpaid", "inactive".
    pub(super) fn denials(&self, schema: &Schema) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        let flags = schema
            .all_columns()
            .filter(|(_, column)| column.kind.is_flag());
        for (id, column) in flags {
            let no = schema.flag_value(id, false).unwrap_or("0").to_owned();
            for at in 0..self.tokens.len() {
                let units = self.lattice.get(at).map(Vec::as_slice).unwrap_or_default();
                let denied = units.iter().find(|(_, unit)| {
                    column.parts.parts.iter().any(|(part, weight)| {
                        *weight >= 1000 && denies(unit, part) && part.likeness(unit) != Some(1000)
                    })
                });
                if let Some((length, _)) = denied {
                    let target = Target::Values(id, vec![no.clone()]);
                    links.push((Span::new(at, *length), Link { target, score: 980 }));
                }
            }
        }
        links
    }

    /// Keys behind the name of their thing: "patient 42", "order number 7", "toko dengan id 3".
    pub(super) fn keys(&self, schema: &Schema, names: &[(Span, Link)]) -> Vec<(Span, Link)> {
        let mut links = Vec::new();
        for (span, link) in names {
            let (Target::Table(table), 950..) = (&link.target, link.score) else {
                continue;
            };
            let Some(after) = span.tokens().last().map(|last| last + 1) else {
                continue;
            };
            let keys = schema.key(*table);
            let [key] = keys.as_slice() else {
                continue;
            };
            let opens = |at: usize| {
                self.words.get(at).is_some_and(|word| {
                    ["dengan", "with", "yang", "ber"].contains(&word.norm.as_str())
                })
            };
            let says_key = |at: usize| {
                self.words
                    .get(at)
                    .is_some_and(|word| KEY_WORDS.contains(&word.norm.as_str()))
            };
            let start = after + usize::from(opens(after) && says_key(after + 1));
            let words = (start..self.words.len())
                .take_while(|at| says_key(*at))
                .count();
            let at = start + words;
            let Some(token) = self.tokens.get(at).filter(|t| t.kind == TokenKind::Number) else {
                continue;
            };
            let plain = token.text.len() <= 9 && token.text.chars().all(|c| c.is_ascii_digit());
            let year =
                token.text.len() == 4 && ["19", "20"].iter().any(|c| token.text.starts_with(c));
            // "trucks 40 feet long": the number counts something that follows.
            let ends = self
                .tokens
                .get(at + 1)
                .is_none_or(|next| next.kind == TokenKind::Mark || cue_at(&[&next.word]).is_some());
            let named = words > 0 || (!year && ends && !self.is_plural(span.first()));
            if plain && named && schema.column(*key).kind == Kind::Number {
                let target = Target::Values(*key, vec![token.text.clone()]);
                let whole = Span::new(start, words + 1);
                links.push((
                    whole,
                    Link {
                        target,
                        score: 2100,
                    },
                ));
            }
        }
        links
    }

    /// Whether a word stands in the English plural, so that a number behind it is no name of one.
    fn is_plural(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| word.norm.ends_with('s') && word.keys.len() > 1)
    }
}
