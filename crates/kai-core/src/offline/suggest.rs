//! Follow-up questions that this model can itself answer on this database.

use super::cue::Function;
use super::intent::{Group, Measure};
use super::schema::{Schema, TableId};
use super::understand::{Reading, understand};
use crate::language::Language;

/// How many are suggested.
pub(super) const WANTED: usize = 3;

/// How many are tried, so that a wide schema costs no more than a narrow one.
const TRIED: usize = 12;

/// Questions that go on from a reading, or that begin, each understood as it was meant.
pub(super) fn suggestions(
    schema: &Schema,
    after: Option<&Reading>,
    language: Language,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (question, measure, group) in ideas(schema, after, language).into_iter().take(TRIED) {
        let understanding = understand(&question, schema, language);
        let Some(reading) = understanding.readings.first() else {
            continue;
        };
        let as_meant = reading
            .intent
            .measures
            .first()
            .is_none_or(|m| *m == measure)
            && reading.intent.filters.is_empty()
            && group.is_none_or(|group| reading.intent.groups == [group]);
        let new = after.is_none_or(|after| after.sql != reading.sql) && !found.contains(&question);
        if as_meant && new {
            found.push(question);
        }
        if found.len() == WANTED {
            break;
        }
    }
    found
}

/// Questions with what they should be understood as, the nearest to the last one first.
fn ideas(
    schema: &Schema,
    after: Option<&Reading>,
    language: Language,
) -> Vec<(String, Measure, Option<Group>)> {
    let english = language == Language::English;
    let mut tables: Vec<TableId> = after.map(spoken_of).unwrap_or_default();
    tables.extend(central(schema));
    let mut seen: Vec<TableId> = Vec::new();
    let mut ideas = Vec::new();
    for table in tables {
        if seen.contains(&table) || schema.is_junction(table) {
            continue;
        }
        seen.push(table);
        let things = schema.table_words(table, language);
        let groups = groups(schema, table, language);
        let figure = schema.measures(table).into_iter().next();
        if let Some((group, words)) = groups.first() {
            let question = if english {
                format!("How many {things} are there per {words}?")
            } else {
                format!("Berapa jumlah {things} per {words}?")
            };
            ideas.push((question, Measure::Rows(table), Some(*group)));
        }
        if let (Some(column), Some((group, words))) = (figure, groups.get(1).or(groups.first())) {
            let figure_words = schema.column_words(column, language);
            let question = if english {
                format!("What is the average {figure_words} of {things} per {words}?")
            } else {
                format!("Berapa rata-rata {figure_words} {things} per {words}?")
            };
            ideas.push((
                question,
                Measure::Of(Function::Average, column),
                Some(*group),
            ));
        }
        let question = if english {
            format!("How many {things} are there?")
        } else {
            format!("Berapa jumlah {things}?")
        };
        ideas.push((question, Measure::Rows(table), None));
        if let Some(column) = figure {
            let figure_words = schema.column_words(column, language);
            let question = if english {
                format!("Show the 5 {things} with the highest {figure_words}")
            } else {
                format!("Tampilkan 5 {things} dengan {figure_words} tertinggi")
            };
            ideas.push((question, Measure::Rows(table), None));
        }
    }
    ideas
}

/// The tables, those in the middle of things first: what others refer to and what refers to others.
fn central(schema: &Schema) -> Vec<TableId> {
    let mut tables: Vec<TableId> = schema.tables().map(|(id, _)| id).collect();
    let links = |table: TableId| {
        let others = || schema.tables().map(|(id, _)| id).filter(|id| *id != table);
        let to = others()
            .filter(|other| schema.way(table, *other).is_some())
            .count();
        let from = others()
            .filter(|other| schema.way(*other, table).is_some())
            .count();
        to.min(from)
    };
    tables.sort_by_key(|table| std::cmp::Reverse(links(*table)));
    tables
}

fn spoken_of(reading: &Reading) -> Vec<TableId> {
    let intent = &reading.intent;
    intent
        .measures
        .iter()
        .map(|measure| measure.table())
        .chain(intent.subject)
        .collect()
}

/// What a table's rows can be put together by: what they belong to, then their own few-valued
/// columns.
fn groups(schema: &Schema, table: TableId, language: Language) -> Vec<(Group, String)> {
    let one = |words: String| match language {
        Language::English => super::text::Word::new(&words).keys.pop().unwrap_or(words),
        Language::Indonesian => words,
    };
    let kinds = schema
        .columns(table)
        .filter(|(id, c)| {
            c.categorical && !c.technical && !schema.is_measure(*id) && !schema.is_label(*id)
        })
        .map(|(id, _)| (Group::Column(id), schema.column_words(id, language)));
    let owners = schema
        .tables()
        .filter(|(id, _)| *id != table && schema.way(table, *id).is_some())
        .map(|(id, _)| (Group::Entity(id), one(schema.table_words(id, language))));
    kinds.chain(owners).collect()
}
