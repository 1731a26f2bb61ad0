//! What SQLite itself refuses on our connections, whatever text it is handed: an authorizer that is
//! asked while a statement is prepared, and limits on what a statement may build.
//!
//! The driver knows neither, so this calls SQLite directly.

#![expect(
    unsafe_code,
    reason = "the driver has no safe way to set an authorizer or a limit"
)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use libsqlite3_sys as ffi;
use sqlx::sqlite::LockedSqliteHandle;

use super::super::{Dialect, guard};

/// The longest text or blob that a statement may read or build, in bytes. A result is far smaller;
/// without this, one call could fill a gigabyte.
const MAX_LENGTH: c_int = 64 * 1024 * 1024;

/// The longest statement, in bytes: what the guard prints is shorter.
const MAX_STATEMENT: c_int = 1_000_000;

/// The longest pattern of LIKE and GLOB, in bytes: long ones take for ever on long texts, and nothing
/// can stop a comparison once it runs.
const MAX_PATTERN: c_int = 1_000;

/// What turns an option of a connection on.
const ON: c_int = 1;

const LIMITS: &[(c_int, c_int)] = &[
    (ffi::SQLITE_LIMIT_LENGTH, MAX_LENGTH),
    (ffi::SQLITE_LIMIT_SQL_LENGTH, MAX_STATEMENT),
    (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN),
    (ffi::SQLITE_LIMIT_ATTACHED, 0),
    (ffi::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// What the statements are for that a connection is about to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Our own, which describe the tables.
    Catalogue,
    /// Somebody's query.
    Query,
}

/// Restricts all that the connection prepares from now on.
pub(super) fn restrict(
    handle: &mut LockedSqliteHandle<'_>,
    purpose: Purpose,
) -> Result<(), sqlx::Error> {
    let database = handle.as_raw_handle().as_ptr();
    let authorizer = match purpose {
        Purpose::Catalogue => for_catalogue,
        Purpose::Query => for_query,
    };
    // SAFETY: the handle is open and ours alone while it is locked. The authorizer is a function that
    // lives as long as the program and is handed no data. `SQLITE_DBCONFIG_DEFENSIVE` takes an int and
    // a pointer to one, which may be null.
    let codes = unsafe {
        for &(limit, value) in LIMITS {
            ffi::sqlite3_limit(database, limit, value);
        }
        [
            ffi::sqlite3_set_authorizer(database, Some(authorizer), ptr::null_mut()),
            ffi::sqlite3_db_config(
                database,
                ffi::SQLITE_DBCONFIG_DEFENSIVE,
                ON,
                ptr::null_mut::<c_int>(),
            ),
        ]
    };
    if codes == [ffi::SQLITE_OK; 2] {
        Ok(())
    } else {
        Err(sqlx::Error::Protocol(
            "SQLite takes no authorizer".to_owned(),
        ))
    }
}

unsafe extern "C" fn for_catalogue(
    _: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: see `verdict`.
    unsafe { verdict(Purpose::Catalogue, action, first, second) }
}

unsafe extern "C" fn for_query(
    _: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: see `verdict`.
    unsafe { verdict(Purpose::Query, action, first, second) }
}

/// What SQLite is told.
///
/// # Safety
/// Each name is null or a text that ends with a NUL and lives as long as the call, as SQLite promises
/// of what it hands to an authorizer.
unsafe fn verdict(
    purpose: Purpose,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
) -> c_int {
    // SAFETY: what this function asks of its callers.
    let (first, second) = unsafe { (name(first), name(second)) };
    if is_allowed(purpose, action, &first, &second) {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_DENY
    }
}

/// A name in lower case; empty when there is none.
///
/// # Safety
/// As `verdict`.
unsafe fn name(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and otherwise what this function asks of its callers.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .to_ascii_lowercase()
}

/// Whether a statement may do this: read tables, and compute with functions that are known.
fn is_allowed(purpose: Purpose, action: c_int, first: &str, second: &str) -> bool {
    match action {
        ffi::SQLITE_SELECT | ffi::SQLITE_RECURSIVE => true,
        ffi::SQLITE_READ => purpose == Purpose::Catalogue || !is_internal(first),
        ffi::SQLITE_FUNCTION => may_call(second),
        ffi::SQLITE_PRAGMA => may_ask(purpose, first, second),
        // An R-tree prepares the statements that it would change itself with when it is opened. It is
        // in a file that is open for reading only.
        ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE => {
            ["_node", "_parent", "_rowid"]
                .iter()
                .any(|end| first.ends_with(end))
        }
        _ => false,
    }
}

/// Whether a table is SQLite's own, and not one that functions and indexes of the owner need.
fn is_internal(table: &str) -> bool {
    (table.starts_with("sqlite_") && table != "sqlite_stat1")
        || table.starts_with("pragma_")
        || matches!(
            table,
            "bytecode" | "dbstat" | "fts3tokenize" | "tables_used"
        )
}

/// Whether a function may be called. Operators are functions, too.
fn may_call(function: &str) -> bool {
    matches!(function, "->" | "->>" | "match" | "regexp")
        || guard::may_call(Dialect::Sqlite, function)
}

/// Whether a pragma only tells something, and who asks for it: text search looks at its pages.
fn may_ask(purpose: Purpose, pragma: &str, argument: &str) -> bool {
    match pragma {
        "data_version" | "page_size" => argument.is_empty(),
        "foreign_key_list" | "table_info" | "table_list" | "table_xinfo" => {
            purpose == Purpose::Catalogue
        }
        _ => false,
    }
}
