//! The changes that bring a store up to date, for each kind of database.
//!
//! A change is a number, a name, and a file for each kind; a new table is a new entry at the end.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A change of the tables. Once released it stays as it is.
struct Change {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Declares a change by its number and name, which are also the name of its files.
macro_rules! change {
    ($version:literal, $file:literal) => {
        Change {
            version: $version,
            name: $file,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $file, ".sql")),
        }
    };
}

const CHANGES: &[Change] = &[
    change!(1, "0001_connections"),
    change!(2, "0002_runs"),
    change!(10, "0010_tables_and_knowledge"),
    change!(11, "0011_conversations"),
    change!(12, "0012_memories"),
    change!(20, "0020_tails"),
];

/// The changes for SQLite.
pub(super) fn sqlite() -> Migrator {
    migrator(|change| change.sqlite)
}

/// The changes for PostgreSQL.
pub(super) fn postgres() -> Migrator {
    migrator(|change| change.postgres)
}

fn migrator(sql: impl Fn(&Change) -> &'static str) -> Migrator {
    let changes = CHANGES.iter().map(|change| {
        Migration::new(
            change.version,
            Cow::Borrowed(
                change
                    .name
                    .trim_start_matches(|c: char| c.is_ascii_digit() || c == '_'),
            ),
            MigrationType::Simple,
            sql(change).into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(changes.collect());
    // Whoever runs the changes holds a lock for all of them, which ends with the transaction.
    migrator.set_locking(false);
    migrator
}
