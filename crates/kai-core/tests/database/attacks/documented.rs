//! The part of `docs/security.md` that lists the attacks by class: it is made from the tables.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kai_core::database::Dialect;

use super::table::{Attack, Table, is_update};

/// What stands around the part.
const BEGIN: &str = "<!-- made from the tables of attacks -->\n";
const END: &str = "<!-- end of what is made -->\n";

/// The engines that were asked without the guard, as two kinds of account.
const TWO_ACCOUNTS: &[&str] = &["engine alone, a reader", "engine alone, a superuser"];

/// How often each word occurs, the most frequent first.
fn counted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
    let shown: Vec<_> = counts
        .into_iter()
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    shown.join(", ")
}

fn row(title: &str, attacks: &[&Attack]) -> String {
    let mut row = format!(
        "| {title} | {} | {} |",
        attacks.len(),
        counted(attacks.iter().map(|attack| attack.guard()))
    );
    let engines = attacks.iter().map(|attack| attack.engines().count()).max();
    for index in 0..engines.unwrap_or_default() {
        let outcomes = attacks
            .iter()
            .filter_map(|attack| attack.engines().nth(index));
        write!(row, " {} |", counted(outcomes)).expect("a text takes all");
    }
    row
}

fn part() -> String {
    let mut part = String::new();
    for (dialect, name, engines) in [
        (Dialect::Postgresql, "PostgreSQL", TWO_ACCOUNTS),
        (Dialect::Mysql, "MySQL and MariaDB", TWO_ACCOUNTS),
        (Dialect::Sqlite, "SQLite", &["engine alone"]),
    ] {
        let table = Table::read(dialect);
        let count = table.attacks().count();
        let columns: Vec<&str> = ["class", "attacks", "guard"]
            .iter()
            .chain(engines)
            .copied()
            .collect();
        writeln!(
            part,
            "\n### {name}: {count} attacks\n\n| {} |\n|{}",
            columns.join(" | "),
            " --- |".repeat(columns.len())
        )
        .expect("a text takes all");
        for (title, attacks) in table.classes() {
            writeln!(part, "{}", row(title, &attacks)).expect("a text takes all");
        }
    }
    part.push('\n');
    part
}

#[test]
fn the_page_lists_the_attacks_of_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/security.md");
    let page = fs::read_to_string(&path).expect("the page can be read");
    let (before, rest) = page.split_once(BEGIN).expect("where the part begins");
    let (written, after) = rest.split_once(END).expect("where the part ends");
    let part = part();
    if is_update() {
        let page = format!("{before}{BEGIN}{part}{END}{after}");
        fs::write(&path, page).expect("the page can be written");
    } else {
        assert_eq!(written, part, "UPDATE_ATTACKS=1 writes it anew");
    }
}
