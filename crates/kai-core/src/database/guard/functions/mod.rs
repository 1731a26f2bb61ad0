//! The functions that a query may call: everything else is refused, whatever it does.
//!
//! What is listed computes from its arguments and from nothing else: it reads no file, no setting,
//! no other table, runs no SQL that is handed to it as text, and waits for nothing. A function that
//! can make something huge from something small is listed with a limit on its size.

mod mysql;
pub(super) mod patterns;
mod postgresql;
mod sqlite;

use std::collections::HashSet;
use std::sync::LazyLock;

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, Value};

use super::super::Dialect;
use mysql::MYSQL;
use postgresql::POSTGRESQL;
use sqlite::SQLITE;

/// The longest text that one call may ask to be padded or repeated to.
const MAX_PADDING: u64 = 10_000;

/// Whether a query may call the function, in the list of results, in a condition or in `FROM`.
/// The name is folded as the dialect folds it.
pub(super) fn is_allowed(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::Postgresql => ALLOWED_ON_POSTGRESQL.contains(name),
        Dialect::Mysql => ALLOWED_ON_MYSQL.contains(name),
        Dialect::Sqlite => ALLOWED_ON_SQLITE.contains(name),
    }
}

/// The names of a dialect, to be looked up.
type Names = LazyLock<HashSet<&'static str>>;

static ALLOWED_ON_POSTGRESQL: Names = LazyLock::new(|| set(&[SHARED, POSTGRESQL]));
static ALLOWED_ON_MYSQL: Names = LazyLock::new(|| set(&[MYSQL]));
static ALLOWED_ON_SQLITE: Names = LazyLock::new(|| set(&[SHARED, SQLITE]));

fn set(lists: &[&[&'static str]]) -> HashSet<&'static str> {
    lists.iter().copied().flatten().copied().collect()
}

/// Why the arguments of an allowed function are not acceptable.
pub(super) fn argument_problem(
    dialect: Dialect,
    name: &str,
    arguments: &[FunctionArg],
) -> Option<String> {
    match name {
        "lpad" | "rpad" | "repeat" | "space" => {
            let (place, which) = if name == "space" {
                (0, "only")
            } else {
                (1, "second")
            };
            let length = literal(arguments.get(place)?).and_then(|value| match value {
                Value::Number(digits, _) => digits.parse::<u64>().ok(),
                _ => None,
            });
            (length.is_none_or(|length| length > MAX_PADDING)).then(|| {
                format!(
                    "{name} needs a plain number of at most {MAX_PADDING} as its {which} argument"
                )
            })
        }
        // MySQL's formats a number.
        "format" | "printf" if dialect != Dialect::Mysql => {
            let template = literal(arguments.first()?).and_then(|value| match value {
                Value::SingleQuotedString(text) => Some(text),
                _ => None,
            });
            template
                .is_none_or(|text| !widths_are_small(text))
                .then(|| {
                    format!(
                        "{name} needs a plain text as its first argument, with widths below 1000"
                    )
                })
        }
        _ if dialect == Dialect::Sqlite => patterns::problem(name, arguments),
        _ => None,
    }
}

fn literal(argument: &FunctionArg) -> Option<&Value> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) => Some(&value.value),
        _ => None,
    }
}

/// Whether no width or precision in a format is large or taken from an argument.
fn widths_are_small(template: &str) -> bool {
    let mut digits = 0;
    template.chars().all(|character| {
        digits = if character.is_ascii_digit() {
            digits + 1
        } else {
            0
        };
        digits <= 3 && character != '*'
    })
}

/// Functions of the same name and meaning in PostgreSQL and SQLite.
const SHARED: &[&str] = &[
    // Aggregates and windows
    "avg",
    "count",
    "max",
    "min",
    "string_agg",
    "sum",
    "cume_dist",
    "dense_rank",
    "first_value",
    "lag",
    "last_value",
    "lead",
    "nth_value",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
    // Numbers
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "ceil",
    "ceiling",
    "cos",
    "degrees",
    "exp",
    "floor",
    "ln",
    "log",
    "log10",
    "mod",
    "pi",
    "pow",
    "power",
    "radians",
    "random",
    "round",
    "sign",
    "sin",
    "sqrt",
    "tan",
    "trunc",
    // Text
    "concat",
    "concat_ws",
    "format",
    "length",
    "lower",
    "ltrim",
    "octet_length",
    "replace",
    "rtrim",
    "substr",
    "substring",
    "trim",
    "upper",
    // Dates and times
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    // Choice
    "coalesce",
    "nullif",
    // JSON
    "json_array_length",
    "json_each",
    "json_object",
];
