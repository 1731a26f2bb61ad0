//! The store from outside: what is kept, who may read it, and what is told when it cannot be.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::path::Path;

use kai_core::config::Secret;
use kai_core::database::{ConnectionUri, Dialect};
use kai_core::ids::ConnectionId;
use kai_core::store::{Cipher, NewConnection, Store, StoreError, StoreUrl, TypesenseAccess};
use kai_test_support::postgres::{TestDatabase, fresh_database};
use kai_test_support::typesense::{self, TestCollections, fresh_collections};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Row};
use tempfile::TempDir;

const URI: &str = "postgresql://kai:rahasia@localhost/koperasi";

fn file_url(path: &Path) -> StoreUrl {
    format!("sqlite://{}", path.display()).parse().unwrap()
}

/// A place for a new store, of any kind.
enum Place {
    File(TempDir),
    Server(TestDatabase),
    Typesense(TestCollections),
}

fn typesense_url(url: &str) -> StoreUrl {
    let url: StoreUrl = url.parse().unwrap();
    url.with_typesense(TypesenseAccess {
        api_key: Some(Secret::from(typesense::KEY.to_owned())),
        ..TypesenseAccess::default()
    })
}

impl Place {
    fn url(&self) -> StoreUrl {
        match self {
            Self::File(folder) => file_url(&folder.path().join("in/folders that/are new/kai.db")),
            Self::Server(database) => database.url().parse().unwrap(),
            Self::Typesense(collections) => typesense_url(&collections.url()),
        }
    }

    async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// What the database holds in one column of its connections.
    async fn column(&self, column: &str) -> String {
        let query = AssertSqlSafe(format!("SELECT {column} FROM connections"));
        match self {
            Self::File(folder) => {
                let path = folder.path().join("in/folders that/are new/kai.db");
                let uri = format!("sqlite://{}", path.display());
                let mut connection = sqlx::SqliteConnection::connect(&uri).await.unwrap();
                let row = sqlx::query(query).fetch_one(&mut connection).await;
                row.unwrap().get(0)
            }
            Self::Server(database) => {
                let mut connection = sqlx::PgConnection::connect(database.url()).await.unwrap();
                let row = sqlx::query(query).fetch_one(&mut connection).await;
                row.unwrap().get(0)
            }
            Self::Typesense(collections) => {
                let documents = collections.documents("connections").await;
                documents[0][column].as_str().unwrap().to_owned()
            }
        }
    }
}

/// A place of each kind that there is here: every test is for all of them.
async fn places() -> Vec<Place> {
    let mut places = vec![Place::File(TempDir::new().unwrap())];
    places.extend(fresh_database().await.map(Place::Server));
    places.extend(fresh_collections().map(Place::Typesense));
    places
}

fn cipher() -> Cipher {
    Cipher::from_key(&Cipher::generate_key()).unwrap()
}

fn new(alias: &str) -> NewConnection {
    NewConnection::new(alias, URI.parse().unwrap())
}

#[tokio::test]
async fn a_connection_is_found_by_id_and_by_alias_also_after_a_restart() {
    for place in places().await {
        let cipher = cipher();
        let store = place.open().await;
        let stored = store
            .add_connection(
                NewConnection {
                    id: Some(ConnectionId::new("koperasi-1")),
                    schemas: vec!["public".to_owned(), "arsip".to_owned()],
                    description: Some("Contoh".to_owned()),
                    metadata: json!({"source": "test"}).as_object().unwrap().clone(),
                    ..new(" koperasi ")
                },
                &cipher,
            )
            .await
            .unwrap();
        store.close().await;

        let store = place.open().await;
        for name in ["koperasi-1", "koperasi"] {
            let found = store.find_connection(name).await.unwrap().unwrap();
            assert_eq!(found, stored);
            assert_eq!(store.connection_uri(&found, &cipher).unwrap().expose(), URI);
        }
        assert_eq!(store.find_connection("lain").await.unwrap(), None);

        assert!(store.delete_connection(&stored.id).await.unwrap());
        assert!(!store.delete_connection(&stored.id).await.unwrap());
        assert!(store.connections().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_id_wins_over_another_s_alias() {
    for place in places().await {
        let store = place.open().await;
        let cipher = cipher();
        store.add_connection(new("satu"), &cipher).await.unwrap();
        let second = NewConnection {
            id: Some(ConnectionId::new("satu")),
            ..new("dua")
        };
        store.add_connection(second, &cipher).await.unwrap();
        let found = store.find_connection("satu").await.unwrap().unwrap();
        assert_eq!(found.alias, "dua");
    }
}

#[tokio::test]
async fn schemas_default_to_the_dialect_s() {
    for place in places().await {
        let store = place.open().await;
        let cipher = cipher();
        let postgresql = store.add_connection(new("a"), &cipher).await.unwrap();
        assert_eq!(postgresql.dialect, Dialect::Postgresql);
        assert_eq!(postgresql.schemas, ["public"]);
        let uri: ConnectionUri = "sqlite:///data/koperasi.db".parse().unwrap();
        let sqlite = store
            .add_connection(NewConnection::new("b", uri), &cipher)
            .await
            .unwrap();
        assert_eq!(sqlite.dialect, Dialect::Sqlite);
        assert_eq!(sqlite.schemas, ["main"]);
        let aliases: Vec<_> = store
            .connections()
            .await
            .unwrap()
            .into_iter()
            .map(|connection| connection.alias)
            .collect();
        assert_eq!(aliases, ["a", "b"]);
    }
}

#[tokio::test]
async fn nothing_shows_the_uri() {
    for place in places().await {
        let store = place.open().await;
        let stored = store
            .add_connection(new("koperasi"), &cipher())
            .await
            .unwrap();
        let shown = serde_json::to_value(&stored).unwrap();
        let mut keys: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(
            keys,
            [
                "alias",
                "created_at",
                "description",
                "dialect",
                "id",
                "metadata",
                "schemas"
            ]
        );
        let token = place.column("connection_uri").await;
        let text = format!("{stored:?} {shown} {:?}", new("koperasi"));
        for secret in ["rahasia", &token] {
            assert!(!text.contains(secret), "{text}");
        }
        // While it is open, all of its files are there.
        if let Place::File(folder) = &place {
            let folder = folder.path().join("in/folders that/are new");
            for entry in std::fs::read_dir(folder).unwrap() {
                let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                assert!(!bytes.windows(7).any(|window| window == b"rahasia"));
            }
        }
        store.close().await;
    }
}

#[tokio::test]
async fn what_cannot_be_stored_or_read_is_told() {
    for place in places().await {
        let store = place.open().await;
        let cipher = cipher();
        let stored = store
            .add_connection(new("koperasi"), &cipher)
            .await
            .unwrap();

        let taken = store
            .add_connection(new("koperasi"), &cipher)
            .await
            .unwrap_err();
        assert_eq!(
            taken.to_string(),
            "there is already a connection with the alias 'koperasi'; choose another or delete that one"
        );
        let same_id = NewConnection {
            id: Some(stored.id.clone()),
            ..new("lain")
        };
        let taken = store.add_connection(same_id, &cipher).await.unwrap_err();
        assert!(matches!(taken, StoreError::IdTaken(_)), "{taken}");
        for alias in ["", "  ", "a\nb", &"x".repeat(101)] {
            let error = store.add_connection(new(alias), &cipher).await.unwrap_err();
            assert!(matches!(error, StoreError::InvalidAlias), "{error}");
        }

        let wrong = store.connection_uri(&stored, &self::cipher()).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "the URI of connection 'koperasi' cannot be decrypted: ENCRYPT_KEY is not the key it was \
         stored with"
        );
        assert!(!wrong.is_retryable());
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_says_why() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file_url(&file.join("kai.db")))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "{error}");
    assert!(error.to_string().contains("KAI_STORE_URL"));

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    drop(port);
    let url = format!("postgres://kai:rahasia@{address}/kai");
    let error = Store::open(&url.parse().unwrap()).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    let text = format!("{error} {error:?}");
    assert!(text.starts_with("the store failed: "), "{text}");
    assert!(!text.contains("rahasia"), "{text}");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_alone() {
    let Some(database) = fresh_database().await else {
        return;
    };
    let url: StoreUrl = database.url().parse().unwrap();
    Store::open(&url).await.unwrap().close().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'later', true, '', 0)",
        )
        .await;
    let error = Store::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Migrate(_)), "{error}");
    assert!(error.to_string().ends_with("made by a newer version"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_store_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kai/kai.db");
    let store = Store::open(&file_url(&file)).await.unwrap();
    store
        .add_connection(new("koperasi"), &cipher())
        .await
        .unwrap();
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
    let mode = file
        .parent()
        .unwrap()
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_share_a_store() {
    for place in places().await {
        let url = place.url();
        // All of them make the file and the tables at the same time.
        let opens = (0..8).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url).await.unwrap() })
        });
        let stores: Vec<_> = futures::future::try_join_all(opens).await.unwrap();
        let cipher = cipher();
        let writes = stores
            .iter()
            .cycle()
            .take(40)
            .enumerate()
            .map(|(n, store)| store.add_connection(new(&format!("koperasi {n}")), &cipher));
        for stored in futures::future::join_all(writes).await {
            stored.unwrap();
        }
        for store in &stores {
            assert_eq!(store.connections().await.unwrap().len(), 40);
        }
    }
}
