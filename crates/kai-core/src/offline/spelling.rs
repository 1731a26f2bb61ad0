//! Spelling: a word that nobody knows, but that is nearly one that is known, is taken for that.

use std::collections::BTreeSet;

use super::cue::cue_at;
use super::lexicon::lexicon;
use super::schema::Schema;
use super::text::{Word, nearly_same};
use super::token::{Token, TokenKind};

/// Replaces slips by the words of the schema that they are nearly, where there is just one.
pub(super) fn correct(mut tokens: Vec<Token>, schema: &Schema) -> Vec<Token> {
    let mut known: Option<BTreeSet<String>> = None;
    for token in &mut tokens {
        let word = &token.word;
        let candidate = token.kind == TokenKind::Word && word.norm.chars().count() >= 6;
        if !candidate || lexicon().knows(word) || cue_at(&[word]).is_some() {
            continue;
        }
        let known = known.get_or_insert_with(|| vocabulary(schema));
        if word.keys.iter().any(|key| known.contains(key)) {
            continue;
        }
        let near = |vocabulary: &mut dyn Iterator<Item = &str>| {
            let found: Vec<String> = vocabulary
                .filter(|other| word.keys.iter().any(|key| nearly_same(key, other)))
                .map(str::to_owned)
                .collect();
            <[String; 1]>::try_from(found).ok().map(|[only]| only)
        };
        let corrected = near(&mut known.iter().map(String::as_str)).or_else(|| {
            if token.name_like {
                None
            } else {
                near(&mut lexicon().words())
            }
        });
        if let Some(corrected) = corrected {
            token.word = Word::new(&corrected);
        }
    }
    tokens
}

/// The words of the schema's names and values.
fn vocabulary(schema: &Schema) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (_, table) in schema.tables() {
        words.extend(
            table
                .parts
                .parts
                .iter()
                .map(|(unit, _)| unit.word.norm.clone()),
        );
    }
    for (_, column) in schema.all_columns() {
        words.extend(
            column
                .parts
                .parts
                .iter()
                .map(|(unit, _)| unit.word.norm.clone()),
        );
        for value in &column.values {
            words.extend(value.words.iter().map(|word| word.norm.clone()));
        }
    }
    words
}
