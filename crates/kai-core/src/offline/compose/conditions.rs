//! Conditions: from what must hold of a column to the predicates that say so.

use chrono::Datelike;
use rust_decimal::Decimal;

use super::Refusal;
use super::scope::{Scope, plain};
use crate::offline::cue::{Comparison, Function};
use crate::offline::intent::{Filter, Rival, Test};
use crate::offline::plan::{Expr, Predicate, Select};
use crate::offline::quantity::Dates;
use crate::offline::schema::{ColumnId, Dated, Kind, Schema};

/// A value taken that many times.
pub(super) fn several(times: Decimal, of: Expr) -> Expr {
    if times == Decimal::ONE {
        of
    } else {
        Expr::Times(times, Box::new(of))
    }
}

/// The figure that a column is compared with, as a value.
fn rival(column: ColumnId, rival: &Rival, schema: &Schema) -> Result<Expr, Refusal> {
    let (function, filters) = match rival {
        Rival::Column(other) => return Ok(Expr::Column(*other)),
        Rival::Mean(filters) => (Function::Average, filters.clone()),
        // One row has but one value; of several of one name the greatest counts.
        Rival::Row(filter) => (Function::Maximum, vec![(**filter).clone()]),
    };
    let mut inner = Scope::new(schema, column.table);
    inner.apply(&filters, &[])?;
    let figure = Expr::Aggregate(function, Box::new(Expr::Column(column)));
    inner.select.outputs = vec![plain(figure, schema)];
    Ok(Expr::Query(Box::new(inner.select)))
}

/// A value as the column's type has it.
fn literal(column: ColumnId, value: &str, schema: &Schema) -> Expr {
    let number = matches!(schema.column(column).kind, Kind::Number | Kind::Year)
        .then(|| value.parse().ok())
        .flatten();
    number.map_or_else(|| Expr::Text(value.to_owned()), Expr::Number)
}

/// A filter as predicates.
pub(super) fn tests(filter: &Filter, schema: &Schema) -> Result<Vec<Predicate>, Refusal> {
    let column = Expr::Column(filter.column);
    let one = match &filter.test {
        Test::OneOf { values, negated } => Predicate::OneOf {
            expr: column,
            values: values
                .iter()
                .map(|value| literal(filter.column, value, schema))
                .collect(),
            negated: *negated,
        },
        Test::Compare(comparison, number) => {
            Predicate::Compare(column, *comparison, Expr::Number(*number))
        }
        Test::Dated(comparison, dates) => {
            return Ok(dated(filter.column, *comparison, *dates, schema));
        }
        // No row has two values in one column: "in both A and B" is in any of them.
        Test::AllOf(values) => Predicate::OneOf {
            expr: column,
            values: values.iter().cloned().map(Expr::Text).collect(),
            negated: false,
        },
        Test::Extreme { descending } => {
            let function = if *descending {
                Function::Maximum
            } else {
                Function::Minimum
            };
            let mut all = Select::from(filter.column.table);
            let figure = Expr::Aggregate(function, Box::new(column.clone()));
            all.outputs = vec![plain(figure, schema)];
            Predicate::Compare(column, Comparison::Equal, Expr::Query(Box::new(all)))
        }
        Test::Among {
            column: other,
            negated,
        } => {
            let mut among = Select::from(other.table);
            among.outputs = vec![plain(Expr::Column(*other), schema)];
            if *negated && schema.column(*other).nullable {
                among.filters = vec![Predicate::Null(Expr::Column(*other), false)];
            }
            Predicate::Within {
                exprs: vec![column],
                query: Box::new(among),
                negated: *negated,
            }
        }
        Test::Against {
            comparison,
            times,
            rival: other,
        } => {
            let other = several(*times, rival(filter.column, other, schema)?);
            Predicate::Compare(column, *comparison, other)
        }
        Test::Null(null) => Predicate::Null(column, *null),
        Test::Is(truth) => {
            let value = match schema.column(filter.column).kind {
                Kind::FlagNumber => Expr::Number(Decimal::from(u8::from(*truth))),
                Kind::FlagText => Expr::Text(
                    schema
                        .flag_value(filter.column, *truth)
                        .unwrap_or_default()
                        .to_owned(),
                ),
                _ => Expr::Truth(*truth),
            };
            Predicate::OneOf {
                expr: column,
                values: vec![value],
                negated: false,
            }
        }
    };
    Ok(vec![one])
}

/// A comparison with a day, month or year: against its first day, or the day after its last.
fn dated(
    column: ColumnId,
    comparison: Comparison,
    dates: Dates,
    schema: &Schema,
) -> Vec<Predicate> {
    let compare = |comparison, expr| Predicate::Compare(Expr::Column(column), comparison, expr);
    if schema.column(column).kind == Kind::Year {
        return years(comparison, dates.from.year(), dates.last().year())
            .into_iter()
            .map(|(comparison, year)| compare(comparison, Expr::Number(Decimal::from(year))))
            .collect();
    }
    let format = if schema.column(column).dated == Dated::Months {
        "%Y-%m"
    } else {
        "%Y-%m-%d"
    };
    let day = |day: chrono::NaiveDate| Expr::Text(day.format(format).to_string());
    match comparison {
        Comparison::Greater => vec![compare(Comparison::AtLeast, day(dates.until))],
        Comparison::AtLeast => vec![compare(Comparison::AtLeast, day(dates.from))],
        Comparison::Less => vec![compare(Comparison::Less, day(dates.from))],
        Comparison::AtMost => vec![compare(Comparison::Less, day(dates.until))],
        Comparison::Equal => vec![
            compare(Comparison::AtLeast, day(dates.from)),
            compare(Comparison::Less, day(dates.until)),
        ],
    }
}

/// A comparison of a year with those from `first` to `last`.
fn years(comparison: Comparison, first: i32, last: i32) -> Vec<(Comparison, i32)> {
    match comparison {
        Comparison::Greater | Comparison::AtMost => vec![(comparison, last)],
        Comparison::AtLeast | Comparison::Less => vec![(comparison, first)],
        Comparison::Equal if first == last => vec![(Comparison::Equal, first)],
        Comparison::Equal => vec![(Comparison::AtLeast, first), (Comparison::AtMost, last)],
    }
}
