//! Whether two results say the same.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use serde_json::Value;

use crate::database::QueryResult;

/// How far two floating-point numbers may be apart, as a share of the larger one: sums in another
/// order differ by less, and no two amounts of money that are not the same.
const TOLERANCE: f64 = 1e-9;

/// How far from zero a sum may end whose parts cancel out.
const CANCELLED: f64 = 1e-12;

/// How often a column is tried for another when many of them have the same values.
const TRIES: usize = 5_000;

/// What comparing a result with the gold rows came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It has the gold rows.
    Same {
        /// How many columns it has beside those of the gold rows.
        extra_columns: usize,
    },
    /// It does not.
    Different(Difference),
}

/// How a result differs from the gold rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// It has more or fewer rows.
    Rows {
        /// How many it has.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// It lacks columns.
    Columns {
        /// How many it has.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// It has the right rows in another order than the question asks for.
    Order,
    /// It has other values.
    Values,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows { found, expected } => write!(f, "{found} rows instead of {expected}"),
            Self::Columns { found, expected } => {
                write!(f, "{found} columns instead of {expected}")
            }
            Self::Order => f.write_str("the right rows in another order"),
            Self::Values => f.write_str("other values"),
        }
    }
}

/// Compares a result with the gold rows. The order of rows counts only when `ordered`; the names and
/// the order of columns never do, and columns beside those of the gold rows are counted.
pub fn compare(found: &QueryResult, gold: &QueryResult, ordered: bool) -> Comparison {
    if found.rows.len() != gold.rows.len() {
        return Comparison::Different(Difference::Rows {
            found: found.rows.len(),
            expected: gold.rows.len(),
        });
    }
    if found.columns.len() < gold.columns.len() {
        return Comparison::Different(Difference::Columns {
            found: found.columns.len(),
            expected: gold.columns.len(),
        });
    }
    let (found_cells, gold_cells) = (columns(found), columns(gold));
    if has_all(&found_cells, &gold_cells, ordered) {
        Comparison::Same {
            extra_columns: found.columns.len() - gold.columns.len(),
        }
    } else if ordered && has_all(&found_cells, &gold_cells, false) {
        Comparison::Different(Difference::Order)
    } else {
        Comparison::Different(Difference::Values)
    }
}

/// A value as it compares: numbers by their value, however they are written.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Exact(Decimal),
    Float(f64),
    Text(String),
}

type Column = Vec<Cell>;

/// The cells of a result, column by column.
fn columns(result: &QueryResult) -> Vec<Column> {
    let names = result.columns.iter();
    names
        .map(|name| {
            let values = result.rows.iter().map(|row| row.get(name));
            values
                .map(|value| value.map_or(Cell::Null, Cell::of))
                .collect()
        })
        .collect()
}

impl Cell {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Exact(Decimal::from(u8::from(*truth))),
            Value::Number(number) => number
                .as_i64()
                .map(Decimal::from)
                .or_else(|| number.as_u64().map(Decimal::from))
                .map_or_else(
                    || Self::Float(number.as_f64().unwrap_or(f64::NAN)),
                    Self::Exact,
                ),
            Value::String(text) => {
                written_number(text).map_or_else(|| Self::Text(text.clone()), Self::Exact)
            }
            other => Self::Text(other.to_string()),
        }
    }

    fn as_float(&self) -> Option<f64> {
        match self {
            Self::Exact(number) => number.to_f64(),
            Self::Float(number) => Some(*number),
            Self::Null | Self::Text(_) => None,
        }
    }

    fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => a == b,
            (Self::Float(_), Self::Exact(_) | Self::Float(_))
            | (Self::Exact(_), Self::Float(_)) => {
                let (Some(a), Some(b)) = (self.as_float(), other.as_float()) else {
                    return false;
                };
                (a - b).abs() <= (TOLERANCE * a.abs().max(b.abs())).max(CANCELLED)
            }
            (a, b) => a == b,
        }
    }

    /// An order in which equal cells stand together: nothing, numbers, texts.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => match (a.as_float(), b.as_float()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => a.rank().cmp(&b.rank()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Exact(_) | Self::Float(_) => 1,
            Self::Text(_) => 2,
        }
    }
}

/// The number that a text is, if it is one: exact decimals arrive as text when a JSON number would
/// not hold them. A code with leading zeros is none.
fn written_number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut characters = digits.chars();
    let first = characters.next()?;
    let plain = first.is_ascii_digit() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let coded = first == '0' && characters.next().is_some_and(|second| second != '.');
    (plain && !coded).then(|| text.parse().ok()).flatten()
}

/// Whether every gold column has a column of its own in what was found, so that the rows are alike.
fn has_all(found: &[Column], gold: &[Column], ordered: bool) -> bool {
    let candidates: Vec<Vec<usize>> = gold
        .iter()
        .map(|column| {
            let alike = found.iter().enumerate();
            alike
                .filter(|(_, other)| columns_alike(column, other, ordered))
                .map(|(index, _)| index)
                .collect()
        })
        .collect();
    let mut tries = TRIES;
    pair(&candidates, &mut Vec::new(), &mut tries, &|pairing| {
        // Columns that agree row by row make rows that do.
        ordered
            || rows_alike(
                &rows(gold, 0..pairing.len()),
                &rows(found, pairing.iter().copied()),
            )
    })
}

/// Gives each gold column one of its candidates, going back when those chosen so far do not fit.
/// Gives up after so many `tries`.
fn pair(
    candidates: &[Vec<usize>],
    pairing: &mut Vec<usize>,
    tries: &mut usize,
    fits: &dyn Fn(&[usize]) -> bool,
) -> bool {
    let Some(choices) = candidates.get(pairing.len()) else {
        return true;
    };
    for choice in choices {
        if pairing.contains(choice) {
            continue;
        }
        let Some(left) = tries.checked_sub(1) else {
            return false;
        };
        *tries = left;
        pairing.push(*choice);
        if fits(pairing) && pair(candidates, pairing, tries, fits) {
            return true;
        }
        pairing.pop();
    }
    false
}

fn columns_alike(a: &Column, b: &Column, ordered: bool) -> bool {
    let alike = |a: &[&Cell], b: &[&Cell]| a.iter().zip(b).all(|(a, b)| a.is_alike(b));
    let (mut a, mut b): (Vec<&Cell>, Vec<&Cell>) = (a.iter().collect(), b.iter().collect());
    if !ordered {
        a.sort_by(|a, b| a.order(b));
        b.sort_by(|a, b| a.order(b));
    }
    a.len() == b.len() && alike(&a, &b)
}

/// The rows that some columns make, sorted.
fn rows(columns: &[Column], chosen: impl Iterator<Item = usize>) -> Vec<Vec<&Cell>> {
    let chosen: Vec<&Column> = chosen.filter_map(|index| columns.get(index)).collect();
    let count = chosen.first().map_or(0, |column| column.len());
    let mut rows: Vec<Vec<&Cell>> = (0..count)
        .map(|row| chosen.iter().filter_map(|column| column.get(row)).collect())
        .collect();
    rows.sort_by(|a, b| {
        let pairs = a.iter().zip(b).map(|(a, b)| a.order(b));
        pairs.fold(Ordering::Equal, Ordering::then)
    });
    rows
}

/// Whether each row has a row of its own that is alike. Sorted, they nearly always stand side by
/// side; floating-point numbers that differ in their last digit may have changed places.
fn rows_alike(a: &[Vec<&Cell>], b: &[Vec<&Cell>]) -> bool {
    let mut taken = vec![false; b.len()];
    let mut first = 0;
    a.iter().all(|row| {
        while taken.get(first).copied().unwrap_or(false) {
            first += 1;
        }
        let free = b.iter().zip(taken.iter_mut()).skip(first);
        for (other, taken) in free {
            if !*taken && row.iter().zip(other).all(|(a, b)| a.is_alike(b)) {
                *taken = true;
                return true;
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn result(columns: &[&str], rows: Value) -> QueryResult {
        let Value::Array(rows) = rows else {
            panic!("rows are an array")
        };
        QueryResult {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows
                .into_iter()
                .map(|row| {
                    let values = row.as_array().unwrap().clone();
                    let names = columns.iter().map(|name| (*name).to_owned());
                    names.zip(values).collect()
                })
                .collect(),
            truncated: false,
        }
    }

    fn same(extra_columns: usize) -> Comparison {
        Comparison::Same { extra_columns }
    }

    #[test]
    fn names_and_the_order_of_columns_do_not_count() {
        let gold = result(&["name", "count"], json!([["a", 1], ["b", 2]]));
        let found = result(&["jumlah", "nama"], json!([[2, "b"], [1, "a"]]));
        assert_eq!(compare(&found, &gold, false), same(0));
    }

    #[test]
    fn the_order_of_rows_counts_where_it_is_asked_for() {
        let gold = result(&["n"], json!([["a"], ["b"]]));
        let found = result(&["n"], json!([["b"], ["a"]]));
        assert_eq!(compare(&found, &gold, false), same(0));
        assert_eq!(
            compare(&found, &gold, true),
            Comparison::Different(Difference::Order)
        );
        assert_eq!(compare(&gold, &gold, true), same(0));
    }

    #[test]
    fn columns_beside_the_gold_ones_are_counted() {
        let gold = result(&["n"], json!([["a"], ["b"]]));
        let found = result(&["id", "n", "k"], json!([[1, "a", 5], [2, "b", 5]]));
        assert_eq!(compare(&found, &gold, false), same(2));
        assert_eq!(
            compare(&gold, &found, false),
            Comparison::Different(Difference::Columns {
                found: 1,
                expected: 3
            })
        );
    }

    #[test]
    fn values_that_belong_to_other_rows_are_a_miss() {
        let gold = result(&["n", "k"], json!([["a", 1], ["b", 2]]));
        let found = result(&["n", "k"], json!([["a", 2], ["b", 1]]));
        assert_eq!(
            compare(&found, &gold, false),
            Comparison::Different(Difference::Values)
        );
    }

    #[test]
    fn equal_columns_are_paired_so_that_the_rows_agree() {
        // Both found columns hold 1, 2, 3; only one pairing makes the gold rows.
        let gold = result(&["a", "b"], json!([[1, 2], [2, 3], [3, 1]]));
        let found = result(&["x", "y"], json!([[2, 1], [3, 2], [1, 3]]));
        assert_eq!(compare(&found, &gold, false), same(0));
    }

    #[test]
    fn a_repeated_row_must_be_repeated() {
        let gold = result(&["n"], json!([["a"], ["a"], ["b"]]));
        let found = result(&["n"], json!([["a"], ["b"], ["b"]]));
        assert_eq!(
            compare(&found, &gold, false),
            Comparison::Different(Difference::Values)
        );
        let distinct = result(&["n"], json!([["a"], ["b"]]));
        assert_eq!(
            compare(&distinct, &gold, false),
            Comparison::Different(Difference::Rows {
                found: 2,
                expected: 3
            })
        );
    }

    #[test]
    fn numbers_compare_by_value() {
        for (found, gold, alike) in [
            (json!(5), json!(5.0), true),
            (json!("12.50"), json!(12.5), true),
            (
                json!("12345678901234567.89"),
                json!("12345678901234567.89"),
                true,
            ),
            (
                json!("12345678901234567.88"),
                json!("12345678901234567.89"),
                false,
            ),
            (json!(0.1 + 0.2), json!(0.3), true),
            (json!(152_300.01), json!(152_300.02), false),
            (
                json!(9_007_199_254_740_993_i64),
                json!(9_007_199_254_740_992_i64),
                false,
            ),
            (json!("007"), json!(7), false),
            (json!("0.5"), json!(0.5), true),
            (json!(true), json!(1), true),
            (json!(null), json!(0), false),
            (json!(null), json!(null), true),
            (json!("a"), json!("A"), false),
            (json!(0.0), json!(1e-13), true),
        ] {
            let (a, b) = (
                result(&["v"], json!([[found]])),
                result(&["v"], json!([[gold]])),
            );
            let expected = if alike {
                same(0)
            } else {
                Comparison::Different(Difference::Values)
            };
            assert_eq!(compare(&a, &b, false), expected, "{found} {gold}");
        }
    }

    #[test]
    fn nothing_is_the_same_as_nothing() {
        let empty = result(&["n"], json!([]));
        assert_eq!(compare(&empty, &empty, true), same(0));
    }

    #[test]
    fn many_equal_columns_end_in_time() {
        let names: Vec<String> = (0..12).map(|index| format!("c{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let gold = result(
            &names,
            json!([
                [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2],
                [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1]
            ]),
        );
        let found = result(
            &names,
            json!([
                [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
                [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
            ]),
        );
        assert_eq!(
            compare(&found, &gold, false),
            Comparison::Different(Difference::Values)
        );
    }
}
