//! Runs that people steer, with the commands that the documents give.

mod drain;
mod foreign;
mod model;
mod pause;
mod plan;
mod progress;
mod stop;
mod updates;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::crash::fleet::Fleet;
use crate::crash::script;
use crate::harness::{CONNECTION, Stack, Subscriber, soon, stderr, stdout};

/// How soon viewers see what a person asked for: two seconds, and one more for the command line, which
/// starts within the time that is taken.
const SOON: Duration = Duration::from_secs(3);

/// Temporal's command line, on one workflow.
pub(crate) struct Cli<'a> {
    stack: &'a Stack,
    workflow: &'a str,
}

impl<'a> Cli<'a> {
    pub(crate) fn new(stack: &'a Stack, workflow: &'a str) -> Self {
        Self { stack, workflow }
    }

    /// `temporal workflow …`; what it printed.
    async fn workflow(&self, arguments: &[&str]) -> Result<String, String> {
        let program = kai_test_support::service("KAI_TEST_TEMPORAL_CLI").unwrap();
        let output = Command::new(program)
            .arg("workflow")
            .args(arguments)
            .args(["--workflow-id", self.workflow])
            .args(["--address", &self.stack.temporal])
            .kill_on_drop(true)
            .output();
        let output = soon("the command line", output).await.unwrap();
        if output.status.success() {
            Ok(stdout(&output))
        } else {
            Err(stderr(&output))
        }
    }

    pub(crate) async fn signal(&self, name: &str) {
        self.workflow(&["signal", "--name", name]).await.unwrap();
    }

    async fn signal_with(&self, name: &str, input: &Value) {
        let input = input.to_string();
        self.workflow(&["signal", "--name", name, "--input", &input])
            .await
            .unwrap();
    }

    /// Asks by an update; the status that it answers, or why it is refused.
    async fn update(&self, name: &str, input: Option<&Value>) -> Result<Value, String> {
        let mut arguments = vec!["update", "execute", "--name", name, "--output", "json"];
        let input = input.map(Value::to_string);
        if let Some(input) = &input {
            arguments.extend(["--input", input.as_str()]);
        }
        let printed = self.workflow(&arguments).await?;
        let answer: Value = serde_json::from_str(&printed).unwrap();
        Ok(answer["result"].clone())
    }

    async fn query(&self, name: &str) -> Value {
        let printed = self
            .workflow(&["query", "--type", name, "--output", "json"])
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&printed).unwrap();
        answer["queryResult"][0].clone()
    }

    /// How many activities the workflow has under way.
    async fn pending_activities(&self) -> usize {
        let described = self.workflow(&["describe", "--output", "json"]).await;
        let described: Value = serde_json::from_str(&described.unwrap()).unwrap();
        described["pendingActivities"]
            .as_array()
            .map_or(0, Vec::len)
    }

    /// Waits until `get_status` tells this.
    pub(crate) async fn until_status(&self, wanted: &str) {
        soon(&format!("the status {wanted}"), async {
            while self.status().await != wanted {}
        })
        .await;
    }

    async fn status(&self) -> String {
        let status = self.query("get_status").await;
        status["status"].as_str().unwrap().to_owned()
    }
}

/// The input of a run of the fleet's script, streamed to the receiver itself.
fn input(fleet: &Fleet, run: usize) -> Value {
    let name = script::name(run);
    json!({
        "prompt": name,
        "connection_id": CONNECTION,
        "conversation_id": name,
        "callback_url": fleet.stack.receiver.callback(&name),
    })
}

/// Whether this event says that the run is paused.
fn is_pause(kind: &str, data: &Value) -> bool {
    let content = data["content"].as_str().unwrap_or_default();
    kind == "thinking" && (content.contains("is paused") || content.contains("dijeda"))
}

/// Reads until the viewers are told of a pause.
async fn until_pause(subscriber: &mut Subscriber) -> String {
    loop {
        let seen = subscriber.until("thinking").await;
        let (kind, data) = seen.last().unwrap();
        if is_pause(kind, data) {
            return data["content"].as_str().unwrap().to_owned();
        }
    }
}

/// Reads to the end of a run that was ended, which must be told in time: its reason and result.
async fn until_ended(subscriber: &mut Subscriber, asked: Instant) -> (String, Value) {
    let events = subscriber.until("done").await;
    let took = asked.elapsed();
    assert!(took < SOON, "the end was told after {took:?}");
    let [.., (kind, error), (_, done)] = events.as_slice() else {
        panic!("no error before done: {events:?}");
    };
    assert_eq!(kind, "error");
    assert_eq!(done["result"]["error"], error["error"]);
    let reason = error["error"].as_str().unwrap().to_owned();
    (reason, done["result"].clone())
}
