//! Collections on a Typesense server that live as long as a test, and a way to it that has troubles.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// The variable with the URL of a server, as `typesense://HOST:PORT`.
pub const VARIABLE: &str = "KAI_TEST_TYPESENSE_URL";

/// The key of that server.
pub const KEY: &str = "test";

const KEY_HEADER: &str = "x-typesense-api-key";

/// Collections of its own for one test, deleted with this value.
#[derive(Debug)]
pub struct TestCollections {
    authority: String,
    prefix: String,
    client: reqwest::Client,
}

/// A prefix that nobody has used, on the server that `KAI_TEST_TYPESENSE_URL` names. None, told in
/// one line, where the variable is missing.
///
/// # Panics
/// When the variable is missing in CI, or is no such URL.
pub fn fresh_collections() -> Option<TestCollections> {
    let url = crate::service(VARIABLE)?;
    let authority = url.strip_prefix("typesense://").unwrap().to_owned();
    Some(TestCollections {
        authority,
        prefix: format!("t{}", Uuid::new_v4().simple()),
        client: client(),
    })
}

impl TestCollections {
    /// The URL of a store in these collections.
    pub fn url(&self) -> String {
        self.url_through(&self.authority)
    }

    /// The same through another address.
    pub fn url_through(&self, authority: &str) -> String {
        format!("typesense://{authority}/{}", self.prefix)
    }

    /// The server, as `HOST:PORT`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Every document of a collection, which is named without its prefix.
    ///
    /// # Panics
    /// When the server does not have it.
    pub async fn documents(&self, collection: &str) -> Vec<Value> {
        let path = format!("collections/{}_{collection}/documents/export", self.prefix);
        let answer = self.ask(Method::GET, &path, String::new()).await;
        assert!(answer.status().is_success(), "{path}");
        let lines = answer.text().await.unwrap();
        let lines = lines.lines().filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Sends a request, such as `POST collections`; the prefix stands for `PREFIX` in path and body.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn request(&self, method: Method, path: &str, body: &Value) -> Value {
        let path = path.replace("PREFIX", &self.prefix);
        let body = body.to_string().replace("PREFIX", &self.prefix);
        let answer = self.ask(method, &path, body).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// Gives every document of a collection that this picks other values in some fields.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn change(&self, collection: &str, picked: impl Fn(&Value) -> bool, fields: &Value) {
        for document in self.documents(collection).await {
            if picked(&document) {
                let id = document.get("id").and_then(Value::as_str).unwrap();
                let path = format!("collections/PREFIX_{collection}/documents/{id}");
                self.request(Method::PATCH, &path, fields).await;
            }
        }
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> reqwest::Response {
        self.client
            .request(method, format!("http://{}/{path}", self.authority))
            .header(KEY_HEADER, KEY)
            .body(body)
            .send()
            .await
            .unwrap()
    }
}

impl Drop for TestCollections {
    fn drop(&mut self) {
        let (authority, prefix) = (self.authority.clone(), self.prefix.clone());
        // A thread with a runtime of its own: the test's runtime may be the one that is ending.
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime
                .block_on(delete_collections(&authority, &prefix))
                .map_err(std::io::Error::other)
        });
        if !matches!(dropper.join(), Ok(Ok(()))) {
            eprintln!("the test's collections {}_* are left", self.prefix);
        }
    }
}

async fn delete_collections(authority: &str, prefix: &str) -> reqwest::Result<()> {
    let client = client();
    let base = format!("http://{authority}/collections");
    let all = client.get(&base).header(KEY_HEADER, KEY).send().await?;
    let all: Value = all.json().await?;
    let names = all.as_array().into_iter().flatten();
    for name in names.filter_map(|collection| collection.get("name")?.as_str()) {
        if name.starts_with(prefix) {
            let url = format!("{base}/{name}");
            client.delete(url).header(KEY_HEADER, KEY).send().await?;
        }
    }
    Ok(())
}

fn client() -> reqwest::Client {
    // Installing it a second time is refused and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// What happens to a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is answered with this status before it reaches the server.
    Status(u16),
    /// The server carries it out, and the answer is lost.
    AnswerLost,
}

/// A way to a server on which requests have troubles.
pub struct TroubledWay {
    /// Where it begins, as `HOST:PORT`.
    pub authority: String,
    state: Arc<Way>,
    _task: AbortOnDropHandle<()>,
}

struct Way {
    to: String,
    client: reqwest::Client,
    troubles: Mutex<Vec<(Method, Trouble)>>,
}

impl TroubledWay {
    /// Lays one to the server of these collections.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn to(collections: &TestCollections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let state = Arc::new(Way {
            to: collections.authority.clone(),
            client: client(),
            troubles: Mutex::default(),
        });
        let routes = Router::new().fallback(pass).with_state(state.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Self {
            authority,
            state,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Gives the next request with this method a trouble; several wait for one request each.
    ///
    /// # Panics
    /// When an earlier panic left the troubles locked.
    pub fn trouble(&self, method: Method, trouble: Trouble) {
        self.state.troubles.lock().unwrap().push((method, trouble));
    }

    /// How many troubles nobody has had yet.
    ///
    /// # Panics
    /// As [`trouble`](Self::trouble).
    pub fn left(&self) -> usize {
        self.state.troubles.lock().unwrap().len()
    }
}

async fn pass(
    State(way): State<Arc<Way>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let trouble = {
        let mut troubles = way.troubles.lock().unwrap();
        let next = troubles.iter().position(|(of, _)| *of == method);
        next.map(|next| troubles.remove(next).1)
    };
    if let Some(Trouble::Status(status)) = trouble {
        let status = StatusCode::from_u16(status).unwrap();
        let message = json!({"message": "Not Ready or Lagging"}).to_string();
        return (status, message).into_response();
    }
    let key = headers.get(KEY_HEADER).cloned();
    let mut request = way
        .client
        .request(method, format!("http://{}{uri}", way.to))
        .body(body);
    if let Some(key) = key {
        request = request.header(KEY_HEADER, key);
    }
    let answer = request.send().await.unwrap();
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    if trouble == Some(Trouble::AnswerLost) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    (status, body).into_response()
}
