//! Quantities: numbers with their units, number words, years and dates, read from tokens.

use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::Decimal;

use super::period::period_at;
use super::token::{Token, TokenKind};
use crate::language::Language;

/// A number of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quantity {
    /// Its value, with "juta" or "million" multiplied in.
    pub(super) value: Decimal,
    /// Whether it had no unit of any kind, so that it may also be a year or a limit.
    pub(super) plain: bool,
}

impl Quantity {
    /// The year that it may be.
    pub(super) fn year(self) -> Option<i32> {
        let year = i32::try_from(self.value)
            .ok()
            .filter(|year| (1800..=2199).contains(year))?;
        (self.plain && self.value.fract().is_zero()).then_some(year)
    }

    /// The number of things that it may be.
    pub(super) fn count(self) -> Option<u64> {
        if !self.plain || !self.value.fract().is_zero() {
            return None;
        }
        u64::try_from(self.value)
            .ok()
            .filter(|count| (1..=1000).contains(count))
    }
}

/// A day, month or more: from its first day to the day after its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dates {
    /// The first day.
    pub(super) from: NaiveDate,
    /// The day after the last.
    pub(super) until: NaiveDate,
}

impl Dates {
    /// A whole year.
    pub(super) fn year(year: i32) -> Option<Self> {
        Some(Self {
            from: NaiveDate::from_ymd_opt(year, 1, 1)?,
            until: NaiveDate::from_ymd_opt(year.checked_add(1)?, 1, 1)?,
        })
    }

    /// A month of a year.
    pub(super) fn month(year: i32, month: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        Some(Self {
            from,
            until: from.checked_add_months(Months::new(1))?,
        })
    }

    /// One day.
    pub(super) fn day(year: i32, month: u32, day: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, day)?;
        Some(Self {
            from,
            until: from.checked_add_days(Days::new(1))?,
        })
    }

    /// The last day.
    pub(super) fn last(self) -> NaiveDate {
        self.until.pred_opt().unwrap_or(self.from)
    }

    /// As people write it: a year, a day, or the first and the last one.
    pub(super) fn shown(self) -> String {
        match self.whole_year() {
            Some(year) => year.to_string(),
            None if Self::year(self.from.year()).is_some_and(|first| first.from == self.from)
                && Self::year(self.last().year()).is_some_and(|last| last.until == self.until) =>
            {
                format!("{}–{}", self.from.year(), self.last().year())
            }
            None if self.from == self.last() => self.from.to_string(),
            None => format!("{} – {}", self.from, self.last()),
        }
    }

    /// The year, where it is exactly one.
    fn whole_year(self) -> Option<i32> {
        (Self::year(self.from.year()) == Some(self)).then(|| self.from.year())
    }
}

/// The date that begins at a token, and how many tokens it takes.
pub(super) fn dates_at(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    if let Some(period) = period_at(tokens, at) {
        return Some(period);
    }
    let token = tokens.get(at)?;
    if token.kind == TokenKind::Number {
        if let Some(decade) = decade(tokens, at) {
            return Some(decade);
        }
        if let Some(dates) = numeric_date(&token.text) {
            return Some((1, dates));
        }
        let day = small(&token.text).filter(|day| (1..=31).contains(day));
        if let (Some(day), Some(month), Some(year)) =
            (day, month(tokens, at + 1), year(tokens, at + 2))
        {
            return Some((3, Dates::day(year, month, day)?));
        }
        return None;
    }
    let month = month(tokens, at)?;
    let linked = |at: usize| {
        ["of", "tahun", ","].contains(&tokens.get(at).map_or("", |t| t.word.norm.as_str()))
    };
    let place = at + 1 + usize::from(linked(at + 1));
    if let Some(year) = year(tokens, place) {
        return Some((place + 1 - at, Dates::month(year, month)?));
    }
    let day = tokens.get(at + 1).and_then(|token| small(&token.text))?;
    let comma = usize::from(tokens.get(at + 2).is_some_and(|token| token.text == ","));
    let year = year(tokens, at + 2 + comma)?;
    Some((3 + comma, Dates::day(year, month, day)?))
}

/// "1990s", "1990-an".
fn decade(tokens: &[Token], at: usize) -> Option<(usize, Dates)> {
    let first = year(tokens, at).filter(|year| year % 10 == 0)?;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.word.norm.as_str());
    let length = match (text(at + 1), text(at + 2)) {
        ("s" | "an", _) => 2,
        ("-", "an") => 3,
        _ => return None,
    };
    let from = Dates::year(first)?.from;
    let until = from.checked_add_months(Months::new(120))?;
    Some((length, Dates { from, until }))
}

fn numeric_date(text: &str) -> Option<Dates> {
    let parts: Vec<u32> = text.split(['-', '/']).map(small).collect::<Option<_>>()?;
    match parts.as_slice() {
        [year, month, day] if *year > 31 => Dates::day(i32::try_from(*year).ok()?, *month, *day),
        [day, month, year] if *year > 31 => Dates::day(i32::try_from(*year).ok()?, *month, *day),
        _ => None,
    }
}

/// A number of up to four digits.
pub(super) fn small(text: &str) -> Option<u32> {
    (text.len() <= 4).then(|| text.parse().ok()).flatten()
}

/// The year that a token is.
pub(super) fn year(tokens: &[Token], at: usize) -> Option<i32> {
    let token = tokens.get(at).filter(|token| token.text.len() == 4)?;
    token
        .text
        .parse()
        .ok()
        .filter(|year| (1800..=2199).contains(year))
}

/// The month that a token names, from 1 on.
pub(super) fn month(tokens: &[Token], at: usize) -> Option<u32> {
    let token = tokens
        .get(at)
        .filter(|token| token.kind == TokenKind::Word)?;
    let month = match token.word.norm.as_str() {
        "januari" | "january" | "jan" => 1,
        "februari" | "february" | "feb" | "pebruari" => 2,
        "maret" | "march" | "mar" => 3,
        "april" | "apr" => 4,
        "mei" | "may" => 5,
        "juni" | "june" | "jun" => 6,
        "juli" | "july" | "jul" => 7,
        "agustus" | "august" | "aug" | "agt" | "agu" => 8,
        "september" | "sep" | "sept" => 9,
        "oktober" | "october" | "oct" | "okt" => 10,
        "november" | "nov" | "nopember" => 11,
        "desember" | "december" | "dec" | "des" => 12,
        _ => return None,
    };
    Some(month)
}

/// The number that begins at a token, and how many tokens it takes.
pub(super) fn quantity_at(
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(usize, Quantity)> {
    let mut next = at;
    let currency = tokens
        .get(at)
        .is_some_and(|t| ["rp", "idr", "usd"].contains(&t.word.norm.as_str()));
    if currency {
        next += 1;
    }
    let token = tokens.get(next)?;
    let mut value = match token.kind {
        TokenKind::Number => parse_number(&token.text, language)?,
        TokenKind::Word => Decimal::from(number_word(&token.word.norm)?),
        _ => return None,
    };
    next += 1;
    // Who writes "2,000" means no year.
    let grouped = token.text.contains([',', '.']) && value >= Decimal::ONE_THOUSAND;
    let mut plain = !currency && !grouped;
    while let Some(token) = tokens.get(next) {
        let norm = token.word.norm.as_str();
        if norm == "belas" {
            value = value.checked_add(Decimal::TEN)?;
        } else if let Some(factor) = multiplier(norm) {
            value = value.checked_mul(Decimal::from(factor))?;
            plain &= factor < 1000;
        } else if ["rupiah", "idr", "persen", "percent", "%", "pct"].contains(&norm) {
            plain = false;
        } else {
            break;
        }
        next += 1;
    }
    Some((next - at, Quantity { value, plain }))
}

/// Reads digits with separators as the language writes them.
pub(super) fn parse_number(text: &str, language: Language) -> Option<Decimal> {
    let thousands = match language {
        Language::English => ',',
        Language::Indonesian => '.',
    };
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let decimal = match (points, commas) {
        (1.., 1..) => text
            .rfind(['.', ','])
            .and_then(|at| text.get(at..)?.chars().next()),
        (1, 0) | (0, 1) => {
            let sign = if points == 1 { '.' } else { ',' };
            let grouped = text.rsplit(sign).next().is_some_and(|tail| tail.len() == 3);
            (sign != thousands || !grouped).then_some(sign)
        }
        _ => None,
    };
    let cleaned: String = text
        .chars()
        .filter_map(|c| match c {
            c if c.is_ascii_digit() => Some(c),
            c if Some(c) == decimal => Some('.'),
            _ => None,
        })
        .collect();
    Decimal::from_str(&cleaned).ok()
}

fn number_word(norm: &str) -> Option<u32> {
    let number = match norm {
        "satu" | "one" => 1,
        "dua" | "two" => 2,
        "tiga" | "three" => 3,
        "empat" | "four" => 4,
        "lima" | "five" => 5,
        "enam" | "six" => 6,
        "tujuh" | "seven" => 7,
        "delapan" | "eight" => 8,
        "sembilan" | "nine" => 9,
        "sepuluh" | "ten" => 10,
        "sebelas" | "eleven" => 11,
        "twelve" => 12,
        "fifteen" => 15,
        "twenty" => 20,
        "thirty" => 30,
        "fifty" => 50,
        "seratus" => 100,
        "seribu" => 1000,
        "sejuta" => 1_000_000,
        _ => return None,
    };
    Some(number)
}

fn multiplier(norm: &str) -> Option<u64> {
    let factor = match norm {
        "puluh" => 10,
        "ratus" | "hundred" => 100,
        "ribu" | "rb" | "thousand" | "k" => 1000,
        "juta" | "jt" | "million" | "mio" | "mn" => 1_000_000,
        "miliar" | "milyar" | "billion" | "bn" => 1_000_000_000,
        "triliun" | "trilyun" | "trillion" => 1_000_000_000_000,
        _ => return None,
    };
    Some(factor)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::offline::token::tokenise;

    fn read(text: &str, language: Language) -> (usize, String) {
        let (length, quantity) = quantity_at(&tokenise(text), 0, language).unwrap();
        (length, quantity.value.normalize().to_string())
    }

    #[test]
    fn reads_numbers_as_the_language_writes_them() {
        assert_eq!(read("1.000,5", Language::Indonesian), (1, "1000.5".into()));
        assert_eq!(read("1.000", Language::Indonesian), (1, "1000".into()));
        assert_eq!(
            read("1.5 million", Language::English),
            (2, "1500000".into())
        );
        assert_eq!(
            read("1,5 juta rupiah", Language::Indonesian),
            (3, "1500000".into())
        );
        assert_eq!(
            read("Rp100 juta", Language::Indonesian),
            (3, "100000000".into())
        );
        assert_eq!(read("1,234,567", Language::English), (1, "1234567".into()));
        assert_eq!(read("dua puluh", Language::Indonesian), (2, "20".into()));
        assert_eq!(
            read("lima ratus ribu", Language::Indonesian),
            (3, "500000".into())
        );
        assert!(
            quantity_at(
                &tokenise("9999999999999999999999999999 triliun"),
                0,
                Language::English
            )
            .is_none()
        );
    }

    #[test]
    fn reads_dates() {
        for text in [
            "31 Januari 2020",
            "January 31, 2020",
            "2020-01-31",
            "31/01/2020",
        ] {
            let (_, dates) = dates_at(&tokenise(text), 0).unwrap();
            assert_eq!(dates.from.to_string(), "2020-01-31", "{text}");
            assert_eq!(dates.until.to_string(), "2020-02-01", "{text}");
        }
        let (length, month) = dates_at(&tokenise("Maret 2021"), 0).unwrap();
        assert_eq!(
            (length, month.until.to_string()),
            (2, "2021-04-01".to_owned())
        );
        assert!(dates_at(&tokenise("2020-13-31"), 0).is_none());
        assert!(dates_at(&tokenise("may"), 0).is_none());
    }

    #[test]
    fn tells_years_and_limits_from_amounts() {
        let quantity = |text| {
            quantity_at(&tokenise(text), 0, Language::Indonesian)
                .unwrap()
                .1
        };
        assert_eq!(quantity("2015").year(), Some(2015));
        assert_eq!(quantity("2015 rupiah").year(), None);
        assert_eq!(quantity("5").count(), Some(5));
        assert_eq!(quantity("5 juta").count(), None);
    }
}
