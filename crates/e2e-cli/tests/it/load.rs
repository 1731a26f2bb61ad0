//! `load`: what it tells of events that do not arrive once, and what it draws for whom.

use kai_test_support::terminal::{at_a_terminal, drawn};

use crate::demo::Demo;
use crate::harness::{kai_e2e, object, run, soon, stdout};
use crate::relay::{Fault, Relay};

/// A load of so many runs, one after the other.
fn load<'a>(runs: &'a str, temporal: &'a str, receiver: &'a str) -> Vec<&'a str> {
    let what = ["load", "--connection-id", "koperasi", "-n", runs, "-c", "1"];
    let reach = ["--temporal-host", temporal, "--callback-host", receiver];
    [&what[..], &reach].concat()
}

/// The line of the summary that begins with this.
fn line<'a>(said: &'a str, name: &str) -> &'a str {
    said.lines()
        .find(|line| line.trim_start().starts_with(name))
        .unwrap_or_else(|| panic!("{name}: {said}"))
}

#[tokio::test]
async fn events_that_do_not_arrive_once_fail_a_load_and_are_told() {
    let Some(demo) = Demo::start().await else {
        return;
    };
    let (temporal, receiver) = (demo.temporal(), demo.receiver());

    // What follows is the fault of no relay that lets everything pass.
    let honest = Relay::before(&receiver, &[]).await;
    let passed = run(&load("2", &temporal, &honest.url)).await;
    let said = stdout(&passed);
    assert_eq!(passed.status.code(), Some(0), "{said}");
    assert!(
        said.contains("[PASS] Every run passed, and every event arrived once."),
        "{said}"
    );

    let faults = [Fault::Loses, Fault::Repeats, Fault::Nothing];
    let relay = Relay::before(&receiver, &faults).await;
    let failed = run(&load("3", &temporal, &relay.url)).await;
    let said = stdout(&failed);
    assert_eq!(failed.status.code(), Some(1), "{said}");
    assert!(
        line(&said, "Runs             :").ends_with("3 of 3, 1 passed, 2 failed"),
        "{said}"
    );
    assert!(
        line(&said, "Events").ends_with(", 1 lost, 1 doubled, 0 streams cut short"),
        "{said}"
    );
    assert!(line(&said, "[load] 1/3").ends_with("FAILED: some events were lost"));
    assert!(line(&said, "[load] 2/3").ends_with("FAILED: some events arrived twice"));
    assert!(line(&said, "[load] 3/3").ends_with(", passed"));
    assert!(said.contains("\n  1 × some events were lost\n"), "{said}");
    assert!(said.ends_with("[FAIL] Not every run passed.\n"), "{said}");

    let relay = Relay::before(&receiver, &faults).await;
    let arguments = [&load("3", &temporal, &relay.url)[..], &["--json"]].concat();
    let failed = run(&arguments).await;
    assert_eq!(failed.status.code(), Some(1));
    let figures = object(&failed);
    assert_eq!(figures["passed"], false, "{figures}");
    assert_eq!(figures["events_lost"], 1, "{figures}");
    assert_eq!(figures["events_doubled"], 1, "{figures}");

    // Without numbers nobody knows, and so nobody says that all is well.
    let relay = Relay::before(&receiver, &[Fault::TakesNumbers]).await;
    let unknown = run(&load("1", &temporal, &relay.url)).await;
    let said = stdout(&unknown);
    assert_eq!(unknown.status.code(), Some(1), "{said}");
    assert!(!said.contains("[PASS]"), "{said}");
    assert!(
        line(&said, "Without a number").ends_with(": whether others were lost is not known"),
        "{said}"
    );
    assert!(
        said.contains("1 × events had no number: whether each arrived once is not known"),
        "{said}"
    );
}

#[tokio::test]
async fn a_person_sees_a_bar_and_a_pipe_gets_lines() {
    let Some(demo) = Demo::start().await else {
        return;
    };
    let (temporal, receiver) = (demo.temporal(), demo.receiver());
    let arguments = load("6", &temporal, &receiver);

    let seen = at_a_terminal(&kai_e2e(&arguments)).output();
    let seen = soon("the end", seen).await.unwrap();
    let said = stdout(&seen);
    assert!(seen.status.success(), "{said}");
    let places = drawn(&said, 6, " (");
    assert!(places.is_sorted(), "{places:?}");
    assert!(
        places.iter().any(|place| (1..6).contains(place)),
        "{said:?}"
    );
    assert!(said.contains("\x1b[32m[PASS]\x1b[0m"), "{said:?}");
    // The bar is gone at the end, and no line tells of a run that passed.
    assert!(!said.contains("[load] 1/6"), "{said:?}");

    let piped = run(&arguments).await;
    let said = stdout(&piped);
    assert!(piped.status.success(), "{said}");
    assert!(!said.contains(['\x1b', '\r']), "{said:?}");
    assert!(piped.stderr.is_empty(), "{piped:?}");
    for number in 1..=6 {
        assert!(
            line(&said, &format!("[load] {number}/6 ")).ends_with(", passed"),
            "{said}"
        );
    }
    assert!(drawn(&said, 6, " (").is_empty(), "{said}");
}
