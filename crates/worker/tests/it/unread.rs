//! Nobody reads what a command says: it does its work and ends as it would have.

use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{kai_worker, sample_sqlite, soon, stdout};

/// A pipe whose other end is closed.
fn nobody() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    writer.into()
}

/// A command in a place where no Temporal is.
fn alone(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = kai_worker(folder, arguments);
    command.env("TEMPORAL_HOST", "127.0.0.1:1");
    command.stdin(Stdio::null());
    command
}

/// How it ends where nobody reads on either of its outputs.
async fn unread(folder: &Path, arguments: &[&str]) -> Option<i32> {
    let mut command = alone(folder, arguments);
    command.stdout(nobody()).stderr(nobody());
    let ended = soon(&format!("{arguments:?}"), command.status()).await;
    ended.unwrap().code()
}

#[tokio::test]
async fn a_reader_that_went_away_changes_nothing_about_how_a_command_ends() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    sample_sqlite(&folder.join("toko.db")).await;
    let uri = format!("sqlite://{}", folder.join("toko.db").display());
    let read = alone(folder, &["init", "--force"]).output().await.unwrap();
    assert_eq!(
        unread(folder, &["init", "--force"]).await,
        read.status.code()
    );
    assert!(folder.join(".env.old").is_file(), "it did its work");

    let create = ["connection", "create", &uri, "-a", "toko"];
    for (arguments, status) in [
        (&create[..], 0),
        (&["connection", "list"], 0),
        (&["connection", "show", "toko"], 0),
        (&["connection", "test", "toko", "--json"], 0),
        (&["connection", "show", "nobody"], 1),
        (&["scan", "toko"], 0),
        (&["mdl", "toko"], 0),
        (&["ask", "toko", "Ada berapa koperasi?"], 0),
        (&["ask", "toko", "Ada berapa koperasi?", "--json"], 0),
        (&["config"], 0),
        (&["config", "--json"], 0),
        (&["status"], 1),
        (&["status", "--json"], 1),
        (&["key", "generate"], 0),
        (&["completions", "fish"], 0),
        (&["man"], 0),
        (&["--help"], 0),
        (&["connection", "--help"], 0),
        (&["nonsense"], 2),
        (&["--health-port", "http"], 2),
        (&["connection", "delete", "toko"], 1),
        (&["connection", "delete", "toko", "--force"], 0),
        (&["run"], 1),
    ] {
        assert_eq!(
            unread(folder, arguments).await,
            Some(status),
            "{arguments:?}"
        );
    }
    let listed = alone(folder, &["connection", "list", "--json"]).output();
    let listed = soon("the list", listed).await.unwrap();
    assert_eq!(stdout(&listed).trim(), "[]", "the connection was deleted");
}

#[tokio::test]
async fn an_output_that_takes_nothing_is_a_failure() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["key", "generate"][..], &["config", "--json"], &["man"]] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = alone(folder.path(), arguments);
        command.stdout(full.unwrap()).stderr(Stdio::piped());
        let ending = command.spawn().unwrap().wait_with_output();
        let ended = soon("the end", ending).await.unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains("cannot print"), "{said}");
    }
}
