//! Names in a query: as the database reads them, and which tables they may stand for.

use std::borrow::Cow;

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use super::super::Dialect;
use super::Guard;

/// How many bytes of a name PostgreSQL looks at.
const LONGEST_NAME: usize = 63;

/// A name as the database reads it. Only ASCII letters are folded: no database takes the Kelvin sign for
/// a k, and Rust does.
pub(super) fn folded(dialect: Dialect, name: &Ident) -> Cow<'_, str> {
    match (dialect, name.quote_style) {
        (Dialect::Postgresql, Some(_)) => unescaped(name),
        (Dialect::Postgresql, None) | (Dialect::Mysql | Dialect::Sqlite, _) => lower(name),
    }
}

/// A name with its ASCII letters in lower case, without its escapes.
pub(super) fn lower(name: &Ident) -> Cow<'_, str> {
    let name = unescaped(name);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        name
    }
}

/// Whether PostgreSQL surely reads the name as it stands here: a long one it cuts, and what it makes of
/// letters that are not ASCII depends on its encoding.
pub(super) fn is_plain(name: &Ident) -> bool {
    let name = unescaped(name);
    name.is_ascii() && name.len() <= LONGEST_NAME
}

/// Whether PostgreSQL may take the name for the plain one, which is in lower case.
pub(super) fn may_be(name: &Ident, plain: &str) -> bool {
    lower(name).chars().take(LONGEST_NAME).eq(plain.chars())
}

/// A name without its escapes: they are kept in the tree as they were written.
pub(super) fn unescaped(name: &Ident) -> Cow<'_, str> {
    match name.quote_style {
        Some(quote @ ('"' | '`' | '\'')) if name.value.contains(quote) => Cow::Owned(
            name.value
                .replace(&format!("{quote}{quote}"), &quote.to_string()),
        ),
        _ => Cow::Borrowed(&name.value),
    }
}

/// Whether it names a table of the connection's schemas, plainly or with the schema, and none of
/// the database's own.
pub(super) fn is_readable_table(guard: &Guard, name: &ObjectName) -> bool {
    let is_usual = |table: &Ident| !is_catalogue(guard.dialect, &folded(guard.dialect, table));
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(table)] => is_usual(table) && !is_call(guard.dialect, table),
        [
            ObjectNamePart::Identifier(schema),
            ObjectNamePart::Identifier(table),
        ] => {
            is_own_schema(guard, schema)
                && !is_catalogue_schema(&folded(guard.dialect, schema))
                && is_usual(table)
        }
        _ => false,
    }
}

/// Whether a name is a call without parentheses, which PostgreSQL takes in the place of a table.
fn is_call(dialect: Dialect, name: &Ident) -> bool {
    dialect == Dialect::Postgresql
        && name.quote_style.is_none()
        && matches!(
            lower(name).as_ref(),
            "current_catalog"
                | "current_date"
                | "current_role"
                | "current_schema"
                | "current_time"
                | "current_timestamp"
                | "current_user"
                | "localtime"
                | "localtimestamp"
                | "session_user"
                | "system_user"
                | "user"
        )
}

/// Whether it is one of the connection's schemas. On MySQL two schemas may differ in the case of their
/// letters alone, so it must be written exactly.
fn is_own_schema(guard: &Guard, schema: &Ident) -> bool {
    let name = match guard.dialect {
        Dialect::Postgresql | Dialect::Sqlite => folded(guard.dialect, schema),
        Dialect::Mysql => unescaped(schema),
    };
    guard.schemas.iter().any(|own| *own == name)
}

/// Whether a plain name is, or could be, one of the database's own tables.
fn is_catalogue(dialect: Dialect, table: &str) -> bool {
    match dialect {
        // PostgreSQL looks into pg_catalog first, where every name begins like this. So do those of
        // views that extensions put into other schemas to show what the server does.
        Dialect::Postgresql => table.starts_with("pg_"),
        // Its own tables stand in schemas of their own.
        Dialect::Mysql => false,
        Dialect::Sqlite => {
            table.starts_with("sqlite_")
                || table.starts_with("pragma_")
                || matches!(
                    table,
                    "bytecode" | "dbstat" | "json_each" | "json_tree" | "tables_used"
                )
        }
    }
}

fn is_catalogue_schema(schema: &str) -> bool {
    schema.starts_with("pg_")
        || matches!(
            schema,
            "information_schema" | "mysql" | "performance_schema" | "sys"
        )
}
