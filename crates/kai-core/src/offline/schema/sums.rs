//! Which columns it makes sense to add up.

use super::{ColumnId, Schema};

/// What a number says of each of its things, so that adding it up says nothing.
const NOT_ADDED_UP: &[&str] = &[
    "percent",
    "percentage",
    "rate",
    "price",
    "score",
    "rating",
    "temperature",
    "index",
];

impl Schema {
    /// Whether a word is a part of a column's name, or means the same as one.
    pub(in crate::offline) fn is_called(&self, column: ColumnId, word: &str) -> bool {
        let parts = &self.column(column).parts;
        let is = |key: &String| key == word;
        parts.means(word)
            || parts
                .parts
                .iter()
                .any(|(unit, _)| unit.word.keys.iter().any(is))
    }

    /// Whether the sum of a column may say something at all: amounts do, prices and shares do not.
    pub(in crate::offline) fn adds_up(&self, column: ColumnId) -> bool {
        !NOT_ADDED_UP.iter().any(|word| self.is_called(column, word))
    }
}
