//! Nobody reads what the program says: it ends as it would have.

use std::process::Stdio;

use crate::harness::{Receiver, kai_e2e, soon};

/// A pipe whose other end is closed.
fn nobody() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    writer.into()
}

async fn status(arguments: &[&str]) -> Option<i32> {
    let mut command = kai_e2e(arguments);
    command.stdout(nobody()).stderr(nobody());
    let ended = soon(&format!("{arguments:?}"), command.status()).await;
    ended.unwrap().code()
}

#[tokio::test]
async fn a_reader_that_went_away_changes_nothing_about_how_it_ends() {
    let receiver = Receiver::start().await;
    let watch = ["--callback-host", &receiver.url, "--watch"];
    for (session, kinds, result, expected) in [
        ("good", &["token", "done"][..], "completed", 0),
        ("bad", &["done"], "failed", 1),
    ] {
        receiver.post(session, kinds, result).await;
        for json in [&[][..], &["--json"]] {
            let arguments = [&watch[..], &[session, "--replay"], json].concat();
            assert_eq!(status(&arguments).await, Some(expected), "{arguments:?}");
        }
    }
    let nowhere = ["--connection-id", "x", "--temporal-host", "127.0.0.1:1"];
    let load = ["load", "-n", "1"];
    for (arguments, expected) in [
        (&["--help"][..], 0),
        (&["completions", "bash"], 0),
        (&["man"], 0),
        (&["--nonsense"], 2),
        (&nowhere, 1),
        (&[&nowhere[..], &["--json"]].concat(), 1),
        (&[&load[..], &nowhere].concat(), 1),
        (&[&load[..], &nowhere, &["--json"]].concat(), 1),
    ] {
        assert_eq!(status(arguments).await, Some(expected), "{arguments:?}");
    }
}

#[tokio::test]
async fn an_output_that_takes_nothing_is_a_failure() {
    let receiver = Receiver::start().await;
    receiver.post("s", &["token", "done"], "completed").await;
    let arguments = ["--callback-host", &receiver.url, "--watch", "s", "--json"];
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = kai_e2e(&arguments);
    command.stdout(full.unwrap()).stderr(Stdio::piped());
    let ending = command.spawn().unwrap().wait_with_output();
    let ended = soon("the end", ending).await.unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("cannot print"), "{said}");
}
