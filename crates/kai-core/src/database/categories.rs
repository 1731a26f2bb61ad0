//! The values of columns that have only a few: what a question's words are matched with.
//!
//! They are read from the first rows of a table, not from all of it, so that a large table costs no
//! more than a small one.

use std::time::Duration;

use super::{Column, Dialect};

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
pub(super) fn sample_query(
    dialect: Dialect,
    from: &str,
    columns: &[(usize, String)],
) -> Option<String> {
    if columns.is_empty() {
        return None;
    }
    // One value and one character more than allowed tell that there are too many.
    let (values, characters) = (MAX_VALUES + 1, MAX_CHARACTERS + 1);
    let cut = |expression: &str| format!("substr({expression}, 1, {characters})");
    let distinct = |(index, name): (usize, &str), sample: &str| {
        format!(
            "SELECT * FROM (SELECT DISTINCT {index} AS i, {name} AS v FROM {sample} \
             WHERE {name} IS NOT NULL LIMIT {values}) AS d{index}"
        )
    };
    if dialect == Dialect::Mysql {
        // There a sample of all columns would be made anew for each of them.
        let each: Vec<String> = columns
            .iter()
            .map(|(index, expression)| {
                let sample = format!(
                    "(SELECT {} AS c FROM {from} LIMIT {SAMPLE_ROWS}) AS s{index}",
                    cut(expression)
                );
                distinct((*index, "c"), &sample)
            })
            .collect();
        return Some(each.join(" UNION ALL "));
    }
    let sampled: Vec<String> = columns
        .iter()
        .map(|(index, expression)| format!("{} AS c{index}", cut(expression)))
        .collect();
    let each: Vec<String> = columns
        .iter()
        .map(|(index, _)| distinct((*index, &format!("c{index}")), "sample"))
        .collect();
    Some(format!(
        "WITH sample AS MATERIALIZED (SELECT {} FROM {from} LIMIT {SAMPLE_ROWS}) {}",
        sampled.join(", "),
        each.join(" UNION ALL ")
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
