//! The store's collections, and the changes that bring them up to date.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::TypesenseError;
use super::client::Client;

/// A collection of the store; its name on the server has the store's prefix before it.
#[derive(Debug)]
pub(super) struct Collection {
    /// The name, which is that of the SQL stores' table where those have one.
    pub(super) name: &'static str,
    fields: &'static [Field],
}

#[derive(Debug)]
struct Field {
    name: &'static str,
    kind: Kind,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is looked for: a key.
    Key,
    /// It is looked for or ordered by: a whole number.
    Number,
    /// It is only kept, and not held in memory.
    Kept,
    /// A whole number that is only kept.
    KeptNumber,
}

impl Kind {
    fn data_type(self) -> &'static str {
        match self {
            Self::Key | Self::Kept => "string",
            Self::Number | Self::KeptNumber => "int64",
        }
    }

    fn is_indexed(self) -> bool {
        matches!(self, Self::Key | Self::Number)
    }
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

/// Which changes were made.
const CHANGES_MADE: Collection = Collection {
    name: "changes",
    fields: &[
        field("version", Kind::Number),
        field("description", Kind::Kept),
    ],
};

pub(super) const CONNECTIONS: Collection = Collection {
    name: "connections",
    fields: &[
        field("alias_key", Kind::Key),
        field("nonce", Kind::Kept),
        field("connection_id", Kind::Kept),
        field("alias", Kind::Kept),
        field("description", Kind::Kept),
        field("dialect", Kind::Kept),
        field("connection_uri", Kind::Kept),
        field("schemas", Kind::Kept),
        field("metadata", Kind::Kept),
        field("created_at", Kind::Kept),
    ],
};

/// Who may use an alias: a document's id is the alias's key.
pub(super) const ALIASES: Collection = Collection {
    name: "connection_aliases",
    fields: &[
        field("nonce", Kind::Key),
        field("connection_id", Kind::Kept),
        field("taken_at", Kind::KeptNumber),
    ],
};

pub(super) const TABLES: Collection = Collection {
    name: "scanned_tables",
    fields: &[
        field("owner", Kind::Key),
        field("table_id", Kind::Kept),
        field("db_schema", Kind::Kept),
        field("table_name", Kind::Kept),
        field("content", Kind::Kept),
        field("sync_status", Kind::Kept),
        field("last_sync", Kind::Kept),
        field("error_message", Kind::Kept),
        field("created_at", Kind::Kept),
    ],
};

pub(super) const KNOWLEDGE: Collection = Collection {
    name: "knowledge",
    fields: &[
        field("owner", Kind::Key),
        field("kind", Kind::Kept),
        field("item_id", Kind::Kept),
        field("document", Kind::Kept),
        field("updated_at", Kind::Kept),
    ],
};

pub(super) const MEMORIES: Collection = Collection {
    name: "memories",
    fields: &[
        field("owner", Kind::Key),
        field("namespace", Kind::Kept),
        field("document", Kind::Kept),
        field("access_count", Kind::KeptNumber),
        field("last_accessed_at", Kind::Kept),
        field("updated_at", Kind::Kept),
    ],
};

pub(super) const EXCHANGES: Collection = Collection {
    name: "conversation_exchanges",
    fields: &[
        field("owner", Kind::Key),
        field("conversation", Kind::Key),
        field("answered_at", Kind::Number),
        field("content", Kind::Kept),
    ],
};

pub(super) const RUNS: Collection = Collection {
    name: "agent_runs",
    fields: &[
        field("run", Kind::Key),
        field("name", Kind::Kept),
        field("slot", Kind::Number),
        field("at", Kind::Number),
        field("ended", Kind::Number),
        field("nonce", Kind::Kept),
        field("entry", Kind::Kept),
    ],
};

/// What a connection's documents lie in; they carry its owner's key.
pub(super) const OF_CONNECTIONS: [&Collection; 4] = [&TABLES, &KNOWLEDGE, &MEMORIES, &EXCHANGES];

/// A change of the collections. Once released it stays as it is.
struct Change {
    version: i64,
    description: &'static str,
    makes: &'static [&'static Collection],
}

const CHANGES: &[Change] = &[Change {
    version: LATEST,
    description: "connections, tables, knowledge, memories, conversations and runs",
    makes: &[
        &CONNECTIONS,
        &ALIASES,
        &TABLES,
        &KNOWLEDGE,
        &MEMORIES,
        &EXCHANGES,
        &RUNS,
    ],
}];

/// The version of the last change.
pub(super) const LATEST: i64 = 1;

#[derive(Serialize, Deserialize)]
struct Made {
    id: String,
    version: i64,
    #[serde(default)]
    description: String,
}

/// Makes the changes that are still missing, and looks whether the collections are what this version
/// needs. Several processes may do so at the same moment: each change finds what another has made.
pub(super) async fn bring_up_to_date(client: &Client) -> Result<(), TypesenseError> {
    make(client, &CHANGES_MADE).await?;
    let made: Vec<Made> = client.all(&CHANGES_MADE, None, None).await?;
    if let Some(found) = made.iter().map(|made| made.version).max()
        && found > LATEST
    {
        return Err(TypesenseError::Newer { found });
    }
    for change in CHANGES {
        for collection in change.makes {
            make(client, collection).await?;
        }
        if made.iter().any(|made| made.version == change.version) {
            continue;
        }
        let id = change.version.to_string();
        let done = Made {
            id: id.clone(),
            version: change.version,
            description: change.description.to_owned(),
        };
        client.create(&CHANGES_MADE, &id, &done).await?;
    }
    Ok(())
}

/// Makes a collection, or looks whether the one that is there will do.
async fn make(client: &Client, collection: &Collection) -> Result<(), TypesenseError> {
    let mut found = client.collection(collection).await?;
    if found.is_none() {
        client
            .create_collection(&described(client, collection))
            .await?;
        found = client.collection(collection).await?;
    }
    let difference = match &found {
        Some(found) => difference(collection, found),
        None => Some("it was deleted at once".to_owned()),
    };
    match difference {
        Some(difference) => Err(TypesenseError::OtherSchema {
            collection: client.name_of(collection),
            difference,
        }),
        None => Ok(()),
    }
}

fn described(client: &Client, collection: &Collection) -> Value {
    let fields: Vec<Value> = collection
        .fields
        .iter()
        .map(|field| {
            let indexed = field.kind.is_indexed();
            // What is not indexed has to be optional.
            json!({
                "name": field.name,
                "type": field.kind.data_type(),
                "index": indexed,
                "optional": !indexed,
            })
        })
        .collect();
    json!({"name": client.name_of(collection), "fields": fields})
}

/// The first field that is missing or other than it has to be. More fields do no harm.
fn difference(collection: &Collection, found: &Value) -> Option<String> {
    let no_fields = Vec::new();
    let there = found.get("fields").and_then(Value::as_array);
    let there = there.unwrap_or(&no_fields);
    collection.fields.iter().find_map(|field| {
        let name = field.name;
        let Some(there) = there
            .iter()
            .find(|there| there.get("name").and_then(Value::as_str) == Some(name))
        else {
            return Some(format!("there is no field '{name}'"));
        };
        let expected = field.kind.data_type();
        let data_type = there.get("type").and_then(Value::as_str);
        if data_type != Some(expected) {
            return Some(format!("the field '{name}' is not of the type {expected}"));
        }
        let indexed = there.get("index").and_then(Value::as_bool);
        (field.kind.is_indexed() && indexed == Some(false))
            .then(|| format!("the field '{name}' is not indexed"))
    })
}
