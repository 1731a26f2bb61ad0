//! The values of columns that have only a few: what a question's words are matched with.
//!
//! They are read from the first rows of a table, not from all of it, so that a large table costs no
//! more than a small one.

use std::time::Duration;

use super::Column;

/// How long the values of one table may take to read.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// How many rows of a table are looked at.
const SAMPLE_ROWS: usize = 10_000;

/// With more distinct values a column has no categories.
const MAX_VALUES: usize = 60;

/// With a value of more characters a column has no categories.
const MAX_CHARACTERS: usize = 50;

/// A query for the distinct values of a table's columns, as rows of a column's index and a value.
/// The columns are SQL expressions with their indices. None when there is no column to ask for.
pub(super) fn sample_query(from: &str, columns: &[(usize, String)]) -> Option<String> {
    if columns.is_empty() {
        return None;
    }
    let sampled: Vec<String> = columns
        .iter()
        .map(|(index, expression)| format!("{expression} AS c{index}"))
        .collect();
    // One value and one character more than allowed tell that there are too many.
    let distinct: Vec<String> = columns
        .iter()
        .map(|(index, _)| {
            format!(
                "SELECT * FROM (SELECT DISTINCT {index} AS i, substr(c{index}, 1, {}) AS v \
                 FROM sample WHERE c{index} IS NOT NULL LIMIT {}) AS d{index}",
                MAX_CHARACTERS + 1,
                MAX_VALUES + 1
            )
        })
        .collect();
    Some(format!(
        "WITH sample AS MATERIALIZED (SELECT {} FROM {from} LIMIT {SAMPLE_ROWS}) {}",
        sampled.join(", "),
        distinct.join(" UNION ALL ")
    ))
}

/// Gives the columns the values that were read for them.
pub(super) fn fill(columns: &mut [Column], rows: Vec<(i32, String)>) {
    for (index, value) in rows {
        let column = usize::try_from(index)
            .ok()
            .and_then(|index| columns.get_mut(index));
        if let Some(column) = column {
            column.categories.push(value);
        }
    }
    for column in columns {
        let few = (1..=MAX_VALUES).contains(&column.categories.len())
            && column
                .categories
                .iter()
                .all(|value| value.chars().count() <= MAX_CHARACTERS);
        column.low_cardinality = few;
        if few {
            column.categories.sort();
        } else {
            column.categories.clear();
        }
    }
}
