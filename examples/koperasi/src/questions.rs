//! The sample questions, each with the query that answers it.

use serde::Deserialize;

use crate::script::Dialect;

/// A question about the sample database and the query that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// A short unique name, such as `id-01`.
    pub id: String,
    /// The language it is asked in.
    pub language: Language,
    /// The question, as a person would ask it.
    pub question: String,
    /// The query whose rows are the right answer.
    pub sql: Gold,
    /// Whether the order of the rows belongs to the answer.
    pub ordered: bool,
}

/// The language of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Language {
    /// Indonesian.
    #[serde(rename = "id")]
    Indonesian,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// The query of a question: one for all databases, or one for each where they must differ.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Gold {
    /// The same everywhere.
    Shared(String),
    /// One for each.
    #[serde(rename_all = "lowercase")]
    PerDialect {
        /// For `SQLite`.
        sqlite: String,
        /// For `PostgreSQL`.
        postgresql: String,
        /// For `MySQL` and `MariaDB`.
        mysql: String,
    },
}

impl Gold {
    /// The query for a database.
    pub fn for_dialect(&self, dialect: Dialect) -> &str {
        match (self, dialect) {
            (Self::Shared(sql), _) => sql,
            (Self::PerDialect { sqlite, .. }, Dialect::Sqlite) => sqlite,
            (Self::PerDialect { postgresql, .. }, Dialect::Postgresql) => postgresql,
            (Self::PerDialect { mysql, .. }, Dialect::Mysql) => mysql,
        }
    }
}

/// The sample questions, the default prompt first.
pub fn questions() -> Result<Vec<Question>, serde_json::Error> {
    serde_json::from_str(include_str!("../questions.json"))
}
