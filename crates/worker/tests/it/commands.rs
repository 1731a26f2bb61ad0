//! The commands at a terminal: what they print, and how they end.

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::harness::{QUESTION, kai_worker, sample_sqlite, soon, stderr, stdout};

/// A folder with a store, a key in `.env`, and the sample database.
async fn prepared() -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = format!(
        "KAI_STORE_URL=sqlite://{}\n",
        folder.path().join("kai.db").display()
    );
    std::fs::write(folder.path().join(".env"), store).unwrap();
    let output = run(folder.path(), &["init"]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    sample_sqlite(&folder.path().join("toko.db")).await;
    folder
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = kai_worker(folder, arguments)
        .env("TEMPORAL_HOST", "127.0.0.1:1")
        .output();
    soon(&format!("{arguments:?}"), output).await.unwrap()
}

/// Runs a command that must fail, and gives its one line.
async fn complaint(folder: &Path, status: i32, arguments: &[&str]) -> String {
    let output = run(folder, arguments).await;
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn sample_uri(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("toko.db").display())
}

#[tokio::test]
async fn a_connection_is_created_listed_shown_tested_and_deleted() {
    let folder = prepared().await;
    let at = folder.path();
    let uri = sample_uri(&folder);
    let created = run(
        at,
        &["connection", "create", &uri, "-a", "toko", "--id", "c-1"],
    )
    .await;
    assert!(created.status.success(), "{}", stderr(&created));
    assert!(stdout(&created).starts_with("Connection ID: c-1\n"));

    assert_eq!(
        stdout(&run(at, &["connection", "list"]).await),
        "c-1: toko (sqlite)\n"
    );
    let listed: serde_json::Value =
        serde_json::from_slice(&run(at, &["connection", "list", "--json"]).await.stdout).unwrap();
    assert_eq!(listed[0]["alias"], "toko");
    assert!(stdout(&run(at, &["connection", "show", "toko"]).await).contains("Dialect : sqlite"));
    assert!(stdout(&run(at, &["connection", "test", "toko"]).await).contains("Tables  : 2"));

    let line = complaint(at, 1, &["connection", "delete", "toko"]).await;
    assert!(line.contains("--force"), "{line}");
    assert!(
        run(at, &["connection", "delete", "toko", "--force"])
            .await
            .status
            .success()
    );
    assert!(stdout(&run(at, &["connection", "list"]).await).contains("No connections yet"));
}

#[tokio::test]
async fn ask_answers_in_the_terminal_without_temporal() {
    let folder = prepared().await;
    let at = folder.path();
    run(
        at,
        &["connection", "create", &sample_uri(&folder), "-a", "toko"],
    )
    .await;
    let output = run(at, &["ask", "toko", QUESTION]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains('3'), "{}", stdout(&output));
    assert!(stderr(&output).contains("SELECT"), "{}", stderr(&output));

    let output = run(at, &["ask", "toko", QUESTION, "--json"]).await;
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["status"], "completed");
    assert_eq!(stderr(&output), "");

    let output = run(at, &["ask", "toko", "Will it rain on the moon tomorrow?"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("cooperatives"),
        "{}",
        stdout(&output)
    );
}

#[tokio::test]
async fn verified_queries_are_stored_from_a_file_and_listed() {
    let folder = prepared().await;
    let at = folder.path();
    let uri = sample_uri(&folder);
    run(at, &["connection", "create", &uri, "-a", "toko"]).await;
    let lines = "{\"id\": \"q\", \"question\": \"How many?\", \"sql\": \"SELECT 1 AS n\"}\n\
                 {\"question\": \"None\", \"sql\": \"DELETE FROM koperasi\"}\n";
    std::fs::write(at.join("pairs.jsonl"), lines).unwrap();
    let output = run(at, &["verified", "toko", "pairs.jsonl"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    assert!(
        said.starts_with("1 verified query stored.\n[--] line 2: "),
        "{said}"
    );
    let listed = run(at, &["verified", "toko"]).await;
    assert_eq!(stdout(&listed), "q: How many?\n  SELECT 1 AS n\n");
    let line = complaint(at, 1, &["verified", "toko", "missing.jsonl"]).await;
    assert!(line.contains("missing.jsonl"), "{line}");
}

#[tokio::test]
async fn bad_input_gets_one_clear_line() {
    let folder = prepared().await;
    let at = folder.path();
    let uri = sample_uri(&folder);
    run(at, &["connection", "create", &uri, "-a", "toko"]).await;

    let line = complaint(
        at,
        1,
        &["connection", "create", "oracle://a:secret@b/c", "-a", "x"],
    )
    .await;
    assert!(
        line.contains("oracle") && !line.contains("secret"),
        "{line}"
    );
    let line = complaint(at, 1, &["connection", "create", "secret", "-a", "x"]).await;
    assert!(
        line.contains("Invalid URI format") && !line.contains("secret"),
        "{line}"
    );
    let line = complaint(at, 1, &["connection", "create", &uri, "-a", "toko"]).await;
    assert!(line.contains("toko"), "{line}");
    let nowhere = format!("sqlite://{}", at.join("nowhere.db").display());
    complaint(at, 1, &["connection", "create", &nowhere, "-a", "x"]).await;
    assert!(
        !at.join("nowhere.db").exists(),
        "reading a database must not create one"
    );
    std::fs::write(at.join("empty.db"), "").unwrap();
    let empty = format!("sqlite://{}", at.join("empty.db").display());
    let line = complaint(at, 1, &["connection", "create", &empty, "-a", "x"]).await;
    assert!(line.contains("no tables"), "{line}");

    let line = complaint(at, 1, &["ask", "nowhere", QUESTION]).await;
    assert!(line.contains("Connection nowhere not found"), "{line}");
    complaint(at, 2, &["ask", "toko", "   "]).await;
    complaint(at, 2, &["frobnicate"]).await;
    let line = complaint(at, 2, &["--health-port", "http", "config"]).await;
    assert!(
        line.contains("HEALTH_PORT") && line.contains("'http'"),
        "{line}"
    );

    let line = complaint(at, 1, &["--encrypt-key", "wrong", "ask", "toko", QUESTION]).await;
    assert!(
        line.contains("ENCRYPT_KEY") && !line.contains("wrong"),
        "{line}"
    );
    let generated = stdout(&run(at, &["key", "generate"]).await);
    let with_hyphen = "-JR1sc7qd8flLPd-sWRhiWwueJ48G8cSZVg8J8u5c3o=";
    for key in [generated.trim(), with_hyphen] {
        let line = complaint(at, 1, &["--encrypt-key", key, "ask", "toko", QUESTION]).await;
        assert!(
            line.contains("ENCRYPT_KEY") && !line.contains(key),
            "{line}"
        );
    }

    let line = complaint(at, 1, &["--health-port", "0", "run"]).await;
    assert!(
        line.contains("cannot reach Temporal at 127.0.0.1:1"),
        "{line}"
    );
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let line = complaint(at, 1, &["--health-port", &port, "run"]).await;
    assert!(
        line.contains("taken") && line.contains("HEALTH_PORT"),
        "{line}"
    );

    let line = complaint(at, 1, &["--chat-family", "openai", "ask", "toko", QUESTION]).await;
    assert!(
        line.contains("Missing required config value 'OPENAI_API_KEY'"),
        "{line}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_said_and_never_shown() {
    let Some(database) = kai_test_support::postgres::fresh_database().await else {
        return;
    };
    let folder = prepared().await;
    let uri = database.url().replace("kai@", "nobody:hush-hush@");
    assert_ne!(uri, database.url());
    let line = complaint(folder.path(), 1, &["connection", "create", &uri, "-a", "x"]).await;
    assert!(!line.contains("hush-hush"), "{line}");
}

#[tokio::test]
async fn an_account_that_could_write_is_warned_of() {
    let (Some(postgresql), Some(mysql)) = (
        kai_test_support::postgres::fresh_database().await,
        kai_test_support::mysql::fresh_database().await,
    ) else {
        return;
    };
    let table = "CREATE TABLE koperasi (id INTEGER PRIMARY KEY)";
    postgresql.execute(table).await;
    mysql.execute(table).await;
    let folder = prepared().await;
    for (alias, url, grant) in [
        ("pg", postgresql.url(), "(SUPERUSER)"),
        ("my", mysql.url(), "(ALL PRIVILEGES on *.*; "),
    ] {
        let arguments = ["connection", "create", url, "-a", alias];
        let created = run(folder.path(), &arguments).await;
        let warning = stderr(&created);
        assert!(created.status.success(), "{warning}");
        assert!(warning.starts_with("Warning: "), "{warning}");
        assert!(warning.contains(grant), "{warning}");
        assert!(warning.contains("docs/security.md"), "{warning}");
    }
    let shown = stdout(&run(folder.path(), &["connection", "show", "my"]).await);
    assert!(shown.contains("Dialect : mysql"), "{shown}");
    assert!(
        shown.contains(&format!("Schemas : {}\n", mysql.name())),
        "{shown}"
    );
    let status = stdout(&run(folder.path(), &["status"]).await);
    assert_eq!(status.matches("Warning: ").count(), 2, "{status}");
}

#[tokio::test]
async fn init_keeps_the_key_and_what_else_is_in_the_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(".env");
    std::fs::write(&file, "KAI_STORE_URL=sqlite://kai.db").unwrap();
    let first = run(folder.path(), &["init"]).await;
    assert!(first.status.success(), "{}", stderr(&first));
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(
        written.starts_with("KAI_STORE_URL=sqlite://kai.db\nENCRYPT_KEY="),
        "{written}"
    );
    let shown = stdout(&first);
    assert!(shown.contains("[ok] store"), "{shown}");
    assert!(
        shown.contains("[--] temporal: cannot reach Temporal at 127.0.0.1:1"),
        "{shown}"
    );
    run(folder.path(), &["init"]).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
    assert_eq!(run(folder.path(), &["status"]).await.status.code(), Some(1));
}

#[tokio::test]
async fn a_connection_is_scanned_described_and_changed() {
    let folder = prepared().await;
    let at = folder.path();
    let uri = sample_uri(&folder);
    let created = run(
        at,
        &[
            "connection",
            "create",
            &uri,
            "-a",
            "toko",
            "--id",
            "c-1",
            "--json",
        ],
    )
    .await;
    let json = |output: &Output| -> serde_json::Value {
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
    };
    assert_eq!(json(&created)["id"], "c-1");

    let scanned = run(at, &["scan", "toko"]).await;
    assert_eq!(
        stdout(&scanned),
        "2 tables scanned.\n  koperasi\n  provinsi\n"
    );
    let scanned = run(at, &["scan", "toko", "-t", "provinsi", "--json"]).await;
    assert_eq!(json(&scanned)["tables"], serde_json::json!(["provinsi"]));
    assert_eq!(
        run(at, &["scan", "toko", "-t", "x"]).await.status.code(),
        Some(1)
    );
    let mdl = run(at, &["mdl", "toko"]).await;
    assert!(stdout(&mdl).contains("- koperasi.provinsi_id → provinsi.id"));
    assert_eq!(
        json(&run(at, &["mdl", "toko", "--json"]).await)["table_count"],
        2
    );
    complaint(at, 1, &["mdl", "lain"]).await;

    let renamed = run(
        at,
        &[
            "connection",
            "update",
            "toko",
            "-a",
            "warung",
            "--description",
            "Contoh",
        ],
    )
    .await;
    assert_eq!(stdout(&renamed), "Updated c-1: warung (sqlite)\n");
    let shown = json(&run(at, &["connection", "show", "warung", "--json"]).await);
    assert_eq!(shown["description"], "Contoh");
    let line = complaint(
        at,
        1,
        &[
            "connection",
            "update",
            "warung",
            "--uri",
            "sqlite:///not/there.db",
        ],
    )
    .await;
    assert!(line.contains("does not exist"), "{line}");
    complaint(at, 1, &["connection", "update", "warung"]).await;
    let tested = json(&run(at, &["connection", "test", "warung", "--json"]).await);
    assert_eq!(tested["status"], "success");
    std::fs::remove_file(at.join("toko.db")).unwrap();
    let tested = run(at, &["connection", "test", "warung", "--json"]).await;
    assert_eq!(tested.status.code(), Some(1));
    assert_eq!(json(&tested)["status"], "error");
    let deleted = run(at, &["connection", "delete", "warung", "-f", "--json"]).await;
    assert_eq!(json(&deleted)["deleted"], "c-1");
}
