//! `init` and `status`: from an empty folder to a worker that could start.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::harness::{Receiver, kai_worker, sample_sqlite, soon, stderr, stdout};

async fn run(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = kai_worker(folder, arguments);
    command.env("TEMPORAL_HOST", "127.0.0.1:1");
    command.envs(settings.iter().copied());
    soon(&format!("{arguments:?}"), command.output())
        .await
        .unwrap()
}

/// The parts that `status --json` tells of, by their names.
async fn parts(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> (bool, Value) {
    let output = run(
        folder,
        &[&["status", "--json"], arguments].concat(),
        settings,
    )
    .await;
    let status: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    assert_eq!(status["well"], output.status.success(), "{status}");
    let parts = status["parts"].as_array().unwrap();
    let parts = parts
        .iter()
        .map(|part| (part["part"].as_str().unwrap().to_owned(), part.clone()))
        .collect();
    (output.status.success(), Value::Object(parts))
}

fn mode(file: &Path) -> u32 {
    file.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn init_writes_a_private_file_with_every_setting_and_names_databases() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(".env");
    sample_sqlite(&folder.path().join("toko.db")).await;
    let output = run(
        folder.path(),
        &["init"],
        &[("DATABASE_URL", "postgres://u:hush@h/d")],
    )
    .await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(mode(&file), 0o600);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains("\nENCRYPT_KEY="), "{written}");
    assert!(written.contains("\n#CHAT_MODEL="), "{written}");
    assert!(written.contains("Set in the environment"), "{written}");
    let said = stdout(&output);
    assert!(said.contains("[ok] key"), "{said}");
    assert!(said.contains("toko.db' -a 'toko'"), "{said}");
    assert!(said.contains("create \"$DATABASE_URL\""), "{said}");
    assert!(
        !said.contains("hush") && !written.contains("hush"),
        "{said}"
    );

    // What it wrote can be read, and the connection that it suggests be made.
    let uri = format!("sqlite://{}", folder.path().join("toko.db").display());
    let created = run(
        folder.path(),
        &["connection", "create", &uri, "-a", "toko"],
        &[],
    )
    .await;
    assert!(created.status.success(), "{}", stderr(&created));
}

#[tokio::test]
async fn init_never_overwrites_unless_it_is_told_to_and_then_keeps_every_value() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let file = at.join(".env");
    let first = "# mine\nSSE_PORT=9092\nAGENT_LANGUAGE=en\nKAI_STORE_URL='sqlite://my kai.db'\n";
    std::fs::write(&file, first).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = run(at, &["init"], &[]).await;
    let with_key = std::fs::read_to_string(&file).unwrap();
    assert!(
        with_key.starts_with(&format!("{first}ENCRYPT_KEY=")),
        "{with_key}"
    );
    assert!(
        stdout(&output).contains("chmod 600 .env"),
        "{}",
        stdout(&output)
    );
    let (_, seen) = parts(at, &[], &[]).await;
    tells(&seen, "settings", "warning", &["chmod 600 .env"]);
    run(at, &["init"], &[]).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), with_key);

    let output = run(at, &["init", "--force"], &[]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(mode(&file), 0o600);
    let old = at.join(".env.old");
    assert_eq!(std::fs::read_to_string(&old).unwrap(), with_key);
    assert_eq!(mode(&old), 0o600);
    let written = std::fs::read_to_string(&file).unwrap();
    let key = with_key.lines().last().unwrap();
    for line in [
        key,
        "SSE_PORT=9092",
        "AGENT_LANGUAGE=en",
        "KAI_STORE_URL='sqlite://my kai.db'",
    ] {
        assert!(
            written.lines().any(|written| written == line),
            "{line}: {written}"
        );
    }
    assert!(!at.join(".env.new").exists());
}

#[tokio::test]
async fn status_tells_what_to_do_about_each_part() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let (well, seen) = parts(
        at,
        &[],
        &[
            ("ORG_ID", "acme"),
            ("KAI_API_KEY", "k-1"),
            ("CONTROL_PLANE_URL", "http://127.0.0.1:1"),
        ],
    )
    .await;
    assert!(!well);
    for (part, state, advice) in [
        ("settings", "ok", "from the environment"),
        ("store", "ok", "sqlite://"),
        ("key", "failed", "kai-worker init"),
        ("temporal", "failed", "TEMPORAL_HOST"),
        ("namespace", "unknown", "Temporal"),
        ("task queue", "unknown", "Temporal"),
        ("model", "ok", "offline"),
        ("control plane", "failed", "CONTROL_PLANE_URL"),
        ("connections", "unknown", "the key"),
    ] {
        assert_eq!(seen[part]["state"], state, "{seen}");
        let detail = seen[part]["detail"].as_str().unwrap();
        assert!(detail.contains(advice), "{part}: {detail}");
    }
    let lines = stdout(&run(at, &["status"], &[]).await);
    assert!(
        lines.contains("[--] key: ENCRYPT_KEY is not set"),
        "{lines}"
    );
    assert!(
        lines.contains("[  ] namespace: not known without Temporal"),
        "{lines}"
    );
    assert_eq!(lines.lines().count(), 10, "{lines}");
}

/// Looks at how a part is, and for all of these words in what is said of it.
fn tells(seen: &Value, part: &str, state: &str, words: &[&str]) {
    assert_eq!(seen[part]["state"], state, "{part}: {seen}");
    let detail = seen[part]["detail"].as_str().unwrap();
    for word in words {
        assert!(detail.contains(word), "{part}, {word}: {detail}");
    }
}

#[tokio::test]
async fn status_tells_what_to_do_about_a_receiver() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let receiver = Receiver::start().await;
    let address = receiver.url();
    let url = address.as_str();
    let named = ["--callback-host", url];
    let (_, seen) = parts(at, &named, &[]).await;
    tells(&seen, "receiver", "ok", &[url]);

    let others = [("CALLBACK_ALLOWED_HOSTS", "kai.example")];
    let (well, seen) = parts(at, &named, &others).await;
    assert!(!well);
    let advice =
        "CALLBACK_ALLOWED_HOSTS does not list; add it there, or name another with --callback-host";
    tells(&seen, "receiver", "failed", &["127.0.0.1", advice]);
    let (_, seen) = parts(at, &["--callback-host", "http://169.254.1.1"], &[]).await;
    let advice = ["link-local", "name another with --callback-host"];
    tells(&seen, "receiver", "failed", &advice);

    receiver.die().await;
    let (well, seen) = parts(at, &named, &[]).await;
    assert!(!well);
    let advice = [url, "Connection refused", "start `kai-sse-callback` there"];
    tells(&seen, "receiver", "failed", &advice);

    let (other, _service) = models().await;
    let other = other.trim_end_matches("/v1");
    let (_, seen) = parts(at, &["--callback-host", other], &[]).await;
    let advice = ["status 404", "is that a kai-sse-callback?"];
    tells(&seen, "receiver", "failed", &advice);
}

#[tokio::test]
async fn status_tells_what_to_do_about_the_store_and_the_key() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    run(at, &["init"], &[]).await;
    for (url, what) in [
        (
            "postgres://kai:hush-hush@127.0.0.1:1/kai",
            "Connection refused",
        ),
        ("sqlite:///proc/nowhere/kai.db", "/proc/nowhere"),
    ] {
        let (well, seen) = parts(at, &[], &[("KAI_STORE_URL", url)]).await;
        assert!(!well);
        tells(&seen, "store", "failed", &[what]);
        // Each thing is said once.
        let detail = seen["store"]["detail"].as_str().unwrap();
        for once in ["KAI_STORE_URL", "(os error "] {
            assert_eq!(detail.matches(once).count(), 1, "{detail}");
        }
        tells(
            &seen,
            "connections",
            "unknown",
            &["not known without the store"],
        );
        assert!(!seen.to_string().contains("hush-hush"), "{seen}");
        let lines = stdout(&run(at, &["status"], &[("KAI_STORE_URL", url)]).await);
        assert!(lines.contains("\n[--] store: "), "{lines}");
    }
    let (well, seen) = parts(at, &[], &[("ENCRYPT_KEY", "short")]).await;
    assert!(!well);
    tells(
        &seen,
        "key",
        "failed",
        &["ENCRYPT_KEY", "kai-worker key generate"],
    );
    tells(
        &seen,
        "connections",
        "unknown",
        &["not known without the key"],
    );
}

#[tokio::test]
async fn status_tells_what_to_do_about_a_database() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    run(at, &["init"], &[]).await;
    let (_, seen) = parts(at, &[], &[]).await;
    tells(
        &seen,
        "connections",
        "ok",
        &["kai-worker connection create"],
    );

    let database = at.join("toko.db");
    sample_sqlite(&database).await;
    let uri = format!("sqlite://{}", database.display());
    run(at, &["connection", "create", &uri, "-a", "toko"], &[]).await;
    let (_, seen) = parts(at, &[], &[]).await;
    tells(&seen, "connection toko", "ok", &["2 tables"]);
    std::fs::remove_file(&database).unwrap();
    let (_, seen) = parts(at, &[], &[]).await;
    let advice = ["connection update toko --uri"];
    tells(&seen, "connection toko", "failed", &advice);
}

fn answer(headers: &HeaderMap, list: &str) -> (StatusCode, String) {
    match headers.get("authorization") {
        Some(key) if key == "Bearer sk-right" => (StatusCode::OK, list.to_owned()),
        _ => (StatusCode::UNAUTHORIZED, String::new()),
    }
}

/// A service that lists one model, and wants a key.
async fn models() -> (String, AbortOnDropHandle<()>) {
    let list = json!({"object": "list", "data": [{"id": "gpt-4o-mini"}]}).to_string();
    let app = Router::new().route(
        "/v1/models",
        get(move |headers: HeaderMap| std::future::ready(answer(&headers, &list))),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, AbortOnDropHandle::new(task))
}

#[tokio::test]
async fn status_asks_the_service_of_the_model() {
    let folder = TempDir::new().unwrap();
    let (url, _service) = models().await;
    for (base, key, name, state, advice) in [
        (url.as_str(), "sk-right", "gpt-4o-mini", "ok", "gpt-4o-mini"),
        (&url, "sk-right", "gpt-9", "warning", "CHAT_MODEL"),
        (&url, "sk-wrong", "gpt-4o-mini", "failed", "OPENAI_API_KEY"),
        (
            "http://127.0.0.1:1/v1",
            "sk-right",
            "gpt-4o-mini",
            "failed",
            "CHAT_BASE_URL",
        ),
    ] {
        let settings = [
            ("CHAT_BASE_URL", base),
            ("OPENAI_API_KEY", key),
            ("CHAT_MODEL", name),
        ];
        let (_, seen) = parts(folder.path(), &[], &settings).await;
        assert_eq!(seen["model"]["state"], state, "{seen}");
        let detail = seen["model"]["detail"].as_str().unwrap();
        assert!(
            detail.contains(advice) && !detail.contains("sk-"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn status_tells_who_polls_the_task_queue_and_of_a_missing_namespace() {
    let Ok(address) = std::env::var("KAI_TEST_TEMPORAL_ADDRESS") else {
        assert!(std::env::var_os("CI").is_none(), "there is no Temporal");
        eprintln!("skipped: run this under scripts/with-services");
        return;
    };
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    run(at, &["init"], &[]).await;
    let queue = format!("status-{}", uuid::Uuid::new_v4());
    let settings = [
        ("TEMPORAL_HOST", address.as_str()),
        ("TEMPORAL_TASK_QUEUE", &queue),
    ];
    let receiver = Receiver::start().await;
    let (well, seen) = parts(at, &["--callback-host", &receiver.url()], &settings).await;
    assert!(well, "{seen}");
    assert_eq!(seen["namespace"]["state"], "ok", "{seen}");
    let advice = [queue.as_str(), "polled by no worker; start `kai-worker`"];
    tells(&seen, "task queue", "warning", &advice);

    let mut command = kai_worker(at, &["--health-port", "0", "run"]);
    command.envs(settings).env("WORKER_IDENTITY", "w-1");
    let _worker = command.spawn().unwrap();
    let polls = async {
        loop {
            let (_, seen) = parts(at, &[], &settings).await;
            if seen["task queue"]["state"] == "ok" {
                return seen["task queue"]["detail"].as_str().unwrap().to_owned();
            }
        }
    };
    let detail = soon("a poller", polls).await;
    assert_eq!(detail, format!("{queue}, polled by w-1"));

    let elsewhere = [settings[0], ("TEMPORAL_NAMESPACE", "nowhere")];
    let (well, seen) = parts(at, &[], &elsewhere).await;
    assert!(!well);
    assert_eq!(seen["temporal"]["state"], "ok", "{seen}");
    let advice = [
        "no namespace 'nowhere'",
        "set TEMPORAL_NAMESPACE (--temporal-namespace)",
        "temporal operator namespace create",
    ];
    tells(&seen, "namespace", "failed", &advice);
    let advice = ["not known without the namespace"];
    tells(&seen, "task queue", "unknown", &advice);
}
