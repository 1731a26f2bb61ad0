//! Asking back with what a question may mean: each reading in plain words, and as a question of its own.

use super::answer::Wording;
use super::compose::figure_words;
use super::cue::{Cue, Function};
use super::decline::link;
use super::intent::{Group, Measure, RankBy};
use super::link::Piece;
use super::schema::{ColumnId, Schema};
use super::terms::Term;
use super::understand::{Reading, understand};
use crate::language::Language;

/// What a question may mean, in plain words; each other than the rest.
pub(super) fn outlines(
    readings: &[Reading],
    pieces: &[Piece],
    schema: &Schema,
    language: Language,
) -> Vec<String> {
    let outliner = Outliner {
        pieces,
        schema,
        language,
    };
    let mut said: Vec<String> = readings
        .iter()
        .map(|reading| outliner.outline(reading))
        .collect();
    let alike = said.iter().all(|outline| Some(outline) == said.first());
    if alike && said.len() > 1 {
        for (at, outline) in said.iter_mut().enumerate() {
            let links = outliner.own_links(readings, at);
            outline.push_str(&links);
        }
    }
    said.dedup();
    said
}

/// The question once more for each reading, worded so that it can only mean that one. A reading for
/// which there is no such wording is left out.
pub(super) fn questions(
    question: &str,
    readings: &[Reading],
    pieces: &[Piece],
    schema: &Schema,
    language: Language,
) -> Vec<String> {
    let mut found = Vec::new();
    for reading in readings {
        let certain = wordings(question, reading, readings, pieces, schema, language)
            .into_iter()
            .find(|wording| {
                let understanding = understand(wording, schema, language);
                understanding
                    .readings
                    .first()
                    .is_some_and(|first| first.sql == reading.sql)
            });
        found.extend(certain);
    }
    found
}

/// Ways to say only what one reading means.
fn wordings(
    question: &str,
    reading: &Reading,
    all: &[Reading],
    pieces: &[Piece],
    schema: &Schema,
    language: Language,
) -> Vec<String> {
    let mut wordings = Vec::new();
    for (at, term) in &reading.terms {
        let Some(piece) = pieces.get(*at) else {
            continue;
        };
        let shared = all
            .iter()
            .all(|other| other.terms.contains(&(*at, term.clone())));
        let said = match term {
            Term::Column(column) if !shared => named(*column, schema, language),
            Term::Table(table) if !shared => vec![schema.table_words(*table, language)],
            Term::Cue(Cue::Aggregate(Function::Sum)) => figure_named(reading, schema, language)
                .into_iter()
                .collect(),
            _ => Vec::new(),
        };
        wordings.extend(
            said.iter()
                .map(|words| question.replacen(&piece.text, words, 1)),
        );
    }
    wordings
}

/// How a column can be called: by its own words, then with what it belongs to.
fn named(column: ColumnId, schema: &Schema, language: Language) -> Vec<String> {
    let words = schema.column_words(column, language);
    let owner = schema.table_words(column.table, language);
    let owned = match language {
        Language::English => format!("{words} of {owner}"),
        Language::Indonesian => format!("{words} {owner}"),
    };
    vec![words, owned]
}

/// What "total" may be said as, where a number and a sum are as likely.
fn figure_named(reading: &Reading, schema: &Schema, language: Language) -> Option<String> {
    match (reading.intent.measures.first()?, language) {
        (Measure::Rows(_), Language::English) => Some("number of".to_owned()),
        (Measure::Rows(_), Language::Indonesian) => Some("banyaknya".to_owned()),
        (Measure::Of(Function::Sum, column), Language::English) => Some(format!(
            "total {} of",
            schema.column_words(*column, language)
        )),
        (Measure::Of(Function::Sum, column), Language::Indonesian) => {
            Some(format!("total {}", schema.column_words(*column, language)))
        }
        _ => None,
    }
}

struct Outliner<'a> {
    pieces: &'a [Piece],
    schema: &'a Schema,
    language: Language,
}

impl Outliner<'_> {
    /// What a reading asks for: its figures or its things, what they are put together by, and which.
    fn outline(&self, reading: &Reading) -> String {
        let intent = &reading.intent;
        let wording = Wording {
            schema: self.schema,
            language: self.language,
        };
        let ranked = intent.ranking.and_then(|ranking| match ranking.by {
            RankBy::Measure(measure) => Some(measure),
            RankBy::Column(_) => None,
        });
        let mut figures: Vec<String> = Vec::new();
        for measure in intent.measures.iter().copied().chain(ranked) {
            let words = figure_words(measure, self.schema, self.language);
            if !figures.contains(&words) {
                figures.push(words);
            }
        }
        let groups: Vec<String> = intent
            .groups
            .iter()
            .map(|group| self.group(*group))
            .collect();
        let and = match self.language {
            Language::English => " and ",
            Language::Indonesian => " dan ",
        };
        let mut outline = if figures.is_empty() {
            let shown = reading.plan.select.outputs.iter();
            let headings: Vec<&str> = shown.map(|output| output.heading.as_str()).collect();
            let things = intent
                .subject
                .map(|table| self.schema.table_words(table, self.language));
            match (things, self.language) {
                (Some(things), Language::English) => {
                    format!("the {things}, with {}", headings.join(", "))
                }
                (Some(things), Language::Indonesian) => {
                    format!("{things}, dengan {}", headings.join(", "))
                }
                (None, _) => headings.join(", "),
            }
        } else {
            figures.join(and)
        };
        if !groups.is_empty() {
            outline.push_str(" per ");
            outline.push_str(&groups.join(and));
        }
        let conditions = wording.condition_list(intent);
        if !conditions.is_empty() {
            outline = format!("{outline} ({})", conditions.join("; "));
        }
        outline
    }

    fn group(&self, group: Group) -> String {
        match (group, self.language) {
            (Group::Entity(table), _) => self.schema.table_words(table, self.language),
            (Group::Column(column), _) => self.schema.column_words(column, self.language),
            (Group::Year(_), Language::English) => "year".to_owned(),
            (Group::Year(_), Language::Indonesian) => "tahun".to_owned(),
            (Group::Month(_), Language::English) => "month".to_owned(),
            (Group::Month(_), Language::Indonesian) => "bulan".to_owned(),
        }
    }

    /// The words that this reading alone takes for something: " [“city” → branches.city]".
    fn own_links(&self, readings: &[Reading], at: usize) -> String {
        let Some(reading) = readings.get(at) else {
            return String::new();
        };
        let others = || {
            readings
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
        };
        let own = reading
            .terms
            .iter()
            .filter(|link| others().any(|(_, other)| !other.terms.contains(link)));
        let links: Vec<String> = own
            .filter_map(|(place, term)| link(self.pieces.get(*place)?, term, self.schema))
            .collect();
        if links.is_empty() {
            String::new()
        } else {
            format!(" [{}]", links.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Dialect;
    use crate::offline::fixtures::kiosk;
    use crate::offline::understand::Obstacle;

    /// What a question may mean, and how it can be asked instead.
    fn asked_back(question: &str, language: Language) -> (Vec<String>, Vec<String>) {
        let schema = Schema::new(Dialect::Sqlite, &kiosk());
        let understanding = understand(question, &schema, language);
        let Some(Obstacle::Unsure(readings)) = &understanding.obstacle else {
            panic!("{question}: {understanding:?}");
        };
        let pieces = &understanding.pieces;
        (
            outlines(readings, pieces, &schema, language),
            questions(question, readings, pieces, &schema, language),
        )
    }

    #[test]
    fn a_number_or_a_sum_is_asked_back_with_both() {
        let (meant, _) = asked_back("Jumlah wire pada 2024", Language::Indonesian);
        assert_eq!(meant.len(), 2, "{meant:?}");
        assert!(
            meant.iter().any(|outline| outline.contains("total")),
            "{meant:?}"
        );
    }

    #[test]
    fn a_total_of_what_has_an_amount_is_its_sum() {
        let schema = Schema::new(Dialect::Sqlite, &kiosk());
        let understanding = understand("What is the total wire?", &schema, Language::English);
        let sql = understanding
            .readings
            .first()
            .map(|reading| reading.sql.as_str());
        assert!(
            sql.is_some_and(|sql| sql.contains("SUM(transactions.amount)")),
            "{understanding:?}"
        );
    }

    #[test]
    fn of_two_columns_named_alike_both_are_offered_as_questions() {
        let (meant, asked) = asked_back("What is the average laps?", Language::English);
        assert_eq!(meant, ["average morning laps", "average evening laps"]);
        assert_eq!(
            asked,
            [
                "What is the average morning laps?",
                "What is the average evening laps?"
            ]
        );
    }
}
