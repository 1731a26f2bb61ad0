//! No secret is in anything that a worker shows, however much it logs and whatever fails.

use std::process::Output;

use kai_test_support::cable::Cable;
use kai_test_support::postgres::fresh_database;
use serde_json::{Value, json};
use temporalio_client::WorkflowDescribeOptions;
use temporalio_common::UntypedWorkflow;
use tokio::process::Command;
use url::Url;
use uuid::Uuid;

use super::traces::Collector;
use super::{free_port, model, page, worker_command};
use crate::harness::{CONNECTION, QUESTION, SAMPLE, Stack, Worker, soon, stderr};

const MODEL_KEY: &str = "sk-model-hush";
const DATABASE_PASSWORD: &str = "database-hush";
const OTHER_PASSWORD: &str = "mistyped-hush";
const ORG_KEY: &str = "organisation-hush";
const TEMPORAL_KEY: &str = "temporal-hush";
const CALLBACK_TOKEN: &str = "callback-token-hush";
const CALLBACK_PASSWORD: &str = "callback-password-hush";
const CALLBACK_QUERY: &str = "callback-query-hush";
const COLLECTOR_KEY: &str = "collector-hush";
const STORE_PASSWORD: &str = "store-hush";
const TYPESENSE_KEY: &str = "typesense-hush";
const CODEC_TOKEN: &str = "codec-token-hush";
const TLS_KEY: &str = "tls-key-hush";
const HEADER: &str = "header-hush";
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

/// What a worker is told besides its secrets.
struct Site {
    format: &'static str,
    org: String,
    model: String,
    collector: String,
    port: u16,
}

/// A worker that has every secret there is, and says as much as it can.
fn command(stack: &Stack, site: &Site) -> Command {
    let mut command = worker_command(stack, &site.model, site.port);
    let wordy = "debug,kai_core=trace,kai_worker=trace,kai_temporal=trace";
    command
        .env("RUST_LOG", wordy)
        .env("OPENAI_API_KEY", MODEL_KEY)
        .env("LOG_FORMAT", site.format)
        .env("ORG_ID", &site.org)
        .env("KAI_API_KEY", ORG_KEY)
        .env("CONTROL_PLANE_URL", "http://127.0.0.1:9")
        .env("TEMPORAL_API_KEY", TEMPORAL_KEY)
        .env("TEMPORAL_TLS", "false")
        .env("TEMPORAL_GRPC_META_X_TOKEN", HEADER)
        .env("TYPESENSE_API_KEY", TYPESENSE_KEY)
        .env("CODEC_TOKEN", CODEC_TOKEN)
        .env("CALLBACK_TOKEN", CALLBACK_TOKEN)
        .env("CALLBACK_ALLOWED_HOSTS", "127.0.0.1,169.254.1.1")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &site.collector)
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
        let mut command = stack.command(&["connection", "create", uri, "--alias", "wrong"]);
        let output = command.env("RUST_LOG", "trace").output().await.unwrap();
        // Not for a wrong usage, which would prove nothing.
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
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

/// A codec server that is asked with the wrong token, and a worker whose certificate is none.
async fn refuse(stack: &Stack, site: &Site, shown: &mut Shown) {
    let mut codec = stack.command(&["codec"]);
    codec
        .env("CODEC_PORT", "0")
        .env("RUST_LOG", "trace")
        .env("LOG_FORMAT", site.format)
        .env("TEMPORAL_CODEC_KEYS", format!("k1:{CODEC_KEY}"))
        .env("CODEC_TOKEN", CODEC_TOKEN);
    let mut codec = Worker::spawn(codec);
    let line = codec.next_line().await;
    let (_, address) = line.split_once("Codec server on ").unwrap();
    let http = kai_core::http::client_builder().build().unwrap();
    let answer = http
        .post(format!("{address}/decode"))
        .bearer_auth("another")
        .json(&json!({"payloads": []}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    shown.add("the codec's answer", format!("{answer:?}"));
    codec.signal("TERM");
    assert!(codec.ended().await.success());
    shown.add("the codec's log", codec.rest().await.join("\n"));

    let mut wrong = command(stack, site);
    wrong
        .env("TEMPORAL_TLS", "true")
        .env("TEMPORAL_TLS_CLIENT_CERT_DATA", "no certificate")
        .env("TEMPORAL_TLS_CLIENT_KEY_DATA", TLS_KEY);
    let output = wrong.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    shown.add_output("a start with a wrong certificate", &output);
}

/// A run that begins while the store is away, and is answered when it is back.
async fn lose_store(stack: &Stack, store: &Cable, receiver: &str, shown: &mut Shown) {
    store.cut();
    let workflow = stack
        .submit(&question("x6", &callback(receiver, "x6")))
        .await;
    let handle = stack
        .client()
        .get_workflow_handle::<UntypedWorkflow>(&workflow);
    let failure = soon("an attempt without the store", async {
        loop {
            let described = handle.describe(WorkflowDescribeOptions::default()).await;
            let described = described.unwrap().raw_description;
            let pending = described.pending_activities.first();
            if let Some(failure) = pending.and_then(|activity| activity.last_failure.clone()) {
                return failure;
            }
        }
    })
    .await;
    shown.add("a failure", format!("{failure:?}"));
    store.mend();
    shown.add("a result", format!("{:?}", stack.result(&workflow).await));
}

/// What is at `url`, with this password, behind a cable.
async fn behind_cable(url: &str, password: &str) -> (Cable, Url) {
    let mut url = Url::parse(url).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let cable = Cable::lay(&server).await;
    url.set_port(Some(cable.address.port())).unwrap();
    url.set_password(Some(password)).unwrap();
    (cable, url)
}

#[tokio::test]
async fn no_secret_is_in_logs_metrics_results_streams_or_spans_as_json() {
    no_secret_is_in_logs_metrics_results_streams_or_spans("json").await;
}

#[tokio::test]
async fn no_secret_is_in_logs_metrics_results_streams_or_spans_as_text() {
    no_secret_is_in_logs_metrics_results_streams_or_spans("text").await;
}

/// What was given to the worker besides its own key, and must be seen nowhere.
const SECRETS: [&str; 15] = [
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
    STORE_PASSWORD,
    TYPESENSE_KEY,
    CODEC_TOKEN,
    TLS_KEY,
    HEADER,
];

async fn no_secret_is_in_logs_metrics_results_streams_or_spans(format: &'static str) {
    let (Some(mut stack), Some(database), Some(store)) = (
        Stack::without_connection().await,
        fresh_database().await,
        fresh_database().await,
    ) else {
        return;
    };
    let (store_cable, store_url) = behind_cable(store.url(), STORE_PASSWORD).await;
    stack.store_url = store_url.into();
    let mut shown = Shown::default();
    let org = Uuid::new_v4().to_string();
    stack.queue = format!("kai-{org}-queue");
    database.execute(SAMPLE).await;
    let (cable, uri) = behind_cable(database.url(), DATABASE_PASSWORD).await;
    stack.connect_to(uri.as_str()).await;
    mistype(&stack, &mut shown).await;

    let (collector, endpoint) = Collector::start().await;
    let site = Site {
        format,
        org,
        model: format!("http://{}/v1", model::start(1).await),
        collector: endpoint,
        port: free_port().await,
    };
    let mut worker = Worker::spawn(command(&stack, &site));
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
    lose_store(&stack, &store_cable, &receiver, &mut shown).await;
    shown.add("/metrics", page(site.port).await);
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    shown.add("the log", worker.rest().await.join("\n"));

    let mut encrypting = command(&stack, &site);
    encrypting.env("TEMPORAL_CODEC_KEYS", format!("k1:{CODEC_KEY}"));
    encrypt(&stack, encrypting, &mut shown).await;
    refuse(&stack, &site, &mut shown).await;
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
    shown.assert_hides(stack.key.as_str());
    for secret in SECRETS {
        shown.assert_hides(secret);
    }
}
