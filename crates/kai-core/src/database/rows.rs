//! Gathers the rows of a query within its limits.

use std::collections::HashSet;

use serde_json::Value;

use super::{QueryLimits, QueryResult};
use crate::event::Row;

/// Makes the names of a result's columns unique: a repeated `name` becomes `name_2`, `name_3`.
pub(super) fn unique_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let names: Vec<&str> = names.into_iter().collect();
    // Names that stand in the result already are left to their owners.
    let given: HashSet<&str> = names.iter().copied().collect();
    let mut used: HashSet<String> = HashSet::new();
    names
        .iter()
        .map(|name| {
            let mut unique = (*name).to_owned();
            let mut number = 2_usize;
            while used.contains(&unique) || (number > 2 && given.contains(unique.as_str())) {
                unique = format!("{name}_{number}");
                number += 1;
            }
            used.insert(unique.clone());
            unique
        })
        .collect()
}

/// Rows so far, and what they may still cost.
pub(super) struct Gatherer {
    result: QueryResult,
    max_rows: usize,
    bytes_left: usize,
}

impl Gatherer {
    /// Starts with the names of the columns, which are made unique.
    pub(super) fn new<'a>(names: impl IntoIterator<Item = &'a str>, limits: QueryLimits) -> Self {
        Self {
            result: QueryResult {
                columns: unique_names(names),
                ..QueryResult::default()
            },
            max_rows: limits.max_rows,
            bytes_left: limits.max_bytes,
        }
    }

    /// Whether another row of this size still fits. When it does not, the result is marked as
    /// truncated, and reading ends.
    pub(super) fn has_room_for(&mut self, bytes: usize) -> bool {
        let fits = self.result.rows.len() < self.max_rows && bytes <= self.bytes_left;
        self.result.truncated |= !fits;
        fits
    }

    /// Takes a row: its values in the order of the columns, and its size as the database sent it.
    pub(super) fn push(&mut self, values: Vec<Value>, bytes: usize) {
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        let row: Row = self.result.columns.iter().cloned().zip(values).collect();
        self.result.rows.push(row);
    }

    /// What was gathered.
    pub(super) fn finish(self) -> QueryResult {
        self.result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_are_numbered() {
        assert_eq!(
            unique_names(["nama", "nama", "jumlah", "nama"]),
            ["nama", "nama_2", "jumlah", "nama_3"]
        );
        assert_eq!(
            unique_names(["a", "a", "a_2", "a"]),
            ["a", "a_3", "a_2", "a_4"]
        );
        assert_eq!(unique_names(["", ""]), ["", "_2"]);
    }
}
