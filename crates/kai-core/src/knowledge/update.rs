//! What callers of `sync_config` send: read item by item, so that one that is wrong stops no other.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{Definition, Instruction, Item, Kind, Skill, Term, VerifiedQuery};
use crate::ids::ConnectionId;

/// The longest text of one item, in bytes. What is longer is no instruction but a document.
const MAX_ITEM_BYTES: usize = 1024 * 1024;

/// The longest id, in bytes.
const MAX_ID_BYTES: usize = 300;

/// What is to be stored, as callers send it: lists of objects, or nothing.
#[derive(Debug, Clone, Default)]
pub struct ConfigUpdate {
    /// `[{id, content}]`.
    pub instructions: Option<Value>,
    /// `[{id, name, content, …}]`.
    pub skills: Option<Value>,
    /// `[{id, term, definition}]`.
    pub glossary: Option<Value>,
    /// `{id?, content}`, or the content alone.
    pub mdl: Option<Value>,
}

/// What became of an update, in the shape of the activity's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Whether all of it was stored.
    pub status: SyncStatusKind,
    /// What was stored.
    pub synced: Synced,
    /// What was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<SyncFailure>,
}

/// How much of an update was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncStatusKind {
    /// All.
    Success,
    /// Not all; `failed` tells what is missing.
    Partial,
    /// Nothing.
    Failed,
}

/// How much was stored of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Synced {
    /// How many instructions.
    pub instructions: usize,
    /// How many skills.
    pub skills: usize,
    /// How many glossary terms.
    pub glossary: usize,
    /// Whether a model definition was.
    pub mdl: bool,
}

/// An item that was not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncFailure {
    /// Its kind.
    pub kind: Kind,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// Its place in its list, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub error: String,
}

impl ConfigUpdate {
    /// The items that can be stored, and what is told once they are.
    pub fn read(self, connection: &ConnectionId) -> (Vec<Item>, SyncReport) {
        let mut reading = Reading::default();
        reading.list(Kind::Instruction, self.instructions);
        reading.list(Kind::Skill, self.skills);
        reading.list(Kind::Glossary, self.glossary);
        match self.mdl {
            None | Some(Value::Null) => {}
            Some(Value::String(content)) => {
                let content = json!({ "content": content });
                reading.definition(content, connection);
            }
            Some(value) => reading.definition(value, connection),
        }
        reading.finish()
    }
}

#[derive(Default)]
struct Reading {
    items: Vec<Item>,
    failed: Vec<SyncFailure>,
}

impl Reading {
    fn list(&mut self, kind: Kind, value: Option<Value>) {
        match value {
            None | Some(Value::Null) => {}
            Some(Value::Array(values)) => {
                for (index, value) in values.into_iter().enumerate() {
                    self.item(kind, index, value);
                }
            }
            Some(_) => self.failed.push(SyncFailure {
                kind,
                id: None,
                index: 0,
                error: format!("the {} items must be a list of objects", kind.name()),
            }),
        }
    }

    fn definition(&mut self, mut value: Value, connection: &ConnectionId) {
        if let Value::Object(fields) = &mut value
            && fields.get("id").is_none_or(Value::is_null)
        {
            fields.insert("id".to_owned(), format!("mdl-{connection}").into());
        }
        self.item(Kind::Mdl, 0, value);
    }

    fn item(&mut self, kind: Kind, index: usize, value: Value) {
        let id = id(&value);
        match read(kind, value) {
            Ok(item) => {
                // The last of several with one id is the one that counts.
                self.items
                    .retain(|other| other.kind() != kind || other.id() != item.id());
                self.items.push(item);
            }
            Err(error) => self.failed.push(SyncFailure {
                kind,
                id,
                index,
                error,
            }),
        }
    }

    fn finish(self) -> (Vec<Item>, SyncReport) {
        let count = |kind| self.items.iter().filter(|item| item.kind() == kind).count();
        let report = SyncReport {
            status: match (self.items.is_empty(), self.failed.is_empty()) {
                (_, true) => SyncStatusKind::Success,
                (false, false) => SyncStatusKind::Partial,
                (true, false) => SyncStatusKind::Failed,
            },
            synced: Synced {
                instructions: count(Kind::Instruction),
                skills: count(Kind::Skill),
                glossary: count(Kind::Glossary),
                mdl: count(Kind::Mdl) > 0,
            },
            failed: self.failed,
        };
        (self.items, report)
    }
}

fn id(value: &Value) -> Option<String> {
    let id = value.get("id").or_else(|| value.get("skill_id"))?;
    id.as_str().map(str::to_owned)
}

fn read(kind: Kind, value: Value) -> Result<Item, String> {
    let item = match kind {
        Kind::Instruction => Item::Instruction(parse::<Instruction>(value)?),
        Kind::Skill => Item::Skill(parse::<Skill>(value)?),
        Kind::Glossary => Item::Glossary(parse::<Term>(value)?),
        Kind::Mdl => Item::Mdl(parse::<Definition>(value)?),
        Kind::Verified => Item::Verified(parse::<VerifiedQuery>(value)?),
    };
    if item.id().trim().is_empty() {
        return Err("its id is blank".to_owned());
    }
    if item.id().len() > MAX_ID_BYTES || item.id().contains('\0') {
        return Err(format!(
            "its id is longer than {MAX_ID_BYTES} bytes, or has a NUL in it"
        ));
    }
    let needed = match &item {
        Item::Instruction(Instruction { content, .. })
        | Item::Skill(Skill { content, .. })
        | Item::Mdl(Definition { content, .. }) => ("content", content),
        Item::Glossary(term) => ("term", &term.term),
        Item::Verified(pair) if pair.question.trim().is_empty() => ("question", &pair.question),
        Item::Verified(pair) => ("sql", &pair.sql),
    };
    if needed.1.trim().is_empty() {
        return Err(format!("its {} is blank", needed.0));
    }
    Ok(item)
}

/// Reads an object of at most so many bytes. Null fields count as missing ones.
fn parse<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let Value::Object(fields) = value else {
        return Err("it is not an object".to_owned());
    };
    let fields: Map<String, Value> = fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let value = Value::Object(fields);
    if value.to_string().len() > MAX_ITEM_BYTES {
        return Err(format!("it is larger than {MAX_ITEM_BYTES} bytes"));
    }
    T::deserialize(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_and_the_rest_is_read() {
        let update = ConfigUpdate {
            instructions: Some(json!([
                {"id": "i1", "content": "old"},
                {"content": "no id"},
                {"id": " ", "content": "x"},
                {"id": "i1", "content": "new", "is_default": null},
                7
            ])),
            skills: Some(json!([{"skill_id": "a/b", "name": "n", "content": "c", "tags": ["t"]}])),
            glossary: Some(json!({"id": "no list"})),
            mdl: Some(json!("# Model")),
        };
        let (items, report) = update.read(&ConnectionId::new("c-1"));
        assert_eq!(report.status, SyncStatusKind::Partial);
        assert_eq!(
            report.synced,
            Synced {
                instructions: 1,
                skills: 1,
                glossary: 0,
                mdl: true
            }
        );
        let failed: Vec<_> = report.failed.iter().map(|f| (f.kind, f.index)).collect();
        assert_eq!(
            failed,
            [
                (Kind::Instruction, 1),
                (Kind::Instruction, 2),
                (Kind::Instruction, 4),
                (Kind::Glossary, 0)
            ]
        );
        assert!(matches!(items.first(), Some(Item::Instruction(i)) if i.content == "new"));
        assert!(matches!(items.last(), Some(Item::Mdl(d)) if d.id == "mdl-c-1"));

        let (items, report) = ConfigUpdate::default().read(&ConnectionId::new("c-1"));
        assert!(items.is_empty());
        assert_eq!(
            serde_json::to_value(&report).ok(),
            Some(json!({"status": "success",
                "synced": {"instructions": 0, "skills": 0, "glossary": 0, "mdl": false}}))
        );
    }
}
