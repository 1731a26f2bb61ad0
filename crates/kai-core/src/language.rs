//! The two languages in which questions are asked and answers are given.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that KAI asks and answers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// English, `en`.
    #[serde(rename = "en")]
    English,
    /// Indonesian, `id`: the default, as in the original.
    #[default]
    #[serde(rename = "id")]
    Indonesian,
}

impl Language {
    /// The ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// The language's English name, as a prompt names it.
    pub fn english_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Indonesian => "Indonesian",
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code.trim().to_ascii_lowercase().as_str() {
            "en" => Ok(Self::English),
            "id" => Ok(Self::Indonesian),
            _ => Err("use en or id".to_owned()),
        }
    }
}
