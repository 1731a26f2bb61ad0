//! What a run has seen that its answer may speak of, and the numbers of an answer that are not in it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::derived::Derived;
use super::numbers::{Part, Reading, Written, digit_runs, written};
use super::sentences::{Sentence, sentences};
use super::words::months_of;

/// The tools whose results are data of the database or words of the operator. What the others return
/// is the model's own (a memory, a to-do list) or a guess (the cost of a query).
const TELLING_TOOLS: &[&str] = &[
    "list_tables",
    "describe_tables",
    "search_schema",
    "search_values",
    "read_instructions",
    "search_glossary",
    "load_skill",
];

/// Longer runs of digits are compared as text: they may be too long to be computed with.
const MOST_DIGITS: usize = 20;

/// Shorter texts of a row are found in any sentence.
const SHORTEST_NAME: usize = 2;

/// Parts of the names of columns whose values are in thousands, millions and so on.
const SCALED_NAMES: &[&str] = &[
    "juta", "jt", "million", "miliar", "milyar", "billion", "ribu", "thousand", "triliun",
];

/// What a run has seen: where the numbers of its answer may come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Numbers that may be said as they are.
    plain: Vec<Decimal>,
    /// Runs of digits that are too long for a number.
    long: HashSet<String>,
    results: Vec<Rows>,
}

/// The numbers in the rows of one result.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// How many rows there were.
    pub(super) count: Decimal,
    /// Whether these are all of them.
    pub(super) is_whole: bool,
    /// The numbers of each column, from top to bottom.
    pub(super) columns: Vec<Vec<Decimal>>,
    /// Each row.
    pub(super) lines: Vec<Line>,
    /// How often each value of a column occurs.
    pub(super) occurrences: Vec<Decimal>,
    /// Whether a column holds thousands, millions and so on.
    pub(super) is_scaled: bool,
}

/// What one row holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// The number of each column, where there is one.
    pub(super) cells: Vec<Option<Decimal>>,
    /// What a sentence may call the row: its texts, in lower case.
    pub(super) names: Vec<String>,
}

impl Line {
    /// Its numbers, from left to right.
    pub(super) fn numbers(&self) -> Vec<Decimal> {
        self.cells.iter().copied().flatten().collect()
    }
}

impl Sources {
    /// Nothing but the question and what the operator says of the database.
    pub fn new(question: &str, knowledge: &str) -> Self {
        let mut sources = Self::default();
        sources.add_text(question);
        sources.add_text(knowledge);
        sources
    }

    /// Takes what a text says: a question, an instruction, a query that ran.
    pub fn add_text(&mut self, text: &str) {
        for number in written(text) {
            let readings = number.readings.iter().chain(&number.unscaled);
            self.plain
                .extend(readings.map(|reading| reading.value.abs()));
        }
        self.plain.extend(digit_runs(text));
        let long = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|run| run.len() > MOST_DIGITS);
        self.long.extend(long.map(str::to_owned));
    }

    /// Takes what a tool returned: JSON, as text.
    pub fn add_result(&mut self, tool: &str, content: &str) {
        let Ok(value) = serde_json::from_str::<Value>(content) else {
            return;
        };
        if value.get("success") == Some(&Value::Bool(false)) {
            return;
        }
        if tool == "sql_query" {
            self.add_rows(&value);
        } else if TELLING_TOOLS.contains(&tool) {
            self.add_value(&value);
        }
    }

    /// The numbers of the answer that come from nowhere, as they are written there, each once.
    pub fn unverified(&self, answer: &str) -> Vec<String> {
        let said = without_statements(answer);
        let numbers = written(&said);
        let mut derived = Derived::of(&self.results, listed(&said));
        derived.add(self.plain.iter().copied());
        derived.sort();
        let comparisons: Vec<Comparison> =
            sentences(&said).into_iter().map(Comparison::of).collect();
        let is_scaled = self.results.iter().any(|rows| rows.is_scaled);
        let most_rows = self.results.iter().map(|rows| rows.count).max();
        let mut unverified: Vec<String> = Vec::new();
        for number in &numbers {
            let known = match number.part {
                Part::Label => true,
                Part::Place if is_place_among(number, most_rows) => true,
                Part::Place | Part::Figure => {
                    self.is_long_run(number)
                        || derived.explains(number, is_scaled)
                        || comparisons
                            .iter()
                            .any(|comparison| comparison.explains(&self.results, number, is_scaled))
                }
            };
            if !known && !unverified.contains(&number.text) {
                unverified.push(number.text.clone());
            }
        }
        unverified
    }

    fn is_long_run(&self, number: &Written) -> bool {
        let runs = number.text.split(|c: char| !c.is_ascii_digit());
        let longest = runs.max_by_key(|run| run.len());
        number.readings.is_empty() && longest.is_some_and(|run| self.long.contains(run))
    }

    fn add_rows(&mut self, result: &Value) {
        let data = result.get("data").and_then(Value::as_array);
        let data = data.map(Vec::as_slice).unwrap_or_default();
        let count = result.get("row_count").and_then(Value::as_u64).unwrap_or(0);
        let truncated = result.get("truncated") == Some(&Value::Bool(true));
        let mut rows = Rows {
            count: count.into(),
            is_whole: data.len() as u64 == count && !truncated,
            ..Rows::default()
        };
        self.plain.push(rows.count);
        let names = result.get("columns").and_then(Value::as_array);
        for name in names.into_iter().flatten().filter_map(Value::as_str) {
            let name_words = name.to_lowercase();
            rows.is_scaled |= SCALED_NAMES.iter().any(|word| name_words.contains(word));
            let mut numbers = Vec::new();
            let mut seen: BTreeMap<String, u64> = BTreeMap::new();
            for cell in data.iter().filter_map(|row| row.get(name)) {
                numbers.extend(number(cell));
                self.add_value(cell);
                *seen.entry(cell.to_string()).or_default() += 1;
            }
            if rows.is_whole {
                rows.occurrences.push((seen.len() as u64).into());
                rows.occurrences
                    .extend(seen.values().map(|times| Decimal::from(*times)));
            }
            rows.columns.push(numbers);
        }
        let names = result.get("columns").and_then(Value::as_array);
        let names: Vec<&str> = names
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for row in data.iter().filter_map(Value::as_object) {
            let cells = names.iter().map(|name| row.get(*name));
            rows.lines.push(Line {
                cells: cells.clone().map(|cell| number(cell?)).collect(),
                names: cells.flatten().flat_map(names_of).collect(),
            });
        }
        if let Some(stats) = result.get("column_stats") {
            self.add_value(stats);
        }
        self.results.push(rows);
    }

    /// Takes every number in a value, and the lengths of its lists.
    fn add_value(&mut self, value: &Value) {
        self.plain.extend(number(value).map(|number| number.abs()));
        match value {
            Value::String(text) => match year_of_date(text) {
                // The numbers of its days and minutes would explain any small number.
                Some(year) => self.plain.push(year),
                None => self.add_text(text),
            },
            Value::Array(values) => {
                self.plain.push((values.len() as u64).into());
                for value in values {
                    self.add_value(value);
                }
            }
            Value::Object(fields) => {
                for value in fields.values() {
                    self.add_value(value);
                }
            }
            _ => {}
        }
    }
}

/// A sentence, and what follows from the rows that it names, once somebody asks.
struct Comparison<'a> {
    sentence: Sentence<'a>,
    derived: OnceCell<Derived>,
}

impl<'a> Comparison<'a> {
    fn of(sentence: Sentence<'a>) -> Self {
        Self {
            sentence,
            derived: OnceCell::new(),
        }
    }

    /// Whether the sentence has the number, and names the rows that explain it.
    fn explains(&self, results: &[Rows], number: &Written, is_scaled: bool) -> bool {
        self.sentence.said.contains(&number.text)
            && self
                .derived
                .get_or_init(|| Derived::of_named(results, &self.sentence.with_context()))
                .explains(number, is_scaled)
    }
}

/// A number, also where its exactness made it a text.
fn number(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let text = text.trim();
    text.parse()
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}

/// What a sentence may call a row that holds this text: the text, and the month of a date.
fn names_of(cell: &Value) -> Vec<String> {
    let text = match cell {
        Value::String(text) if number(cell).is_none() => text.trim().to_lowercase(),
        _ => return Vec::new(),
    };
    let mut names = months_of(&text);
    if text.chars().count() >= SHORTEST_NAME {
        names.push(text);
    }
    names
}

/// The year of a date or a moment, as databases write them.
fn year_of_date(text: &str) -> Option<Decimal> {
    let (date, rest) = text.split_at_checked("2024-03-15".len())?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_date = [(year, 4), (month, 2), (day, 2)]
        .iter()
        .all(|(part, length)| part.len() == *length && is_number(part));
    let is_time = |c: char| c.is_ascii_digit() || "T:.+-Z ".contains(c);
    (is_date && rest.chars().all(is_time) && !rest.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| year.parse().ok())?
}

fn is_place_among(number: &Written, most_rows: Option<Decimal>) -> bool {
    let places = number
        .readings
        .iter()
        .map(|reading: &Reading| reading.value);
    most_rows.is_some_and(|most| places.min().is_some_and(|place| place <= most))
}

/// How many lines of the answer are items of a list or rows of a table.
fn listed(answer: &str) -> u64 {
    let mut listed = 0_u64;
    for line in answer.lines().map(str::trim_start) {
        if line.starts_with('|') && line.contains("---") {
            // The line above it is the head of the table.
            listed = listed.saturating_sub(1);
        } else if line.starts_with(['|', '-', '*', '•']) {
            listed += 1;
        }
    }
    listed
}

/// The answer without the blocks of code that hold a statement: its numbers are no figures.
fn without_statements(answer: &str) -> String {
    let mut said = String::with_capacity(answer.len());
    for (at, part) in answer.split("```").enumerate() {
        let is_code = at % 2 == 1;
        let code = part.trim_start().to_lowercase();
        let is_statement = ["sql", "select", "with"]
            .iter()
            .any(|word| code.starts_with(word));
        if !(is_code && is_statement) {
            said.push_str(part);
        }
        said.push('\n');
    }
    said
}

#[cfg(test)]
mod tests;
