//! Whatever the guard is shown, it does not panic, and what it lets through passes again unchanged and is
//! one query without comments, variables or the calls that every attack ends in.

use kai_core::database::guard::Guard;
use kai_core::database::{CheckedQuery, Dialect};

/// What no accepted text calls, whatever stands around it.
const NEVER_CALLED: &[&str] = &[
    "benchmark",
    "current_setting",
    "dblink",
    "get_lock",
    "lo_import",
    "load_extension",
    "load_file",
    "nextval",
    "pg_advisory_lock",
    "pg_read_file",
    "pg_sleep",
    "query_to_xml",
    "readfile",
    "set_config",
    "sleep",
    "tidak_ada",
    "version",
    "writefile",
    "zeroblob",
];

/// The words that begin a query.
const BEGINNINGS: &[&str] = &["SELECT", "WITH", "VALUES"];

/// Shows the text to the guard of each dialect; tells how many let it through.
pub(super) fn check(input: &[u8]) -> usize {
    let text = String::from_utf8_lossy(input);
    let dialects = [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite];
    dialects
        .into_iter()
        .filter(|dialect| passes(*dialect, &text))
        .count()
}

fn passes(dialect: Dialect, text: &str) -> bool {
    let schema = match dialect {
        Dialect::Postgresql => "public",
        Dialect::Mysql => "kai_uji",
        Dialect::Sqlite => "main",
    };
    let guard = Guard::new(dialect, vec![schema.to_owned()]);
    let verdict = guard.check(text);
    assert_eq!(
        verdict,
        guard.check_reading_back(text),
        "{dialect}: what was not read back would be told otherwise: {text}"
    );
    let readings = guard.readings(text);
    if let Some(quick) = readings.quick {
        assert_eq!(
            quick, readings.full,
            "{dialect}: the quick way reads it otherwise: {text}"
        );
    }
    let Ok(passed) = verdict else {
        return false;
    };
    let sql = passed.sql();
    let again = guard.check(sql);
    assert_eq!(
        again.as_ref().map(CheckedQuery::sql),
        Ok(sql),
        "{dialect}: what passed is read in another way: {text}"
    );
    justify(dialect, sql);
    true
}

/// A second opinion, from the characters alone, on a text that was let through.
fn justify(dialect: Dialect, sql: &str) {
    let bare = without_quoted(dialect, sql);
    let beginning = bare.trim_start_matches('(').trim_start();
    assert!(
        BEGINNINGS
            .iter()
            .any(|word| beginning.to_ascii_uppercase().starts_with(word)),
        "{dialect}: no query: {sql}"
    );
    assert!(!bare.contains(';'), "{dialect}: two statements: {sql}");
    assert!(!bare.contains("/*"), "{dialect}: a comment: {sql}");
    let line_comments: &[&str] = match dialect {
        Dialect::Mysql => &["-- ", "--\t", "--\n", "#", "@"],
        Dialect::Postgresql | Dialect::Sqlite => &["--"],
    };
    for mark in line_comments {
        assert!(
            !bare.contains(mark),
            "{dialect}: {mark:?} in what runs: {sql}"
        );
    }
    let lower = bare.to_lowercase();
    for (place, _) in lower.match_indices('(') {
        // What is printed as a call has no space before its arguments; an alias with names of columns has.
        let before = &lower[..place];
        let called = before
            .rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$'))
            .next()
            .unwrap_or_default();
        let context = before[..before.len() - called.len()].trim_end();
        if context.ends_with("::") || context.ends_with(" as") {
            // A type with its size.
            continue;
        }
        assert!(
            !NEVER_CALLED.contains(&called),
            "{dialect}: {called} is called: {sql}"
        );
    }
}

/// The text with every quoted text and name replaced by a pair of quotes.
fn without_quoted(dialect: Dialect, sql: &str) -> String {
    let mut bare = String::new();
    let mut letters = sql.chars();
    while let Some(letter) = letters.next() {
        bare.push(letter);
        let (end, escapes) = match (dialect, letter) {
            (Dialect::Mysql, '\'' | '"') => (letter, true),
            (Dialect::Mysql | Dialect::Sqlite, '`') | (_, '\'' | '"') => (letter, false),
            (Dialect::Sqlite, '[') => (']', false),
            _ => continue,
        };
        // A doubled quote ends one quoted piece and begins the next, which comes to the same.
        loop {
            match letters.next() {
                None => panic!("{dialect}: {letter} is not closed: {sql}"),
                Some('\\') if escapes => {
                    letters.next();
                }
                Some(other) if other == end => break,
                Some(_) => {}
            }
        }
        bare.push(end);
    }
    bare
}
