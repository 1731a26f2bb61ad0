//! Cues: the function words and phrases of both languages that say what is to be done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::text::{Word, fold};

mod comparatives;
mod function_words;
mod particles;
mod phrases;

use comparatives::COMPARATIVES;
use function_words::FUNCTION_WORDS;
use particles::{PARTICLES, kept};
use phrases::PHRASES;

/// What a function word or phrase says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// Count what follows.
    Count,
    /// Indonesian "jumlah": a count or an amount, by its noun.
    CountOrAmount,
    /// "berapa": a count, or the value of what follows.
    HowMuch,
    /// "how long", "how heavy": the value of a quality.
    HowQuality(Degree),
    /// Add up, or take the mean, least or greatest of what follows.
    Aggregate(Function),
    /// A share of a whole, in percent.
    Share,
    /// The most or the least of something.
    Superlative(Superlative),
    /// "top", "bottom": with a number, the first rows of an order.
    Top {
        /// Whether the order begins with the greatest.
        descending: bool,
    },
    /// "per", "each": one row for every one of what follows.
    Each,
    /// "by": groups, or the order of a ranking.
    By,
    /// "sorted by".
    Sort,
    /// "descending", "ascending".
    Direction {
        /// Whether the greatest comes first.
        descending: bool,
    },
    /// A comparison whose number follows.
    Compare(Comparison),
    /// "or more": a comparison whose number stood before.
    CompareBefore(Comparison),
    /// "between".
    Between,
    /// "until": the second end of a range, or a limit of its own.
    To,
    /// A negation.
    Not,
    /// "without": nothing of what follows.
    Without,
    /// "with", "having".
    Have,
    /// "is empty": the column before it has no value.
    Empty,
    /// "is filled in".
    Filled,
    /// "and", a comma.
    And,
    /// "or".
    Or,
    /// "that", "who": a clause about the noun before it.
    That,
    /// "in", "at", "from".
    At,
    /// "which", "who": asks for rows.
    Which,
    /// "who": asks for people.
    Who,
    /// "when": asks for a date.
    When,
    /// "show", "list".
    Show,
    /// "different".
    Distinct,
    /// "compare": a row for each value.
    Contrast,
    /// The word "year", where it names no column.
    Year,
    /// The word "month", where it names no column.
    Month,
    /// "yearly", "trend": one row for every year.
    Yearly,
    /// "monthly".
    Monthly,
    /// A time that is counted from today, which this model does not know.
    Relative,
    /// A request to change data.
    Change,
    /// "all", "only": says nothing of what is listed, but much of what it has.
    Quantifier,
    /// A wish that no query fulfils: to explain, to define, to advise, to foresee.
    Beyond,
    /// A greeting or thanks.
    Greeting,
    /// A verb that only says how two things hang together: "sold", "handled".
    Relation,
    /// An unknown verb, that likely says how two things hang together.
    Verb,
    /// "from the", "starting with": an order follows, told by what comes first.
    From,
    /// "twice", "three times": how often the value that follows is taken; in tenths.
    Times(u16),
    /// A comparison of a quality, whose number or rival follows: "older than".
    CompareBy(Comparison, Degree),
    /// "nobody": there is none of the people that the clause would be about.
    Nobody,
    /// "times", behind a number: how often the value that follows is taken.
    Fold,
    /// "more", "fewer", with nothing to compare with behind it: of two things, which has more.
    More {
        /// Whether it is more.
        greater: bool,
    },
    /// Arithmetic on two things.
    Operator(Operator),
    /// Says nothing of its own.
    Filler,
}

/// What is worked out from two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// "plus", between the two.
    Plus,
    /// "minus", between the two.
    Minus,
    /// "multiplied by", between the two.
    Times,
    /// "divided by", between the two.
    Per,
    /// "the difference between", before the two.
    Difference,
}

/// A function over many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Function {
    /// The sum.
    Sum,
    /// The mean.
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}

/// A comparison of a value with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// More.
    Greater,
    /// That much or more.
    AtLeast,
    /// Less.
    Less,
    /// That much or less.
    AtMost,
    /// Just that much.
    Equal,
}

/// What a superlative is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Degree {
    /// How many: "most", "terbanyak".
    Number,
    /// How much: "highest", "terbesar".
    Size,
    /// How old.
    Age,
    /// A quality that a column may be named by, as the lexicon calls it.
    Quality(&'static str),
}

/// The most or the least of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Superlative {
    /// Whether it is the most of it.
    pub(super) descending: bool,
    /// Of what.
    pub(super) degree: Degree,
    /// Whether it stands behind its noun, as in Indonesian.
    pub(super) behind: bool,
}

/// Phrases by their first word, longest first.
type Phrasebook = BTreeMap<String, Vec<(Vec<String>, Cue)>>;

fn phrases() -> &'static Phrasebook {
    static PHRASEBOOK: LazyLock<Phrasebook> = LazyLock::new(|| {
        let mut book = Phrasebook::new();
        let mut add = |phrase: &str, cue: Cue| {
            let words: Vec<String> = phrase.split_whitespace().map(fold).collect();
            if let Some(first) = words.first() {
                book.entry(first.clone()).or_default().push((words, cue));
            }
        };
        for (cue, phrases) in listed() {
            for phrase in phrases.split('|') {
                add(phrase, *cue);
            }
        }
        for phrase in kept() {
            add(&phrase, Cue::Filler);
        }
        for list in book.values_mut() {
            list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        book
    });
    &PHRASEBOOK
}

/// The phrases that are written down, by what they say.
fn listed() -> impl Iterator<Item = &'static (Cue, &'static str)> {
    PHRASES
        .iter()
        .chain(COMPARATIVES)
        .chain(PARTICLES)
        .chain(FUNCTION_WORDS)
}

/// Whether a word stands in a phrase, even if it says nothing by itself: "sering" in "paling sering".
pub(super) fn is_in_phrase(word: &Word) -> bool {
    static WORDS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        let phrases = phrases().values().flatten();
        phrases
            .flat_map(|(words, _)| words)
            .map(String::as_str)
            .collect()
    });
    WORDS.contains(word.norm.as_str())
}

/// The longest cue that begins the words, and how many words it takes.
pub(super) fn cue_at(words: &[&Word]) -> Option<(usize, Cue)> {
    cues_at(words).next()
}

/// The cues that begin the words, the longest first.
pub(super) fn cues_at<'a>(words: &'a [&'a Word]) -> impl Iterator<Item = (usize, Cue)> + 'a {
    let listed = words.first().into_iter().flat_map(|first| &first.keys);
    listed
        .filter_map(|key| phrases().get(key))
        .flatten()
        .filter_map(move |(phrase, cue)| {
            let same = phrase.len() <= words.len()
                && phrase
                    .iter()
                    .zip(words)
                    .skip(1)
                    .all(|(a, b)| b.keys.contains(a));
            same.then_some((phrase.len(), *cue))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(text: &str) -> Option<(usize, Cue)> {
        let words: Vec<Word> = text.split_whitespace().map(Word::new).collect();
        cue_at(&words.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_longest_phrase_wins() {
        assert_eq!(cue("tidak memiliki pinjaman"), Some((2, Cue::Without)));
        assert_eq!(cue("tidak aktif"), Some((1, Cue::Not)));
        assert_eq!(
            cue("most expensive product").map(|(length, _)| length),
            Some(2)
        );
        assert_eq!(cue("per tahun"), Some((2, Cue::Yearly)));
        assert_eq!(cue("Berapakah"), Some((1, Cue::HowMuch)));
        assert_eq!(cue("koperasi"), None);
    }

    #[test]
    fn a_phrase_has_one_meaning() {
        let mut seen: BTreeMap<&str, Cue> = BTreeMap::new();
        for (cue, phrases) in listed() {
            for phrase in phrases.split('|') {
                let before = seen.insert(phrase, *cue);
                assert!(before.is_none_or(|before| before == *cue), "{phrase}");
            }
        }
    }
}
