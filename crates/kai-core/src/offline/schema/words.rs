//! What tables and columns are called when one speaks of them.

use super::naming::is_spoken;
use super::{ColumnId, Operation, Schema, TableId};
use crate::language::Language;
use crate::offline::lexicon::{Unit, lexicon};

impl Schema {
    /// How people call a table; in English in the plural.
    pub(in crate::offline) fn table_words(&self, table: TableId, language: Language) -> String {
        let info = self.table(table);
        let parts: Vec<&Unit> = info
            .parts
            .parts
            .iter()
            .filter(|(_, weight)| is_spoken(*weight))
            .map(|(u, _)| u)
            .collect();
        match (display(&parts, language), language) {
            ((name, true), Language::English) => plural(&name),
            ((name, _), _) => name,
        }
    }

    /// How people call a column.
    pub(in crate::offline) fn column_words(&self, column: ColumnId, language: Language) -> String {
        if let Some(derived) = column.derived() {
            let first = self.column_words(derived.first, language);
            let second = self.column_words(derived.second, language);
            return match (derived.operation, language) {
                (Operation::Plus, _) => format!("{first} + {second}"),
                (Operation::Minus, _) => format!("{first} - {second}"),
                (Operation::Times, _) => format!("{first} × {second}"),
                (Operation::Per, _) => format!("{first} / {second}"),
                (Operation::Days, Language::English) => {
                    format!("days from {first} to {second}")
                }
                (Operation::Days, Language::Indonesian) => {
                    format!("hari dari {first} sampai {second}")
                }
            };
        }
        let parts: Vec<&Unit> = self
            .column(column)
            .parts
            .parts
            .iter()
            .map(|(u, _)| u)
            .collect();
        display(&parts, language).0
    }
}

/// The words of a name: in the language asked for where the whole name is in the lexicon.
fn display(parts: &[&Unit], language: Language) -> (String, bool) {
    let as_written = || {
        parts
            .iter()
            .map(|unit| unit.word.norm.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let translated: Option<Vec<&str>> = parts
        .iter()
        .map(|unit| {
            unit.concepts
                .first()
                .and_then(|concept| lexicon().display(*concept, language))
        })
        .collect();
    let Some(mut words) = translated else {
        return (as_written(), false);
    };
    let written_in = parts.iter().find_map(|unit| lexicon().language_of(unit));
    if written_in == Some(language) {
        return (as_written(), true);
    }
    // What narrows a noun stands behind it in Indonesian and before it in English.
    words.reverse();
    (words.join(" "), true)
}

/// An English noun for several things.
pub(in crate::offline) fn plural(name: &str) -> String {
    let last = name.rsplit(' ').next().unwrap_or(name);
    if [
        "staff",
        "personnel",
        "equipment",
        "stock",
        "inventory",
        "people",
        "data",
        "money",
    ]
    .contains(&last)
    {
        return name.to_owned();
    }
    if name.ends_with('s') || !name.is_ascii() {
        return name.to_owned();
    }
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with(['x', 'z']) || name.ends_with("ch") || name.ends_with("sh") => {
            format!("{name}es")
        }
        _ => format!("{name}s"),
    }
}
