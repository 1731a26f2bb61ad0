//! Typesense's REST interface, as far as the store needs it.
//!
//! Requests that may be repeated are, for a few seconds: all of them, since a document that is
//! created carries a key of its own by which a repetition knows it.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::TypesenseError;
use super::key::{Filter, Key};
use super::place::{TypesenseAccess, TypesensePlace};
use super::schema::Collection;
use crate::cause::innermost;

/// How long a server that is away or not ready is asked again.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause before a request is repeated, doubled each time up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How many documents go into one request.
const BATCH: usize = 500;

/// How much of a message of the server is told.
const MESSAGE_LENGTH: usize = 200;

const KEY_HEADER: HeaderName = HeaderName::from_static("x-typesense-api-key");

/// The store's collections on a server. Cloning it is cheap.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    place: TypesensePlace,
}

/// What became of a document that was to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    /// It is there now.
    New,
    /// Another one with its id was there.
    Exists,
}

/// What documents are sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Import {
    /// To be created where their ids are not there.
    Create,
    /// To be put in the place of those with their ids.
    Upsert,
    /// To change some fields of those with their ids.
    Update,
    /// To change some fields of those with their ids, or to be created.
    Emplace,
}

impl Import {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Upsert => "upsert",
            Self::Update => "update",
            Self::Emplace => "emplace",
        }
    }

    /// Whether this code of a line is no failure: what was to be created is there, or what was to be
    /// changed is gone.
    fn takes(self, code: u16) -> bool {
        matches!((self, code), (Self::Create, 409) | (Self::Update, 404))
    }
}

struct Request<'a> {
    method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'a str, &'a str)>,
    body: Option<String>,
    what: &'static str,
}

struct Answer {
    status: StatusCode,
    body: String,
    /// Whether an earlier try may have been carried out, too.
    repeated: bool,
}

#[derive(Deserialize)]
struct Hits<T> {
    hits: Vec<Hit<T>>,
}

#[derive(Deserialize)]
struct Hit<T> {
    document: T,
}

#[derive(Deserialize)]
struct Imported {
    success: bool,
    #[serde(default)]
    code: u16,
    #[serde(default)]
    error: String,
}

impl Client {
    pub(super) fn new(
        place: TypesensePlace,
        access: &TypesenseAccess,
    ) -> Result<Self, TypesenseError> {
        let key = access.api_key.as_ref().ok_or(TypesenseError::NoKey)?;
        let mut key =
            HeaderValue::try_from(key.expose().trim()).map_err(|_| TypesenseError::MalformedKey)?;
        key.set_sensitive(true);
        let http = crate::http::client_builder()
            .default_headers(HeaderMap::from_iter([(KEY_HEADER, key)]))
            .timeout(access.timeout)
            .build()
            .map_err(|error| unreachable(&place, error))?;
        Ok(Self { http, place })
    }

    /// The collection as the server describes it, if it is there.
    pub(super) async fn collection(
        &self,
        collection: &Collection,
    ) -> Result<Option<Value>, TypesenseError> {
        let name = self.name_of(collection);
        let what = "describe a collection";
        let answer = self
            .send(Request::to(Method::GET, vec!["collections", &name], what))
            .await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        read(&answer, what).map(Some)
    }

    /// Makes a collection. Another process may have made it meanwhile.
    pub(super) async fn create_collection(&self, schema: &Value) -> Result<(), TypesenseError> {
        let what = "make a collection";
        let mut request = Request::to(Method::POST, vec!["collections"], what);
        request.body = Some(schema.to_string());
        let answer = self.send(request).await?;
        if answer.status == StatusCode::CONFLICT {
            return Ok(());
        }
        read::<Value>(&answer, what).map(drop)
    }

    /// What a collection is called on the server.
    pub(super) fn name_of(&self, collection: &Collection) -> String {
        format!("{}_{}", self.place.prefix, collection.name)
    }

    /// Creates a document, unless one with its id is there. Of several who try, one succeeds. The
    /// document's `nonce`, if it has one, tells whether that was an earlier try of ours.
    pub(super) async fn create(
        &self,
        collection: &Collection,
        id: &str,
        document: &impl Serialize,
    ) -> Result<Created, TypesenseError> {
        let what = "create a document";
        let name = self.name_of(collection);
        let document = serde_json::to_value(document).map_err(|_| TypesenseError::Strange(what))?;
        let mut request = Request::to(Method::POST, vec!["collections", &name, "documents"], what);
        request.body = Some(document.to_string());
        let answer = self.send(request).await?;
        if answer.status == StatusCode::CONFLICT {
            if answer.repeated && document.get("nonce").is_some() {
                let there: Option<Value> = self.get(collection, id).await?;
                if there.is_some_and(|there| there.get("nonce") == document.get("nonce")) {
                    return Ok(Created::New);
                }
            }
            return Ok(Created::Exists);
        }
        read::<Value>(&answer, what).map(|_| Created::New)
    }

    /// The document with this id, if there is one.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        id: &str,
    ) -> Result<Option<T>, TypesenseError> {
        let (name, what) = (self.name_of(collection), "read a document");
        let path = vec!["collections", &name, "documents", id];
        let answer = self.send(Request::to(Method::GET, path, what)).await?;
        if is_no_document(&answer) {
            return Ok(None);
        }
        if answer.status.is_success() {
            return serde_json::from_str(&answer.body)
                .map(Some)
                .map_err(|_| TypesenseError::Damaged(collection.name));
        }
        Err(refused(&answer, what))
    }

    /// Changes some fields of a document. False when there is none with this id.
    pub(super) async fn update(
        &self,
        collection: &Collection,
        id: &Key,
        fields: &Value,
    ) -> Result<bool, TypesenseError> {
        let (name, what) = (self.name_of(collection), "change a document");
        let path = vec!["collections", &name, "documents", id.as_str()];
        let mut request = Request::to(Method::PATCH, path, what);
        request.body = Some(fields.to_string());
        let answer = self.send(request).await?;
        if is_no_document(&answer) {
            return Ok(false);
        }
        read::<Value>(&answer, what).map(|_| true)
    }

    /// Deletes a document. False when there was none with this id.
    pub(super) async fn delete(
        &self,
        collection: &Collection,
        id: &Key,
    ) -> Result<bool, TypesenseError> {
        let (name, what) = (self.name_of(collection), "delete a document");
        let path = vec!["collections", &name, "documents", id.as_str()];
        let answer = self.send(Request::to(Method::DELETE, path, what)).await?;
        if is_no_document(&answer) {
            return Ok(answer.repeated);
        }
        read::<Value>(&answer, what).map(|_| true)
    }

    /// Deletes the documents that are meant.
    pub(super) async fn delete_all(
        &self,
        collection: &Collection,
        filter: &Filter,
    ) -> Result<(), TypesenseError> {
        let (name, what) = (self.name_of(collection), "delete documents");
        let path = vec!["collections", &name, "documents"];
        let mut request = Request::to(Method::DELETE, path, what);
        request.query = vec![("filter_by", filter.as_str())];
        let answer = self.send(request).await?;
        read::<Value>(&answer, what).map(drop)
    }

    /// All documents that are meant, in no order; with only some of their fields, where `fields`
    /// names them. Searching would bring 250 at most, and needs an order to go on from there.
    pub(super) async fn all<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        filter: Option<&Filter>,
        fields: Option<&str>,
    ) -> Result<Vec<T>, TypesenseError> {
        let (name, what) = (self.name_of(collection), "read documents");
        let path = vec!["collections", &name, "documents", "export"];
        let mut request = Request::to(Method::GET, path, what);
        request
            .query
            .extend(filter.map(|filter| ("filter_by", filter.as_str())));
        request
            .query
            .extend(fields.map(|fields| ("include_fields", fields)));
        let answer = self.send(request).await?;
        if !answer.status.is_success() {
            return Err(refused(&answer, what));
        }
        lines(&answer.body)
            .map(|line| {
                serde_json::from_str(line).map_err(|_| TypesenseError::Damaged(collection.name))
            })
            .collect()
    }

    /// Those of the documents that are meant with the largest numbers in this field, largest first.
    pub(super) async fn largest<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        filter: &Filter,
        field: &'static str,
        most: u8,
    ) -> Result<Vec<T>, TypesenseError> {
        let (name, what) = (self.name_of(collection), "search documents");
        let (order, most) = (format!("{field}:desc"), most.to_string());
        let path = vec!["collections", &name, "documents", "search"];
        let mut request = Request::to(Method::GET, path, what);
        request.query = vec![
            ("q", "*"),
            ("filter_by", filter.as_str()),
            ("sort_by", &order),
            ("per_page", &most),
        ];
        let answer = self.send(request).await?;
        let found: Hits<T> = read(&answer, what)?;
        Ok(found.hits.into_iter().map(|hit| hit.document).collect())
    }

    /// Sends documents, as JSON in lines. Each line has an outcome of its own.
    pub(super) async fn import(
        &self,
        collection: &Collection,
        import: Import,
        documents: &[Value],
    ) -> Result<(), TypesenseError> {
        let (name, what) = (self.name_of(collection), "keep documents");
        for batch in documents.chunks(BATCH) {
            let path = vec!["collections", &name, "documents", "import"];
            let mut request = Request::to(Method::POST, path, what);
            request.query = vec![("action", import.name())];
            let batch_lines: Vec<String> = batch.iter().map(Value::to_string).collect();
            request.body = Some(batch_lines.join("\n"));
            let answer = self.send(request).await?;
            if !answer.status.is_success() {
                return Err(refused(&answer, what));
            }
            let mut outcomes = 0;
            for line in lines(&answer.body) {
                let imported: Imported =
                    serde_json::from_str(line).map_err(|_| TypesenseError::Strange(what))?;
                outcomes += 1;
                if !imported.success && !import.takes(imported.code) {
                    return Err(TypesenseError::Refused {
                        what,
                        status: imported.code,
                        message: shortened(&imported.error),
                    });
                }
            }
            if outcomes != batch.len() {
                return Err(TypesenseError::Strange(what));
            }
        }
        Ok(())
    }

    /// Sends a request until it is answered by a server that is ready, or patience ends.
    async fn send(&self, request: Request<'_>) -> Result<Answer, TypesenseError> {
        let url = self.url(&request)?;
        let deadline = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        let mut repeated = false;
        loop {
            let error = match self.try_once(&request, url.clone()).await {
                Ok((status, _)) if is_passing(status) => TypesenseError::NotReady {
                    address: self.place.address(),
                    status: status.as_u16(),
                },
                Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => {
                    return Err(TypesenseError::WrongKey {
                        address: self.place.address(),
                        prefix: self.place.prefix.clone(),
                    });
                }
                Ok((status, body)) => {
                    return Ok(Answer {
                        status,
                        body,
                        repeated,
                    });
                }
                Err(error) => unreachable(&self.place, error),
            };
            if Instant::now() + pause >= deadline {
                return Err(error);
            }
            tracing::debug!(%error, "a request to Typesense is repeated");
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
            repeated = true;
        }
    }

    async fn try_once(
        &self,
        request: &Request<'_>,
        url: Url,
    ) -> Result<(StatusCode, String), reqwest::Error> {
        let mut sent = self.http.request(request.method.clone(), url);
        if let Some(body) = &request.body {
            sent = sent
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        let answer = sent.send().await?;
        let status = answer.status();
        Ok((status, answer.text().await?))
    }

    fn url(&self, request: &Request<'_>) -> Result<Url, TypesenseError> {
        let mut url = self.place.base.clone();
        url.path_segments_mut()
            .map_err(|()| TypesenseError::Strange(request.what))?
            .clear()
            .extend(&request.path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }
}

/// The JSON of a request that succeeded.
fn read<T: DeserializeOwned>(answer: &Answer, what: &'static str) -> Result<T, TypesenseError> {
    if !answer.status.is_success() {
        return Err(refused(answer, what));
    }
    serde_json::from_str(&answer.body).map_err(|_| TypesenseError::Strange(what))
}

/// What a server said that refused something.
fn refused(answer: &Answer, what: &'static str) -> TypesenseError {
    let Some(message) = message(&answer.body) else {
        return TypesenseError::Strange(what);
    };
    TypesenseError::Refused {
        what,
        status: answer.status.as_u16(),
        message: shortened(&message),
    }
}

impl<'a> Request<'a> {
    fn to(method: Method, path: Vec<&'a str>, what: &'static str) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
            what,
        }
    }
}

/// Whether the server says that it cannot now, but may later.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Whether there is no document with the id; a collection that is missing is told in other words.
fn is_no_document(answer: &Answer) -> bool {
    answer.status == StatusCode::NOT_FOUND
        && message(&answer.body).is_some_and(|message| message.contains("document with id"))
}

fn message(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    Some(body.get("message")?.as_str()?.to_owned())
}

fn shortened(message: &str) -> String {
    message.chars().take(MESSAGE_LENGTH).collect()
}

fn lines(body: &str) -> impl Iterator<Item = &str> {
    body.split('\n').filter(|line| !line.trim().is_empty())
}

fn unreachable(place: &TypesensePlace, error: reqwest::Error) -> TypesenseError {
    TypesenseError::Unreachable {
        address: place.address(),
        reason: innermost(&error.without_url()),
    }
}
