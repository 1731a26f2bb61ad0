//! `--watch`: a session that somebody else started.

use std::process::Stdio;

use kai_test_support::terminal::at_a_terminal;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::harness::{Receiver, kai_e2e, object, run, soon, stdout};

#[tokio::test]
async fn a_session_is_watched_to_its_end() {
    let receiver = Receiver::start().await;
    receiver
        .post("s 1", &["thinking", "token", "done"], "completed")
        .await;
    let arguments = ["--watch", "s 1", "--callback-host", &receiver.url];
    let output = run(&arguments).await;
    let said = stdout(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("SSE event type='").count(), 3, "{said}");
    assert!(said.contains("[PASS] The run is over."), "{said}");
    assert!(!said.contains('\x1b'), "{said}");

    let again = [&arguments[..], &["--replay", "--json"]].concat();
    let object = object(&run(&again).await);
    assert_eq!(object["passed"], true);
    assert_eq!(object["events"], 3);
    assert_eq!(object["result"]["status"], "completed");
}

#[tokio::test]
async fn a_run_that_failed_or_goes_on_ends_with_status_1() {
    let receiver = Receiver::start().await;
    receiver.post("s-1", &["done"], "failed").await;
    let host = ["--callback-host", &receiver.url];
    let failed = run(&[&["--watch", "s-1"][..], &host].concat()).await;
    assert_eq!(failed.status.code(), Some(1));
    receiver.post("s-2", &["thinking"], "").await;
    let late = ["--watch", "s-2", "--timeout", "1", "--json"];
    let late = run(&[&late[..], &host].concat()).await;
    assert_eq!(late.status.code(), Some(1));
    assert_eq!(object(&late)["end"], "timed_out");
}

#[tokio::test]
async fn an_interrupted_watch_goes_on_where_it_stopped() {
    let receiver = Receiver::start().await;
    receiver.post("s-1", &["thinking", "token"], "").await;
    let mut watch = kai_e2e(&["--watch", "s-1", "--callback-host", &receiver.url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(watch.id().unwrap().cast_signed()).unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    while let Some(line) = soon("a line", lines.next_line()).await.unwrap() {
        if line.contains("type='token'") {
            kill_process(pid, Signal::INT).unwrap();
        }
        said.push(line);
    }
    assert_eq!(watch.wait().await.unwrap().code(), Some(130));
    let id = said
        .iter()
        .find_map(|line| line.strip_prefix("To go on: kai-e2e --watch 's-1' --last-event-id "))
        .unwrap_or_else(|| panic!("{said:?}"));

    receiver.post("s-1", &["token", "done"], "completed").await;
    let arguments = ["--watch", "s-1", "--last-event-id", id, "--json"];
    let rest = run(&[&arguments[..], &["--callback-host", &receiver.url]].concat()).await;
    let rest = object(&rest);
    assert_eq!(rest["events"], 2, "{rest}");
    assert_eq!(rest["events_lost"], 0, "{rest}");
    assert_eq!(rest["passed"], true, "{rest}");
}

#[tokio::test]
async fn an_absent_receiver_is_told_to_programs_too() {
    let output = run(&[
        "--watch",
        "s-1",
        "--callback-host",
        "http://127.0.0.1:1",
        "--json",
    ])
    .await;
    assert_eq!(output.status.code(), Some(1));
    let error = object(&output)["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("cannot reach the receiver"), "{error}");
}

#[tokio::test]
async fn colours_are_for_terminals_and_can_be_refused() {
    let receiver = Receiver::start().await;
    receiver.post("s-1", &["done"], "completed").await;
    let arguments = ["--watch", "s-1", "--replay", "--callback-host"];
    let arguments = [&arguments[..], &[&receiver.url]].concat();
    for (no_color, mark) in [("", "\x1b[32m[PASS]\x1b[0m"), ("1", "\n[PASS]")] {
        let mut watch = kai_e2e(&arguments);
        let output = at_a_terminal(watch.env("NO_COLOR", no_color)).output();
        let output = soon("the end", output).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(
            stdout(&output).contains(mark),
            "{no_color}: {:?}",
            stdout(&output)
        );
    }
}
