//! What a model is shown of a result: its first rows, how many there are, and what its columns hold.
//! The other rows never travel through the model.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::database::QueryResult;
use crate::event::Row;

/// Most rows that a model and the subscribers are shown; the original's number.
pub(super) const SHOWN_ROWS: usize = 100;

/// How many characters of rows a model is shown, as far as that leaves it [`FEWEST_ROWS`].
const SHOWN_CHARACTERS: usize = 12_000;

/// How many rows a model is shown however long they are.
const FEWEST_ROWS: usize = 20;

/// How many characters of a text a model is shown, at most and at least.
const LONGEST_TEXT: usize = 200;
const SHORTEST_TEXT: usize = 20;

/// How many of a column's commonest values are told.
const COMMON_VALUES: usize = 3;

/// The result as a model reads it.
pub(super) fn preview(result: &QueryResult) -> Value {
    let texts = (SHOWN_CHARACTERS / FEWEST_ROWS / result.columns.len().max(1))
        .clamp(SHORTEST_TEXT, LONGEST_TEXT);
    let mut left = SHOWN_CHARACTERS;
    let mut data: Vec<Row> = Vec::new();
    for row in result.rows.iter().take(SHOWN_ROWS) {
        let row: Row = row
            .iter()
            .map(|(name, value)| (name.clone(), shortened(value, texts)))
            .collect();
        let size: usize = row
            .iter()
            .map(|(name, value)| name.len() + size(value))
            .sum();
        if size > left && data.len() >= FEWEST_ROWS {
            break;
        }
        left = left.saturating_sub(size);
        data.push(row);
    }
    let row_count = result.rows.len();
    let is_whole = data.len() == row_count;
    let mut told = Map::new();
    told.insert("success".to_owned(), true.into());
    told.insert("row_count".to_owned(), row_count.into());
    told.insert("columns".to_owned(), json!(result.columns));
    told.insert("data".to_owned(), json!(data));
    told.insert(
        "truncated".to_owned(),
        (result.truncated || !is_whole).into(),
    );
    if !is_whole {
        told.insert("rows_shown".to_owned(), data.len().into());
        let columns = result.columns.iter();
        let stats: Vec<Value> = columns.map(|column| stats(result, column)).collect();
        told.insert("column_stats".to_owned(), stats.into());
    }
    if result.truncated {
        let note = format!(
            "the database had more rows than the limit allows; row_count and column_stats are of \
             the first {row_count}: aggregate in SQL for figures of all of them"
        );
        told.insert("note".to_owned(), note.into());
    }
    told.into()
}

/// What one column holds, over all rows that were read.
fn stats(result: &QueryResult, column: &str) -> Value {
    let values: Vec<&Value> = result
        .rows
        .iter()
        .filter_map(|row| row.get(column))
        .filter(|value| !value.is_null())
        .collect();
    let mut stats = Map::new();
    stats.insert("column".to_owned(), column.into());
    let nulls = result.rows.len() - values.len();
    if nulls > 0 {
        stats.insert("nulls".to_owned(), nulls.into());
    }
    let mut times: HashMap<String, usize> = HashMap::new();
    for value in &values {
        *times.entry(text(value)).or_default() += 1;
    }
    stats.insert("distinct".to_owned(), times.len().into());
    let numbers: Option<Vec<Decimal>> = values.iter().map(|value| number(value)).collect();
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let sum = numbers
                .iter()
                .try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number));
            let mean = sum.and_then(|sum| sum.checked_div(Decimal::from(numbers.len() as u64)));
            let mut tell = |name: &str, number: Option<Decimal>| {
                if let Some(number) = number {
                    stats.insert(name.to_owned(), number.normalize().to_string().into());
                }
            };
            tell("min", numbers.iter().min().copied());
            tell("max", numbers.iter().max().copied());
            tell("sum", sum);
            tell("average", mean.map(|mean| mean.round_dp(6)));
        }
        _ => {
            let mut common: Vec<(String, usize)> = times.into_iter().collect();
            common.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let common = common.into_iter().filter(|(_, times)| *times > 1);
            let common: Vec<Value> = common
                .take(COMMON_VALUES)
                .map(|(value, times)| {
                    json!({"value": shortened(&value.into(), LONGEST_TEXT), "times": times})
                })
                .collect();
            if !common.is_empty() {
                stats.insert("most_common".to_owned(), common.into());
            }
        }
    }
    stats.into()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A number, also where its exactness made it a text.
fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            text.parse()
                .or_else(|_| Decimal::from_scientific(&text))
                .ok()
        }
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        other => other.to_string().len(),
    }
}

/// The value, cut where it is a long text or holds one.
fn shortened(value: &Value, longest: usize) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(longest) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
            None => value.clone(),
        },
        Value::Array(_) | Value::Object(_) => {
            let text = value.to_string();
            if text.len() > longest {
                shortened(&text.into(), longest)
            } else {
                value.clone()
            }
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(rows: usize, text: &str) -> QueryResult {
        let columns = vec!["n".to_owned(), "city".to_owned()];
        let rows = (0..rows)
            .map(|at| {
                let city = format!("{text}{}", at % 2);
                let cells = [json!(format!("{at}.5")), json!(city)];
                columns.iter().cloned().zip(cells).collect()
            })
            .collect();
        QueryResult {
            columns,
            rows,
            truncated: false,
        }
    }

    #[test]
    fn a_small_result_is_shown_whole_and_without_more() {
        let told = preview(&result(3, "c"));
        assert_eq!(told["row_count"], 3);
        assert_eq!(told["data"][2], json!({"n": "2.5", "city": "c0"}));
        assert_eq!(told["truncated"], false);
        assert_eq!(told.get("column_stats"), None);
    }

    #[test]
    fn a_large_result_is_told_by_its_first_rows_and_by_what_the_columns_hold() {
        let told = preview(&result(400, "c"));
        assert_eq!(told["row_count"], 400);
        assert_eq!(told["data"].as_array().map(Vec::len), Some(SHOWN_ROWS));
        assert_eq!(told["rows_shown"], SHOWN_ROWS);
        assert_eq!(
            told["column_stats"],
            json!([
                {"column": "n", "distinct": 400, "min": "0.5", "max": "399.5", "sum": "80000",
                 "average": "200"},
                {"column": "city", "distinct": 2, "most_common": [
                    {"value": "c0", "times": 200}, {"value": "c1", "times": 200}]},
            ])
        );
    }

    #[test]
    fn long_texts_are_cut_and_long_rows_are_fewer() {
        let told = preview(&result(400, &"é".repeat(5_000)));
        let rows = told["data"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        assert!(
            (FEWEST_ROWS..SHOWN_ROWS).contains(&rows.len()),
            "{}",
            rows.len()
        );
        assert_eq!(
            rows.first()
                .and_then(|row| row["city"].as_str())
                .map(|city| city.chars().count()),
            Some(201)
        );
        assert!(told.to_string().len() < 3 * SHOWN_CHARACTERS);
    }

    #[test]
    fn what_the_limits_have_cut_is_said() {
        let mut result = result(5, "c");
        result.truncated = true;
        let told = preview(&result);
        assert_eq!(told["truncated"], true);
        assert!(
            told["note"]
                .as_str()
                .is_some_and(|note| note.contains("the first 5"))
        );
    }
}
