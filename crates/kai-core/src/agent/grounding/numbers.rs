//! Numbers as people write them in either language: how each can be read, and what part it plays.

use rust_decimal::Decimal;

use super::spelled::spelled;
use super::words::{ABOUT, ABOUT_IN_TWO, BEFORE_YEARS, CURRENCIES, PLACES, SCALES, is_month};

/// One way to read a number: its value, and what its last digit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) value: Decimal,
    pub(super) unit: Decimal,
}

/// What part a number plays in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// It says how much or how many.
    Figure,
    /// It is a place in an order.
    Place,
    /// It is a date, or numbers an item of a list.
    Label,
}

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// As it is written, with its scale and its percent sign.
    pub(super) text: String,
    /// How it can be read; empty where it has more digits than can be computed with.
    pub(super) readings: Vec<Reading>,
    /// The same as if its scale were not written.
    pub(super) unscaled: Vec<Reading>,
    /// Whether it is a percentage.
    pub(super) is_share: bool,
    /// Whether it says how many times as much.
    pub(super) is_factor: bool,
    /// Whether it is said to be rounded.
    pub(super) is_rounded: bool,
    /// What part it plays.
    pub(super) part: Part,
}

/// The numbers of a text: those in digits in order, then those in words. What belongs to a name, as in `Q3` or `B12`, is none.
pub(super) fn written(text: &str) -> Vec<Written> {
    let chars: Vec<char> = text.chars().collect();
    let scanner = Scanner { chars: &chars };
    let mut found: Vec<Written> = Vec::new();
    let mut place = 0;
    let mut year_before = None;
    while let Some(start) = scanner.next_digit(place) {
        let (end, number) = scanner.number(start, year_before);
        year_before = None;
        if let Some((number, is_year)) = number {
            year_before = is_year.then_some(end);
            found.push(number);
        }
        place = end.max(start + 1);
    }
    found.extend(spelled(text));
    found
}

/// Every run of digits of a text, as a number.
pub(super) fn digit_runs(text: &str) -> impl Iterator<Item = Decimal> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .filter_map(|run| run.parse().ok())
}

struct Scanner<'a> {
    chars: &'a [char],
}

impl Scanner<'_> {
    fn at(&self, place: usize) -> Option<char> {
        self.chars.get(place).copied()
    }

    fn before(&self, place: usize) -> Option<char> {
        self.at(place.checked_sub(1)?)
    }

    fn is_digit(&self, place: usize) -> bool {
        self.at(place).is_some_and(|c| c.is_ascii_digit())
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.chars
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    fn next_digit(&self, from: usize) -> Option<usize> {
        (from..self.chars.len()).find(|place| self.is_digit(*place))
    }

    /// Where the letters that begin here end.
    fn letters_end(&self, from: usize) -> usize {
        (from..self.chars.len())
            .find(|place| !self.at(*place).is_some_and(char::is_alphabetic))
            .unwrap_or(self.chars.len())
    }

    /// Where the number that begins here ends, and what it is; with it, whether it is a year.
    fn number(&self, start: usize, year_before: Option<usize>) -> (usize, Option<(Written, bool)>) {
        if let Some(end) = self.date_end(start) {
            return (end, Some((self.label(start, end), true)));
        }
        let body_end = self.body_end(start);
        let body = self.text(start, body_end);
        if self.belongs_to_a_name(start) {
            let end = self.name_end(body_end);
            return (end, None);
        }
        let suffix_end = self.letters_end(body_end);
        let is_joined = self.at(suffix_end) == Some('_')
            && self.at(suffix_end + 1).is_some_and(char::is_alphanumeric);
        if self.is_digit(suffix_end) || is_joined {
            return (self.name_end(suffix_end), None);
        }
        let suffix = self.text(body_end, suffix_end).to_lowercase();
        let (word, word_end) = if suffix.is_empty() {
            self.word_after(body_end)
        } else {
            (suffix.clone(), suffix_end)
        };
        let attached = !suffix.is_empty();
        let scale = SCALES
            .iter()
            .find(|(name, _)| *name == word && (attached || name.len() > 1))
            .map(|(_, powers)| *powers);
        let mut end = if scale.is_some() || attached {
            word_end
        } else {
            body_end
        };
        let (is_share, share_end) = self.share_after(end);
        end = share_end;
        let (next, _) = self.word_after(end);
        let is_factor =
            suffix == "x" || matches!(next.as_str(), "times" | "kali" | "fold" | "lipat" | "x");
        let words = self.words_before(start);
        let unscaled = readings(&body);
        let mut all = Vec::new();
        for reading in &unscaled {
            let powers = scale.unwrap_or(&[0]);
            all.extend(powers.iter().filter_map(|power| reading.scaled(*power)));
        }
        // A letter may also be a unit: "5 m" of cloth.
        if attached && word.len() == 1 {
            all.extend(unscaled.iter().copied());
        }
        let plain = scale.is_none() && !is_share && !is_factor;
        let is_year =
            plain && !attached && self.is_year(start, body_end, &body, &words, year_before);
        // "12 may be late" is no day of May.
        let may_be_verb = self.at(end + 1) == Some('m') && next == "may";
        let is_day = plain && body.len() <= 2 && !may_be_verb && is_day(&body, &next, &words);
        let part = if is_year || is_day || self.is_list_number(start, body_end) {
            Part::Label
        } else if matches!(suffix.as_str(), "st" | "nd" | "rd" | "th")
            || self.is_place(start, body_end, &words)
        {
            Part::Place
        } else {
            Part::Figure
        };
        let is_rounded = match words.as_slice() {
            [.., before, last] => {
                ABOUT.contains(&last.as_str())
                    || ABOUT_IN_TWO.contains(&(before.as_str(), last.as_str()))
            }
            [last] => ABOUT.contains(&last.as_str()),
            [] => false,
        };
        let written = Written {
            text: self.text(start, end),
            readings: all,
            unscaled,
            is_share,
            is_factor,
            is_rounded,
            part,
        };
        (end, Some((written, is_year)))
    }

    fn label(&self, start: usize, end: usize) -> Written {
        Written {
            text: self.text(start, end),
            readings: Vec::new(),
            unscaled: Vec::new(),
            is_share: false,
            is_factor: false,
            is_rounded: false,
            part: Part::Label,
        }
    }

    /// Where a date or a time of day that begins here ends.
    fn date_end(&self, start: usize) -> Option<usize> {
        let end = (start..self.chars.len())
            .find(|place| {
                !self
                    .at(*place)
                    .is_some_and(|c| c.is_ascii_digit() || "-/:".contains(c))
            })
            .unwrap_or(self.chars.len());
        let run = self.text(start, end);
        let run = run.trim_end_matches(['-', '/', ':']);
        let lengths = |by: char| -> Vec<usize> { run.split(by).map(str::len).collect() };
        let is_date = ['-', '/'].into_iter().any(|by| {
            matches!(
                lengths(by).as_slice(),
                [4, 1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4] | [4, 1..=2]
            )
        });
        let is_time = matches!(lengths(':').as_slice(), [1..=2, 2] | [1..=2, 2, 2]);
        (is_date || is_time).then_some(start + run.len())
    }

    /// Where the digits end, with the separators between them.
    fn body_end(&self, start: usize) -> usize {
        let mut end = start;
        loop {
            while self.is_digit(end) {
                end += 1;
            }
            let group = (1..=3).all(|ahead| self.is_digit(end + ahead)) && !self.is_digit(end + 4);
            match self.at(end) {
                Some('.' | ',') if self.is_digit(end + 1) => end += 1,
                Some('\'' | '\u{a0}' | '\u{202f}' | '\u{2009}') if group => end += 1,
                _ => return end,
            }
        }
    }

    /// Whether letters stand directly before the number that are no currency, or before a hyphen
    /// between, as in `run-4`. Underscores alone only make it stand out.
    fn belongs_to_a_name(&self, start: usize) -> bool {
        let is_hyphen = self.before(start) == Some('-');
        let end = start - usize::from(is_hyphen);
        let first = (0..end)
            .rev()
            .take_while(|place| {
                self.at(*place)
                    .is_some_and(|c| c.is_alphabetic() || c == '_')
            })
            .last();
        first.is_some_and(|first| {
            let before = self.text(first, end).to_lowercase();
            let is_name = before.contains(char::is_alphabetic)
                && !CURRENCIES.contains(&before.trim_matches('_'));
            is_name && !(is_hyphen && before == "ke")
        })
    }

    fn name_end(&self, from: usize) -> usize {
        (from..self.chars.len())
            .find(|place| {
                !self
                    .at(*place)
                    .is_some_and(|c| c.is_alphanumeric() || c == '_')
            })
            .unwrap_or(self.chars.len())
    }

    /// The word after one space or hyphen, in lower case, and where it ends.
    fn word_after(&self, from: usize) -> (String, usize) {
        let gap = matches!(self.at(from), Some(' ' | '-' | '\u{a0}'));
        let from = from + usize::from(gap);
        let end = self.letters_end(from);
        (self.text(from, end).to_lowercase(), end)
    }

    /// Whether a percent sign or word follows, and where it ends.
    fn share_after(&self, from: usize) -> (bool, usize) {
        let space = usize::from(self.at(from) == Some(' '));
        if self.at(from + space) == Some('%') {
            return (true, from + space + 1);
        }
        let (word, end) = self.word_after(from);
        match word.as_str() {
            "percent" | "percentage" | "persen" | "pct" => (true, end),
            "per" if self.word_after(end).0 == "cent" => (true, self.word_after(end).1),
            _ => (false, from),
        }
    }

    /// Up to three words before the number on its line, the nearest last, signs that say "about" or
    /// "number" among them.
    fn words_before(&self, start: usize) -> Vec<String> {
        let line: String = self
            .chars
            .get(start.saturating_sub(60)..start)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|c| **c != '\n')
            .collect();
        let line: String = line.chars().rev().collect::<String>().to_lowercase();
        let line = ["~", "≈", "±", "#"]
            .iter()
            .fold(line, |line, sign| line.replace(sign, &format!(" {sign} ")));
        let mut words: Vec<String> = line
            .split(|c: char| c.is_whitespace() || "([|*_:;,/".contains(c))
            .map(|word| word.trim_matches(|c: char| "-–.)]\"'$".contains(c)))
            .filter(|word| !word.is_empty() && !CURRENCIES.contains(word))
            .map(str::to_owned)
            .collect();
        let from = words.len().saturating_sub(3);
        words.split_off(from)
    }

    fn is_year(
        &self,
        start: usize,
        end: usize,
        body: &str,
        words: &[String],
        year_before: Option<usize>,
    ) -> bool {
        let in_range = body.len() == 4
            && body
                .parse::<u32>()
                .is_ok_and(|year| (1900..=2100).contains(&year));
        if !in_range {
            return false;
        }
        let dash = |c: Option<char>| matches!(c, Some('-' | '–' | '/'));
        let beside_a_year = (dash(self.at(end)) && self.is_digit(end + 1))
            || year_before.is_some_and(|before| start - before <= 6);
        let last = words.last().map(String::as_str).unwrap_or_default();
        beside_a_year || BEFORE_YEARS.contains(&last) || is_month(last)
    }

    /// Whether the number stands before an item of a list.
    fn is_list_number(&self, start: usize, end: usize) -> bool {
        let first = (0..start)
            .rev()
            .take_while(|place| {
                self.at(*place)
                    .is_some_and(|c| c != '\n' && (c.is_whitespace() || ">#*-•".contains(c)))
            })
            .last()
            .unwrap_or(start);
        let at_line_start = first == 0 || self.before(first) == Some('\n');
        at_line_start
            && end - start <= 3
            && matches!(self.at(end), Some('.' | ')'))
            && self.at(end + 1).is_none_or(char::is_whitespace)
    }

    /// Whether words, or being alone in the first cell of a table, make the number a place.
    fn is_place(&self, start: usize, end: usize, words: &[String]) -> bool {
        let last = words.last().map(String::as_str).unwrap_or_default();
        if PLACES.contains(&last) || last.ends_with("ke") && self.before(start) == Some('-') {
            return true;
        }
        let mut before = (0..start)
            .rev()
            .skip_while(|place| self.at(*place) == Some(' '));
        let bar = before.next().filter(|place| self.at(*place) == Some('|'));
        let opens = bar.is_some_and(|bar| matches!(self.before(bar), None | Some('\n')));
        let mut after = (end..self.chars.len()).skip_while(|place| self.at(*place) == Some(' '));
        let closes = after
            .next()
            .is_some_and(|place| self.at(place) == Some('|'));
        opens && closes && end - start <= 3
    }
}

impl Reading {
    fn scaled(&self, power: u32) -> Option<Self> {
        let factor = Decimal::from(10_u64.checked_pow(power)?);
        Some(Self {
            value: self.value.checked_mul(factor)?,
            unit: self.unit.checked_mul(factor)?,
        })
    }

    /// What the last digit that is no zero counts.
    pub(super) fn rough_unit(&self) -> Decimal {
        let mut unit = self.unit;
        while !self.value.is_zero() {
            let Some(next) = unit.checked_mul(Decimal::TEN) else {
                break;
            };
            if !self
                .value
                .checked_rem(next)
                .is_some_and(|rest| rest.is_zero())
            {
                break;
            }
            unit = next;
        }
        unit
    }
}

/// Whether the number is the day of a month that stands beside it.
fn is_day(body: &str, next: &str, words: &[String]) -> bool {
    let in_range = body.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day));
    let is_date = |word: &str| is_month(word) || matches!(word, "tanggal" | "tgl");
    in_range && (is_month(next) || words.last().is_some_and(|word| is_date(word)))
}

/// How the digits and separators of a number can be read.
fn readings(body: &str) -> Vec<Reading> {
    let body: String = body
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .collect();
    let separators: Vec<char> = body.chars().filter(|c| !c.is_ascii_digit()).collect();
    let grouped = |by: char| {
        let mut groups = body.split(by);
        let first = groups.next().unwrap_or_default();
        !first.is_empty()
            && first.len() <= 3
            && first.chars().all(|c| c.is_ascii_digit())
            && groups.all(|group| group.len() == 3 && group.chars().all(|c| c.is_ascii_digit()))
    };
    let mut found = Vec::new();
    match separators.as_slice() {
        [] => found.extend(reading(&body, "")),
        [only] => {
            if grouped(*only) && !body.starts_with('0') {
                found.extend(reading(&body.replace(*only, ""), ""));
            }
            if let Some((whole, fraction)) = body.split_once(*only) {
                found.extend(reading(whole, fraction));
            }
        }
        [first, .., last] if first == last => {
            if separators.iter().all(|separator| separator == first) && grouped(*first) {
                found.extend(reading(&body.replace(*first, ""), ""));
            }
        }
        [.., last] => {
            if let Some((whole, fraction)) = body.rsplit_once(*last) {
                let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
                found.extend(reading(&whole, fraction));
            }
        }
    }
    if found.is_empty() && separators.len() > 1 {
        // "10,20,30": several numbers, or something like a version. Each run may be meant.
        found.extend(body.split(['.', ',']).filter_map(|run| reading(run, "")));
    }
    found
}

fn reading(whole: &str, fraction: &str) -> Option<Reading> {
    let digits = u32::try_from(fraction.len()).ok()?;
    let text = if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    };
    (digits <= 20).then_some(())?;
    Some(Reading {
        value: text.parse().ok()?,
        unit: Decimal::new(1, digits),
    })
}

#[cfg(test)]
mod tests;
