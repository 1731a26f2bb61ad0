//! What the guard's fuzz target checks, fed with questions and attacks that were cut and put together.

use std::cell::Cell;

use kai_core::database::Dialect;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRunner};

use super::{attacks, queries};

#[path = "../../fuzz/bodies/guard.rs"]
mod guard;

/// Pieces that turn one construct into another.
const PIECES: &[&str] = &[
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "--",
    "-- ",
    "/*",
    "*/",
    "/*!",
    "/*!50000",
    "#",
    ";",
    "(",
    ")",
    "[",
    "]",
    "$$",
    "$a$",
    "@",
    "@@",
    "::",
    ".",
    ",",
    "\0",
    "\n",
    " INTO ",
    " FOR UPDATE",
    " UNION ",
    "E'",
    "U&'",
    "N'",
    "x'",
    "- ",
    "{fn ",
    "}",
    "sleep(1)",
    "pg_sleep(1)",
    "load_extension('x')",
    "tidak_ada(1)",
    " OPERATOR(x.+) ",
    "WITH x AS (",
    "SELECT ",
    "\u{ff07}",
    "\u{2019}",
    "\u{1f334}",
];

/// Two texts, one cut into the other, with a piece between or none.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let mut all: Vec<String> = Vec::new();
    for dialect in [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite] {
        all.extend(queries::of(dialect));
        // Those that are long by repetition only take time.
        let attacks = attacks::texts(dialect).into_iter();
        all.extend(attacks.filter(|text| text.len() < 500));
    }
    let text = prop::sample::select(all);
    let piece = prop_oneof![
        3 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => Just(String::new()),
        1 => any::<char>().prop_map(String::from),
    ];
    let place = any::<prop::sample::Index>;
    (text.clone(), piece, text, place(), place(), any::<bool>()).prop_map(
        |(first, piece, second, cut, start, is_whole)| {
            let first: Vec<char> = first.chars().collect();
            let second: Vec<char> = second.chars().collect();
            let cut = cut.index(first.len() + 1);
            let middle = if is_whole {
                &second[..0]
            } else {
                &second[start.index(second.len() + 1)..]
            };
            let letters = first[..cut].iter().copied().chain(piece.chars());
            let letters = letters.chain(middle.iter().copied());
            // Sometimes the end of the first follows, so that what was opened is closed.
            let rest = if is_whole { &first[cut..] } else { &[] };
            let text: String = letters.chain(rest.iter().copied()).collect();
            text.into_bytes()
        },
    )
}

#[test]
fn what_passes_is_one_harmless_query_that_passes_again() {
    let passed = Cell::new(0);
    let config = Config {
        cases: 6_000,
        failure_persistence: None,
        // The default is secure, and takes most of the time in a debug build.
        rng_algorithm: RngAlgorithm::XorShift,
        ..Config::default()
    };
    let run = TestRunner::new(config).run(&texts(), |text| {
        passed.set(passed.get() + guard::check(&text));
        Ok(())
    });
    run.unwrap();
    assert!(passed.get() > 1_000, "{} passed", passed.get());
}
