//! Numbers in words, in both languages: "twenty-three", "dua belas ribu". Up to ten they are left alone: "the
//! two provinces" and "salah satu" tell of no rows.

use rust_decimal::Decimal;

use super::numbers::{Part, Reading, Written};

/// The largest number that is left alone.
const LARGEST_FREE: u64 = 10;

/// What a word adds to the number that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// From one to nine.
    Unit(u64),
    /// A number of its own, after which a unit may follow if it is so many tens.
    Tens(u64),
    /// "belas": ten more.
    Teen,
    /// "puluh": ten times as much.
    TenTimes,
    /// A hundred times as much as what stands before it.
    Hundred,
    /// "seratus".
    OneHundred,
    /// A thousand, a million and so on of what stands before it.
    Scale(u64),
    /// The same, of one.
    OneScale(u64),
}

/// A word of a text and where it ends, in bytes.
struct Word<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    /// Whether only a space or a hyphen stands before it.
    is_joined: bool,
}

/// The numbers above ten that are spelled out in a text.
pub(super) fn spelled(text: &str) -> Vec<Written> {
    let words = words(text);
    let mut found = Vec::new();
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let taken = Taken::from(rest);
        let (number, after) = rest
            .split_at_checked(taken.words.max(1))
            .unwrap_or((rest, &[]));
        if let ([first, ..], [.., last]) = (number, number)
            && taken.value > LARGEST_FREE
        {
            let next = after.first().map(|word| word.text.to_lowercase());
            let next = next.as_deref().unwrap_or_default();
            found.push(Written {
                text: text
                    .get(first.start..last.end)
                    .unwrap_or_default()
                    .to_owned(),
                readings: vec![Reading {
                    value: taken.value.into(),
                    unit: Decimal::ONE,
                }],
                unscaled: Vec::new(),
                is_share: matches!(next, "percent" | "percentage" | "persen"),
                is_factor: matches!(next, "times" | "kali" | "fold" | "lipat"),
                // Nobody spells out the last digit of millions.
                is_rounded: taken.is_scaled,
                part: Part::Figure,
            });
        }
        rest = after;
    }
    found
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (place, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (character.is_alphanumeric(), start) {
            (true, None) => start = Some(place),
            (false, Some(begun)) => {
                start = None;
                let before = words.last().map_or(0, |word: &Word<'_>| word.end);
                words.push(Word {
                    is_joined: matches!(text.get(before..begun), Some(" " | "-" | "\u{a0}")),
                    text: text.get(begun..place).unwrap_or_default(),
                    start: begun,
                    end: place,
                });
            }
            _ => {}
        }
    }
    words
}

/// The number that words begin with.
#[derive(Debug, Default)]
struct Taken {
    /// How many words it has; none where they begin with no number.
    words: usize,
    value: u64,
    /// Whether a word for a thousand or more is in it.
    is_scaled: bool,
}

impl Taken {
    fn from(words: &[Word<'_>]) -> Self {
        let mut taken = Self::default();
        // What stands before the next scale, and what its last words came to.
        let (mut total, mut group, mut last) = (0_u64, 0_u64, 0_u64);
        for (at, word) in words.iter().enumerate() {
            if at > 0 && !word.is_joined {
                break;
            }
            let lower = word.text.to_lowercase();
            if lower == "and" && last >= 100 {
                continue;
            }
            let Some(piece) = piece(&lower) else {
                break;
            };
            let is_open = last == 0 || last >= 100 || (last >= 20 && last.is_multiple_of(10));
            let is_unit = (1..=9).contains(&last);
            (group, last) = match piece {
                Piece::Unit(unit) if is_open => (group + unit, unit),
                Piece::Tens(tens) if last == 0 || last >= 100 => (group + tens, tens),
                Piece::Teen if is_unit => (group + 10, last + 10),
                Piece::TenTimes if is_unit => (group + last * 9, last * 10),
                Piece::Hundred if (1..=99).contains(&group) => (group * 100, group * 100),
                // "seribu dua ratus": the two is of this group alone.
                Piece::OneHundred if last == 0 || last >= 1_000 => (group + 100, 100),
                Piece::Scale(scale) if group > 0 => {
                    total = total.saturating_add(group.saturating_mul(scale));
                    taken.is_scaled = true;
                    (0, scale)
                }
                Piece::OneScale(scale) if last == 0 => {
                    total = scale;
                    taken.is_scaled = true;
                    (0, scale)
                }
                _ => break,
            };
            taken.words = at + 1;
            taken.value = total.saturating_add(group);
        }
        taken
    }
}

fn piece(word: &str) -> Option<Piece> {
    const UNITS: [[&str; 2]; 9] = [
        ["one", "satu"],
        ["two", "dua"],
        ["three", "tiga"],
        ["four", "empat"],
        ["five", "lima"],
        ["six", "enam"],
        ["seven", "tujuh"],
        ["eight", "delapan"],
        ["nine", "sembilan"],
    ];
    let unit = (1..).zip(UNITS).find(|(_, names)| names.contains(&word));
    if let Some((unit, _)) = unit {
        return Some(Piece::Unit(unit));
    }
    Some(match word {
        "ten" | "sepuluh" => Piece::Tens(10),
        "eleven" | "sebelas" => Piece::Tens(11),
        "twelve" => Piece::Tens(12),
        "thirteen" => Piece::Tens(13),
        "fourteen" => Piece::Tens(14),
        "fifteen" => Piece::Tens(15),
        "sixteen" => Piece::Tens(16),
        "seventeen" => Piece::Tens(17),
        "eighteen" => Piece::Tens(18),
        "nineteen" => Piece::Tens(19),
        "twenty" => Piece::Tens(20),
        "thirty" => Piece::Tens(30),
        "forty" => Piece::Tens(40),
        "fifty" => Piece::Tens(50),
        "sixty" => Piece::Tens(60),
        "seventy" => Piece::Tens(70),
        "eighty" => Piece::Tens(80),
        "ninety" => Piece::Tens(90),
        "belas" => Piece::Teen,
        "puluh" => Piece::TenTimes,
        "hundred" | "ratus" => Piece::Hundred,
        "seratus" => Piece::OneHundred,
        "thousand" | "ribu" => Piece::Scale(1_000),
        "million" | "juta" => Piece::Scale(1_000_000),
        "billion" | "miliar" | "milyar" => Piece::Scale(1_000_000_000),
        "trillion" | "triliun" | "trilyun" => Piece::Scale(1_000_000_000_000),
        "seribu" => Piece::OneScale(1_000),
        "sejuta" => Piece::OneScale(1_000_000),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, Decimal)> {
        let spelled = spelled(text).into_iter();
        spelled
            .filter_map(|number| Some((number.text, number.readings.first()?.value)))
            .collect()
    }

    #[test]
    fn numbers_in_words_are_read_in_both_languages() {
        for (text, number, value) in [
            ("There are twelve of them", "twelve", 12_u64),
            ("Twenty-three orders", "Twenty-three", 23),
            ("one hundred and five", "one hundred and five", 105),
            (
                "two hundred thousand rupiah",
                "two hundred thousand",
                200_000,
            ),
            ("ada sebelas koperasi", "sebelas", 11),
            ("dua belas koperasi", "dua belas", 12),
            ("dua puluh tiga", "dua puluh tiga", 23),
            ("seratus dua puluh", "seratus dua puluh", 120),
            (
                "tiga ratus lima puluh ribu",
                "tiga ratus lima puluh ribu",
                350_000,
            ),
            ("seribu dua ratus", "seribu dua ratus", 1_200),
            (
                "dua juta tiga ratus ribu dua",
                "dua juta tiga ratus ribu dua",
                2_300_002,
            ),
            ("Tujuh belas.", "Tujuh belas", 17),
        ] {
            assert_eq!(
                values(text),
                [(number.to_owned(), Decimal::from(value))],
                "{text}"
            );
        }
    }

    #[test]
    fn small_numbers_and_other_words_are_left_alone() {
        for text in [
            "one of the two provinces, ten in all",
            "salah satu dari sepuluh",
            "dua, tiga atau empat",
            "hundreds of thousands, ratusan juta, ribu, million, and",
            "5 juta dan 12 ribu",
            "belas kasihan",
            "",
        ] {
            assert!(values(text).is_empty(), "{text}");
        }
        assert_eq!(
            values("two twelve").len(),
            1,
            "a number ends where it cannot go on"
        );
        assert_eq!(values("dua puluh, lima puluh").len(), 2, "or at a comma");
    }

    proptest::proptest! {
        #[test]
        fn any_words_are_read(text in "(one|two|dua|puluh|belas|ratus|hundred|seribu|sejuta|juta|million|and|,| |-|é){0,40}") {
            for number in spelled(&text) {
                proptest::prop_assert!(text.contains(&number.text));
            }
        }
    }
}
