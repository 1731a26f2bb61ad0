//! Which keyword of the parser a word is, looked up by a hash instead of by halves.

use std::sync::LazyLock;

use sqlparser::keywords::{ALL_KEYWORDS, ALL_KEYWORDS_INDEX, Keyword};

/// How many places the table has: a power of two, several times the number of the keywords.
const PLACES: usize = 4096;

/// The places of the keywords in sqlparser's lists, from 1, each where its hash points or in the first free place
/// behind it.
static TABLE: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table = vec![0; PLACES];
    for (number, keyword) in (1..).zip(ALL_KEYWORDS) {
        let mut place = hash(keyword);
        while let Some(taken) = table.get_mut(place % PLACES) {
            if *taken == 0 {
                *taken = number;
                break;
            }
            place += 1;
        }
    }
    table
});

/// The keyword that the word is, whatever its capitals.
pub(super) fn keyword(word: &str) -> Keyword {
    let mut place = hash(word);
    loop {
        let number = TABLE.get(place % PLACES).copied().map_or(0, usize::from);
        let Some(index) = number.checked_sub(1) else {
            return Keyword::NoKeyword;
        };
        if let (Some(keyword), Some(written)) =
            (ALL_KEYWORDS_INDEX.get(index), ALL_KEYWORDS.get(index))
            && written.eq_ignore_ascii_case(word)
        {
            return *keyword;
        }
        place += 1;
    }
}

/// Where to look first.
fn hash(word: &str) -> usize {
    let hash = word.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_uppercase())).wrapping_mul(0x0100_0193)
    });
    // The upper half is mixed better.
    usize::try_from(hash >> 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sqlparser::tokenizer::Token;

    use super::*;

    #[test]
    fn words_are_the_keywords_that_they_are_for_the_parser() {
        let others = [
            "", "a", "_", "koperasi", "selec", "selects", "x1", "order_by",
        ];
        for word in ALL_KEYWORDS.iter().chain(&others) {
            for word in [(*word).to_owned(), word.to_lowercase(), format!("{word}x")] {
                let Token::Word(expected) = Token::make_word(&word, None) else {
                    panic!("{word} is no word")
                };
                assert_eq!(keyword(&word), expected.keyword, "{word}");
            }
        }
    }
}
