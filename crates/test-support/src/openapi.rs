//! What an OpenAPI description says of an answer, and whether the answer keeps to it.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say where"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "what is not in a JSON value is null, and null fails the test"
)]

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

/// The words of a schema that this check knows. Another one would pass unseen, so it is refused.
const KNOWN: [&str; 9] = [
    "$ref",
    "type",
    "description",
    "required",
    "properties",
    "items",
    "enum",
    "const",
    "minimum",
];

/// The statuses of `/api` that take a Temporal server and a worker.
const OF_A_WORKER: [&str; 5] = ["200", "201", "202", "404", "409"];

/// An answer that is described: its path, its method and its status.
pub type Answer = (String, String, String);

/// Whether an answer can only be seen where there are a Temporal server and a worker.
pub fn takes_a_worker((path, _, status): &Answer) -> bool {
    path.starts_with("/api/") && OF_A_WORKER.contains(&status.as_str())
}

/// A description, and which of its answers were seen.
pub struct Description {
    api: Value,
    seen: BTreeSet<Answer>,
}

impl Description {
    /// Nothing of it was seen yet.
    pub fn new(api: Value) -> Self {
        Self {
            api,
            seen: BTreeSet::new(),
        }
    }

    /// The described path that an address belongs to.
    ///
    /// # Panics
    /// When there is none.
    pub fn path_of(&self, address: &str) -> String {
        let (address, _) = address.split_once('?').unwrap_or((address, ""));
        let is_like = |path: &str| {
            let (mut of, mut given) = (path.split('/'), address.split('/'));
            loop {
                match (of.next(), given.next()) {
                    (None, None) => return true,
                    (Some(of), Some(given)) if of == given || of.starts_with('{') => {}
                    _ => return false,
                }
            }
        };
        let paths = object(&self.api["paths"]);
        let found = paths.keys().find(|path| is_like(path));
        found
            .unwrap_or_else(|| panic!("{address} is not described"))
            .clone()
    }

    /// Holds an answer against the description, and notes that it was seen.
    ///
    /// # Panics
    /// When it is not described, or differs from what is.
    pub fn see(&mut self, answer: &Answer, headers: &HeaderMap, body: &str) {
        let kind = headers.get("content-type").map(|kind| {
            let kind = kind.to_str().expect("a content type is text");
            kind.split(';').next().unwrap_or_default()
        });
        let described = self.answer(answer);
        for (name, header) in described["headers"].as_object().into_iter().flatten() {
            assert_eq!(header["required"], true, "{answer:?}: {name}");
            assert!(headers.contains_key(name), "{answer:?}: {name} is missing");
        }
        self.see_body(answer, kind, body);
    }

    /// The same, where the headers are not at hand: `kind` is the type of the body, if there is one.
    ///
    /// # Panics
    /// When it is not described, or differs from what is.
    pub fn see_body(&mut self, answer: &Answer, kind: Option<&str>, body: &str) {
        let content = &self.answer(answer)["content"];
        match kind {
            None => assert!(content.is_null(), "{answer:?} has no body"),
            Some(kind) => {
                let content = content.get(kind).unwrap_or_else(|| {
                    panic!("{answer:?} has a body of {kind}, which is not described")
                });
                if kind == "application/json" {
                    let value = serde_json::from_str(body).expect("JSON is JSON");
                    if let Err(wrong) = self.conforms(&content["schema"], &value) {
                        panic!("{answer:?}: {wrong}: {body}");
                    }
                }
            }
        }
        self.seen.insert(answer.clone());
    }

    /// The answers that were seen.
    pub fn seen(&self) -> &BTreeSet<Answer> {
        &self.seen
    }

    /// All answers that are described.
    pub fn described(&self) -> BTreeSet<Answer> {
        let mut all = BTreeSet::new();
        for (path, operations) in object(&self.api["paths"]) {
            for (method, operation) in object(operations) {
                let responses = operation["responses"].as_object();
                for status in responses.into_iter().flat_map(Map::keys) {
                    all.insert((path.clone(), method.clone(), status.clone()));
                }
            }
        }
        all
    }

    /// What is described of an answer.
    fn answer(&self, (path, method, status): &Answer) -> &Value {
        let described = &self.api["paths"][path][method]["responses"][status];
        assert!(
            described.is_object(),
            "{method} {path} {status} is not described"
        );
        self.resolved(described)
    }

    /// Follows `$ref`.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => reference
                .strip_prefix('#')
                .and_then(|pointer| self.api.pointer(pointer))
                .unwrap_or_else(|| panic!("{reference} leads nowhere")),
            None => value,
        }
    }

    /// Whether a value is what a schema says and nothing else: a field that is not described is wrong.
    fn conforms(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let schema = self.resolved(schema);
        for word in object(schema).keys() {
            assert!(
                KNOWN.contains(&word.as_str()),
                "{word} is a word that this check does not know"
            );
        }
        let names = match &schema["type"] {
            Value::Array(names) => names.clone(),
            name => vec![name.clone()],
        };
        if !names.iter().any(|name| is_of_type(value, name)) {
            return Err(format!("{value} is not of the type {}", schema["type"]));
        }
        let listed = |word: &str| schema[word].as_array();
        if listed("enum").is_some_and(|values| !values.contains(value))
            || schema.get("const").is_some_and(|only| only != value)
            || schema["minimum"].as_f64() > value.as_f64()
        {
            return Err(format!("{value} is not one of {schema}"));
        }
        for name in listed("required").into_iter().flatten() {
            if value.is_object() && value.get(text(name)).is_none() {
                return Err(format!("{name} is missing"));
            }
        }
        // Without `properties` it may hold anything, such as the description itself.
        let fields = schema.get("properties").and(value.as_object());
        for (name, field) in fields.into_iter().flatten() {
            let described = &schema["properties"][name];
            if described.is_null() {
                return Err(format!("{name} is not described"));
            }
            self.conforms(described, field)
                .map_err(|wrong| format!("{name}: {wrong}"))?;
        }
        let mut items = schema
            .get("items")
            .and(value.as_array())
            .into_iter()
            .flatten();
        items.try_for_each(|item| self.conforms(&schema["items"], item))
    }
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match text(name) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("{other} is a type that this check does not know"),
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
