//! The answer in words: the figures of the result, in the language of the question.

use rust_decimal::Decimal;
use serde_json::Value;

use super::compose::figure_words;
use super::conversation::Outcome;
use super::cue::Comparison;
use super::format;
use super::intent::{Bound, Filter, Group, Intent, RankBy, Rival, Test};
use super::plan::{Expr, Output, Shape};
use super::schema::{Schema, plural};
use super::text::Word;
use super::understand::Reading;
use crate::language::Language;

/// How many rows of a result the answer shows.
const SHOWN: usize = 20;

/// From so many rows on it is not certain that the database had no more.
const MANY: usize = 1000;

/// Words answers in one language.
pub(super) struct Wording<'a> {
    /// The tables that are spoken of.
    pub(super) schema: &'a Schema,
    /// The language.
    pub(super) language: Language,
}

impl Wording<'_> {
    fn say(&self, english: &str, indonesian: &str) -> String {
        match self.language {
            Language::English => english.to_owned(),
            Language::Indonesian => indonesian.to_owned(),
        }
    }

    /// The answer to a question whose query gave rows.
    pub(super) fn answer(&self, reading: &Reading, outcome: &Outcome) -> String {
        let outputs = &reading.plan.select.outputs;
        let conditions = self.conditions(&reading.intent);
        let rows: Vec<Vec<String>> = outcome
            .data
            .iter()
            .map(|row| self.cells(row, outputs, outcome))
            .collect();
        let figures_alone =
            reading.plan.select.groups.is_empty() && !reading.intent.measures.is_empty();
        match rows.as_slice() {
            [row] if figures_alone => self.figures(outputs, row, &conditions),
            [row] if outputs.len() == 1 && !reading.intent.shown.is_empty() => {
                self.figures(outputs, row, &conditions)
            }
            [row] if outputs.len() <= 3 => self.single(outputs, row, &conditions),
            rows => self.table(reading, outcome, rows, &conditions),
        }
    }

    /// The answer to a question whose query gave no rows.
    pub(super) fn nothing_found(&self, reading: &Reading) -> String {
        let conditions = self.conditions(&reading.intent);
        self.say(
            &format!("There are no rows for this question{conditions}."),
            &format!("Tidak ada baris untuk pertanyaan ini{conditions}."),
        )
    }

    fn cells(&self, row: &Value, outputs: &[Output], outcome: &Outcome) -> Vec<String> {
        outcome
            .columns
            .iter()
            .zip(outputs)
            .map(|(column, output)| {
                format::value(
                    row.get(column).unwrap_or(&Value::Null),
                    output.shape,
                    self.language,
                )
            })
            .collect()
    }

    fn figures(&self, outputs: &[Output], row: &[String], conditions: &str) -> String {
        if let ([output], [cell]) = (outputs, row) {
            let heading = &output.heading;
            if cell == "–" {
                return self.say(
                    &format!("There is no value for the {heading}{conditions}."),
                    &format!("Tidak ada nilai untuk {heading}{conditions}."),
                );
            }
            return self.say(
                &format!("The {heading}{conditions} is **{cell}**."),
                &format!("{}{conditions} adalah **{cell}**.", capitalised(heading)),
            );
        }
        let lines: Vec<String> = outputs
            .iter()
            .zip(row)
            .map(|(output, cell)| format!("- {}: **{cell}**", capitalised(&output.heading)))
            .collect();
        let intro = self.say("Here are the figures", "Berikut angkanya");
        format!("{intro}{conditions}:\n\n{}", lines.join("\n"))
    }

    fn single(&self, outputs: &[Output], row: &[String], conditions: &str) -> String {
        // A name of several columns, as a person's, is one name.
        let label =
            |output: &Output| matches!(output.expr, Expr::Column(c) if self.schema.is_label(c));
        let names = outputs
            .iter()
            .take_while(|output| label(output))
            .count()
            .max(1);
        let first = row.get(..names).unwrap_or_default().join(" ");
        let facts: Vec<String> = outputs
            .iter()
            .zip(row)
            .skip(names)
            .map(|(output, cell)| format!("{} **{cell}**", output.heading))
            .collect();
        if facts.is_empty() {
            return self.say(
                &format!("The result{conditions} is **{first}**."),
                &format!("Hasilnya{conditions} adalah **{first}**."),
            );
        }
        let facts = facts.join(", ");
        self.say(
            &format!("It is **{first}**{conditions}, with {facts}."),
            &format!("Hasilnya **{first}**{conditions}, dengan {facts}."),
        )
    }

    fn table(
        &self,
        reading: &Reading,
        outcome: &Outcome,
        rows: &[Vec<String>],
        conditions: &str,
    ) -> String {
        let outputs = &reading.plan.select.outputs;
        let total = usize::try_from(outcome.row_count)
            .unwrap_or(usize::MAX)
            .max(rows.len());
        let count = format::grouped(total.into(), self.language);
        // The tool shows a part of the rows that it counts; what the database held back is uncounted.
        let held_back = outcome.truncated && (total == rows.len() || total >= MANY);
        let cut = held_back || (reading.plan.capped && total as u64 >= super::compose::LIST_LIMIT);
        let intro = if cut {
            self.say(
                &format!("There are more results than are shown here{conditions}; these are the first {count}"),
                &format!("Hasilnya lebih banyak daripada yang ditampilkan{conditions}; ini {count} yang pertama"),
            )
        } else {
            self.introduction(reading, &count, conditions)
        };
        let shown = rows.iter().take(SHOWN);
        let body: Vec<String> = if outputs.len() == 1 {
            shown.map(|row| format!("- {}", row.join(""))).collect()
        } else {
            let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
            let heads = outputs
                .iter()
                .map(|output| capitalised(&output.heading))
                .collect();
            let rule = outputs
                .iter()
                .map(|output| {
                    if output.shape == Shape::Plain {
                        "---"
                    } else {
                        "---:"
                    }
                    .to_owned()
                })
                .collect();
            let body =
                shown.map(|row| line(row.iter().map(|cell| cell.replace('|', "\\|")).collect()));
            [line(heads), line(rule)].into_iter().chain(body).collect()
        };
        let more = total.saturating_sub(SHOWN);
        let rest = if more > 0 {
            let more = format::grouped(more.into(), self.language);
            self.say(
                &format!("\n\n… and {more} more."),
                &format!("\n\n… dan {more} lainnya."),
            )
        } else {
            String::new()
        };
        format!("{intro}:\n\n{}{rest}", body.join("\n"))
    }

    /// What the rows are that follow.
    fn introduction(&self, reading: &Reading, count: &str, conditions: &str) -> String {
        let intent = &reading.intent;
        let outputs = &reading.plan.select.outputs;
        let figure = |measure| figure_words(measure, self.schema, self.language);
        let ranked = intent.ranking.and_then(|ranking| match ranking.by {
            RankBy::Measure(measure) => Some((figure(measure), ranking.descending)),
            RankBy::Column(_) => None,
        });
        let things = match intent.groups.as_slice() {
            [Group::Entity(table)] => Some(self.schema.table_words(*table, self.language)),
            [_] => outputs.first().map(|output| self.several(&output.heading)),
            _ => None,
        };
        match (things, ranked, intent.measures.as_slice(), intent.subject) {
            (Some(things), Some((figure, descending)), _, _) => {
                if intent.limit.is_none() && !intent.extreme {
                    return self.say(
                        &format!("The {count} {things} by {figure}{conditions}"),
                        &format!("Berikut {count} {things} menurut {figure}{conditions}"),
                    );
                }
                let (most, paling) = if descending {
                    ("highest", "tertinggi")
                } else {
                    ("lowest", "terendah")
                };
                self.say(
                    &format!("The {count} {things} with the {most} {figure}{conditions}"),
                    &format!("Berikut {count} {things} dengan {figure} {paling}{conditions}"),
                )
            }
            (Some(_), None, [measure], _) => {
                let heading = match intent.groups.first() {
                    Some(Group::Entity(table)) => {
                        self.one(&self.schema.table_words(*table, self.language))
                    }
                    _ => outputs
                        .first()
                        .map(|output| output.heading.clone())
                        .unwrap_or_default(),
                };
                let figure = figure(*measure);
                self.say(
                    &format!("The {figure} per {heading}{conditions}, {count} rows"),
                    &format!("Berikut {figure} per {heading}{conditions}, {count} baris"),
                )
            }
            (Some(things), None, [], _) => self.say(
                &format!("Found {count} {things}{conditions}"),
                &format!("Ditemukan {count} {things}{conditions}"),
            ),
            (None, _, [], Some(subject)) if !reading.plan.select.distinct && count != "1" => {
                let things = self.schema.table_words(subject, self.language);
                self.say(
                    &format!("Found {count} {things}{conditions}"),
                    &format!("Ditemukan {count} {things}{conditions}"),
                )
            }
            _ => self.say(
                &format!(
                    "Found {count} {}{conditions}",
                    if count == "1" { "row" } else { "rows" }
                ),
                &format!("Ditemukan {count} baris{conditions}"),
            ),
        }
    }

    fn one(&self, words: &str) -> String {
        match self.language {
            Language::English => Word::new(words)
                .keys
                .pop()
                .unwrap_or_else(|| words.to_owned()),
            Language::Indonesian => words.to_owned(),
        }
    }

    fn several(&self, word: &str) -> String {
        match self.language {
            Language::English => plural(word),
            Language::Indonesian => word.to_owned(),
        }
    }

    /// The conditions of a question, so that it is seen how it was understood.
    fn conditions(&self, intent: &Intent) -> String {
        let all = self.condition_list(intent);
        if all.is_empty() {
            String::new()
        } else {
            format!(" ({})", all.join("; "))
        }
    }

    /// Which rows and groups count, each condition in words.
    pub(super) fn condition_list(&self, intent: &Intent) -> Vec<String> {
        let mut all: Vec<String> = intent
            .filters
            .iter()
            .map(|filter| self.condition(filter))
            .collect();
        for existence in &intent.existence {
            let things = self.schema.table_words(existence.table, self.language);
            all.push(if existence.negated {
                self.say(&format!("without {things}"), &format!("tanpa {things}"))
            } else {
                self.say(&format!("with {things}"), &format!("dengan {things}"))
            });
        }
        for having in &intent.having {
            let figure = figure_words(having.measure, self.schema, self.language);
            let bound = match having.bound {
                Bound::Number(number) => format::grouped(number, self.language),
                Bound::Overall(times) => {
                    let overall = self.say("the overall figure", "angka keseluruhan");
                    self.times(times, &overall)
                }
            };
            all.push(format!("{figure} {} {bound}", sign(having.comparison)));
        }
        all
    }

    fn times(&self, times: Decimal, what: &str) -> String {
        if times == Decimal::ONE {
            return what.to_owned();
        }
        format!("{} × {what}", format::grouped(times, self.language))
    }

    fn rival(&self, rival: &Rival) -> String {
        match rival {
            Rival::Mean(filters) => {
                let mean = self.say("the average", "rata-rata");
                let of: Vec<String> = filters.iter().map(|one| self.condition(one)).collect();
                if of.is_empty() {
                    mean
                } else {
                    format!("{mean} ({})", of.join("; "))
                }
            }
            Rival::Row(filter) => match &filter.test {
                Test::OneOf { values, .. } => values.join(", "),
                _ => self.condition(filter),
            },
            Rival::Column(column) => self.schema.column_words(*column, self.language),
        }
    }

    fn condition(&self, filter: &Filter) -> String {
        let column = filter.column;
        let name = if self.schema.is_label(column) {
            self.one(&self.schema.table_words(column.table, self.language))
        } else {
            self.schema.column_words(column, self.language)
        };
        let number = |number| format::grouped(number, self.language);
        match &filter.test {
            Test::OneOf { values, negated } => {
                let or = self.say(" or ", " atau ");
                let not = if *negated {
                    self.say("not ", "bukan ")
                } else {
                    String::new()
                };
                format!("{name}: {not}{}", values.join(&or))
            }
            Test::Compare(comparison, value) => {
                format!("{name} {} {}", sign(*comparison), number(*value))
            }
            Test::Dated(comparison, dates) => {
                let shown = dates.shown();
                format!("{name} {} {shown}", sign(*comparison))
            }
            Test::AllOf(values) => format!("{name}: {}", values.join(&self.say(" and ", " dan "))),
            Test::Extreme { descending: true } => {
                self.say(&format!("the highest {name}"), &format!("{name} tertinggi"))
            }
            Test::Extreme { descending: false } => {
                self.say(&format!("the lowest {name}"), &format!("{name} terendah"))
            }
            Test::Among { column, negated } => {
                let other = self.schema.table_words(column.table, self.language);
                if *negated {
                    self.say(
                        &format!("{name} not of {other}"),
                        &format!("{name} bukan dari {other}"),
                    )
                } else {
                    self.say(
                        &format!("{name} also of {other}"),
                        &format!("{name} juga dari {other}"),
                    )
                }
            }
            Test::Against {
                comparison,
                times,
                rival,
            } => format!(
                "{name} {} {}",
                sign(*comparison),
                self.times(*times, &self.rival(rival))
            ),
            Test::Null(true) => self.say(&format!("{name} is empty"), &format!("{name} kosong")),
            Test::Null(false) => {
                self.say(&format!("{name} is filled in"), &format!("{name} terisi"))
            }
            Test::Is(true) => name,
            Test::Is(false) => self.say(&format!("not {name}"), &format!("bukan {name}")),
        }
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => ">",
        Comparison::AtLeast => "≥",
        Comparison::Less => "<",
        Comparison::AtMost => "≤",
        Comparison::Equal => "=",
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
