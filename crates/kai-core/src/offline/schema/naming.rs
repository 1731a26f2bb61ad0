//! The parts of names: which of them says what a table or a column is, and which only narrow it.

use std::collections::BTreeMap;

use super::Name;
use crate::database::{Table, split_table_name};
use crate::language::Language;
use crate::offline::lexicon::{Unit, lexicon, name_units};
use crate::offline::text::split_identifier;

/// How much a part of a column's name says that only repeats the table's: next to nothing.
const REPEATED: u32 = 10;

/// How much the short word says that all tables of one subject area begin with.
const AREA: u32 = 100;

/// How much a word says that only narrows the noun of a table's name.
const NARROWING: u32 = 350;

/// Words that stand before a table's name by habit.
const PREFIXES: &[&str] = &[
    "tbl", "tb", "dim", "fact", "fct", "mst", "trx", "tr", "ref", "stg", "vw", "v", "t", "m",
];

/// Words that stand behind a table's name by habit.
const SUFFIXES: &[&str] = &[
    "mstr", "mst", "master", "hdr", "header", "tbl", "table", "tab", "dim", "fact", "vw", "view",
];

/// Words of a column's name that only hold the others together.
const PARTICLES: &[&str] = &[
    "on", "at", "of", "in", "to", "by", "the", "is", "has", "per", "and", "di", "ke", "dari",
    "yang",
];

/// The short words that several tables begin with: `hr_`, `pay_`, `inv_`.
pub(super) fn areas(catalogue: &[Table]) -> Vec<String> {
    let mut tables: BTreeMap<String, usize> = BTreeMap::new();
    for table in catalogue {
        let words = split_identifier(&bare(&table.name));
        if let [first, _, ..] = words.as_slice()
            && (1..=4).contains(&first.norm.chars().count())
        {
            *tables.entry(first.norm.clone()).or_default() += 1;
        }
    }
    tables.retain(|_, count| *count > 1);
    // A short word that is also a table by itself names a thing: `bank`, `bank_account`.
    for table in catalogue {
        if let [only] = split_identifier(&bare(&table.name)).as_slice() {
            tables.remove(&only.norm);
        }
    }
    // Where few tables begin so, the word may be a noun that both are about: `area_code`.
    let prefix_of_many = |word: &str, count: usize| count > 2 || !is_noun(word);
    tables
        .into_iter()
        .filter(|(word, count)| prefix_of_many(word, *count) && !is_full_noun(word))
        .map(|(word, _)| word)
        .collect()
}

fn is_noun(word: &str) -> bool {
    name_units(word)
        .iter()
        .any(|unit| !unit.concepts.is_empty())
}

/// Whether a short word is no abbreviation but a noun that is written in full: `unit`, `desa`.
fn is_full_noun(word: &str) -> bool {
    word.len() >= 4 && lexicon().knows(&crate::offline::text::Word::new(word))
}

pub(super) fn bare(name: &str) -> String {
    split_table_name(name).pop().unwrap_or_default()
}

/// The parts of a table's name.
pub(super) fn table_name(name: &str, units: Vec<Unit>, areas: &[String]) -> Name {
    let words = split_identifier(&bare(name));
    let first = words
        .first()
        .map(|word| word.norm.as_str())
        .unwrap_or_default();
    let last = words
        .last()
        .map(|word| word.norm.as_str())
        .unwrap_or_default();
    let mut parts: Vec<(Unit, u32)> = units
        .into_iter()
        .map(|unit| {
            let weight = weight(&unit);
            (unit, weight)
        })
        .collect();
    let count = parts.len();
    if count > 1
        && words.len() > 1
        && let Some((_, weight)) = parts.first_mut()
    {
        if PREFIXES.contains(&first) {
            *weight = 0;
        } else if areas.iter().any(|area| area == first) {
            *weight = AREA;
        }
    }
    let others = parts.iter().filter(|(_, weight)| *weight > AREA).count();
    if others > 1
        && words.len() > 1
        && SUFFIXES.contains(&last)
        && let Some((_, weight)) = parts.last_mut()
    {
        *weight = 0;
    }
    narrow(&mut parts);
    Name { parts }
}

/// Of several nouns one is what the table's rows are: the last in English, the first in Indonesian.
fn narrow(parts: &mut [(Unit, u32)]) {
    let nouns: Vec<usize> = parts
        .iter()
        .enumerate()
        .filter(|(_, (_, weight))| *weight >= 1000)
        .map(|(at, _)| at)
        .collect();
    if nouns.len() < 2 {
        return;
    }
    let spoken = |language| {
        parts
            .iter()
            .filter(|(unit, _)| lexicon().language_of(unit) == Some(language))
            .count()
    };
    let indonesian = spoken(Language::Indonesian) > spoken(Language::English);
    let head = if indonesian {
        nouns.first()
    } else {
        nouns.last()
    };
    for at in &nouns {
        if Some(at) != head
            && let Some((_, weight)) = parts.get_mut(*at)
        {
            *weight = NARROWING;
        }
    }
}

/// How much a part of a name says.
pub(super) fn weight(unit: &Unit) -> u32 {
    if PARTICLES.contains(&unit.word.norm.as_str()) {
        return REPEATED;
    }
    unit.concepts
        .iter()
        .map(|concept| lexicon().weight(*concept))
        .max()
        .unwrap_or(1000)
}

/// Whether a part says something of what it names, and not only where that belongs.
pub(super) fn is_spoken(weight: u32) -> bool {
    weight > AREA
}

/// The parts of a column's name. What only repeats the table's name says little.
pub(super) fn column_name(units: Vec<Unit>, table: &Name) -> Name {
    let more = units.len() > 1;
    let mut parts: Vec<(Unit, u32)> = units
        .into_iter()
        .map(|unit| {
            let repeats = table
                .parts
                .iter()
                .any(|(part, _)| part.likeness(&unit) == Some(1000));
            let weight = if repeats && more {
                REPEATED
            } else {
                weight(&unit)
            };
            (unit, weight)
        })
        .collect();
    for (unit, _) in &mut parts {
        // A number of kilograms is a weight, whatever the column is called.
        let told: Vec<_> = unit
            .concepts
            .iter()
            .flat_map(|concept| lexicon().qualities(*concept))
            .collect();
        unit.concepts.extend(told);
    }
    Name { parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(name: &str, areas: &[&str]) -> Vec<(String, u32)> {
        let areas: Vec<String> = areas.iter().map(|area| (*area).to_owned()).collect();
        let name = table_name(name, name_units(name), &areas);
        let part = |(unit, weight): (Unit, u32)| (unit.word.norm, weight);
        name.parts.into_iter().map(part).collect()
    }

    fn expected(parts: &[(&str, u32)]) -> Vec<(String, u32)> {
        let owned = parts
            .iter()
            .map(|(part, weight)| ((*part).to_owned(), *weight));
        owned.collect()
    }

    #[test]
    fn habits_and_subject_areas_say_little() {
        assert_eq!(
            weights("tbl_customer", &[]),
            expected(&[("table", 0), ("customer", 1000)])
        );
        assert_eq!(
            weights("cust_mstr", &[]),
            expected(&[("cust", 1000), ("master", 0)])
        );
        assert_eq!(
            weights("lib_loan", &["lib"]),
            expected(&[("lib", AREA), ("loan", 1000)])
        );
    }

    #[test]
    fn the_noun_says_more_than_what_narrows_it() {
        assert_eq!(
            weights("supplier_invoice", &[]),
            expected(&[("supplier", NARROWING), ("invoice", 1000)])
        );
        assert_eq!(
            weights("pembayaran_pelanggan", &[]),
            expected(&[("pembayaran", 1000), ("pelanggan", NARROWING)])
        );
    }

    #[test]
    fn a_unit_tells_the_quality_that_is_measured() {
        let table = table_name("parcel", name_units("parcel"), &[]);
        let column = column_name(name_units("net_kg"), &table);
        assert!(column.means("weight"));
        let column = column_name(name_units("wait_min"), &table);
        assert!(column.means("duration"));
    }
}
