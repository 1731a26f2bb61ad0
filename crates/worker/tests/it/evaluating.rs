//! `kai-worker eval`: what it prints about questions whose answers are known, and how it ends.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{QUESTION, kai_worker, sample_sqlite, soon, stderr, stdout};

/// A folder with a store, a key, and the sample database as the connection `toko`.
async fn prepared() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let store = format!("KAI_STORE_URL=sqlite://{}\n", at.join("kai.db").display());
    std::fs::write(at.join(".env"), store).unwrap();
    assert!(run(at, &["init"]).await.status.success());
    sample_sqlite(&at.join("toko.db")).await;
    let uri = format!("sqlite://{}", at.join("toko.db").display());
    let created = run(at, &["connection", "create", &uri, "-a", "toko"]).await;
    assert!(created.status.success(), "{}", stderr(&created));
    folder
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = kai_worker(folder, arguments)
        .env("TEMPORAL_HOST", "127.0.0.1:1")
        .output();
    soon(&format!("{arguments:?}"), output).await.unwrap()
}

fn right() -> String {
    format!(
        r#"{{"id":"count","language":"id","class":"count","question":"{QUESTION}","sql":"SELECT COUNT(*) FROM koperasi"}}"#
    )
}

fn wrong() -> String {
    format!(
        r#"{{"id":"other","database":"toko","question":"{QUESTION}","sql":"SELECT COUNT(*) + 1 FROM koperasi"}}"#
    )
}

const UNANSWERABLE: &str = r#"{"id":"rain","language":"en","question":"Will it rain on the moon tomorrow?","unanswerable":"forecast","missing":"the weather"}"#;

fn write(folder: &TempDir, name: &str, lines: &[&str]) {
    std::fs::write(folder.path().join(name), lines.join("\n")).unwrap();
}

#[tokio::test]
async fn right_answers_and_declines_are_counted_without_a_key() {
    let folder = prepared().await;
    write(&folder, "all.jsonl", &[&right(), &wrong(), UNANSWERABLE]);
    let asked = ["eval", "all.jsonl", "--connection", "toko"];
    let output = run(folder.path(), &asked).await;
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    for line in [
        "other: wrong: other values",
        "  gold   SELECT COUNT(*) + 1 FROM koperasi",
        "| all | 2 | 1 | 50.0 % | 100.0 % | 50.0 % | 0 | 0 |",
        "| Indonesian | 1 | 1 | 100.0 % | 100.0 % | 100.0 % | 0 | 0 |",
        "Declined, of the 1 that the database cannot answer: 1 (100.0 %).",
    ] {
        assert!(said.lines().any(|one| one == line), "{line}\nin\n{said}");
    }
    let progress = stderr(&output);
    assert!(progress.contains("[1/3] count: right"), "{progress}");
}

#[tokio::test]
async fn json_has_the_summary_and_every_outcome() {
    let folder = prepared().await;
    write(&folder, "a.jsonl", &[&wrong()]);
    let output = run(folder.path(), &["eval", "a.jsonl", "--json"]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["answerable"]["asked"], 1);
    let outcome = &report["outcomes"][0];
    assert_eq!(outcome["verdict"], "wrong");
    assert_eq!(outcome["difference"], "values");
    assert_eq!(outcome["usage"], Value::Null);
    assert!(outcome["steps"].as_u64().unwrap() > 1, "{outcome}");
    assert!(
        outcome["time_to_sql_ms"].as_f64().unwrap() > 0.0,
        "{outcome}"
    );
}

#[tokio::test]
async fn too_few_right_answers_fail_when_that_is_asked_for() {
    let folder = prepared().await;
    write(&folder, "all.jsonl", &[&right(), &wrong()]);
    for (least, status) in [("50", 0), ("50.1", 1)] {
        let asked = [
            "eval",
            "all.jsonl",
            "--connection",
            "toko",
            "--min-right",
            least,
        ];
        let output = run(folder.path(), &asked).await;
        assert_eq!(
            output.status.code(),
            Some(status),
            "{least}: {}",
            stderr(&output)
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_before_anything_is_asked() {
    let folder = prepared().await;
    let bad_gold = right().replace("COUNT(*) FROM koperasi", "n FROM nowhere");
    write(&folder, "broken.jsonl", &["{}"]);
    write(&folder, "nameless.jsonl", &[&right()]);
    write(
        &folder,
        "gold.jsonl",
        &[&right().replace("count", "first"), &bad_gold],
    );
    for (arguments, status, expected) in [
        (
            vec!["eval", "missing.jsonl"],
            2,
            "cannot read missing.jsonl",
        ),
        (
            vec!["eval", "broken.jsonl"],
            2,
            "broken.jsonl: line 1: missing field",
        ),
        (vec!["eval", "nameless.jsonl"], 2, "count names no database"),
        (
            vec!["eval", "gold.jsonl", "--connection", "toko"],
            1,
            "the gold query of count cannot run",
        ),
        (
            vec!["eval", "nameless.jsonl", "--connection", "nobody"],
            1,
            "Connection nobody not found",
        ),
    ] {
        let output = run(folder.path(), &arguments).await;
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    }
}
