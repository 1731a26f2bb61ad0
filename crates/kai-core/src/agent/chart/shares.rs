//! Whether the numbers of a column are shares of a whole, so that a pie says nothing wrong.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::database::{CheckedQuery, QueryResult};

/// Words of the names of columns whose numbers nobody adds up.
const NOT_ADDED: &[&str] = &[
    "avg",
    "average",
    "mean",
    "rata",
    "rerata",
    "median",
    "min",
    "minimum",
    "max",
    "maximum",
    "minimal",
    "maksimal",
    "terendah",
    "tertinggi",
    "stddev",
    "variance",
    "age",
    "umur",
    "usia",
    "price",
    "harga",
    "rate",
    "ratio",
    "rasio",
    "rating",
    "score",
    "skor",
    "rank",
    "peringkat",
    "percent",
    "percentage",
    "pct",
    "persen",
    "persentase",
    "temperature",
    "suhu",
    "latitude",
    "longitude",
    "lintang",
    "bujur",
    "growth",
    "pertumbuhan",
    "per",
    "year",
    "tahun",
];

/// What shares in percent may add up to, rounded as they are.
const NEARLY_ALL: (Decimal, Decimal) = (
    Decimal::from_parts(99, 0, 0, false, 0),
    Decimal::from_parts(101, 0, 0, false, 0),
);

/// Whether the numbers of the column are shares of a whole: none of them negative, all of them there, and
/// such that adding them up means something. The query knows best; else the column's name tells.
pub(super) fn are_shares(result: &QueryResult, column: &str, query: Option<&CheckedQuery>) -> bool {
    if result.truncated {
        return false;
    }
    let values: Option<Vec<Decimal>> = result
        .rows
        .iter()
        .filter_map(|row| row.get(column))
        .filter(|value| !value.is_null())
        .map(decimal)
        .collect();
    let Some(sum) = values
        .filter(|values| values.iter().all(|value| !value.is_sign_negative()))
        .and_then(|values| {
            let mut values = values.into_iter();
            values.try_fold(Decimal::ZERO, Decimal::checked_add)
        })
        .filter(|sum| !sum.is_zero())
    else {
        return false;
    };
    let place = result.columns.iter().position(|name| name == column);
    let made = query
        .zip(place)
        .and_then(|(query, place)| query.adds_up(place, result.columns.len()));
    match made {
        Some(true) => true,
        Some(false) => names_a_percentage(column) && is_all(sum),
        None if names_a_percentage(column) => is_all(sum),
        None => !words(column).any(|word| NOT_ADDED.contains(&word.as_str())),
    }
}

/// Whether shares add up to all of something, in percent or as parts of one.
fn is_all(sum: Decimal) -> bool {
    let (least, most) = NEARLY_ALL;
    let is_near = |sum: Decimal| (least..=most).contains(&sum);
    is_near(sum) || sum.checked_mul(Decimal::ONE_HUNDRED).is_some_and(is_near)
}

fn names_a_percentage(column: &str) -> bool {
    words(column).any(|word| {
        matches!(
            word.as_str(),
            "percent"
                | "percentage"
                | "pct"
                | "persen"
                | "persentase"
                | "share"
                | "porsi"
                | "pangsa"
        )
    })
}

fn words(column: &str) -> impl Iterator<Item = String> {
    let parts = column.split(|c: char| !c.is_alphanumeric());
    parts.map(str::to_lowercase)
}

/// A number, also where its exactness made it a text.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    text.parse()
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::database::{Dialect, guard};

    fn result(column: &str, values: &[Value]) -> QueryResult {
        let rows = values.iter().enumerate().map(|(at, value)| {
            let city = ("city".to_owned(), json!(format!("c{at}")));
            [city, (column.to_owned(), value.clone())]
                .into_iter()
                .collect()
        });
        QueryResult {
            columns: vec!["city".to_owned(), column.to_owned()],
            rows: rows.collect(),
            truncated: false,
        }
    }

    #[test]
    fn the_query_tells_what_adds_up() {
        let figures = [json!(3), json!("4.5")];
        let shares = |expression: &str| {
            let sql = format!("SELECT city, {expression} AS n FROM shop GROUP BY city");
            let query = guard::check(&sql, Dialect::Sqlite).ok();
            are_shares(&result("n", &figures), "n", query.as_ref())
        };
        assert!(shares("COUNT(*)"));
        assert!(!shares("AVG(price)"));
        assert!(shares("price"), "nothing speaks against it");
    }

    #[test]
    fn else_the_name_of_the_column_does() {
        let figures = [json!(30), json!(40)];
        for (column, expected) in [
            ("customers", true),
            ("modal_awal", true),
            ("rata_rata_modal", false),
            ("Average price", false),
            ("umur", false),
            ("generate", true),
            ("persen", false),
        ] {
            let shown = result(column, &figures);
            assert_eq!(are_shares(&shown, column, None), expected, "{column}");
        }
    }

    #[test]
    fn percentages_have_to_be_all_of_something() {
        for (values, expected) in [
            ([json!(60), json!("39.9")], true),
            ([json!(0.6), json!(0.4)], true),
            ([json!(60), json!(70)], false),
        ] {
            let shown = result("persen", &values);
            assert_eq!(are_shares(&shown, "persen", None), expected, "{values:?}");
        }
    }

    #[test]
    fn what_is_negative_nothing_or_cut_is_no_share() {
        assert!(!are_shares(&result("n", &[json!(3), json!(-1)]), "n", None));
        assert!(!are_shares(&result("n", &[json!(0), json!(0)]), "n", None));
        let cut = QueryResult {
            truncated: true,
            ..result("n", &[json!(3)])
        };
        assert!(!are_shares(&cut, "n", None));
    }
}
