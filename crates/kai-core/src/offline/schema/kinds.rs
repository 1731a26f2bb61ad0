//! What a column holds, which one names its table's rows, and which can be added up.

use super::{ColumnInfo, Dated, Kind, Name, TableInfo, flags, has};
use crate::database::{Column, Table};
use crate::offline::lexicon::Unit;

/// The kind of a column, from its type, its name and its known values.
pub(super) fn kind(column: &Column, name: &Name) -> Kind {
    let declared = column.data_type.to_ascii_uppercase();
    // MySQL's truth is a number with one digit, and its enumerations hold words of all kinds.
    if declared.starts_with("TINYINT(1)") {
        return Kind::Flag;
    }
    if declared.starts_with("ENUM") || declared.starts_with("SET(") {
        return Kind::Text;
    }
    if declared.starts_with("YEAR") {
        return Kind::Year;
    }
    let is = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if is(&["BOOL"]) {
        return Kind::Flag;
    }
    let time = declared == "TIME" || declared.starts_with("TIME ") || declared.starts_with("TIME(");
    if time || is(&["INTERVAL", "POINT", "RANGE"]) {
        return Kind::Text;
    }
    if is(&["DATE", "TIMESTAMP"]) {
        return Kind::Date;
    }
    let number = is(&[
        "INT", "NUM", "DEC", "REAL", "DOUB", "FLOA", "MONEY", "SERIAL",
    ]) || (declared.is_empty()
        && !column.categories.is_empty()
        && column
            .categories
            .iter()
            .all(|value| value.parse::<f64>().is_ok()));
    if number {
        return if flags::is_answer(column) {
            Kind::FlagNumber
        } else if has_fraction(&declared) && !are_years(&column.categories) {
            Kind::Number
        } else if (name.means("year") && !is_amount(name))
            || name.means("cohort")
            || are_years(&column.categories)
            || is_event(name)
        {
            Kind::Year
        } else {
            Kind::Number
        };
    }
    // SQLite has no type for dates, so that they stand in text columns.
    let dated = name.means("date")
        || name.means("birth date")
        || column.name.to_lowercase().ends_with("_at");
    if (dated && column.categories.iter().all(|value| is_iso_date(value)))
        || are_months(&column.categories)
    {
        return Kind::Date;
    }
    if flags::is_pair(&column.categories) {
        return Kind::FlagText;
    }
    Kind::Text
}

/// Whether numbers of a declared type have digits behind the point, so that they are no years.
fn has_fraction(declared: &str) -> bool {
    let scale = declared
        .split_once(',')
        .map(|(_, scale)| scale.trim_end_matches(')').trim());
    scale.is_some_and(|scale| scale.parse::<u8>().is_ok_and(|digits| digits > 0))
        || ["REAL", "DOUB", "FLOA", "MONEY"]
            .iter()
            .any(|word| declared.contains(word))
}

/// How exactly the dates of a column of this kind tell a time, from its known values.
pub(super) fn dated(kind: Kind, values: &[String]) -> Dated {
    if kind == Kind::Date && are_months(values) {
        Dated::Months
    } else {
        Dated::Days
    }
}

/// Whether all known values of a column are months, as "2024-05".
fn are_months(values: &[String]) -> bool {
    let month = |value: &String| {
        value.len() == 7
            && chrono::NaiveDate::parse_from_str(&format!("{value}-01"), "%Y-%m-%d").is_ok()
    };
    !values.is_empty() && values.iter().all(month)
}

/// Whether a name is of money, so that the year in it is what it is paid for.
fn is_amount(name: &Name) -> bool {
    let amounts = [
        "amount", "price", "cost", "fee", "salary", "income", "premium", "value", "revenue",
        "budget",
    ];
    amounts.iter().any(|form| name.means(form))
}

/// Whether a number is named by nothing but something that happens once: the year when it did.
fn is_event(name: &Name) -> bool {
    let events = [
        "birth date",
        "founded",
        "built",
        "release",
        "joined",
        "opened",
    ];
    name.parts.len() == 1 && events.iter().any(|form| name.means(form))
}

fn are_years(values: &[String]) -> bool {
    let year = |value: &String| {
        value
            .parse::<i32>()
            .is_ok_and(|year| (1900..=2100).contains(&year))
    };
    !values.is_empty() && values.iter().all(year)
}

fn is_iso_date(value: &str) -> bool {
    value
        .get(..10)
        .is_some_and(|day| chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok())
}

/// A name without the verb that makes it a question: `is_active` is about "active".
pub(super) fn without_question_verb(mut units: Vec<Unit>) -> Vec<Unit> {
    let verb = |unit: &Unit| ["is", "has"].contains(&unit.word.norm.as_str());
    if units.len() > 1 && units.first().is_some_and(verb) {
        units.remove(0);
    }
    units
}

/// The key: the declared one, or else a column named `id`.
pub(super) fn key(table: &Table) -> Vec<usize> {
    let declared: Vec<usize> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_primary_key)
        .map(|(at, _)| at)
        .collect();
    if !declared.is_empty() {
        return declared;
    }
    let bare = super::naming::bare(&table.name);
    let own = |name: &str| {
        let singular = bare.strip_suffix('s').unwrap_or(&bare);
        ["id", "_id", "no", "_no", "_code", "code"]
            .iter()
            .any(|key| {
                let named = name.to_lowercase();
                named == format!("{singular}{key}").to_lowercase()
                    || named == format!("id_{singular}").to_lowercase()
                    || named == format!("kode_{singular}").to_lowercase()
            })
    };
    table
        .columns
        .iter()
        .position(|c| c.name.eq_ignore_ascii_case("id"))
        .or_else(|| table.columns.iter().position(|c| own(&c.name)))
        .into_iter()
        .collect()
}

/// The columns that name a row of the table for people.
pub(super) fn label(table: &TableInfo) -> Vec<usize> {
    let texts = || {
        table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.kind == Kind::Text)
    };
    let person = |form: &str| {
        texts()
            .find(|(_, c)| c.parts.means("name") && has(&c.parts.units(), form))
            .map(|(at, _)| at)
    };
    let best = texts()
        .map(|(at, column)| (label_score(table, column), at))
        .filter(|(score, _)| *score > 0)
        .max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)));
    match (best, person("first"), person("last")) {
        (Some((score, at)), _, _) if score >= 70 => vec![at],
        (_, Some(first), Some(last)) => vec![first, last],
        (Some((_, at)), _, _) => vec![at],
        _ => Vec::new(),
    }
}

fn label_score(table: &TableInfo, column: &ColumnInfo) -> u32 {
    let parts = &column.parts;
    let own = |unit: &Unit| {
        table
            .parts
            .parts
            .iter()
            .any(|(part, _)| part.likeness(unit).is_some())
    };
    let alone = parts
        .parts
        .iter()
        .all(|(unit, weight)| *weight < 1000 || own(unit));
    let partial = has(&parts.units(), "first") || has(&parts.units(), "last");
    if parts.means("name") && !partial {
        return if alone { 100 } else { 40 };
    }
    if parts.means("title") {
        return if alone { 90 } else { 60 };
    }
    if column.technical {
        return 0;
    }
    if parts.parts.iter().all(|(unit, _)| own(unit)) {
        return 80;
    }
    if parts.means("label") {
        return 70;
    }
    if parts.means("description") {
        // A table of codes says what they stand for.
        30
    } else if parts.means("code") || parts.means("number") {
        20
    } else {
        0
    }
}

/// Whether the column holds a number worth adding up or comparing: not a key, a year or a code.
pub(super) fn is_measure(column: &ColumnInfo) -> bool {
    let naming = [
        "id",
        "code",
        "number",
        "phone",
        "postal code",
        "order position",
        "latitude",
        "longitude",
        "ranking",
        "serial number",
    ];
    column.kind == Kind::Number
        && !column.technical
        && !naming.iter().any(|form| column.parts.means(form))
}
