//! Saved histories of every path of the workflow, replayed: a change that would break a workflow that
//! is under way fails here. `make histories` records them anew, and leaves those that came out the same.
//! Those of earlier versions go to `earlier`, each version in a folder of its own, and are replayed too:
//! its workflows may still be under way.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kai_worker::run_policy::RunTimes;
use kai_worker::workflow::{KaiChatWorkflow, KaiConnectionsWorkflow};
use serde_json::{Value, json};
use temporalio_client::{WorkflowFetchHistoryOptions, WorkflowHistory};
use temporalio_common::UntypedWorkflow;
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};

use crate::harness::{Stack, soon, test_files};

/// The paths that have to be there.
const PATHS: [&str; 19] = [
    "bad_input",
    "cancelled",
    "completed",
    "connections",
    "cut_by_shutdown",
    "failed",
    "many_reports",
    "paused_and_resumed",
    "plan_accepted",
    "plan_decided_by_updates",
    "plan_not_answered",
    "plan_refused",
    "resumed_after_a_crash",
    "stopped",
    "stopped_after_its_answer",
    "stopped_by_an_update",
    "stopped_while_its_plan_waits",
    "stopped_while_paused",
    "updated",
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

/// How long the last attempt of a workflow's last activity took, by Temporal's clock.
pub(crate) async fn last_attempt(stack: &Stack, workflow: &str) -> Duration {
    let handle = stack
        .client()
        .get_workflow_handle::<UntypedWorkflow>(workflow);
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    let events = soon("the history", history.into_events()).await.unwrap();
    let last = |kind: EventType| {
        let event = events.iter().rfind(|event| event.event_type() == kind);
        SystemTime::try_from(event.unwrap().event_time.unwrap()).unwrap()
    };
    last(EventType::ActivityTaskCompleted)
        .duration_since(last(EventType::ActivityTaskStarted))
        .unwrap()
}

/// Saves the history of a workflow that has ended, when histories are being recorded: the setting
/// names the folder in `earlier` to which the one before goes, unless it is the same.
pub(crate) async fn keep(stack: &Stack, workflow: &str, name: &str) {
    let Ok(earlier) = std::env::var("KAI_RECORD_HISTORIES") else {
        return;
    };
    let mut history = fetch(stack, workflow).await;
    without_names_of_machines(&mut history);
    let text = serde_json::to_string_pretty(&history).unwrap();
    // The names of sticky queues begin with that of the worker.
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let text = text.replace(&format!("kai-worker-{}-", host.trim()), "kai-worker-");
    let file = folder().join(format!("{name}.json"));
    if file.exists() {
        let before: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        if shape(&before) == shape(&history) {
            return;
        }
        let earlier = folder().join("earlier").join(earlier);
        std::fs::create_dir_all(&earlier).unwrap();
        std::fs::rename(&file, earlier.join(format!("{name}.json"))).unwrap();
    }
    std::fs::write(file, text + "\n").unwrap();
}

/// What the workflow asked for, in order. When it was asked, and what it was told meanwhile, differs
/// from one recording to the next.
fn shape(history: &Value) -> Vec<String> {
    let events = history["events"].as_array().unwrap();
    let commands = events.iter().filter_map(|event| {
        let (kind, attributes) = attributes(event);
        let activity = attributes["activity_type"]["name"].as_str();
        COMMANDS
            .contains(&kind)
            .then(|| format!("{kind} {}", activity.unwrap_or_default()))
    });
    commands.collect()
}

/// The events of history that follow from what a workflow asks for.
const COMMANDS: [&str; 9] = [
    ACTIVITY,
    "ActivityTaskCancelRequestedEventAttributes",
    TIMER,
    "TimerCanceledEventAttributes",
    "WorkflowExecutionUpdateAcceptedEventAttributes",
    "WorkflowExecutionUpdateCompletedEventAttributes",
    "WorkflowExecutionCompletedEventAttributes",
    "WorkflowExecutionFailedEventAttributes",
    "WorkflowExecutionCanceledEventAttributes",
];

const ACTIVITY: &str = "ActivityTaskScheduledEventAttributes";
const TIMER: &str = "TimerStartedEventAttributes";

/// The name of an event's attributes, and the attributes.
fn attributes(event: &Value) -> (&str, &Value) {
    let named = event["attributes"].as_object().unwrap().iter().next();
    let (name, attributes) = named.unwrap();
    (name, attributes)
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

fn replayer() -> WorkflowReplayer {
    let times = RunTimes {
        start_to_close: Duration::from_mins(15),
        heartbeat_timeout: Duration::from_mins(1),
        plan_timeout: Duration::from_hours(1),
    };
    let options = WorkflowReplayerOptions::new()
        .register_workflow_with_factory(move || KaiChatWorkflow::new(times))
        .unwrap()
        .register_workflow::<KaiConnectionsWorkflow>()
        .unwrap()
        .build();
    WorkflowReplayer::new(options).unwrap()
}

#[tokio::test]
async fn workflows_that_are_under_way_go_on_with_this_version() {
    let replayer = replayer();
    for (name, history) in saved() {
        let replayed = soon("the replay", replayer.replay_workflow(history)).await;
        replayed.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The histories that this one would be, had the workflow asked for one other thing: for another
/// activity, or for an activity in place of a timer.
fn with_one_other_command(history: &Value) -> Vec<(String, Value)> {
    let events = history["events"].as_array().unwrap();
    let activity = events.iter().find(|event| attributes(event).0 == ACTIVITY);
    let mutants = events.iter().enumerate().filter_map(|(at, event)| {
        let mut mutant = history.clone();
        let other = &mut mutant["events"][at];
        let (kind, asked) = attributes(event);
        match kind {
            ACTIVITY => {
                let name = if asked["activity_type"]["name"] == "end_run" {
                    "announce"
                } else {
                    "end_run"
                };
                other["attributes"][ACTIVITY]["activity_type"]["name"] = name.into();
            }
            TIMER => {
                other["event_type"] = activity?["event_type"].clone();
                other["attributes"] = activity?["attributes"].clone();
            }
            _ => return None,
        }
        Some((format!("event {}", at + 1), mutant))
    });
    mutants.collect()
}

#[tokio::test]
async fn a_change_of_a_single_command_is_found() {
    let replayer = replayer();
    let mut mutants = 0;
    for path in PATHS {
        let file = folder().join(format!("{path}.json"));
        let history: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for (what, mutant) in with_one_other_command(&history) {
            let json = serde_json::to_vec(&mutant).unwrap();
            let mutant = WorkflowHistory::from_json(&json).unwrap();
            let replayed = soon("the replay", replayer.replay_workflow(mutant)).await;
            assert!(replayed.is_err(), "{path} went through with another {what}");
            mutants += 1;
        }
    }
    // Every path but wrong input asks for something.
    assert!(mutants >= PATHS.len() - 1, "{mutants}");
}
