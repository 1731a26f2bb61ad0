//! Naming: what the columns of a result are called, in SQL and for people.

use super::output;
use crate::database::split_table_name;
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
    /// A figure.
    pub(super) fn figure(&self, measure: Measure, expr: Expr) -> Output {
        let english = self.language == Language::English;
        let (alias, heading, shape) = match measure {
            Measure::Rows(table) => {
                let name = self.table(table);
                let alias = if english {
                    format!("number_of_{name}")
                } else {
                    format!("jumlah_{name}")
                };
                let words = self.schema.table_words(table, self.language);
                let heading = if english {
                    format!("number of {words}")
                } else {
                    format!("jumlah {words}")
                };
                (alias, heading, Shape::Number)
            }
            Measure::Different(column) => {
                let (name, words) = self.column_names(column);
                if english {
                    (
                        format!("number_of_{name}"),
                        format!("number of different values of {words}"),
                        Shape::Number,
                    )
                } else {
                    (
                        format!("jumlah_{name}"),
                        format!("banyaknya {words} yang berbeda"),
                        Shape::Number,
                    )
                }
            }
            Measure::Of(function, column) => {
                let (name, words) = self.column_names(column);
                let (before, said) = function_words(function, self.language);
                let shape = match self.schema.column(column).kind {
                    Kind::Number => Shape::Number,
                    _ => Shape::Plain,
                };
                (format!("{before}_{name}"), format!("{said} {words}"), shape)
            }
            Measure::MeanCount { of, per } => {
                let words = self.schema.table_words(of, self.language);
                let each = self.schema.table_words(per, self.language);
                let name = self.table(of);
                if english {
                    (
                        format!("average_number_of_{name}"),
                        format!("average number of {words} for each of the {each}"),
                        Shape::Number,
                    )
                } else {
                    (
                        format!("rata_rata_jumlah_{name}"),
                        format!("rata-rata jumlah {words} per {each}"),
                        Shape::Number,
                    )
                }
            }
            Measure::Share(table) => {
                let words = self.schema.table_words(table, self.language);
                if english {
                    (
                        "percentage".to_owned(),
                        format!("percentage of {words}"),
                        Shape::Percent,
                    )
                } else {
                    (
                        "persentase".to_owned(),
                        format!("persentase {words}"),
                        Shape::Percent,
                    )
                }
            }
        };
        output(expr, identifier(&alias), heading, shape)
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
                    let heading = self.thing(table);
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

    fn table(&self, table: TableId) -> String {
        identifier(
            &split_table_name(&self.schema.table(table).name)
                .pop()
                .unwrap_or_default(),
        )
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
        let words = match self.language {
            Language::English => format!("{words} of {table}"),
            Language::Indonesian => format!("{words} {table}"),
        };
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

fn function_words(function: Function, language: Language) -> (&'static str, &'static str) {
    match (function, language) {
        (Function::Sum, _) => ("total", "total"),
        (Function::Average, Language::English) => ("average", "average"),
        (Function::Average, Language::Indonesian) => ("rata_rata", "rata-rata"),
        (Function::Minimum, Language::English) => ("lowest", "lowest"),
        (Function::Minimum, Language::Indonesian) => ("minimum", "terendah dari"),
        (Function::Maximum, Language::English) => ("highest", "highest"),
        (Function::Maximum, Language::Indonesian) => ("maksimum", "tertinggi dari"),
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
