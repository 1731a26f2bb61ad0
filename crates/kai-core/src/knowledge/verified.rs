//! Verified queries as people hand them in: JSON Lines, one question with its query on each line.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::VerifiedQuery;
use crate::database::{Database, DatabaseError, QueryLimits};

/// How long a question and a query may be, in bytes.
const LONGEST: usize = 20_000;

/// What became of the lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VerifiedReport {
    /// How many were stored.
    pub added: usize,
    /// The lines that were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedLine>,
}

/// A line that was not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: String,
}

/// A line as it is handed in; other fields, as evaluations have them, mean nothing here.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    question: String,
    sql: String,
}

/// The pairs of a text, and the lines that are none. Blank lines are skipped.
pub(crate) fn read(text: &str) -> (Vec<(usize, VerifiedQuery)>, Vec<FailedLine>) {
    let (mut pairs, mut failed) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        if line.trim().is_empty() {
            continue;
        }
        match pair(line) {
            Ok(pair) => pairs.push((number, pair)),
            Err(error) => failed.push(FailedLine {
                line: number,
                error,
            }),
        }
    }
    (pairs, failed)
}

fn pair(line: &str) -> Result<VerifiedQuery, String> {
    let line: Line = serde_json::from_str(line)
        .map_err(|error| format!(r#"it is not {{"question": "…", "sql": "…"}}: {error}"#))?;
    let (question, sql) = (line.question.trim(), line.sql.trim());
    if question.is_empty() || sql.is_empty() {
        return Err("its question or its sql is blank".to_owned());
    }
    if question.len() + sql.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let id = line.id.filter(|id| !id.trim().is_empty());
    Ok(VerifiedQuery {
        id: id.unwrap_or_else(|| id_of(question)),
        question: question.to_owned(),
        sql: sql.to_owned(),
    })
}

/// The same for the same question, so that it is replaced when it is handed in again.
fn id_of(question: &str) -> String {
    let mut id = String::new();
    for byte in Sha256::digest(question.to_lowercase()).iter().take(8) {
        // Writing to a text cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// Tries a query as the agent would run it: `Err` with what is wrong, in its own words.
///
/// # Errors
/// When the database cannot be asked at all.
pub(crate) async fn tried(
    database: &dyn Database,
    sql: &str,
    limits: QueryLimits,
) -> Result<Result<(), String>, DatabaseError> {
    let query = match database.guard().check(sql) {
        Ok(query) => query,
        Err(rejection) => return Ok(Err(rejection.to_string())),
    };
    match database.query(&query, limits).await {
        Ok(_) => Ok(Ok(())),
        Err(error) if error.is_retryable() => Err(error),
        Err(error) => Ok(Err(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_pair_or_is_told() {
        let text = r#"{"question": " How many? ", "sql": "SELECT 1"}

{"id": "q-7", "question": "Total?", "sql": "SELECT 2", "class": "count"}
{"question": "No query", "sql": " "}
nonsense"#;
        let (pairs, failed) = read(text);
        let told: Vec<_> = pairs
            .iter()
            .map(|(line, pair)| (*line, pair.question.as_str()))
            .collect();
        assert_eq!(told, [(1, "How many?"), (3, "Total?")]);
        assert_eq!(pairs.last().map(|(_, pair)| pair.id.as_str()), Some("q-7"));
        let lines: Vec<usize> = failed.iter().map(|failed| failed.line).collect();
        assert_eq!(lines, [4, 5]);
        assert_eq!(id_of("HOW many?"), id_of("how many?"));
    }
}
