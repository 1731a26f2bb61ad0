//! Spelling: a word that nobody knows, but that is nearly one that is known, is taken for that.

use std::collections::BTreeSet;

use super::cue::{cue_at, is_in_phrase};
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
        if !candidate || lexicon().knows(word) || cue_at(&[word]).is_some() || is_in_phrase(word) {
            continue;
        }
        let known = known.get_or_insert_with(|| vocabulary(schema));
        let values = schema.values();
        if word
            .keys
            .iter()
            .any(|key| known.contains(key) || values.with(key).next().is_some())
        {
            continue;
        }
        let near = |vocabulary: &mut dyn Iterator<Item = &str>| {
            let slip = |key: &str, other: &str| nearly_same(key, other) && !inflects(key, other);
            let found: BTreeSet<String> = vocabulary
                .filter(|other| {
                    !other.contains(' ') && word.keys.iter().any(|key| slip(key, other))
                })
                .map(str::to_owned)
                .collect();
            one_word(&found)
        };
        let letter = word.norm.chars().next();
        let corrected = near(&mut known.iter().map(String::as_str))
            .or_else(|| near(&mut values.forms_from(letter?)))
            .or_else(|| {
                // A short Indonesian verb has too many neighbours: "diberi" is no "dibeli".
                let verb = ["di", "me", "ber", "ter"]
                    .iter()
                    .any(|prefix| word.norm.starts_with(prefix));
                if token.name_like || (verb && word.norm.chars().count() < 8) {
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

/// The word that all of these are forms of.
fn one_word(found: &BTreeSet<String>) -> Option<String> {
    let longest = found.iter().max_by_key(|word| word.len())?;
    let forms = Word::new(longest).keys;
    found
        .iter()
        .all(|word| forms.contains(word))
        .then(|| longest.clone())
}

/// Whether two words differ only in how they end, as the forms of one verb or noun do: "carried" is
/// no slip of "carrier".
fn inflects(a: &str, b: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "", "s", "d", "e", "ed", "er", "ers", "r", "rs", "ing", "ion", "ions", "or", "ors", "es",
        "al", "ly", "y", "ies", "ied", "ier", "iers", "ment", "an", "kan", "i", "nya", "ance",
        "ence", "ant", "ent", "ity", "ive", "able",
    ];
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    let shared: usize = same.map(|(a, _)| a.len_utf8()).sum();
    let ending =
        |word: &str, from: usize| word.get(from..).is_some_and(|end| ENDINGS.contains(&end));
    // A consonant may be doubled or a vowel lost before the ending.
    (0..=2).any(|less| {
        shared
            .checked_sub(less)
            .is_some_and(|from| from >= 4 && ending(a, from) && ending(b, from))
    })
}

/// The words of the schema's names.
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
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Dialect;
    use crate::offline::fixtures::tables;
    use crate::offline::token::tokenise;

    fn read(question: &str) -> Vec<String> {
        let schema = Schema::new(Dialect::Sqlite, &tables());
        let tokens = correct(tokenise(question), &schema);
        tokens.into_iter().map(|token| token.word.norm).collect()
    }

    #[test]
    fn slips_are_read_as_the_nearest_word_and_inflections_are_left() {
        assert_eq!(read("transfres per branch"), ["transfers", "per", "branch"]);
        assert_eq!(read("transferred goods"), ["transferred", "goods"]);
        assert_eq!(read("reciever"), ["receiver"]);
    }
}
