//! The functions that a query may call: everything else is refused, whatever it does.
//!
//! What is listed computes from its arguments and from nothing else: it reads no file, no setting,
//! no other table, runs no SQL that is handed to it as text, and waits for nothing. A function that
//! can make something huge from something small is listed with a limit on its size.

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, Value};

use super::super::Dialect;

/// The longest text that one call may ask to be padded or repeated to.
const MAX_PADDING: u64 = 10_000;

/// Whether a query may call the function, in the list of results, in a condition or in `FROM`.
/// The name is folded as the dialect folds it.
pub(super) fn is_allowed(dialect: Dialect, name: &str) -> bool {
    let own = match dialect {
        Dialect::Postgresql => POSTGRESQL,
        // The functions that MySQL shares with the others, until it has a list of its own.
        Dialect::Mysql => &[],
        Dialect::Sqlite => SQLITE,
    };
    SHARED.contains(&name) || own.contains(&name)
}

/// Why the arguments of an allowed function are not acceptable.
pub(super) fn argument_problem(name: &str, arguments: &[FunctionArg]) -> Option<String> {
    match name {
        "lpad" | "rpad" | "repeat" => {
            let length = literal(arguments.get(1)?).and_then(|value| match value {
                Value::Number(digits, _) => digits.parse::<u64>().ok(),
                _ => None,
            });
            (length.is_none_or(|length| length > MAX_PADDING)).then(|| {
                format!(
                    "{name} needs a plain number of at most {MAX_PADDING} as its second argument"
                )
            })
        }
        "format" | "printf" => {
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

/// Functions of the same name and meaning in both dialects.
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

const POSTGRESQL: &[&str] = &[
    // Aggregates and windows
    "array_agg",
    "bit_and",
    "bit_or",
    "bool_and",
    "bool_or",
    "corr",
    "covar_pop",
    "covar_samp",
    "every",
    "grouping",
    "json_agg",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "mode",
    "percentile_cont",
    "percentile_disc",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "var_pop",
    "var_samp",
    "variance",
    // Numbers
    "cbrt",
    "cosh",
    "cot",
    "div",
    "gcd",
    "generate_series",
    "greatest",
    "lcm",
    "least",
    "min_scale",
    "scale",
    "sinh",
    "tanh",
    "to_char",
    "to_hex",
    "to_number",
    "trim_scale",
    "width_bucket",
    // Text
    "ascii",
    "bit_length",
    "btrim",
    "char_length",
    "character_length",
    "chr",
    "decode",
    "encode",
    "initcap",
    "left",
    "lpad",
    "md5",
    "normalize",
    "overlay",
    "position",
    "regexp_count",
    "regexp_instr",
    "regexp_like",
    "regexp_match",
    "regexp_matches",
    "regexp_replace",
    "regexp_split_to_array",
    "regexp_split_to_table",
    "regexp_substr",
    "repeat",
    "reverse",
    "right",
    "rpad",
    "split_part",
    "starts_with",
    "string_to_array",
    "string_to_table",
    "strpos",
    "translate",
    // Text search and likeness
    "phraseto_tsquery",
    "plainto_tsquery",
    "similarity",
    "to_tsquery",
    "to_tsvector",
    "ts_headline",
    "ts_rank",
    "ts_rank_cd",
    "websearch_to_tsquery",
    "word_similarity",
    // Dates and times
    "age",
    "clock_timestamp",
    "date_bin",
    "date_part",
    "date_trunc",
    "extract",
    "isfinite",
    "justify_days",
    "justify_hours",
    "justify_interval",
    "localtime",
    "localtimestamp",
    "make_date",
    "make_interval",
    "make_time",
    "make_timestamp",
    "make_timestamptz",
    "now",
    "statement_timestamp",
    "timezone",
    "to_date",
    "to_timestamp",
    "transaction_timestamp",
    // Choice
    "num_nonnulls",
    "num_nulls",
    "row",
    // Arrays
    "array",
    "array_append",
    "array_cat",
    "array_length",
    "array_lower",
    "array_ndims",
    "array_position",
    "array_positions",
    "array_prepend",
    "array_remove",
    "array_replace",
    "array_to_json",
    "array_to_string",
    "array_upper",
    "cardinality",
    "generate_subscripts",
    "unnest",
    // Ranges
    "isempty",
    "lower_inc",
    "lower_inf",
    "range_merge",
    "upper_inc",
    "upper_inf",
    // JSON
    "json_array_elements",
    "json_array_elements_text",
    "json_build_array",
    "json_build_object",
    "json_each_text",
    "json_extract_path",
    "json_extract_path_text",
    "json_object_keys",
    "json_strip_nulls",
    "json_typeof",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "jsonb_array_length",
    "jsonb_build_array",
    "jsonb_build_object",
    "jsonb_each",
    "jsonb_each_text",
    "jsonb_extract_path",
    "jsonb_extract_path_text",
    "jsonb_insert",
    "jsonb_object",
    "jsonb_object_keys",
    "jsonb_path_exists",
    "jsonb_path_query",
    "jsonb_path_query_array",
    "jsonb_path_query_first",
    "jsonb_pretty",
    "jsonb_set",
    "jsonb_strip_nulls",
    "jsonb_typeof",
    "row_to_json",
    "to_json",
    "to_jsonb",
];

const SQLITE: &[&str] = &[
    // Aggregates
    "group_concat",
    "json_group_array",
    "json_group_object",
    "median",
    "total",
    // Numbers
    "acosh",
    "asinh",
    "atanh",
    "cosh",
    "log2",
    "sinh",
    "tanh",
    // Text
    "char",
    "glob",
    "hex",
    "instr",
    "like",
    "printf",
    "quote",
    "soundex",
    "typeof",
    "unhex",
    "unicode",
    // Full-text search
    "bm25",
    "highlight",
    "snippet",
    // Dates and times
    "datetime",
    "julianday",
    "strftime",
    "time",
    "timediff",
    "unixepoch",
    // Choice
    "ifnull",
    "iif",
    "likelihood",
    "likely",
    "unlikely",
    // JSON
    "json",
    "json_array",
    "json_extract",
    "json_insert",
    "json_patch",
    "json_pretty",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_tree",
    "json_type",
    "json_valid",
];
