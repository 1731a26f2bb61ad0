//! What operators say of a connection, so that questions are read as the company means them.

use serde::{Deserialize, Serialize};

mod briefing;
pub(crate) mod fence;
mod mdl;
mod memory;
mod schema;
mod update;
pub(crate) mod verified;

pub use briefing::{Briefing, Budgets};
pub use mdl::{Model, ModelReport, document as mdl_document};
pub use memory::{Memory, MemoryError, Namespace, Notebook};
pub use schema::{Catalogue, Topic};
pub use update::{ConfigUpdate, SyncFailure, SyncReport, SyncStatusKind, Synced};
pub use verified::{FailedLine, VerifiedReport};

/// The kinds of knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How questions are to be answered.
    Instruction,
    /// How a kind of question is worked on.
    Skill,
    /// What a word means here.
    Glossary,
    /// A description of the tables and how they relate.
    Mdl,
    /// A question with the query that answers it, as a person has found.
    Verified,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Instruction,
        Self::Skill,
        Self::Glossary,
        Self::Mdl,
        Self::Verified,
    ];

    /// The name as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instruction => "instruction",
            Self::Skill => "skill",
            Self::Glossary => "glossary",
            Self::Mdl => "mdl",
            Self::Verified => "verified",
        }
    }

    /// The kind of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// See [`Kind::Instruction`].
    Instruction(Instruction),
    /// See [`Kind::Skill`].
    Skill(Skill),
    /// See [`Kind::Glossary`].
    Glossary(Term),
    /// See [`Kind::Mdl`].
    Mdl(Definition),
    /// See [`Kind::Verified`].
    Verified(VerifiedQuery),
}

impl Item {
    /// What kind of thing it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Instruction(_) => Kind::Instruction,
            Self::Skill(_) => Kind::Skill,
            Self::Glossary(_) => Kind::Glossary,
            Self::Mdl(_) => Kind::Mdl,
            Self::Verified(_) => Kind::Verified,
        }
    }

    /// Its id, unique among those of its kind and connection.
    pub fn id(&self) -> &str {
        match self {
            Self::Instruction(item) => &item.id,
            Self::Skill(item) => &item.id,
            Self::Glossary(item) => &item.id,
            Self::Mdl(item) => &item.id,
            Self::Verified(item) => &item.id,
        }
    }
}

/// How questions are to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Its id.
    pub id: String,
    /// What is to be done.
    #[serde(alias = "rules", alias = "instruction")]
    pub content: String,
    /// The questions it is for; without one, all.
    #[serde(default, deserialize_with = "optional")]
    pub condition: String,
    /// Whether it is for all questions whatever the condition says.
    #[serde(default)]
    pub is_default: bool,
}

/// How a kind of question is worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Its id; a path in the original.
    #[serde(alias = "skill_id")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, deserialize_with = "optional")]
    pub description: String,
    /// How it is done, in Markdown.
    pub content: String,
    /// What it belongs to.
    #[serde(default, deserialize_with = "optional")]
    pub category: String,
    /// Words that call for it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it is used.
    #[serde(default = "yes")]
    pub is_active: bool,
}

/// What a word means here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Its id.
    pub id: String,
    /// The word.
    #[serde(alias = "metric", alias = "name")]
    pub term: String,
    /// What it means.
    #[serde(default, alias = "context", deserialize_with = "optional")]
    pub definition: String,
    /// Other words for it.
    #[serde(default, alias = "aliases")]
    pub alias: Vec<String>,
    /// How it is computed.
    #[serde(default, deserialize_with = "optional")]
    pub sql: String,
}

/// A description of the tables and how they relate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its id.
    pub id: String,
    /// The description, in Markdown.
    pub content: String,
}

/// A question with the query that answers it, as a person has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedQuery {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The query.
    pub sql: String,
}

/// Everything that was said of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Knowledge {
    /// How questions are to be answered.
    pub instructions: Vec<Instruction>,
    /// How kinds of question are worked on.
    pub skills: Vec<Skill>,
    /// What words mean here.
    pub glossary: Vec<Term>,
    /// Descriptions of the tables.
    pub definitions: Vec<Definition>,
    /// Questions with queries that answer them.
    pub verified: Vec<VerifiedQuery>,
}

impl Knowledge {
    /// Adds an item.
    pub fn add(&mut self, item: Item) {
        match item {
            Item::Instruction(item) => self.instructions.push(item),
            Item::Skill(item) => self.skills.push(item),
            Item::Glossary(item) => self.glossary.push(item),
            Item::Mdl(item) => self.definitions.push(item),
            Item::Verified(item) => self.verified.push(item),
        }
    }

    /// The verified queries whose questions are like this one, the likest first.
    pub fn verified_like(&self, topic: &Topic) -> Vec<&VerifiedQuery> {
        let mut found: Vec<(u32, &VerifiedQuery)> = self
            .verified
            .iter()
            .map(|pair| (topic.overlap(&pair.question), pair))
            .filter(|(overlap, _)| *overlap > 0)
            .collect();
        found.sort_by_key(|(overlap, _)| std::cmp::Reverse(*overlap));
        found.into_iter().map(|(_, pair)| pair).collect()
    }
}

/// A text that callers may also leave null.
fn optional<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

fn yes() -> bool {
    true
}
