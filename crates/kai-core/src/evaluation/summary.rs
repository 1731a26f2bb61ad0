//! What the outcomes of an evaluation come to, and the tables that show it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::question::QuestionLanguage;
use super::run::Outcome;
use crate::model::Usage;

use super::score::{Declines, Score, percentage};

/// What the outcomes of an evaluation come to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The questions that can be answered.
    pub answerable: Score,
    /// Those of each class.
    pub by_class: BTreeMap<String, Score>,
    /// Those in each language.
    pub by_language: BTreeMap<QuestionLanguage, Score>,
    /// The questions that cannot be answered.
    pub unanswerable: Declines,
    /// Turns of the model and calls of tools, over all questions.
    pub steps: usize,
    /// Tokens, over all questions; none where the model's service does not tell.
    pub usage: Option<Usage>,
    /// How long runs took, in milliseconds.
    pub time_ms: Option<Spread>,
    /// How long it took until the first query was written, in milliseconds, where one was.
    pub time_to_sql_ms: Option<Spread>,
}

/// How figures are spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Half of them are at most this.
    pub median: f64,
    /// 95 of a hundred are at most this.
    pub p95: f64,
}

impl Summary {
    /// Counts the outcomes.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut summary = Self::default();
        let (mut times, mut times_to_sql) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            summary.steps += outcome.steps;
            if let Some(usage) = outcome.usage {
                *summary.usage.get_or_insert_default() += usage;
            }
            times.push(outcome.time);
            times_to_sql.extend(outcome.time_to_sql);
            if !outcome.answerable {
                summary.unanswerable.count(&outcome.verdict);
                continue;
            }
            summary.answerable.count(&outcome.verdict);
            let class = summary.by_class.entry(outcome.class.clone()).or_default();
            class.count(&outcome.verdict);
            if let Some(language) = outcome.language {
                let language = summary.by_language.entry(language).or_default();
                language.count(&outcome.verdict);
            }
        }
        summary.time_ms = Spread::of(times);
        summary.time_to_sql_ms = Spread::of(times_to_sql);
        summary
    }

    /// The percentage of all questions that were answered or declined rightly; 100 of none.
    pub fn right_of_all(&self) -> f64 {
        let asked = self.answerable.asked + self.unanswerable.asked;
        let right = self.answerable.right + self.unanswerable.declined;
        percentage(right, asked).unwrap_or(100.0)
    }

    /// The scores as a Markdown table: all, by language and, if `classes`, by class; then what was
    /// declined.
    pub fn markdown(&self, classes: bool) -> String {
        let mut rows = vec![("all".to_owned(), self.answerable)];
        let languages = self.by_language.iter();
        rows.extend(languages.map(|(language, score)| (language.to_string(), *score)));
        if classes {
            rows.extend(
                self.by_class
                    .iter()
                    .map(|(class, score)| (class.clone(), *score)),
            );
        }
        let mut table = String::from(
            "| questions | asked | right | accuracy | coverage | precision | extra columns | failed |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for (name, score) in rows {
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "| {name} | {} | {} | {} | {} | {} | {} | {} |",
                score.asked,
                score.right,
                percent(score.accuracy()),
                percent(score.coverage()),
                percent(score.precision()),
                score.extra_columns,
                score.failed,
            );
        }
        if self.unanswerable.asked > 0 {
            let _ = writeln!(
                table,
                "\nDeclined, of the {} that the database cannot answer: {} ({}).",
                self.unanswerable.asked,
                self.unanswerable.declined,
                percent(self.unanswerable.rate()),
            );
        }
        table
    }
}

impl Spread {
    /// The spread of some times, in milliseconds; none of none.
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let at = |percent: usize| {
            // The nearest rank.
            let rank = (times.len() * percent).div_ceil(100).max(1);
            times.get(rank - 1).map(|time| time.as_secs_f64() * 1000.0)
        };
        Some(Self {
            median: at(50)?,
            p95: at(95)?,
        })
    }
}

/// A percentage with one digit, rounded down, so that nothing short of all reads as 100 %.
fn percent(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| format!("{:.1} %", (value * 10.0).floor() / 10.0),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Difference, Verdict};
    use super::*;

    fn outcome(class: &str, language: QuestionLanguage, verdict: Verdict) -> Outcome {
        Outcome {
            id: "q".to_owned(),
            question: "How many?".to_owned(),
            class: class.to_owned(),
            language: Some(language),
            answerable: !matches!(verdict, Verdict::Declined | Verdict::Answered),
            verdict,
            sql: Vec::new(),
            gold: None,
            answer: String::new(),
            steps: 3,
            usage: None,
            time: Duration::from_millis(10),
            time_to_sql: None,
        }
    }

    #[test]
    fn the_table_shows_languages_classes_and_declines() {
        use QuestionLanguage::{English, Indonesian};
        let outcomes = [
            outcome("count", English, Verdict::Right { extra_columns: 0 }),
            outcome("count", Indonesian, Verdict::AskedBack),
            outcome("join", English, Verdict::Right { extra_columns: 1 }),
            outcome(
                "join",
                Indonesian,
                Verdict::Wrong {
                    difference: Difference::Order,
                },
            ),
            outcome("forecast", English, Verdict::Declined),
            outcome("action", Indonesian, Verdict::Answered),
            outcome(
                "join",
                English,
                Verdict::Failed {
                    error: "away".to_owned(),
                },
            ),
        ];
        let summary = Summary::of(&outcomes);
        assert_eq!(summary.steps, 21);
        assert!((summary.right_of_all() - 300.0 / 7.0).abs() < 1e-9);
        assert_eq!(
            summary.markdown(true),
            "\
| questions | asked | right | accuracy | coverage | precision | extra columns | failed |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| all | 5 | 2 | 40.0 % | 60.0 % | 66.6 % | 1 | 1 |
| English | 3 | 2 | 66.6 % | 66.6 % | 100.0 % | 1 | 1 |
| Indonesian | 2 | 0 | 0.0 % | 50.0 % | 0.0 % | 0 | 0 |
| count | 2 | 1 | 50.0 % | 50.0 % | 100.0 % | 0 | 0 |
| join | 3 | 1 | 33.3 % | 66.6 % | 50.0 % | 1 | 1 |

Declined, of the 2 that the database cannot answer: 1 (50.0 %).
"
        );
    }

    #[test]
    fn the_spread_is_of_the_nearest_rank() {
        let times = (1..=100).map(Duration::from_millis).collect();
        let spread = Spread::of(times).unwrap();
        assert!((spread.median - 50.0).abs() < 1e-9);
        assert!((spread.p95 - 95.0).abs() < 1e-9);
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
