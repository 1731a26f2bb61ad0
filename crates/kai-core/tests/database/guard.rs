//! The guard without a database: what passes, what does not, and what is told.

use std::time::{Duration, Instant};

use kai_core::database::guard::{Guard, Rejection, check};
use kai_core::database::{CheckedQuery, Dialect};
use proptest::prelude::*;

use super::{attacks, queries};

const DIALECTS: [Dialect; 3] = [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite];

#[test]
fn questions_pass() {
    for dialect in DIALECTS {
        let guard = guard(dialect);
        for sql in queries::of(dialect) {
            let passed = guard
                .check(&sql)
                .unwrap_or_else(|error| panic!("{dialect} {sql}\n{error}"));
            // What runs passes again, unchanged.
            assert_eq!(guard.check(passed.sql()).unwrap().sql(), passed.sql());
        }
    }
}

#[test]
fn what_the_parser_does_not_read_is_refused_and_listed() {
    for dialect in DIALECTS {
        for sql in queries::not_read(dialect) {
            let refused = guard(dialect).check(&sql);
            assert!(
                matches!(refused, Err(Rejection::Syntax { .. })),
                "{dialect} {sql}: {refused:?}"
            );
        }
    }
}

#[test]
fn reading_back_what_was_printed_is_left_out_only_where_it_changes_nothing() {
    for dialect in DIALECTS {
        let guard = guard(dialect);
        for text in queries::of(dialect)
            .into_iter()
            .chain(attacks::texts(dialect))
        {
            assert_eq!(
                guard.check(&text),
                guard.check_reading_back(&text),
                "{dialect}: {text}"
            );
        }
    }
}

/// A guard for the schema that the questions are asked of.
fn guard(dialect: Dialect) -> Guard {
    match dialect {
        Dialect::Mysql => Guard::new(dialect, vec!["kai_uji".to_owned()]),
        other => Guard::for_dialect(other),
    }
}

#[test]
fn what_runs_is_free_of_comments_and_keeps_its_texts() {
    let passed = |sql: &str| check(sql, Dialect::Postgresql).unwrap();
    assert_eq!(
        passed("select /* a */ nama -- b\nfrom koperasi ;").sql(),
        "SELECT nama FROM koperasi"
    );
    for literal in [
        "''''", "''''''", "'\\'''", "'a''''b'", "'\\'", "'--'", "'/*'",
    ] {
        assert_eq!(
            passed(&format!("SELECT {literal}")).sql(),
            format!("SELECT {literal}")
        );
    }
}

fn rejection(sql: &str, dialect: Dialect) -> Rejection {
    check(sql, dialect).unwrap_err()
}

#[test]
fn a_rejection_says_how_to_go_on() {
    insta::assert_snapshot!(
        [
            "",
            "SELECT 1; SELECT 2",
            "DROP TABLE koperasi",
            "SELEC nama FROM koperasi",
            "SELECT nama FROM",
            "SELECT pg_sleep(10)",
            "SELECT repeat('x', 1000000)",
            "SELECT * FROM rahasia.gaji",
            "SELECT * FROM pg_class",
            "SELECT * FROM koperasi FOR UPDATE",
            "WITH x AS (DELETE FROM koperasi RETURNING *) SELECT * FROM x",
            "SELECT 'koperasi'::regclass",
            "SELECT $1",
            "SELECT f.pg_read_file FROM unnest(ARRAY['/etc/passwd']) AS f",
        ]
        .map(|sql| format!("{sql}\n  {}", rejection(sql, Dialect::Postgresql)))
        .join("\n")
    );
}

#[test]
fn only_the_schemas_of_the_connection_can_be_read() {
    let guard = Guard::new(
        Dialect::Postgresql,
        vec!["penjualan".to_owned(), "Arsip Lama".to_owned()],
    );
    for sql in [
        "SELECT * FROM faktur",
        "SELECT * FROM penjualan.faktur",
        "SELECT * FROM PENJUALAN.faktur",
        "SELECT * FROM \"Arsip Lama\".faktur",
        "SELECT 'baru'::penjualan.status",
    ] {
        assert!(guard.check(sql).is_ok(), "{sql}");
    }
    for sql in [
        "SELECT * FROM public.faktur",
        "SELECT * FROM \"Penjualan\".faktur",
        "SELECT 'baru'::public.status",
    ] {
        assert!(guard.check(sql).is_err(), "{sql}");
    }
    let message = guard.check("SELECT * FROM public.faktur").unwrap_err();
    assert!(message.to_string().contains("penjualan, Arsip Lama"));
}

#[test]
fn monsters_are_refused_quickly() {
    let monsters = [
        format!("SELECT {}1{}", "(".repeat(40_000), ")".repeat(40_000)),
        format!(
            "SELECT * FROM {}koperasi{}",
            "(".repeat(40_000),
            ")".repeat(40_000)
        ),
        format!("SELECT * FROM {}koperasi{}", "(".repeat(24), ")".repeat(24)),
        format!("SELECT {}1{}", "(".repeat(24), ")".repeat(24)),
        format!("SELECT {}", "(".repeat(24)),
        format!("SELECT * FROM {}", "(".repeat(24)),
        format!("SELECT * FROM {}", "(SELECT * FROM ".repeat(24)),
        format!("SELECT {}1", "NOT ".repeat(20_000)),
        format!("SELECT 1{}", " + 1".repeat(20_000)),
        format!("SELECT 1{}", " IS NULL".repeat(10_000)),
        format!("SELECT 1{}", "::text".repeat(10_000)),
        format!("SELECT 1{}", " NOTNULL".repeat(10_000)),
        format!(
            "SELECT {}1{}",
            "CASE WHEN ".repeat(9_000),
            " THEN 1 END".repeat(900)
        ),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(6_000)),
        format!("SELECT '{}'", "x".repeat(100_000)),
        format!("SELECT {}", "- ".repeat(40_000)),
    ];
    for dialect in DIALECTS {
        for monster in &monsters {
            let start = Instant::now();
            let _ = check(monster, dialect);
            let took = start.elapsed();
            let shown: String = monster.chars().take(40).collect();
            assert!(took < Duration::from_secs(2), "{shown} took {took:?}");
        }
    }
}

#[test]
fn long_lists_pass_and_deep_trees_do_not_overflow_the_stack() {
    let list = (0..5_000).map(|n| n.to_string()).collect::<Vec<_>>();
    let sql = format!(
        "SELECT nama FROM koperasi WHERE id IN ({})",
        list.join(", ")
    );
    assert!(check(&sql, Dialect::Sqlite).is_ok());

    // The deepest trees that the limit on the tokens lets be built, on a thread with as little
    // stack as an asynchronous worker has.
    let depths = [
        format!("SELECT 1{}", " + 1".repeat(3_990)),
        format!("SELECT 1{}", " NOTNULL".repeat(3_990)),
        format!("SELECT 1{}", "::text".repeat(1_900)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(1_900)),
    ];
    for sql in depths {
        let checked = std::thread::Builder::new()
            .stack_size(2 * 1024 * 1024)
            .spawn(move || {
                let _ = check(&sql, Dialect::Sqlite);
                let _ = check(&sql, Dialect::Postgresql);
            })
            .unwrap();
        checked.join().unwrap();
    }
}

#[test]
fn every_name_can_be_written_so_that_it_passes() {
    let words = sqlparser::keywords::ALL_KEYWORDS
        .iter()
        .map(|word| word.to_lowercase());
    for dialect in DIALECTS {
        let misread: Vec<String> = words
            .clone()
            .filter(|word| {
                let name = dialect.quote(word);
                let sql = format!(
                    "SELECT {name}, t.{name} AS {name}, COUNT({name}) FROM {name} AS t \
                     JOIN {name} ON t.{name} = {name}.{name} WHERE {name} = 1 \
                     GROUP BY {name}, t.{name} ORDER BY {name} DESC"
                );
                check(&sql, dialect).is_err()
            })
            .collect();
        assert_eq!(misread, [""; 0], "{dialect}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Texts and names of any characters come out as they went in, and nothing panics.
    #[test]
    fn any_literal_and_any_name_survive(text in "[^\0]{0,12}", name in "[^\0]{1,12}") {
        for dialect in DIALECTS {
            let sql = format!(
                "SELECT '{}' FROM koperasi AS {}",
                match dialect {
                    Dialect::Mysql => text.replace('\\', "\\\\"),
                    Dialect::Postgresql | Dialect::Sqlite => text.clone(),
                }
                .replace('\'', "''"),
                dialect.quote(&name),
            );
            let passed = check(&sql, dialect);
            prop_assert_eq!(passed.as_ref().map(CheckedQuery::sql), Ok(sql.as_str()));
        }
    }

    #[test]
    fn no_text_makes_it_panic(sql in "\\PC{0,60}", tail in "[a-z(),.;'\"$: ]{0,60}") {
        for dialect in DIALECTS {
            let _ = check(&sql, dialect);
            let _ = check(&format!("SELECT {tail}"), dialect);
            let _ = check(&format!("SELECT * FROM {tail}{sql}"), dialect);
        }
    }
}
