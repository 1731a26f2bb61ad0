//! Every activity, called by a workflow in Python as the original's callers do.

use std::process::Stdio;

use kai_test_support::postgres::fresh_database;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::harness::{SAMPLE, Stack, Worker, sample_sqlite, soon, stderr, stdout, test_files};

/// A worker on a store, and the Python that calls it.
struct Caller {
    stack: Stack,
    python: String,
    _worker: Worker,
}

impl Caller {
    /// With the store at this URL; at the stack's own without one. None where a service is missing.
    async fn start(store: Option<&str>) -> Option<Self> {
        let python = kai_test_support::service("KAI_TEST_PYTHON")?;
        let stack = Stack::without_connection().await?;
        let mut command = stack.command(&["run"]);
        if let Some(store) = store {
            command.env("KAI_STORE_URL", store);
        }
        let mut worker = Worker::spawn(command);
        worker
            .line("Worker is healthy and ready to process tasks")
            .await;
        Some(Self {
            stack,
            python,
            _worker: worker,
        })
    }

    /// Makes the calls one after the other, and gives what came of each.
    async fn calls(&self, calls: &[Value]) -> Vec<Value> {
        let mut child = Command::new(&self.python)
            .arg(test_files().join("python/activities.py"))
            .args([&self.stack.temporal, &self.stack.queue])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = serde_json::to_vec(calls).unwrap();
        stdin.write_all(&input).await.unwrap();
        drop(stdin);
        let output = soon("the calls", child.wait_with_output()).await.unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    }
}

/// A call of an activity.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the arguments are written where the call is"
)]
fn call(activity: &str, args: Value) -> Value {
    json!({"activity": activity, "args": args})
}

/// Every activity on one target, from a connection that is not there yet to answers.
async fn all_activities(caller: &Caller, uri: &str) {
    let glossary = json!([{"id": "g-1", "term": "KUD", "definition": "koperasi"}]);
    let seen = caller
        .calls(&[
            call("store_connection", json!(["c-7", uri, "toko"])),
            call("store_connection", json!(["c-7", uri, "toko"])),
            call("test_connection", json!(["c-7"])),
            call("scan_schema", json!(["c-7"])),
            call("scan_schema", json!(["toko", ["provinsi"]])),
            call("scan_schema", json!(["c-7", ["tidak_ada"]])),
            call("generate_mdl", json!(["c-7"])),
            call("generate_mdl", json!(["c-7", null])),
            call("generate_mdl", json!(["c-7", ["tidak_ada"]])),
            call("sync_config", json!(["c-7"])),
            call(
                "sync_config",
                json!(["c-7", [{"id": "i", "content": "x"}, 3], null, glossary]),
            ),
            call("chat", json!(["Ada berapa koperasi?", "c-7"])),
            call(
                "autonomous_chat",
                json!(["Ada berapa KUD?", "c-7", null, "query"]),
            ),
            call("autonomous_chat", json!(["Ada berapa koperasi?", "toko"])),
            call("chat_streaming", json!(["Ada berapa koperasi?", "c-7"])),
        ])
        .await;
    let results: Vec<&Value> = seen.iter().map(|outcome| &outcome["result"]).collect();
    assert!(seen.iter().all(|o| o.get("error").is_none()), "{seen:#?}");

    assert_eq!(results[0]["id"], "c-7");
    assert_eq!(results[0]["metadata"], json!({"source": "temporal_worker"}));
    assert_eq!(results[1], results[0]);
    assert!(!seen[0].to_string().contains(uri));
    assert_eq!(
        *results[2],
        json!({"status": "success", "message": "Connection successful"})
    );
    assert_eq!(
        *results[3],
        json!({"status": "success", "scanned_count": 2, "tables": ["koperasi", "provinsi"]})
    );
    assert_eq!(
        *results[4],
        json!({"status": "success", "scanned_count": 1, "tables": ["provinsi"]})
    );
    assert_eq!(*results[5], json!({"status": "no_tables_found"}));
    let mdl = results[6]["mdl"].as_str().unwrap();
    assert!(
        mdl.contains("- koperasi.provinsi_id → provinsi.id (many-to-one)"),
        "{mdl}"
    );
    assert_eq!(results[6]["table_count"], 2);
    assert_eq!(results[7], results[6]);
    assert_eq!(
        *results[8],
        json!({"status": "no_tables_found", "mdl": null})
    );
    let nothing = json!({"instructions": 0, "skills": 0, "glossary": 0, "mdl": false});
    assert_eq!(*results[9], json!({"status": "success", "synced": nothing}));
    assert_eq!(results[10]["status"], "partial");
    assert_eq!(results[10]["synced"]["glossary"], 1);
    assert_eq!(results[10]["failed"][0]["index"], 1);
    for answer in results.get(11..).unwrap() {
        assert_eq!(answer["status"], "completed", "{answer}");
        let queries = answer["sql_queries"].to_string();
        assert!(queries.contains("koperasi"), "{queries}");
    }
}

#[tokio::test]
async fn a_python_caller_uses_every_activity_on_sqlite() {
    let Some(caller) = Caller::start(None).await else {
        return;
    };
    let path = caller.stack.folder.path().join("toko.db");
    sample_sqlite(&path).await;
    all_activities(&caller, &format!("sqlite://{}", path.display())).await;
}

#[tokio::test]
async fn a_python_caller_uses_every_activity_on_postgresql() {
    let (Some(store), Some(target)) = (fresh_database().await, fresh_database().await) else {
        return;
    };
    target.execute(SAMPLE).await;
    let Some(caller) = Caller::start(Some(store.url())).await else {
        return;
    };
    all_activities(&caller, target.url()).await;
}

#[tokio::test]
async fn wrong_calls_fail_at_once_and_say_what_is_wrong() {
    let Some(caller) = Caller::start(None).await else {
        return;
    };
    let seen = caller
        .calls(&[
            call("test_connection", json!(["x"])),
            call("scan_schema", json!(["x"])),
            call("generate_mdl", json!(["x"])),
            call("sync_config", json!(["x"])),
            call("chat", json!(["Ada berapa koperasi?", "x"])),
            call("autonomous_chat", json!(["Ada berapa koperasi?", "x"])),
            call("autonomous_chat", json!(["p", "x", null, "root"])),
            call("scan_schema", json!([])),
            call("scan_schema", json!(["x", "no list"])),
            call("store_connection", json!(["c", "postgres:rahasia", "a"])),
            call(
                "store_connection",
                json!(["c", "sqlite:///not/there.db", "a"]),
            ),
            call("test_connection", json!(["c"])),
            call(
                "store_connection",
                json!(["d", "sqlite:///not/there.db", "a"]),
            ),
        ])
        .await;
    for outcome in seen.get(..6).unwrap() {
        assert_eq!(outcome["error"], "Connection x not found", "{outcome}");
        assert_eq!(outcome["type"], "ConnectionNotFound");
        assert_eq!(outcome["retryable"], false);
    }
    for outcome in seen.get(6..10).unwrap() {
        assert_eq!(outcome["type"], "BadInput", "{outcome}");
        assert_eq!(outcome["retryable"], false);
    }
    assert!(seen[6]["error"].as_str().unwrap().contains("full_autonomy"));
    assert!(!seen[9].to_string().contains("rahasia"));
    assert_eq!(seen[10]["result"]["id"], "c");
    assert_eq!(seen[11]["result"]["status"], "error", "{seen:?}");
    assert!(
        seen[12]["error"].as_str().unwrap().contains("alias"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_cancelled_scan_stops() {
    let Some(target) = fresh_database().await else {
        return;
    };
    let Some(caller) = Caller::start(None).await else {
        return;
    };
    target.execute(SAMPLE).await;
    target
        .execute("CREATE VIEW lambat AS SELECT pg_sleep(60)::text AS x;")
        .await;
    let scan = json!({"activity": "scan_schema", "args": ["c-8"], "cancel_when": "tables_total=3"});
    let seen = caller
        .calls(&[
            call("store_connection", json!(["c-8", target.url(), "t"])),
            scan,
        ])
        .await;
    assert_eq!(seen[1]["type"], "Cancelled", "{seen:?}");
}
