//! Saved histories of every path of the workflow, replayed: a change that would break a workflow that
//! is under way fails here. `make histories` records them anew. Those of earlier versions lie in
//! `earlier`, each version in a folder of its own, and are replayed too: its workflows may still be
//! under way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kai_core::wire::AgentResult;
use kai_worker::run_policy::RunTimes;
use kai_worker::workflow::{ChatInput, KaiChatWorkflow};
use serde_json::{Value, json};
use temporalio_client::{WorkflowFetchHistoryOptions, WorkflowHistory};
use temporalio_common::UntypedWorkflow;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::harness::{Stack, soon, test_files};

/// The paths that have to be there.
const PATHS: [&str; 13] = [
    "bad_input",
    "cancelled",
    "completed",
    "cut_by_shutdown",
    "failed",
    "paused_and_resumed",
    "plan_accepted",
    "plan_not_answered",
    "plan_refused",
    "resumed_after_a_crash",
    "stopped",
    "stopped_after_its_answer",
    "stopped_while_paused",
];

fn folder() -> PathBuf {
    test_files().join("histories")
}

/// The history of a workflow, as JSON.
async fn fetch(stack: &Stack, workflow: &str) -> Value {
    let handle = stack
        .client()
        .get_workflow_handle::<UntypedWorkflow>(workflow);
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    let json = soon("the history", history.to_json()).await.unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// The events of a workflow's history.
pub(crate) async fn of(stack: &Stack, workflow: &str) -> Vec<Value> {
    fetch(stack, workflow).await["events"]
        .as_array()
        .unwrap()
        .clone()
}

/// Saves the history of a workflow that has ended, when histories are being recorded.
pub(crate) async fn keep(stack: &Stack, workflow: &str, name: &str) {
    if std::env::var_os("KAI_RECORD_HISTORIES").is_none() {
        return;
    }
    let mut history = fetch(stack, workflow).await;
    without_names_of_machines(&mut history);
    let text = serde_json::to_string_pretty(&history).unwrap();
    // The names of sticky queues begin with that of the worker.
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let text = text.replace(&format!("kai-worker-{}-", host.trim()), "kai-worker-");
    std::fs::write(folder().join(format!("{name}.json")), text + "\n").unwrap();
}

fn without_names_of_machines(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == "identity" {
                    *field = json!("recorded");
                } else {
                    without_names_of_machines(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_names_of_machines),
        _ => {}
    }
}

/// The histories of every path, and those of earlier versions, by their files.
fn saved() -> Vec<(String, WorkflowHistory)> {
    let mut files: Vec<PathBuf> = PATHS
        .iter()
        .map(|name| folder().join(format!("{name}.json")))
        .collect();
    for version in listed(&folder().join("earlier")) {
        files.extend(listed(&version));
    }
    let read = |path: PathBuf| {
        let name = path.display().to_string();
        let json = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("{name}: {error}; run make histories"));
        (name, WorkflowHistory::from_json(&json).unwrap())
    };
    files.into_iter().map(read).collect()
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn workflows_that_are_under_way_go_on_with_this_version() {
    let times = RunTimes {
        start_to_close: Duration::from_mins(15),
        heartbeat_timeout: Duration::from_mins(1),
        plan_timeout: Duration::from_hours(1),
    };
    let options = WorkflowReplayerOptions::new()
        .register_workflow_with_factory(move || KaiChatWorkflow::new(times))
        .unwrap()
        .build();
    let replayer = WorkflowReplayer::new(options).unwrap();
    for (name, history) in saved() {
        let replayed = soon("the replay", replayer.replay_workflow(history)).await;
        replayed.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The workflow as a careless change could leave it: it waits before it begins.
#[workflow]
#[derive(Default)]
struct CarelessWorkflow;

#[workflow_methods]
impl CarelessWorkflow {
    #[run(name = "KaiChatWorkflow")]
    async fn run(
        ctx: &mut WorkflowContext<Self>,
        _input: ChatInput,
    ) -> WorkflowResult<AgentResult> {
        ctx.timer(Duration::from_secs(1)).await;
        Err(temporalio_sdk::ApplicationFailure::new("not this way").into())
    }
}

#[tokio::test]
async fn a_change_that_would_break_them_is_found() {
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<CarelessWorkflow>()
        .unwrap()
        .build();
    let replayer = WorkflowReplayer::new(options).unwrap();
    for (name, history) in saved() {
        let replayed = soon("the replay", replayer.replay_workflow(history)).await;
        assert!(
            replayed.is_err(),
            "{name} went through with another workflow"
        );
    }
}
