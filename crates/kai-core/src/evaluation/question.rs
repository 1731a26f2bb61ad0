//! Questions with their gold queries, and how a file of them is read.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A question whose right answer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name; no other question of a file has it.
    pub id: String,
    /// The database it is for, if the file says so: the alias of a connection.
    pub database: Option<String>,
    /// The language that it is asked in, if the file says so.
    pub language: Option<QuestionLanguage>,
    /// What kind of question it is, for the table.
    pub class: String,
    /// The question, as a person asks it.
    pub text: String,
    /// What a right answer does.
    pub expected: Expected,
}

/// What a right answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It returns the rows of one of these queries.
    Rows {
        /// The gold query, and others whose rows are as right.
        queries: Vec<String>,
        /// Whether the question asks for an order.
        ordered: bool,
    },
    /// It runs no query, since the database cannot answer.
    Decline {
        /// What the database lacks.
        missing: String,
    },
}

/// The language of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QuestionLanguage {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Indonesian.
    #[serde(rename = "id")]
    Indonesian,
    /// Words of both.
    #[serde(rename = "mixed")]
    Mixed,
}

impl fmt::Display for QuestionLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::English => "English",
            Self::Indonesian => "Indonesian",
            Self::Mixed => "mixed",
        })
    }
}

/// What is wrong with a file of questions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionsError {
    /// A line is not the JSON object that a question is.
    #[error("line {line}: {reason}")]
    Line {
        /// Which one, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Two questions have one id.
    #[error("line {line}: another question has the id {id:?} already")]
    RepeatedId {
        /// The line of the second.
        line: usize,
        /// The id.
        id: String,
    },
    /// There is nothing to ask.
    #[error("there is no question in it")]
    Empty,
}

/// A line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    #[serde(default)]
    database: Option<String>,
    #[serde(default)]
    language: Option<QuestionLanguage>,
    #[serde(default)]
    class: Option<String>,
    question: String,
    #[serde(default)]
    sql: Option<String>,
    #[serde(default)]
    alternatives: Vec<String>,
    #[serde(default)]
    ordered: bool,
    #[serde(default)]
    unanswerable: Option<String>,
    #[serde(default)]
    missing: Option<String>,
}

/// Reads questions from JSON Lines; blank lines are skipped.
///
/// # Errors
/// When a line is no question, two questions have one id, or there is none.
pub fn parse(text: &str) -> Result<Vec<Question>, QuestionsError> {
    let mut ids = HashSet::new();
    let mut questions = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let number = index + 1;
        let wrong = |reason: String| QuestionsError::Line {
            line: number,
            reason,
        };
        let line: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let question = line.read().map_err(|reason| wrong(reason.to_owned()))?;
        if !ids.insert(question.id.clone()) {
            return Err(QuestionsError::RepeatedId {
                line: number,
                id: question.id,
            });
        }
        questions.push(question);
    }
    if questions.is_empty() {
        return Err(QuestionsError::Empty);
    }
    Ok(questions)
}

impl Line {
    fn read(self) -> Result<Question, &'static str> {
        if self.id.trim().is_empty() || self.question.trim().is_empty() {
            return Err("id and question must not be blank");
        }
        let (class, expected) = match (self.sql, self.unanswerable) {
            (Some(sql), None) if self.missing.is_none() => {
                let mut queries = vec![sql];
                queries.extend(self.alternatives);
                let rows = Expected::Rows {
                    queries,
                    ordered: self.ordered,
                };
                ("question".to_owned(), rows)
            }
            (None, Some(kind)) if !self.ordered && self.alternatives.is_empty() => {
                let missing = self
                    .missing
                    .ok_or("it needs \"missing\": what is not there")?;
                (kind, Expected::Decline { missing })
            }
            _ => {
                return Err(
                    "it needs \"sql\", or \"unanswerable\" and \"missing\", but not of both",
                );
            }
        };
        // The classes of what cannot be answered are the reasons why not.
        let class = match &expected {
            Expected::Rows { .. } => self.class.unwrap_or(class),
            Expected::Decline { .. } => class,
        };
        Ok(Question {
            id: self.id,
            database: self.database,
            language: self.language,
            class,
            text: self.question,
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_questions_and_what_cannot_be_answered() {
        let questions = parse(concat!(
            r#"{"id":"a","database":"shop","language":"id","class":"count","question":"Berapa?","sql":"SELECT 1","ordered":true,"alternatives":["SELECT 2"]}"#,
            "\n\n",
            r#"{"id":"b","question":"Who will win?","class":"unanswerable","unanswerable":"forecast","missing":"the future"}"#,
        ))
        .unwrap();
        assert_eq!(
            questions,
            [
                Question {
                    id: "a".to_owned(),
                    database: Some("shop".to_owned()),
                    language: Some(QuestionLanguage::Indonesian),
                    class: "count".to_owned(),
                    text: "Berapa?".to_owned(),
                    expected: Expected::Rows {
                        queries: vec!["SELECT 1".to_owned(), "SELECT 2".to_owned()],
                        ordered: true,
                    },
                },
                Question {
                    id: "b".to_owned(),
                    database: None,
                    language: None,
                    class: "forecast".to_owned(),
                    text: "Who will win?".to_owned(),
                    expected: Expected::Decline {
                        missing: "the future".to_owned(),
                    },
                },
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            ("", "there is no question in it"),
            (
                "{\"id\":\"a\",\"question\":\"q\"}",
                "line 1: it needs \"sql\", or \"unanswerable\" and \"missing\", but not of both",
            ),
            (
                "{\"id\":\"a\",\"question\":\"q\",\"unanswerable\":\"opinion\"}",
                "line 1: it needs \"missing\": what is not there",
            ),
            (
                "\n{\"id\":\"a\",\"question\":\" \",\"sql\":\"SELECT 1\"}",
                "line 2: id and question must not be blank",
            ),
            (
                "{\"id\":\"a\",\"question\":\"q\",\"sql\":\"SELECT 1\"}\n{\"id\":\"a\",\"question\":\"q\",\"sql\":\"SELECT 1\"}",
                "line 2: another question has the id \"a\" already",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected);
        }
        let typing_error = parse("{\"id\":\"a\",\"question\":\"q\",\"sqll\":\"SELECT 1\"}");
        let message = typing_error.unwrap_err().to_string();
        assert!(message.contains("unknown field `sqll`"), "{message}");
    }
}
