//! A worker as it reaches Temporal in production: certificates, a key, encrypted payloads.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kai_test_support::secured_temporal::{Authority, Demands, SecuredTemporal, Validity};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{CONNECTION, QUESTION, Stack, Worker, kai_worker, soon, stderr, stdout};

pub(crate) const HEALTHY: &str = "Worker is healthy and ready to process tasks";

/// `temporal` with arguments, to the tests' server; `None` when it is not here.
pub(crate) fn temporal(stack: &Stack, arguments: &[&str]) -> Option<Command> {
    let program = kai_test_support::service("KAI_TEST_TEMPORAL_CLI")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(["--address", &stack.temporal])
        .env("HOME", stack.folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    Some(command)
}

/// What a command prints; it must succeed.
pub(crate) async fn printed(mut command: Command) -> String {
    let output = soon("the end of a command", command.output())
        .await
        .unwrap();
    assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    stdout(&output)
}

#[tokio::test]
async fn a_profile_with_certificates_and_a_key_is_all_that_a_worker_needs() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let authority = Authority::new();
    let demands = Demands {
        authority: Some(authority.certificate.clone()),
        api_key: Some("cloud-hush-hush".to_owned()),
    };
    let server = authority.sign("localhost", Validity::Now);
    let cloud = SecuredTemporal::start(&stack.temporal, &server, demands).await;
    let client = authority.sign("worker", Validity::Now);
    let at = |name: &str| stack.folder.path().join(name);
    std::fs::write(at("ca.pem"), &authority.certificate).unwrap();
    std::fs::write(at("client.pem"), &client.certificate).unwrap();
    std::fs::write(at("client.key"), &client.key).unwrap();
    let profile = format!(
        "[profile.cloud]\naddress = \"localhost:{}\"\napi_key = \"cloud-hush-hush\"\n\
         [profile.cloud.tls]\nserver_ca_cert_path = \"ca.pem\"\nclient_cert_path = \"client.pem\"\n\
         client_key_path = \"client.key\"\n",
        cloud.address.port()
    );
    std::fs::write(at("temporal.toml"), profile).unwrap();
    let with_profile = |arguments: &[&str]| {
        let mut command = stack.command(arguments);
        command
            .env_remove("TEMPORAL_HOST")
            .env("TEMPORAL_CONFIG_FILE", "temporal.toml")
            .env("TEMPORAL_PROFILE", "cloud");
        command
    };

    let mut worker = Worker::spawn(with_profile(&["run"]));
    let mut said = worker.line(HEALTHY).await;
    let workflow = stack.submit(&stack.question("s1")).await;
    assert_eq!(
        stack.result(&workflow).await.unwrap()["status"],
        "completed"
    );
    assert_eq!(cloud.authorizations(), ["Bearer cloud-hush-hush"]);

    let mut status = with_profile(&["status"]);
    let status = stdout(&status.output().await.unwrap());
    let line = format!("[ok] temporal: localhost:{}", cloud.address.port());
    assert!(status.contains(&line), "{status}");
    let mut wrong = with_profile(&["run"]);
    wrong
        .env("TEMPORAL_API_KEY", "other-hush-hush")
        .env("RUST_LOG", "off");
    let output = soon("the end", wrong.output()).await.unwrap();
    let complaint = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("check TEMPORAL_API_KEY"), "{complaint}");

    worker.signal("TERM");
    assert!(worker.ended().await.success());
    said.extend(worker.rest().await);
    said.extend([status, complaint]);
    let leak = said.iter().find(|line| line.contains("hush"));
    assert_eq!(leak, None);
}

/// Where Temporal's web page is.
const PAGE: &str = "http://localhost:8233";

/// A codec server with these keys, and its address.
async fn codec_server(stack: &Stack, keys: &str) -> (Worker, String) {
    let mut command = stack.command(&["codec"]);
    command
        .env("TEMPORAL_CODEC_KEYS", keys)
        .env("CODEC_PORT", "0")
        .env("CODEC_CORS_ORIGINS", PAGE)
        .env("CODEC_TOKEN", "reader");
    let mut server = Worker::spawn(command);
    let line = server.next_line().await;
    let url = line.strip_prefix("Codec server on ").unwrap().to_owned();
    (server, url)
}

async fn new_key(stack: &Stack, id: &str) -> String {
    let output = kai_worker(stack.folder.path(), &["key", "codec", id])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).trim().to_owned()
}

#[tokio::test]
async fn temporal_sees_ciphertext_and_its_command_line_reads_it_through_the_codec_server() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let (old, new) = (new_key(&stack, "old").await, new_key(&stack, "new").await);
    let start = |keys: String| {
        let mut command = stack.command(&["run"]);
        command.env("TEMPORAL_CODEC_KEYS", keys);
        Worker::spawn(command)
    };
    let mut worker = start(old.clone());
    worker.line(HEALTHY).await;
    let (_codec, url) = codec_server(&stack, &old).await;
    let first = format!("first-{}", stack.queue);
    let Some(command) = execute(&stack, &first, &url) else {
        return;
    };
    let executed: Value = serde_json::from_str(&printed(command).await).unwrap();
    assert_eq!(executed["result"]["status"], "completed", "{executed}");

    let show = ["workflow", "show", "--workflow-id", &first, "-o", "json"];
    let sealed = printed(temporal(&stack, &show).unwrap()).await;
    let readable = payloads(&serde_json::from_str(&sealed).unwrap());
    assert!(!readable.contains("koperasi"), "{readable}");
    assert!(sealed.contains("encryption-key-id"), "{sealed}");

    // With the new key before the old one, everything new is encrypted with the new one, and
    // everything old can still be read.
    worker.signal("TERM");
    worker.ended().await;
    let both = format!("{new},{old}");
    let mut worker = start(both.clone());
    worker.line(HEALTHY).await;
    let (_codec, url) = codec_server(&stack, &both).await;
    let second = format!("second-{}", stack.queue);
    let command = execute(&stack, &second, &url).unwrap();
    let executed: Value = serde_json::from_str(&printed(command).await).unwrap();
    assert_eq!(executed["result"]["status"], "completed", "{executed}");
    for workflow in [&first, &second] {
        let open = history(&stack, workflow, &url).await;
        assert!(open.contains(QUESTION), "{open}");
    }
}

/// Every payload of a workflow's history, read through a codec server.
async fn history(stack: &Stack, workflow_id: &str, codec: &str) -> String {
    let show = [
        &[
            "workflow",
            "show",
            "--workflow-id",
            workflow_id,
            "-o",
            "json",
        ][..],
        &["--codec-endpoint", codec, "--codec-auth", "Bearer reader"],
    ];
    let shown = printed(temporal(stack, &show.concat()).unwrap()).await;
    payloads(&serde_json::from_str(&shown).unwrap())
}

fn payloads(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let data = fields.get("data").and_then(Value::as_str);
            let data = data.and_then(|data| STANDARD.decode(data).ok());
            let data = data.map(|data| String::from_utf8_lossy(&data).into_owned());
            data.unwrap_or_else(|| fields.values().map(payloads).collect())
        }
        Value::Array(values) => values.iter().map(payloads).collect(),
        _ => String::new(),
    }
}

/// `temporal workflow execute` with a question, through a codec server.
fn execute(stack: &Stack, workflow_id: &str, codec: &str) -> Option<Command> {
    let input = json!({"prompt": QUESTION, "connection_id": CONNECTION}).to_string();
    let arguments = [
        &["workflow", "execute", "--type", "KaiChatWorkflow"][..],
        &["--workflow-id", workflow_id, "--task-queue", &stack.queue],
        &["--input", &input, "-o", "json"],
        &["--codec-endpoint", codec, "--codec-auth", "Bearer reader"],
    ];
    temporal(stack, &arguments.concat())
}

#[tokio::test]
async fn a_key_that_is_missing_ends_a_workflow_with_its_name() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let (ours, theirs) = (
        new_key(&stack, "ours").await,
        new_key(&stack, "theirs").await,
    );
    let mut command = stack.command(&["run"]);
    command.env("TEMPORAL_CODEC_KEYS", &ours);
    let mut worker = Worker::spawn(command);
    worker.line(HEALTHY).await;
    let (_codec, url) = codec_server(&stack, &format!("{theirs},{ours}")).await;
    let workflow = format!("missing-{}", stack.queue);
    let Some(mut command) = execute(&stack, &workflow, &url) else {
        return;
    };
    let output = soon("the workflow's end", command.output()).await.unwrap();
    assert!(!output.status.success());
    // The texts of failures are encrypted, too, with the worker's key.
    let shown = history(&stack, &workflow, &url).await;
    assert!(shown.contains("does not hold the key 'theirs'"), "{shown}");
}

#[tokio::test]
async fn the_codec_server_keeps_its_door() {
    let Some(stack) = Stack::without_connection().await else {
        return;
    };
    let key = new_key(&stack, "a").await;
    let (_codec, url) = codec_server(&stack, &key).await;
    let http = kai_core::http::client_builder().build().unwrap();
    let payloads =
        json!({"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "IjEi"}]});
    let post = |path: &str, token: &str, body: &Value| {
        http.post(format!("{url}{path}"))
            .bearer_auth(token)
            .json(body)
            .send()
    };
    let refused = post("/encode", "other", &payloads).await.unwrap();
    assert_eq!(refused.status(), 401);
    let encoded: Value = post("/encode", "reader", &payloads)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_ne!(encoded, payloads);
    let decoded: Value = post("/decode", "reader", &encoded)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(decoded, payloads);
    let changed =
        json!({"payloads": [{"metadata": encoded["payloads"][0]["metadata"], "data": "AAAA"}]});
    let answer = post("/decode", "reader", &changed).await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("the key 'a'"));
    assert_eq!(
        post("/decode", "reader", &json!([1]))
            .await
            .unwrap()
            .status(),
        422
    );

    for (origin, allowed) in [(PAGE, Some(PAGE)), ("http://elsewhere", None)] {
        let asked = http
            .request(reqwest::Method::OPTIONS, format!("{url}/decode"))
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "x-namespace")
            .send();
        let answer = asked.await.unwrap();
        let header = answer.headers().get("access-control-allow-origin");
        assert_eq!(header.map(|value| value.to_str().unwrap()), allowed);
    }

    let mut open = stack.command(&["codec"]);
    open.env("TEMPORAL_CODEC_KEYS", &key)
        .env("CODEC_HOST", "0.0.0.0");
    let output = open.output().await.unwrap();
    let said = stderr(&output);
    assert_eq!(
        (output.status.code(), said.lines().count()),
        (Some(1), 1),
        "{said}"
    );
    assert!(said.contains("CODEC_TOKEN must be set"), "{said}");
    let mut wrong = stack.command(&["codec"]);
    wrong.env("TEMPORAL_CODEC_KEYS", "a:aHVzaA==");
    let output = wrong.output().await.unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("TEMPORAL_CODEC_KEYS") && !said.contains("aHVzaA"),
        "{said}"
    );
}
