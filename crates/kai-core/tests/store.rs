//! The store from outside: what is kept, who may read it, and what is told when it cannot be.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::path::Path;

use kai_core::database::{ConnectionUri, Dialect};
use kai_core::ids::ConnectionId;
use kai_core::store::{Cipher, NewConnection, Store, StoreError};
use serde_json::json;
use sqlx::Row;
use tempfile::TempDir;

const URI: &str = "postgresql://kai:rahasia@localhost/koperasi";

fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn cipher() -> Cipher {
    Cipher::from_key(&Cipher::generate_key()).unwrap()
}

fn new(alias: &str) -> NewConnection {
    NewConnection::new(alias, URI.parse().unwrap())
}

async fn fresh() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&url(&folder.path().join("kai.db")))
        .await
        .unwrap();
    (folder, store)
}

#[tokio::test]
async fn a_connection_is_found_by_id_and_by_alias_also_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let url = url(&folder.path().join("in/folders that/are new/kai.db"));
    let cipher = cipher();
    let store = Store::open(&url).await.unwrap();
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

    let store = Store::open(&url).await.unwrap();
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

#[tokio::test]
async fn an_id_wins_over_another_s_alias() {
    let (_folder, store) = fresh().await;
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

#[tokio::test]
async fn schemas_default_to_the_dialect_s() {
    let (_folder, store) = fresh().await;
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

#[tokio::test]
async fn nothing_shows_the_uri() {
    let (folder, store) = fresh().await;
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
    let token: String = sqlx::query("SELECT connection_uri FROM connections")
        .fetch_one(
            &sqlx::SqlitePool::connect(&url(&folder.path().join("kai.db")))
                .await
                .unwrap(),
        )
        .await
        .unwrap()
        .get(0);
    let text = format!("{stored:?} {shown} {:?}", new("koperasi"));
    for secret in ["rahasia", &token] {
        assert!(!text.contains(secret), "{text}");
    }
    store.close().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"rahasia"));
    }
}

#[tokio::test]
async fn what_cannot_be_stored_or_read_is_told() {
    let (_folder, store) = fresh().await;
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

#[tokio::test]
async fn only_a_file_can_be_a_store() {
    for url in [
        "",
        "postgres://localhost/kai",
        "kai.db",
        "sqlite://",
        "sqlite::memory:",
        "sqlite:///x/",
    ] {
        let error = Store::open(url).await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("KAI_STORE_URL must be sqlite://PATH"),
            "{url}: {error}"
        );
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&url(&file.join("kai.db"))).await.unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "{error}");
    assert!(error.to_string().contains("KAI_STORE_URL"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_store_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kai/kai.db");
    let store = Store::open(&url(&file)).await.unwrap();
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
    let folder = TempDir::new().unwrap();
    let url = url(&folder.path().join("kai.db"));
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
