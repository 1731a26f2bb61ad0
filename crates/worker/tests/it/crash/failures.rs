//! Failures that may pass: tried again a few times, then told once.

use std::time::Duration;

use super::fleet::{Fleet, StoreKind};

/// How often a run may fail: less often than without a setting.
const FAILURES: i64 = 3;

#[tokio::test]
async fn a_model_that_stays_away_fails_the_run_at_the_last_try() {
    let timeout = Duration::from_secs(10);
    let fleet = Fleet::start(StoreKind::Sqlite, &[], Duration::ZERO, timeout).await;
    let Some((mut fleet, _news)) = fleet else {
        return;
    };
    fleet.without_model().await;
    let _worker = fleet
        .worker_with(&[("KAI_RUN_MAX_ATTEMPTS", &FAILURES.to_string())])
        .await;
    let workflow = fleet.submit(0).await;
    let failure = fleet.stack.result(&workflow).await.unwrap_err();
    assert!(
        failure.contains("openai/gpt-test is not available"),
        "{failure}"
    );
    // Nobody had seen anything of the tries before, so nothing was resumed.
    let events = fleet.events(0).await;
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["error", "done"]);
    assert_eq!(fleet.kept(0).await, (FAILURES + 1, 0));
}
