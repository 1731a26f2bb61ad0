//! Names that a failed query may have meant: the nearest tables and columns to those that do not exist.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ToolContext;
use crate::database::Table;
use crate::knowledge::Catalogue;
use crate::offline::text::{distance, fold};

/// How many names are proposed for one that does not exist.
const PROPOSED: usize = 4;

/// Of how many tables of the query the columns are told, and how many of each.
const SHOWN_TABLES: usize = 4;
const SHOWN_COLUMNS: usize = 60;

/// How many names of an error are looked at.
const MOST_NAMES: usize = 4;

/// What a model is told besides the error: names that exist. Nothing where the error is about no name,
/// or the database cannot tell.
pub(super) async fn hints(context: &ToolContext, sql: &str, error: &str) -> Map<String, Value> {
    let names = missing(error);
    if names.is_empty() {
        return Map::new();
    }
    match Catalogue::read(context.database.as_ref(), sql).await {
        Ok(catalogue) => of_catalogue(&catalogue, sql, &names),
        Err(error) => {
            tracing::debug!(%error, "no names could be proposed");
            Map::new()
        }
    }
}

fn of_catalogue(catalogue: &Catalogue, sql: &str, missing: &[String]) -> Map<String, Value> {
    let mut hints = Map::new();
    let mut nearest = Map::new();
    for name in missing {
        let found = nearest_to(catalogue, name);
        if !found.is_empty() {
            nearest.insert(as_written(name, sql).to_owned(), json!(found));
        }
    }
    if !nearest.is_empty() {
        hints.insert("nearest_names".to_owned(), nearest.into());
    }
    let words: BTreeSet<String> = sql
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .map(str::to_lowercase)
        .collect();
    let asked = catalogue.tables().iter().filter(|table| {
        let bare = table.name.rsplit('.').next().unwrap_or(&table.name);
        words.contains(&bare.trim_matches('"').to_lowercase())
    });
    let columns: Map<String, Value> = asked
        .take(SHOWN_TABLES)
        .map(|table| (table.name.clone(), json!(columns(table))))
        .collect();
    if !columns.is_empty() {
        hints.insert("columns".to_owned(), columns.into());
    }
    hints
}

fn columns(table: &Table) -> Vec<&str> {
    let names = table.columns.iter().map(|column| column.name.as_str());
    names.take(SHOWN_COLUMNS).collect()
}

/// The tables and columns that are called nearly like this.
fn nearest_to(catalogue: &Catalogue, name: &str) -> Vec<String> {
    let wanted = bare(name);
    let mut found: Vec<(usize, String)> = Vec::new();
    let listed = catalogue.others().iter().map(|table| &table.name);
    let tables = catalogue.tables().iter().map(|table| &table.name);
    for table in tables.chain(listed) {
        found.extend(nearness(&wanted, table).map(|far| (far, table.clone())));
    }
    for table in catalogue.tables() {
        for column in &table.columns {
            let far = nearness(&wanted, &column.name);
            found.extend(far.map(|far| (far, format!("{}.{}", table.name, column.name))));
        }
    }
    found.sort();
    found.truncate(PROPOSED);
    found.into_iter().map(|(_, name)| name).collect()
}

/// How far a name is from the wanted one; `None` where it is another one altogether.
fn nearness(wanted: &str, name: &str) -> Option<usize> {
    let name = bare(name);
    let (shorter, longer) = if wanted.len() < name.len() {
        (wanted, name.as_str())
    } else {
        (name.as_str(), wanted)
    };
    if shorter.chars().count() >= 3 && longer.contains(shorter) {
        // One is part of the other: `cust` and `customer`.
        return Some(longer.len().abs_diff(shorter.len()).min(2));
    }
    let (a, b): (Vec<char>, Vec<char>) = (wanted.chars().collect(), name.chars().collect());
    let allowed = a.len().max(b.len()) / 3;
    if a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let far = distance(&a, &b);
    (far <= allowed).then_some(far)
}

/// The name as the query wrote it: MySQL puts the schema before every table that it tells of.
fn as_written<'a>(name: &'a str, sql: &str) -> &'a str {
    if sql.to_lowercase().contains(&name.to_lowercase()) {
        return name;
    }
    name.rsplit('.').next().unwrap_or(name)
}

/// The last part of a name, without case, quotes and underscores.
fn bare(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    fold(last).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The names of an error that says that something does not exist. Each database says it in its own
/// words, and all of them name it after one of these.
fn missing(error: &str) -> Vec<String> {
    const BEFORE: &[&str] = &["column", "relation", "table", "from-clause entry for table"];
    let lower = error.to_lowercase();
    let is_about_a_name = [
        "no such",
        "not exist",
        "doesn't exist",
        "unknown",
        "missing",
        "cannot be read",
    ]
    .iter()
    .any(|words| lower.contains(words));
    if !is_about_a_name {
        return Vec::new();
    }
    let words: Vec<&str> = error.split_whitespace().collect();
    let mut names: Vec<String> = Vec::new();
    for pair in words.windows(2) {
        let [before, name] = pair else { continue };
        let before = before.trim_end_matches(':').to_lowercase();
        let clean = name.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
        let clean = clean.replace(['"', '`', '\''], "");
        let is_name = !clean.is_empty() && !matches!(clean.as_str(), "does" | "of" | "or" | "in");
        if BEFORE.contains(&before.as_str()) && is_name && !names.contains(&clean) {
            names.push(clean);
        }
    }
    names.truncate(MOST_NAMES);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_in_what_each_database_says() {
        for (error, name) in [
            ("no such column: town", "town"),
            ("no such table: custmer", "custmer"),
            ("no such column: c.town", "c.town"),
            (r#"column "town" does not exist"#, "town"),
            ("column c.town does not exist", "c.town"),
            (r#"relation "custmer" does not exist"#, "custmer"),
            ("Unknown column 'c.town' in 'field list'", "c.town"),
            ("Table 'shop.custmer' doesn't exist", "shop.custmer"),
        ] {
            assert_eq!(missing(error), [name], "{error}");
        }
        assert!(missing("division by zero").is_empty());
        assert!(missing("syntax error at end of input").is_empty());
    }

    #[test]
    fn slips_parts_and_cases_are_near_and_other_names_are_not() {
        for (wanted, name) in [
            ("custmer", "customer"),
            ("cust", "cust_mstr"),
            ("provinceid", "province_id"),
            ("Nama", "nama"),
            ("shop.custmer", "customer"),
        ] {
            assert!(nearness(&bare(wanted), name).is_some(), "{wanted} {name}");
        }
        assert_eq!(nearness("town", "invoice"), None);
        assert_eq!(nearness("id", "paid"), None);
    }
}
