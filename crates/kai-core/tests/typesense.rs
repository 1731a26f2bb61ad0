//! The store in Typesense from outside: names that Typesense would mix up, more than one page of
//! things, a server that is away or says nothing, and collections that are not ours.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that cannot go on should say where"
)]

use std::time::{Duration, SystemTime};

use axum::http::Method;
use kai_core::config::Secret;
use kai_core::ids::{ConnectionId, SessionId};
use kai_core::knowledge::Memory;
use kai_core::store::{
    Attempt, Cipher, NewConnection, RunKey, Store, StoreError, StoreUrl, SyncStatus, TableContent,
    TableKey, TypesenseAccess, TypesenseError,
};
use kai_test_support::typesense::{self, TestCollections, Trouble, TroubledWay, fresh_collections};
use serde_json::{Value, json};

const URI: &str = "postgresql://kai:rahasia@localhost/koperasi";

fn url(text: &str, key: Option<&str>) -> StoreUrl {
    let url: StoreUrl = text.parse().unwrap();
    url.with_typesense(TypesenseAccess {
        api_key: key.map(|key| Secret::from(key.to_owned())),
        timeout: Duration::from_secs(5),
        ..TypesenseAccess::default()
    })
}

async fn open(text: &str) -> Result<Store, StoreError> {
    Store::open(&url(text, Some(typesense::KEY))).await
}

fn cipher() -> Cipher {
    Cipher::from_key(&Cipher::generate_key()).unwrap()
}

fn new(alias: &str) -> NewConnection {
    NewConnection::new(alias, URI.parse().unwrap())
}

fn with_id(id: &str, alias: &str) -> NewConnection {
    NewConnection {
        id: Some(ConnectionId::new(id)),
        ..new(alias)
    }
}

fn table(name: &str) -> TableKey {
    TableKey {
        schema: "public".to_owned(),
        name: name.to_owned(),
    }
}

fn memory(key: &str) -> Memory {
    serde_json::from_value(json!({"namespace": "business_facts", "key": key, "value": "x"}))
        .unwrap()
}

fn attempt(number: u32) -> Attempt {
    Attempt {
        activity_id: "1".to_owned(),
        scheduled_at: SystemTime::UNIX_EPOCH,
        number,
        may_ask_again: true,
    }
}

fn run_key() -> RunKey {
    RunKey::new("wf", "run", &SessionId::new("s"), "toko", "q")
}

#[tokio::test]
async fn names_that_typesense_would_mix_up_are_told_apart() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let store = open(&collections.url()).await.unwrap();
    let cipher = cipher();
    let names = [
        "Toko A",
        "toko a",
        "toko-a",
        "toko`a",
        "toko && a",
        "toko,a",
        "toko/a?b=c",
        "id:=x || alias:=*",
        "]",
        "*",
        "東京 ✓",
    ];
    for (n, name) in names.iter().enumerate() {
        let connection = store
            .add_connection(with_id(name, &format!("{name}'s alias")), &cipher)
            .await
            .unwrap();
        let tables = names.map(table);
        store.refresh_tables(&connection.id, &tables).await.unwrap();
        let content = TableContent {
            ddl: name.to_string(),
            ..TableContent::default()
        };
        store
            .save_scan(&connection.id, &table(name), &content, &cipher)
            .await
            .unwrap();
        let memory = memory(name);
        assert!(
            store
                .save_memory(&connection, &memory, 5, &cipher)
                .await
                .unwrap()
        );
        let all = store.connections().await.unwrap();
        assert_eq!(all.len(), n + 1);
    }
    for name in names {
        let alias = format!("{name}'s alias");
        let found = store.find_connection(name).await.unwrap().unwrap();
        assert_eq!(found, store.find_connection(&alias).await.unwrap().unwrap());
        assert_eq!(found.id.as_str(), name);
        let tables = store.tables(&found, &cipher).await.unwrap();
        assert_eq!(tables.len(), names.len());
        for stored in tables {
            let is_this = stored.table_name == name;
            assert_eq!(stored.sync_status == SyncStatus::Scanned, is_this);
        }
        let scanned = store.scanned_table(&found, &table(name), &cipher).await;
        assert_eq!(scanned.unwrap().unwrap().ddl, name);
        let memories = store.memories(&found, &cipher).await.unwrap();
        assert_eq!(memories.len(), 1);
        let taken = store
            .add_connection(new(&alias), &cipher)
            .await
            .unwrap_err();
        assert!(matches!(taken, StoreError::AliasTaken(_)), "{taken}");
    }
    let gone = ConnectionId::new("toko-a");
    assert!(store.delete_connection(&gone).await.unwrap());
    assert_eq!(store.connections().await.unwrap().len(), names.len() - 1);
    assert!(store.find_connection("toko a").await.unwrap().is_some());
}

#[tokio::test]
async fn there_is_no_end_at_250() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let store = open(&collections.url()).await.unwrap();
    let cipher = cipher();
    let connection = store.add_connection(new("besar"), &cipher).await.unwrap();
    let tables: Vec<_> = (0..1203).map(|n| table(&format!("tabel_{n:04}"))).collect();
    store.refresh_tables(&connection.id, &tables).await.unwrap();
    store
        .refresh_tables(&connection.id, &tables[1..])
        .await
        .unwrap();
    store
        .begin_scan(&connection.id, &tables[1..])
        .await
        .unwrap();
    let stored = store.tables(&connection, &cipher).await.unwrap();
    let names: Vec<_> = stored.iter().map(|stored| &stored.table_name).collect();
    assert_eq!(names.len(), 1203);
    assert!(names.is_sorted());
    assert_eq!(stored[0].sync_status, SyncStatus::Deprecated);
    let begun = |status| {
        stored
            .iter()
            .filter(|stored| stored.sync_status == status)
            .count()
    };
    assert_eq!(begun(SyncStatus::Synchronizing), 1202);
    store.abandon_scan(&connection.id, &tables).await.unwrap();
    let stored = store.tables(&connection, &cipher).await.unwrap();
    assert_eq!(stored[1].sync_status, SyncStatus::NotScanned);
    assert!(store.delete_connection(&connection.id).await.unwrap());
    assert!(collections.documents("scanned_tables").await.is_empty());
}

#[tokio::test]
async fn a_connection_that_is_stored_again_has_nothing_of_the_one_before() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let store = open(&collections.url()).await.unwrap();
    let cipher = cipher();
    let first = store
        .add_connection(with_id("c", "toko"), &cipher)
        .await
        .unwrap();
    assert!(store.delete_connection(&first.id).await.unwrap());
    let again = store
        .add_connection(with_id("c", "toko"), &cipher)
        .await
        .unwrap();
    // What another worker still held of the first one is not kept as the second one's.
    let memory = memory("k");
    let late = store
        .save_memory(&first, &memory, 5, &cipher)
        .await
        .unwrap_err();
    assert!(matches!(late, StoreError::Gone(_)), "{late}");
    assert!(store.memories(&again, &cipher).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_alias_moves_with_its_connection() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let store = open(&collections.url()).await.unwrap();
    let cipher = cipher();
    let first = store.add_connection(new("lama"), &cipher).await.unwrap();
    let changed = store
        .change_connection(&first.id, new("baru"), &cipher)
        .await
        .unwrap();
    assert_eq!(changed.created_at, first.created_at);
    let second = store.add_connection(new("lama"), &cipher).await.unwrap();
    let taken = store
        .change_connection(&second.id, new("baru"), &cipher)
        .await
        .unwrap_err();
    assert!(matches!(taken, StoreError::AliasTaken(_)), "{taken}");
    let same = store
        .put_connection(&second.id, new("lama"), &cipher)
        .await
        .unwrap();
    assert_eq!(same.id, second.id);
    let unknown = ConnectionId::new("hilang");
    let gone = store
        .change_connection(&unknown, new("bebas"), &cipher)
        .await
        .unwrap_err();
    assert!(matches!(gone, StoreError::Gone(_)), "{gone}");
    store.add_connection(new("bebas"), &cipher).await.unwrap();
}

/// A worker that died between taking an alias and storing the connection does not keep it for ever.
#[tokio::test]
async fn an_alias_that_no_connection_has_is_free_after_a_minute() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let store = open(&collections.url()).await.unwrap();
    let cipher = cipher();
    let dead = store.add_connection(new("toko"), &cipher).await.unwrap();
    // What is left of it is its alias, taken a moment ago.
    let left = &collections.documents("connections").await[0];
    let path = format!(
        "collections/PREFIX_connections/documents/{}",
        left["id"].as_str().unwrap()
    );
    collections
        .request(Method::DELETE, &path, &Value::Null)
        .await;
    let taken = store
        .add_connection(new("toko"), &cipher)
        .await
        .unwrap_err();
    assert!(matches!(taken, StoreError::AliasTaken(_)), "{taken}");
    // Whoever tries again with the same id goes on at once.
    let again = store
        .put_connection(&dead.id, new("toko"), &cipher)
        .await
        .unwrap();
    assert_eq!(again.id, dead.id);
    collections
        .request(Method::DELETE, &path, &Value::Null)
        .await;
    let a_minute_ago = seconds_now() - 61;
    collections
        .change(
            "connection_aliases",
            |_| true,
            &json!({"taken_at": a_minute_ago}),
        )
        .await;
    store.add_connection(new("toko"), &cipher).await.unwrap();
}

fn seconds_now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[tokio::test]
async fn requests_are_repeated_while_the_server_is_not_ready() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let way = TroubledWay::to(&collections).await;
    way.trouble(Method::GET, Trouble::Status(503));
    way.trouble(Method::POST, Trouble::Status(429));
    let store = open(&collections.url_through(&way.authority))
        .await
        .unwrap();
    assert_eq!(way.left(), 0);
    way.trouble(Method::POST, Trouble::Status(503));
    store.add_connection(new("toko"), &cipher()).await.unwrap();
    assert_eq!(way.left(), 0);
}

#[tokio::test]
async fn what_was_done_without_an_answer_is_done_once() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let way = TroubledWay::to(&collections).await;
    let store = open(&collections.url_through(&way.authority))
        .await
        .unwrap();
    let cipher = cipher();
    // The alias, then the connection.
    way.trouble(Method::POST, Trouble::AnswerLost);
    way.trouble(Method::POST, Trouble::AnswerLost);
    let connection = store.add_connection(new("toko"), &cipher).await.unwrap();

    way.trouble(Method::POST, Trouble::AnswerLost);
    let (run, _) = store
        .take_run(run_key(), &attempt(1), &cipher)
        .await
        .unwrap();
    way.trouble(Method::POST, Trouble::AnswerLost);
    run.save_step(1, "turn", "one", None).await.unwrap();
    run.save_step(2, "turn", "two", None).await.unwrap();
    let (_, so_far) = store
        .take_run(run_key(), &attempt(2), &cipher)
        .await
        .unwrap();
    assert_eq!(so_far.steps, ["one", "two"]);
    way.trouble(Method::POST, Trouble::AnswerLost);
    let late = run.save_step(3, "turn", "three", None).await.unwrap_err();
    assert!(matches!(late, StoreError::TakenOver), "{late}");

    way.trouble(Method::DELETE, Trouble::AnswerLost);
    assert!(store.delete_connection(&connection.id).await.unwrap());
    assert_eq!(way.left(), 0);
}

#[tokio::test]
async fn steps_are_kept_once_and_emptied_when_the_run_is_closed() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let store = open(&collections.url()).await.unwrap();
    let cipher = cipher();
    let (mut run, _) = store
        .take_run(run_key(), &attempt(1), &cipher)
        .await
        .unwrap();
    run.save_step(1, "turn", "one", None).await.unwrap();
    let twice = run.save_step(1, "turn", "other", None).await.unwrap_err();
    assert_eq!(twice.to_string(), "step 1 of the run is kept already");
    run.end(kai_core::store::RunEndStatus::Finished, "all", None)
        .await
        .unwrap();
    run.close(None).await.unwrap();
    for entry in collections.documents("agent_runs").await {
        let entry: Value = serde_json::from_str(entry["entry"].as_str().unwrap()).unwrap();
        assert!(
            entry["kind"] != "step" || entry["content"].is_null(),
            "{entry}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words_to_act_on() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    let fails = async |text: &str, key: Option<&str>| {
        let error = Store::open(&url(text, key)).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("salah"), "{error:?}");
        (error.to_string(), error.is_retryable())
    };
    let here = collections.url();
    let (told, retryable) = fails(&here, None).await;
    assert!(
        told.starts_with("TYPESENSE_API_KEY is not set") && !retryable,
        "{told}"
    );
    let (told, retryable) = fails(&here, Some("salah")).await;
    assert!(
        told.contains("refuses TYPESENSE_API_KEY: it is wrong") && !retryable,
        "{told}"
    );

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let (told, retryable) = fails(&format!("typesense://{address}"), Some("salah")).await;
    let expected = format!("Typesense at {address} cannot be reached: ");
    assert!(told.starts_with(&expected) && retryable, "{told}");

    let ours =
        json!({"name": "PREFIX_connections", "fields": [{"name": "alias", "type": "int32"}]});
    collections
        .request(Method::POST, "collections", &ours)
        .await;
    let (told, retryable) = fails(&here, Some(typesense::KEY)).await;
    assert!(
        told.contains("_connections in Typesense has another schema: there is no field"),
        "{told}"
    );
    assert!(!retryable);
}

#[tokio::test]
async fn collections_of_a_newer_version_are_left_alone() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    open(&collections.url()).await.unwrap();
    // Opened once more, nothing is made again.
    open(&collections.url()).await.unwrap();
    assert_eq!(collections.documents("changes").await.len(), 1);
    let later = json!({"id": "99", "version": 99});
    collections
        .request(Method::POST, "collections/PREFIX_changes/documents", &later)
        .await;
    let error = open(&collections.url()).await.unwrap_err();
    assert!(matches!(
        error,
        StoreError::Typesense(TypesenseError::Newer { found: 99 })
    ));
}

/// Two workers with one run: of all that both try to write at once, each number is one's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_is_never_written_by_two() {
    let Some(collections) = fresh_collections() else {
        return;
    };
    for round in 0..5 {
        check_takeover_while_writing(&collections, round).await;
    }
}

async fn check_takeover_while_writing(collections: &TestCollections, round: u32) {
    let (first, second) = (
        open(&collections.url()).await.unwrap(),
        open(&collections.url()).await.unwrap(),
    );
    let cipher = cipher();
    let key = RunKey::new("wf", &round.to_string(), &SessionId::new("s"), "toko", "q");
    let (run, _) = first
        .take_run(key.clone(), &attempt(1), &cipher)
        .await
        .unwrap();
    let writes = tokio::spawn(async move {
        let mut kept: u32 = 0;
        loop {
            match run
                .save_step(kept + 1, "turn", &kept.to_string(), None)
                .await
            {
                Ok(()) => kept += 1,
                Err(StoreError::TakenOver) => return kept,
                Err(error) => panic!("{error}"),
            }
        }
    });
    let (_, so_far) = second.take_run(key, &attempt(2), &cipher).await.unwrap();
    let kept = writes.await.unwrap();
    let expected: Vec<String> = (0..kept).map(|n| n.to_string()).collect();
    assert_eq!(so_far.steps, expected);
}
