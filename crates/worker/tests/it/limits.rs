//! How much a worker does, for how long, and as which version: the settings that bound it.

use serde_json::Value;

use crate::connection::{HEALTHY, printed, temporal};
use crate::harness::{Stack, Worker, kai_worker, soon, stderr};

#[tokio::test]
async fn timeouts_reach_temporal() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let mut command = stack.command(&["run"]);
    command.env("KAI_RUN_TIMEOUT_SECONDS", "77");
    let mut worker = Worker::spawn(command);
    worker.line(HEALTHY).await;
    let workflow = stack.submit(&stack.question("s1")).await;
    stack.result(&workflow).await.unwrap();
    let show = ["workflow", "show", "--workflow-id", &workflow, "-o", "json"];
    let Some(show) = temporal(&stack, &show) else {
        return;
    };
    let history: Value = serde_json::from_str(&printed(show).await).unwrap();
    let events = history["events"].as_array().unwrap();
    let scheduled = events
        .iter()
        .map(|event| &event["activityTaskScheduledEventAttributes"])
        .find(|attributes| attributes.is_object())
        .unwrap();
    assert_eq!(scheduled["startToCloseTimeout"], "77s");
    assert_eq!(scheduled["heartbeatTimeout"], "3s");
}

#[tokio::test]
async fn a_version_is_shown_to_temporal_and_runs_go_to_the_current_one() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let name = stack.queue.clone();
    let mut command = stack.command(&["run"]);
    command
        .env("TEMPORAL_WORKER_DEPLOYMENT_NAME", &name)
        .env("TEMPORAL_WORKER_BUILD_ID", "v1")
        .env("KAI_WORKER_VERSIONING", "pinned");
    let mut worker = Worker::spawn(command);
    worker.line(HEALTHY).await;
    let workflow = stack.submit(&stack.question("s1")).await;
    let set_current = [
        &["worker", "deployment", "set-current-version", "--yes"][..],
        &["--deployment-name", &name, "--build-id", "v1"],
    ];
    // The version is there as soon as its first poll has reached the server.
    loop {
        let Some(mut command) = temporal(&stack, &set_current.concat()) else {
            return;
        };
        let output = soon("the end of a command", command.output())
            .await
            .unwrap();
        if output.status.success() {
            break;
        }
        let said = stderr(&output);
        assert!(
            said.contains("not found") || said.contains("no version"),
            "{said}"
        );
    }
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );
    let describe = ["worker", "deployment", "describe", "--name", &name];
    let described = printed(temporal(&stack, &describe).unwrap()).await;
    assert!(described.contains("v1"), "{described}");
    let describe = ["workflow", "describe", "--workflow-id", &workflow];
    let described = printed(temporal(&stack, &describe).unwrap()).await;
    assert!(described.contains("Pinned"), "{described}");
}

#[tokio::test]
async fn bounds_of_settings_are_told() {
    let folder = tempfile::TempDir::new().unwrap();
    for (flag, value, says) in [
        (
            "--max-concurrent-activities",
            "0",
            "KAI_MAX_CONCURRENT_ACTIVITIES (--max-concurrent-activities) cannot be '0': use a whole number from 1 to 10000",
        ),
        (
            "--workflow-pollers",
            "1",
            "use a whole number from 2 to 100",
        ),
        (
            "--run-max-attempts",
            "many",
            "use a whole number from 1 to 100",
        ),
        ("--worker-deployment-name", "a.b", "without a full stop"),
        ("--worker-build-id", "v1", "--worker-deployment-name"),
        ("--org-id", "a b", "without spaces"),
        (
            "--control-plane-url",
            "http://me:hush@host",
            "KAI_API_KEY says who this is",
        ),
        (
            "--codec-cors-origins",
            "http://localhost:8233/",
            "without a slash at its end",
        ),
    ] {
        let output = kai_worker(folder.path(), &[flag, value, "config"])
            .output()
            .await
            .unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(says), "{said}");
    }
}

#[tokio::test]
async fn no_more_runs_at_a_time_than_the_setting_says() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let Some(mut database) = crate::lifecycle::LockedDatabase::create(&stack).await else {
        return;
    };
    let mut command = stack.command(&["run"]);
    command.env("KAI_MAX_CONCURRENT_ACTIVITIES", "1");
    let mut worker = Worker::spawn(command);
    worker.line(HEALTHY).await;
    let mut first = stack.receiver.subscribe("s1").await;
    let one = stack.submit(&stack.question("s1")).await;
    first.until("tool_start").await;
    let mut second = stack.receiver.subscribe("s2").await;
    let two = stack.submit(&stack.question("s2")).await;
    database.unlock().await;
    first.until("done").await;
    second.until("done").await;
    for workflow in [one, two] {
        assert_eq!(
            stack.result(&workflow).await.unwrap()["status"],
            "completed"
        );
    }
    // Which began when is in the log: the second only after the first had ended.
    let order = worker.runs(2).await;
    assert_eq!(
        order,
        [
            "s1: run begins",
            "s1: run ends",
            "s2: run begins",
            "s2: run ends"
        ]
    );
}
