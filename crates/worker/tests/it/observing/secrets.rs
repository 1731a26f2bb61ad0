//! No secret is in anything that a worker shows, however much it logs and whatever fails.

use std::process::Output;

use kai_test_support::cable::Cable;
use kai_test_support::postgres::fresh_database;
use serde_json::{Value, json};
use tokio::process::Command;
use url::Url;
use uuid::Uuid;

use super::traces::Collector;
use super::{free_port, model, page, worker_command};
use crate::harness::{CONNECTION, QUESTION, SAMPLE, Stack, Worker};

const MODEL_KEY: &str = "sk-model-hush";
const DATABASE_PASSWORD: &str = "database-hush";
const OTHER_PASSWORD: &str = "mistyped-hush";
const ORG_KEY: &str = "organisation-hush";
const TEMPORAL_KEY: &str = "temporal-hush";
const CALLBACK_TOKEN: &str = "callback-token-hush";
const CALLBACK_PASSWORD: &str = "callback-password-hush";
const CALLBACK_QUERY: &str = "callback-query-hush";
const COLLECTOR_KEY: &str = "collector-hush";
const CODEC_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Everything that was shown, by where.
#[derive(Default)]
struct Shown(Vec<(&'static str, String)>);

impl Shown {
    fn add(&mut self, place: &'static str, text: impl Into<String>) {
        self.0.push((place, text.into()));
    }

    fn add_output(&mut self, place: &'static str, output: &Output) {
        self.add(place, String::from_utf8_lossy(&output.stdout));
        self.add(place, String::from_utf8_lossy(&output.stderr));
    }

    /// The first four characters are all that may be seen of a secret.
    fn assert_hides(&self, secret: &str) {
        for (place, text) in &self.0 {
            for needle in [secret, &secret[4..]] {
                if let Some((before, after)) = text.split_once(needle) {
                    let before: String = before.chars().rev().take(300).collect();
                    let before: String = before.chars().rev().collect();
                    let after: String = after.chars().take(100).collect();
                    panic!("{secret} is seen in {place}: {before}>>>{needle}<<<{after}");
                }
            }
        }
    }
}

/// A callback URL that holds two secrets.
fn callback(address: &str, session: &str) -> String {
    format!("http://kai:{CALLBACK_PASSWORD}@{address}/events/{session}?token={CALLBACK_QUERY}")
}

fn question(session: &str, callback: &str) -> Value {
    json!({"prompt": QUESTION, "connection_id": CONNECTION, "conversation_id": session,
           "callback_url": callback})
}

/// A worker that has every secret there is, and says as much as it can.
fn command(stack: &Stack, org: &str, model: &str, collector: &str, port: u16) -> Command {
    let mut command = worker_command(stack, model, port);
    let wordy = "debug,kai_core=trace,kai_worker=trace,kai_temporal=trace";
    command
        .env("RUST_LOG", wordy)
        .env("OPENAI_API_KEY", MODEL_KEY)
        .env("ORG_ID", org)
        .env("KAI_API_KEY", ORG_KEY)
        .env("CONTROL_PLANE_URL", "http://127.0.0.1:9")
        .env("TEMPORAL_API_KEY", TEMPORAL_KEY)
        .env("TEMPORAL_TLS", "false")
        .env("CALLBACK_TOKEN", CALLBACK_TOKEN)
        .env("CALLBACK_ALLOWED_HOSTS", "127.0.0.1,169.254.1.1")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        .env(
            "OTEL_EXPORTER_OTLP_HEADERS",
            format!("x-token={COLLECTOR_KEY}"),
        )
        .env("KAI_RUN_MAX_ATTEMPTS", "2");
    command
}

/// Gives passwords to a command that refuses them.
async fn mistype(stack: &Stack, shown: &mut Shown) {
    let unreachable = format!("postgres://kai:{OTHER_PASSWORD}@127.0.0.1:9/shop");
    for uri in [
        unreachable.as_str(),
        &unreachable.replace("postgres", "postgrs"),
    ] {
        let arguments = [
            "connection",
            "create",
            uri,
            "--alias",
            "wrong",
            "--log",
            "trace",
        ];
        let output = stack.command(&arguments).output().await.unwrap();
        assert!(!output.status.success());
        shown.add_output("connection create", &output);
    }
}

/// A run whose payloads are encrypted, its result among them.
async fn encrypt(stack: &Stack, worker: Command, shown: &mut Shown) {
    let mut worker = Worker::spawn(worker);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    let mut subscriber = stack.receiver.subscribe("x5").await;
    let callback = callback(&stack.receiver.address.to_string(), "x5");
    stack.submit(&question("x5", &callback)).await;
    let events = subscriber.until("done").await;
    shown.add("the stream", format!("{events:?}"));
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    shown.add("the log", worker.rest().await.join("\n"));
}

#[tokio::test]
async fn no_secret_is_in_logs_metrics_results_streams_or_spans() {
    let (Some(mut stack), Some(database)) =
        (Stack::without_connection().await, fresh_database().await)
    else {
        return;
    };
    let mut shown = Shown::default();
    let org = Uuid::new_v4().to_string();
    stack.queue = format!("kai-{org}-queue");
    database.execute(SAMPLE).await;
    let mut uri = Url::parse(database.url()).unwrap();
    let server = format!("{}:{}", uri.host_str().unwrap(), uri.port().unwrap());
    let cable = Cable::lay(&server).await;
    uri.set_port(Some(cable.address.port())).unwrap();
    uri.set_password(Some(DATABASE_PASSWORD)).unwrap();
    stack.connect_to(uri.as_str()).await;
    mistype(&stack, &mut shown).await;

    let (collector, endpoint) = Collector::start().await;
    let model = format!("http://{}/v1", model::start(1).await);
    let port = free_port().await;
    let mut worker = Worker::spawn(command(&stack, &org, &model, &endpoint, port));
    let said = worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    shown.add("standard output", said.join("\n"));
    let receiver = stack.receiver.address.to_string();
    let nowhere = format!("127.0.0.1:{}", free_port().await);

    // It works, the receiver is away, the callback is refused, the database is away.
    let mut subscriber = stack.receiver.subscribe("x1").await;
    for (session, address) in [
        ("x1", receiver.as_str()),
        ("x2", &nowhere),
        ("x3", "169.254.1.1"),
    ] {
        let workflow = stack
            .submit(&question(session, &callback(address, session)))
            .await;
        let result = stack.result(&workflow).await;
        assert_eq!(result.is_ok(), session != "x3", "{session}: {result:?}");
        shown.add("a result", format!("{result:?}"));
    }
    shown.add(
        "the stream",
        format!("{:?}", subscriber.until("done").await),
    );
    let mut subscriber = stack.receiver.subscribe("x4").await;
    cable.cut();
    let workflow = stack
        .submit(&question("x4", &callback(&receiver, "x4")))
        .await;
    let failure = stack.result(&workflow).await.unwrap_err();
    assert!(failure.contains("cannot reach the database"), "{failure}");
    shown.add("a failure", failure);
    shown.add(
        "the stream",
        format!("{:?}", subscriber.until("done").await),
    );
    cable.mend();
    shown.add("/metrics", page(port).await);
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    shown.add("the log", worker.rest().await.join("\n"));

    let mut encrypting = command(&stack, &org, &model, &endpoint, port);
    encrypting.env("TEMPORAL_CODEC_KEYS", format!("k1:{CODEC_KEY}"));
    encrypt(&stack, encrypting, &mut shown).await;
    shown.add("spans", format!("{:?}", collector.spans()));

    // What should be there is, so the absence of the rest means something.
    let log = &shown
        .0
        .iter()
        .find(|(place, _)| *place == "the log")
        .unwrap()
        .1;
    for part in ["DEBUG", "run begins", "hyper_util", "the control plane"] {
        assert!(log.contains(part), "{part}");
    }
    for secret in [
        stack.key.as_str(),
        MODEL_KEY,
        DATABASE_PASSWORD,
        OTHER_PASSWORD,
        ORG_KEY,
        TEMPORAL_KEY,
        CALLBACK_TOKEN,
        CALLBACK_PASSWORD,
        CALLBACK_QUERY,
        COLLECTOR_KEY,
        CODEC_KEY,
    ] {
        shown.assert_hides(secret);
    }
}
