//! Naming: what the columns of a result are called, in SQL and for people.

use super::output;
use crate::language::Language;
use crate::offline::cue::Function;
use crate::offline::intent::{Group, Measure};
use crate::offline::plan::{Expr, Output, Shape};
use crate::offline::schema::{ColumnId, Kind, Schema, TableId};
use crate::offline::text::fold;

/// Names results in one language.
pub(super) struct Naming<'a> {
    pub(super) schema: &'a Schema,
    pub(super) language: Language,
}

impl Naming<'_> {
    fn say(&self, english: String, indonesian: String) -> String {
        match self.language {
            Language::English => english,
            Language::Indonesian => indonesian,
        }
    }

    /// A figure.
    pub(super) fn figure(&self, measure: Measure, expr: Expr) -> Output {
        let things = |table| self.schema.table_words(table, self.language);
        let (alias, heading, shape) = match measure {
            Measure::Rows(table) => {
                let (name, words) = (self.table(table), things(table));
                let alias = self.say(format!("number_of_{name}"), format!("jumlah_{name}"));
                let heading = self.say(format!("number of {words}"), format!("jumlah {words}"));
                (alias, heading, Shape::Number)
            }
            Measure::Different(column) => {
                let (name, words) = self.column_names(column);
                let alias = self.say(format!("number_of_{name}"), format!("jumlah_{name}"));
                let heading = self.say(
                    format!("number of different values of {words}"),
                    format!("banyaknya {words} yang berbeda"),
                );
                (alias, heading, Shape::Number)
            }
            Measure::Of(function, column) => {
                let (name, mut words) = self.column_names(column);
                if function != Function::Sum && self.schema.amount(column.table) == Some(column) {
                    words = self.thing(column.table);
                }
                let (alias, heading) = self.function(function, &name, &words);
                let shape = match self.schema.column(column).kind {
                    Kind::Number => Shape::Number,
                    _ => Shape::Plain,
                };
                (alias, heading, shape)
            }
            Measure::Spread(column) => {
                let (name, words) = self.column_names(column);
                let alias = self.say(format!("difference_in_{name}"), format!("selisih_{name}"));
                let heading =
                    self.say(format!("difference in {words}"), format!("selisih {words}"));
                (alias, heading, Shape::Number)
            }
            Measure::MeanCount { of, per } => {
                let (name, words, each) = (self.table(of), things(of), self.thing(per));
                let alias = self.say(
                    format!("average_number_of_{name}"),
                    format!("rata_rata_jumlah_{name}"),
                );
                let heading = self.say(
                    format!("average number of {words} per {each}"),
                    format!("rata-rata jumlah {words} per {each}"),
                );
                (alias, heading, Shape::Number)
            }
            Measure::Share(_) | Measure::Portion(_) => {
                let words = match measure {
                    Measure::Portion(column) => self.column_names(column).1,
                    other => things(other.table()),
                };
                let alias = self.say("percentage".to_owned(), "persentase".to_owned());
                let heading = self.say(
                    format!("percentage of {words}"),
                    format!("persentase {words}"),
                );
                (alias, heading, Shape::Percent)
            }
        };
        output(expr, identifier(&alias), heading, shape)
    }

    /// A function of something, as an alias and as a heading.
    fn function(&self, function: Function, name: &str, words: &str) -> (String, String) {
        let english = self.language == Language::English;
        let (before, after) = match (function, english) {
            (Function::Sum, _) => ("total", ""),
            (Function::Average, true) => ("average", ""),
            (Function::Average, false) => ("rata-rata", ""),
            (Function::Minimum, true) => ("lowest", ""),
            (Function::Minimum, false) => ("", "terendah"),
            (Function::Maximum, true) => ("highest", ""),
            (Function::Maximum, false) => ("", "tertinggi"),
        };
        let parts = |middle: &str| {
            let parts: Vec<&str> = [before, middle, after]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            parts.join(" ")
        };
        (parts(name), parts(words))
    }

    /// What rows are put together by.
    pub(super) fn group(&self, group: Group) -> Vec<Output> {
        match group {
            Group::Entity(table) => self
                .schema
                .label(table)
                .into_iter()
                .map(|column| {
                    let own = self.schema.column(column).parts.means("name");
                    let alias = if own && self.schema.label(table).len() == 1 {
                        self.table(table)
                    } else {
                        self.schema.column(column).name.clone()
                    };
                    let heading = if own && self.schema.label(table).len() > 1 {
                        self.schema.column_words(column, self.language)
                    } else {
                        self.thing(table)
                    };
                    output(Expr::Column(column), alias, heading, Shape::Plain)
                })
                .collect(),
            Group::Column(column) => vec![self.column(column, column.table)],
            Group::Year(column) => {
                let alias = if self.language == Language::English {
                    "year"
                } else {
                    "tahun"
                };
                vec![output(
                    Expr::Year(column),
                    alias.to_owned(),
                    alias.to_owned(),
                    Shape::Plain,
                )]
            }
            Group::Month(column) => {
                let alias = if self.language == Language::English {
                    "month"
                } else {
                    "bulan"
                };
                vec![output(
                    Expr::Month(column),
                    alias.to_owned(),
                    alias.to_owned(),
                    Shape::Plain,
                )]
            }
        }
    }

    /// A column of a list about `subject`.
    pub(super) fn column(&self, column: ColumnId, subject: TableId) -> Output {
        let info = self.schema.column(column);
        let foreign = column.table != subject && info.parts.means("name");
        let alias = if foreign {
            self.table(column.table)
        } else {
            info.name.clone()
        };
        let heading = if foreign {
            self.thing(column.table)
        } else {
            self.schema.column_words(column, self.language)
        };
        let shape = if self.schema.is_measure(column) {
            Shape::Number
        } else {
            Shape::Plain
        };
        output(Expr::Column(column), alias, heading, shape)
    }

    /// A table's name in an alias, without what only says that it is a table.
    fn table(&self, table: TableId) -> String {
        let parts = &self.schema.table(table).parts.parts;
        let words: Vec<&str> = parts
            .iter()
            .filter(|(_, w)| *w > 0)
            .map(|(unit, _)| unit.word.norm.as_str())
            .collect();
        identifier(&words.join("_"))
    }

    /// One thing of a table, for a heading.
    fn thing(&self, table: TableId) -> String {
        let words = self.schema.table_words(table, self.language);
        match self.language {
            Language::Indonesian => words,
            Language::English => crate::offline::text::Word::new(&words)
                .keys
                .pop()
                .unwrap_or(words),
        }
    }

    /// The name of a column for an alias, and its words; with its table where it says too little.
    fn column_names(&self, column: ColumnId) -> (String, String) {
        let info = self.schema.column(column);
        let words = self.schema.column_words(column, self.language);
        let weak = info.parts.parts.iter().all(|(_, weight)| *weight < 1000);
        let name = identifier(&info.name);
        if !weak {
            return (name, words);
        }
        let table = self.schema.table_words(column.table, self.language);
        if self.schema.amount(column.table) == Some(column) {
            // The amount of a loan is the loan, to whoever adds loans up.
            return (self.table(column.table), table);
        }
        let words = self.say(format!("{words} of {table}"), format!("{words} {table}"));
        (format!("{name}_{}", self.table(column.table)), words)
    }
}

/// Gives columns of one name different ones.
pub(super) fn make_unique(outputs: &mut [Output]) {
    let mut seen: Vec<String> = Vec::new();
    for output in outputs {
        let base = output.alias.clone();
        let mut count = 1;
        while seen.contains(&output.alias.to_lowercase()) {
            count += 1;
            output.alias = format!("{base}_{count}");
        }
        seen.push(output.alias.to_lowercase());
    }
}

/// A name that needs no quotes.
fn identifier(name: &str) -> String {
    let folded: String = fold(name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let parts: Vec<&str> = folded.split('_').filter(|part| !part.is_empty()).collect();
    let joined = parts.join("_");
    if joined.is_empty() {
        "n".to_owned()
    } else {
        joined
    }
}
