//! Periods: quarters and halves of a year, its beginning and end, and months whose year comes later.

use chrono::{Months, NaiveDate};

use super::quantity::{Dates, month, small, year};
use super::token::{Token, TokenKind};

/// The words for a first, second, third and fourth part.
const ORDINALS: &[(&str, u32)] = &[
    ("first", 1),
    ("1st", 1),
    ("pertama", 1),
    ("i", 1),
    ("second", 2),
    ("2nd", 2),
    ("kedua", 2),
    ("ii", 2),
    ("third", 3),
    ("3rd", 3),
    ("ketiga", 3),
    ("iii", 3),
    ("fourth", 4),
    ("4th", 4),
    ("keempat", 4),
    ("last", 4),
    ("terakhir", 4),
    ("iv", 4),
];

/// The parts of a year, with how many there are.
const PARTS: &[(&str, u32)] = &[
    ("quarter", 4),
    ("kuartal", 4),
    ("triwulan", 4),
    ("half", 2),
    ("paruh", 2),
    ("semester", 2),
];

/// The period that begins at a token, and how many tokens it takes.
pub(super) fn period_at(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    part_of_year(tokens, at)
        .or_else(|| edge_of_year(tokens, at))
        .or_else(|| edge_of_month(tokens, at))
        .or_else(|| year_that_began(tokens, at))
        .or_else(|| borrowed_year(tokens, at))
}

fn norm(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.word.norm.as_str())
}

/// The place after the words that may stand between a part and its year.
fn pass(tokens: &[Token], mut at: usize) -> usize {
    while [
        "of", "the", "year", "in", "tahun", "dari", "pada", "di", ",",
    ]
    .contains(&norm(tokens, at))
    {
        at += 1;
    }
    at
}

/// "the first quarter of 2025", "kuartal kedua tahun 2025", "Q3 2024", "2024 Q3".
fn part_of_year(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    if let (Some(year), Some(part)) = (year(tokens, at), quarter_mark(tokens, at + 1)) {
        return Some((2, months(year, part, 4)?));
    }
    let (part, parts, after) = if let Some(part) = quarter_mark(tokens, at) {
        (part, 4, at + 1)
    } else if let (Some(part), Some(parts)) = (ordinal(tokens, at), part_word(tokens, at + 1)) {
        (part, parts, at + 2)
    } else {
        let parts = part_word(tokens, at)?;
        let place = at + 1 + usize::from(norm(tokens, at + 1) == "ke");
        let number = || tokens.get(place).and_then(|token| small(&token.text));
        (ordinal(tokens, place).or_else(number)?, parts, place + 1)
    };
    let place = pass(tokens, after);
    Some((place + 1 - at, months(year(tokens, place)?, part, parts)?))
}

fn quarter_mark(tokens: &[Token], at: usize) -> Option<u32> {
    norm(tokens, at).strip_prefix('q').and_then(small)
}

fn ordinal(tokens: &[Token], at: usize) -> Option<u32> {
    let word = norm(tokens, at);
    ORDINALS
        .iter()
        .find(|(form, _)| *form == word)
        .map(|(_, number)| *number)
}

fn part_word(tokens: &[Token], at: usize) -> Option<u32> {
    let word = norm(tokens, at);
    PARTS
        .iter()
        .find(|(form, _)| *form == word)
        .map(|(_, parts)| *parts)
}

/// One of the equal parts of a year; the last one where there are fewer.
fn months(year: i32, part: u32, parts: u32) -> Option<Dates> {
    let part = if part == 4 { parts } else { part };
    let length = 12_u32
        .checked_div(parts)
        .filter(|_| part >= 1 && part <= parts)?;
    let from = NaiveDate::from_ymd_opt(year, (part - 1) * length + 1, 1)?;
    Some(Dates {
        from,
        until: from.checked_add_months(Months::new(length))?,
    })
}

/// "since the beginning of 2025", "sampai akhir 2024": the year itself bounds the same days.
fn edge_of_year(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    let before = at.checked_sub(1)?;
    let before = before.checked_sub(usize::from(norm(tokens, before) == "the"))?;
    let opens = ["since", "from", "sejak", "dari", "mulai", "semenjak"];
    let closes = ["until", "till", "through", "sampai", "hingga", "to"];
    let edge = match norm(tokens, at) {
        "beginning" | "start" | "awal" | "permulaan" => opens.contains(&norm(tokens, before)),
        "end" | "akhir" => closes.contains(&norm(tokens, before)),
        _ => false,
    };
    let place = pass(tokens, at + 1);
    let dates = Dates::year(year(tokens, place).filter(|_| edge)?)?;
    Some((place + 1 - at, dates))
}

/// "until the end of June 2025", "dari awal Maret 2025": the month itself bounds the same days.
fn edge_of_month(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    let length = edge_words(tokens, at);
    let place = at + length;
    let named = month(tokens, place).filter(|_| length > 0)?;
    let of_year = pass(tokens, place + 1);
    let dates = Dates::month(year(tokens, of_year)?, named)?;
    Some((of_year + 1 - at, dates))
}

/// How many tokens "the end of", "awal" and the like take.
fn edge_words(tokens: &[Token], at: usize) -> usize {
    let edges = ["beginning", "start", "end", "awal", "permulaan", "akhir"];
    let the = usize::from(norm(tokens, at) == "the");
    if !edges.contains(&norm(tokens, at + the)) {
        return 0;
    }
    the + 1 + usize::from(norm(tokens, at + the + 1) == "of")
}

/// "since 2025 began".
fn year_that_began(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    let since = at.checked_sub(1).map(|before| norm(tokens, before));
    let began = ["began", "started", "dimulai"].contains(&norm(tokens, at + 1));
    let dates = Dates::year(year(tokens, at)?)?;
    (began && matches!(since, Some("since" | "sejak"))).then_some((2, dates))
}

/// The "March" of "between March and June 2025", the "1 March" of "1 March to 30 June 2025".
fn borrowed_year(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    let (length, day, first) = day_and_month(tokens, at)?;
    let joined = [
        "and", "to", "until", "till", "through", "dan", "sampai", "hingga", "-", "–",
    ];
    if !joined.contains(&norm(tokens, at + length)) {
        return None;
    }
    let second = at + length + 1;
    let second = second + edge_words(tokens, second);
    let (more, ..) = day_and_month(tokens, second)?;
    let place = pass(tokens, second + more);
    let year = year(tokens, place)?;
    let dates = match day {
        Some(day) => Dates::day(year, first, day)?,
        None => Dates::month(year, first)?,
    };
    Some((length, dates))
}

/// A month with the day before or behind it, if any; how many tokens they take.
fn day_and_month(tokens: &[Token], at: usize) -> Option<(usize, Option<u32>, u32)> {
    let number = |at: usize| {
        let token = tokens
            .get(at)
            .filter(|token| token.kind == TokenKind::Number)?;
        small(&token.text).filter(|day| (1..=31).contains(day))
    };
    if let Some(month) = month(tokens, at) {
        return Some(match number(at + 1) {
            Some(day) => (2, Some(day), month),
            None => (1, None, month),
        });
    }
    Some((2, Some(number(at)?), month(tokens, at + 1)?))
}

#[cfg(test)]
mod tests {
    use crate::offline::quantity::dates_at;
    use crate::offline::token::tokenise;

    fn read(text: &str, at: usize) -> Option<(usize, String, String)> {
        let (length, dates) = dates_at(&tokenise(text), at)?;
        Some((length, dates.from.to_string(), dates.until.to_string()))
    }

    #[test]
    fn parts_of_a_year_in_both_languages() {
        for (text, from, until) in [
            ("first quarter of 2025", "2025-01-01", "2025-04-01"),
            ("Q2 2025", "2025-04-01", "2025-07-01"),
            ("2025 Q4", "2025-10-01", "2026-01-01"),
            ("kuartal kedua tahun 2025", "2025-04-01", "2025-07-01"),
            ("triwulan III 2024", "2024-07-01", "2024-10-01"),
            ("kuartal ke-4 2024", "2024-10-01", "2025-01-01"),
            ("second half of 2023", "2023-07-01", "2024-01-01"),
            ("paruh pertama 2023", "2023-01-01", "2023-07-01"),
        ] {
            let (_, found_from, found_until) = read(text, 0).expect(text);
            assert_eq!(
                (found_from.as_str(), found_until.as_str()),
                (from, until),
                "{text}"
            );
        }
        assert_eq!(read("third half of 2024", 0), None);
        assert_eq!(read("quarter 9 of 2024", 0), None);
    }

    #[test]
    fn the_edges_of_a_year_need_their_direction() {
        assert_eq!(read("since the beginning of 2025", 2).map(|r| r.0), Some(3));
        assert_eq!(read("sejak awal tahun 2025", 1).map(|r| r.0), Some(3));
        assert_eq!(
            read("hingga akhir 2024", 1).map(|r| r.2),
            Some("2025-01-01".to_owned())
        );
        assert_eq!(read("since 2025 began", 1).map(|r| r.0), Some(2));
        assert_eq!(read("before the end of 2024", 2), None);
    }

    #[test]
    fn a_month_takes_the_year_of_the_range() {
        let march = read("between March and June 2025", 1);
        assert_eq!(
            march,
            Some((1, "2025-03-01".to_owned(), "2025-04-01".to_owned()))
        );
        let first = read("1 Maret sampai 30 Juni 2025", 0);
        assert_eq!(
            first,
            Some((2, "2025-03-01".to_owned(), "2025-03-02".to_owned()))
        );
        assert_eq!(read("may and june", 0), None);
    }
}
