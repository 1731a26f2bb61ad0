//! The end of a run: the queries one after the other, the answer, or the question back.

use super::Speaker;
use crate::language::Language;
use crate::offline::answer::Wording;
use crate::offline::conversation::SQL_QUERY;
use crate::offline::decline::{decline, link, understood};
use crate::offline::either::questions;
use crate::offline::schema::Schema;
use crate::offline::suggest::{WANTED, suggestions};
use crate::offline::understand::{Obstacle, Reading, Understanding};
use crate::offline::{Turn, query};

impl Speaker<'_> {
    /// The next turn once the question is understood, or is not.
    pub(super) fn with_understanding(
        &self,
        schema: &Schema,
        understanding: &Understanding,
        unknown_names: &[String],
    ) -> Turn {
        let wording = Wording {
            schema,
            language: self.language,
        };
        let mut empty: Option<&Reading> = None;
        let mut error: Option<String> = None;
        for reading in &understanding.readings {
            let Some(outcome) = self.conversation.outcome(&reading.sql) else {
                let again = empty.is_some() || error.is_some();
                return Turn::call(
                    &self.explain(reading, understanding, schema, again),
                    SQL_QUERY,
                    query(&reading.sql),
                );
            };
            if outcome.success && !outcome.data.is_empty() {
                let thinking = self.say(
                    "The query gave a result; I put it into words.",
                    "Kueri memberi hasil; saya susun jawabannya.",
                );
                let suggestions = suggestions(schema, Some(reading), self.language);
                return Turn::answer(thinking, &wording.answer(reading, &outcome), &suggestions);
            }
            if outcome.success {
                empty.get_or_insert(reading);
            } else {
                error.get_or_insert(outcome.error.unwrap_or_default());
            }
        }
        if let Some(reading) = empty {
            let suggestions = suggestions(schema, Some(reading), self.language);
            return Turn::answer("", &wording.nothing_found(reading), &suggestions);
        }
        if let Some(error) = error {
            let answer = match self.language {
                Language::English => {
                    format!("I understood the question, but the database refused my query: {error}")
                }
                Language::Indonesian => format!(
                    "Saya memahami pertanyaannya, tetapi basis data menolak kueri saya: {error}"
                ),
            };
            return Turn::answer("", &answer, &suggestions(schema, None, self.language));
        }
        let suggestions = self.asking_back(schema, understanding);
        let example = suggestions.first().map(String::as_str);
        let answer = decline(understanding, unknown_names, schema, self.language, example);
        let thinking = match (
            understood(&understanding.pieces, schema).is_empty(),
            self.language,
        ) {
            (true, Language::English) => "I find nothing in the question that this database has.",
            (true, Language::Indonesian) => {
                "Saya tidak menemukan apa pun dari pertanyaan ini di basis data."
            }
            (false, Language::English) => {
                "I did not understand enough of the question to answer it without guessing."
            }
            (false, Language::Indonesian) => {
                "Pertanyaan ini belum cukup saya pahami untuk dijawab tanpa menebak."
            }
        };
        Turn::answer(thinking, &answer, &suggestions)
    }

    /// What can be asked instead: the question as each of its readings, then what this database can
    /// answer.
    fn asking_back(&self, schema: &Schema, understanding: &Understanding) -> Vec<String> {
        let mut asked = match &understanding.obstacle {
            Some(Obstacle::Unsure(readings)) => questions(
                self.conversation.question,
                readings,
                &understanding.pieces,
                schema,
                self.language,
            ),
            _ => Vec::new(),
        };
        for suggestion in suggestions(schema, None, self.language) {
            if asked.len() < WANTED && !asked.contains(&suggestion) {
                asked.push(suggestion);
            }
        }
        asked
    }

    /// Which words were taken for what, in plain words.
    fn explain(
        &self,
        reading: &Reading,
        understanding: &Understanding,
        schema: &Schema,
        again: bool,
    ) -> String {
        let links: Vec<String> = reading
            .terms
            .iter()
            .filter_map(|(at, term)| link(understanding.pieces.get(*at)?, term, schema))
            .collect();
        let links = links.join(", ");
        match (self.language, again) {
            (Language::English, false) => {
                format!("I understand {links}. I write the query for it.")
            }
            (Language::English, true) => {
                format!("That gave nothing, so I try it differently: {links}.")
            }
            (Language::Indonesian, false) => format!("Saya memahami {links}. Saya susun kuerinya."),
            (Language::Indonesian, true) => {
                format!("Itu tidak memberi hasil, jadi saya coba cara lain: {links}.")
            }
        }
    }
}
