//! Texts that nobody should get anywhere with: what the guard says of each, and what the engine does
//! with it when there is no guard. They stand in the tables in `attacks/`.

#[path = "attacks/documented.rs"]
mod documented;
#[path = "attacks/engines.rs"]
mod engines;
#[path = "attacks/table.rs"]
mod table;

use kai_core::database::Dialect;
use kai_core::database::guard::{Guard, Rejection};

use self::table::{Column, Table};

/// The attacks on a dialect as they are sent.
pub(crate) fn texts(dialect: Dialect) -> Vec<String> {
    let table = Table::read(dialect);
    table
        .attacks()
        .map(|attack| attack.sql("/tmp/kai"))
        .collect()
}

/// The kind of a refusal, as the tables name it.
fn kind(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Empty => "empty",
        Rejection::TooLong => "too long",
        Rejection::TooComplex => "too complex",
        Rejection::Syntax { .. } => "syntax",
        Rejection::SeveralStatements => "several",
        Rejection::NotAQuery(_) => "command",
        Rejection::Construct(_) => "construct",
        Rejection::Function(_) => "function",
        Rejection::FunctionArgument(_) => "argument",
        Rejection::Type(_) => "type",
        Rejection::Table { .. } => "table",
    }
}

/// A guard for the schema that the attacks are made on.
fn guard(dialect: Dialect) -> Guard {
    match dialect {
        Dialect::Mysql => Guard::new(dialect, vec!["kai_uji".to_owned()]),
        other => Guard::for_dialect(other),
    }
}

fn the_guard_refuses(dialect: Dialect) {
    let guard = guard(dialect);
    let table = Table::read(dialect);
    let verdicts = table.attacks().map(|attack| {
        let verdict = match guard.check(&attack.sql("/tmp/kai")) {
            Ok(_) => "passes",
            Err(rejection) => kind(&rejection),
        };
        verdict.to_owned()
    });
    let verdicts: Vec<_> = verdicts.collect();
    table.compare(Column::Guard, &verdicts);
    assert!(verdicts.len() >= 200, "{dialect}: {}", verdicts.len());
    // What passes is stopped by the engine: by its limits, or as a mistake.
    for attack in table.attacks().filter(|attack| attack.guard() == "passes") {
        for engine in attack.engines() {
            assert!(
                engine != "ran",
                "{dialect}: nothing stops {}",
                attack.text()
            );
        }
    }
}

#[test]
fn the_guard_refuses_what_is_tried_on_postgresql() {
    the_guard_refuses(Dialect::Postgresql);
}

#[test]
fn the_guard_refuses_what_is_tried_on_mysql() {
    the_guard_refuses(Dialect::Mysql);
}

#[test]
fn the_guard_refuses_what_is_tried_on_sqlite() {
    the_guard_refuses(Dialect::Sqlite);
}
