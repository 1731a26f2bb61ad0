//! Names in a query: as the database reads them, and which tables they may stand for.

use sqlparser::ast::{Ident, ObjectName};

use super::super::Dialect;
use super::Guard;

/// A name as the database reads it.
pub(super) fn folded(dialect: Dialect, name: &Ident) -> String {
    match (dialect, name.quote_style) {
        (Dialect::Postgresql, Some(_)) => unescaped(name),
        (Dialect::Postgresql, None) | (Dialect::Mysql | Dialect::Sqlite, _) => {
            unescaped(name).to_lowercase()
        }
    }
}

/// The parts of a name as the database reads them. None when a part is no plain name.
pub(super) fn parts(dialect: Dialect, name: &ObjectName) -> Option<Vec<String>> {
    name.0
        .iter()
        .map(|part| part.as_ident().map(|ident| folded(dialect, ident)))
        .collect()
}

/// A name without its escapes: they are kept in the tree as they were written.
pub(super) fn unescaped(name: &Ident) -> String {
    match name.quote_style {
        Some(quote @ ('"' | '`' | '\'')) => name
            .value
            .replace(&format!("{quote}{quote}"), &quote.to_string()),
        _ => name.value.clone(),
    }
}

/// Whether it names a table of the connection's schemas, plainly or with the schema, and none of
/// the database's own.
pub(super) fn is_readable_table(guard: &Guard, name: &ObjectName) -> bool {
    match parts(guard.dialect, name).as_deref() {
        Some([table]) => !is_catalogue(guard.dialect, table),
        Some([schema, table]) => {
            is_own_schema(guard, name, schema)
                && !is_catalogue_schema(schema)
                && !is_catalogue(guard.dialect, table)
        }
        _ => false,
    }
}

/// Whether the first part of the name, folded to `schema`, is one of the connection's schemas. On
/// MySQL two schemas may differ in the case of their letters alone, so it must be written exactly.
fn is_own_schema(guard: &Guard, name: &ObjectName, schema: &String) -> bool {
    match guard.dialect {
        Dialect::Postgresql | Dialect::Sqlite => guard.schemas.contains(schema),
        Dialect::Mysql => name
            .0
            .first()
            .and_then(|part| part.as_ident())
            .is_some_and(|ident| guard.schemas.contains(&unescaped(ident))),
    }
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
