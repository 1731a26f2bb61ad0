//! The guard's two ways of reading a text: the quick one says what sqlparser's own dialect says, or nothing.

use kai_core::database::Dialect;
use kai_core::database::guard::Guard;
use proptest::prelude::*;
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::keywords::ALL_KEYWORDS;
use sqlparser::tokenizer::Tokenizer;

use super::{attacks, queries};

const DIALECTS: [Dialect; 3] = [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite];

/// Whether the text was read the quick way, which must have led to the same tree, with the same places in the
/// text, or the same refusal.
fn is_read_quickly(dialect: Dialect, sql: &str) -> bool {
    let readings = Guard::for_dialect(dialect).readings(sql);
    let Some(quick) = readings.quick else {
        return false;
    };
    assert_eq!(quick, readings.full, "{dialect}: {sql}");
    true
}

#[test]
fn questions_and_attacks_are_read_alike() {
    for dialect in DIALECTS {
        let questions = queries::of(dialect);
        let quick = questions
            .iter()
            .filter(|sql| is_read_quickly(dialect, sql))
            .count();
        assert!(
            quick * 10 > questions.len() * 6,
            "{dialect}: only {quick} of {} questions",
            questions.len()
        );
        let attacks = attacks::texts(dialect);
        for sql in attacks.iter().chain(&queries::not_read(dialect)) {
            is_read_quickly(dialect, sql);
        }
    }
}

fn every_keyword_is_read_alike(dialect: Dialect) {
    for word in ALL_KEYWORDS.iter().map(|keyword| keyword.to_lowercase()) {
        for sql in [
            format!("SELECT {word} FROM t"),
            format!("SELECT t.{word}, {word}.a, {word}.* FROM t WHERE {word}.a > {word}.b.c"),
            format!("SELECT {word}(a), {word}(*), {word}() FROM t"),
            format!("SELECT x({word}), x(a, {word}.b), x(DISTINCT {word}) FROM t"),
            format!("SELECT x({word} a), x({word} 'a', 1) FROM t"),
            format!("SELECT x(1 {word} 2) FROM t"),
            format!("SELECT x(a) {word}, b FROM t"),
            format!("SELECT x(a) {word} (ORDER BY b) FROM t"),
            format!("SELECT x(a) {word} 1 FROM t"),
            format!("SELECT {word} 'a' FROM t"),
            format!("SELECT {word} a.b DAY, {word} x(1) FROM t"),
            format!("SELECT {word} NULL FROM t"),
            format!("SELECT a.b {word} c.d {word} 1 FROM t {word}"),
            format!("SELECT CASE {word} WHEN {word} THEN {word} ELSE {word} END FROM t"),
            format!("SELECT CAST({word} AS {word}), a::{word} FROM t"),
        ] {
            is_read_quickly(dialect, &sql);
        }
    }
}

#[test]
fn every_keyword_is_read_alike_on_postgresql() {
    every_keyword_is_read_alike(Dialect::Postgresql);
}

#[test]
fn every_keyword_is_read_alike_on_mysql() {
    every_keyword_is_read_alike(Dialect::Mysql);
}

#[test]
fn every_keyword_is_read_alike_on_sqlite() {
    every_keyword_is_read_alike(Dialect::Sqlite);
}

#[test]
fn limits_of_depth_are_the_same() {
    for dialect in DIALECTS {
        for depth in 1..60 {
            for (open, inner, close) in [
                ("CASE WHEN a = 1 THEN ", "b", " END"),
                ("NOT ", "a", ""),
                ("- ", "1", ""),
                ("x(", "'a'", ")"),
                ("coalesce(a, ", "a.b", ")"),
                ("(", "a", ")"),
                ("(SELECT ", "NULL", ")"),
                ("CAST(", "a", " AS text)"),
                ("a = ", "x(b)", ""),
            ] {
                let sql = format!(
                    "SELECT {}{inner}{}",
                    open.repeat(depth),
                    close.repeat(depth)
                );
                is_read_quickly(dialect, &sql);
            }
        }
    }
}

#[test]
fn usual_queries_are_read_quickly_and_odd_ones_are_not() {
    for dialect in DIALECTS {
        for sql in [
            "SELECT nama FROM koperasi -- all of them\nWHERE a <= -1.5 AND b<>'x, y';",
            "select count(*), sum(k.modal) from koperasi k where k.\tnama like '%Tani%'",
            "SELECT COUNT(DISTINCT k.id) OVER (PARTITION BY p.a) FROM k JOIN p ON p.id = k.p_id",
            "SELECT CASE WHEN a > 1 THEN 'x' ELSE NULL END, CAST(a AS CHAR) FROM t",
        ] {
            // A space after the point of a name.
            let is_plain = !sql.contains(".\t");
            assert_eq!(is_read_quickly(dialect, sql), is_plain, "{dialect}: {sql}");
        }
        for sql in [
            "SELECT 'it''s'",
            "SELECT 'a' 'b'",
            "SELECT 'a'\n'b'",
            "SELECT 'a\nb'",
            "SELECT 'a\\b'",
            "SELECT 'é'",
            "SELECT x'1F'",
            "SELECT n'a'",
            "SELECT 1e5",
            "SELECT 1.",
            "SELECT .5",
            "SELECT 0x1F",
            "SELECT a[1]",
            "SELECT $1",
            "SELECT :a",
            "SELECT @a",
            "SELECT a.1",
            "SELECT 1 =- 1",
            "SELECT 1 /* a */",
            "SELECT /*+ a */ 1",
            "SELECT --+ a\n1",
            "SELECT --a\n1",
            "SELECT 1 # a",
            "SELECT a . b FROM a",
            "SELECT\u{a0}1",
            "SELECT 1\r\n",
        ] {
            assert!(!is_read_quickly(dialect, sql), "{dialect}: {sql}");
        }
    }
}

/// Words, operators and pieces that begin, end or change an expression.
const PIECES: &[&str] = &[
    "a",
    "b",
    "nama",
    "_utf8",
    "t.a",
    "t.*",
    "s.t.a",
    "*",
    "x(",
    "xml",
    "xmlparse",
    "count",
    "sum(",
    "coalesce(",
    "(",
    "(",
    ")",
    ")",
    ",",
    ",",
    ".",
    ";",
    "1",
    "2.50",
    "'x'",
    "'2020-01-01'",
    "\"Nama\"",
    "`nama`",
    "-- c\n",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "<>",
    "<",
    ">=",
    "||",
    "::",
    "::text",
    "->",
    "->>",
    "SELECT",
    "DISTINCT",
    "ALL",
    "FROM t",
    "JOIN u ON",
    "LEFT",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "IN (",
    "IS",
    "NULL",
    "TRUE",
    "LIKE",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS",
    "AS c",
    "EXISTS (",
    "DATE",
    "TIMESTAMP",
    "INTERVAL",
    "DAY",
    "EXTRACT(",
    "YEAR",
    "MONTH",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "UNION",
    "WITH c AS (",
    "OVER (",
    "OVER w",
    "PARTITION BY",
    "FILTER (",
    "WITHIN",
    "ROWS",
    "COLLATE",
    "ARRAY",
    "BINARY",
    "CURRENT_DATE",
    "POSITION",
    "SUBSTRING(",
    "TRIM(",
    "CEIL(",
    "ROW",
    "VALUES (",
    "DIV",
    "REGEXP",
    "GLOB",
    "MATCH",
    "ANY",
    "SOME",
    "AT TIME ZONE",
    "RETURNING",
    "SEPARATOR",
    "IGNORE",
    "RESPECT NULLS",
    "DESC",
    "FOR",
    "VALUE",
    "ABSENT ON NULL",
    "ESCAPE",
    "INTO",
    "TABLE",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn pieces_put_together_are_read_alike(
        pieces in prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 1..24),
    ) {
        let sql: String = pieces
            .iter()
            .flat_map(|(piece, is_close)| [*piece, if *is_close { "" } else { " " }])
            .collect();
        for dialect in DIALECTS {
            is_read_quickly(dialect, &sql);
            is_read_quickly(dialect, &format!("SELECT {sql}"));
            is_read_quickly(dialect, &format!("SELECT a FROM t WHERE {sql}"));
        }
    }

    /// A question whose tokens are taken out, doubled, or moved about.
    #[test]
    fn questions_with_other_tokens_are_read_alike(
        question in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8),
            1..4,
        ),
    ) {
        for dialect in DIALECTS {
            let questions = queries::of(dialect);
            let other = words(dialect, &questions[other.index(questions.len())]);
            let mut words = words(dialect, &questions[question.index(questions.len())]);
            for (at, from, how) in &changes {
                if words.is_empty() || other.is_empty() {
                    break;
                }
                let at = at.index(words.len());
                match how {
                    0 => drop(words.remove(at)),
                    1 => words[at].clone_from(&other[from.index(other.len())]),
                    2 => words.insert(at, other[from.index(other.len())].clone()),
                    _ => {
                        let from = from.index(words.len());
                        words.swap(at, from);
                    }
                }
            }
            is_read_quickly(dialect, &words.concat());
        }
    }
}

/// The tokens of a text, as they are written.
fn words(dialect: Dialect, sql: &str) -> Vec<String> {
    let tokenized = match dialect {
        Dialect::Postgresql => Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize(),
        Dialect::Mysql => Tokenizer::new(&MySqlDialect {}, sql).tokenize(),
        Dialect::Sqlite => Tokenizer::new(&SQLiteDialect {}, sql).tokenize(),
    };
    let tokens = tokenized.unwrap();
    tokens.iter().map(ToString::to_string).collect()
}
