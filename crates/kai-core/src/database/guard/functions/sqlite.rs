//! The functions that only SQLite has.

/// In lower case, by subject.
pub(super) const SQLITE: &[&str] = &[
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
