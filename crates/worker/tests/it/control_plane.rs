//! A worker of an organisation and its control plane: every call, and what happens when it is away.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::harness::{Stack, Worker, soon};
use crate::lifecycle::LockedDatabase;

const KEY: &str = "org-hush-hush";
const HEALTHY: &str = "Worker is healthy and ready to process tasks";
const PATH: &str = "/services/kcenter/v4/kai/worker";

/// One call, as the control plane saw it.
#[derive(Debug)]
struct Call {
    at: Instant,
    method: Method,
    path: String,
    key: Option<String>,
    content_type: Option<String>,
    body: Bytes,
}

impl Call {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How the control plane answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// It takes what comes.
    Well,
    /// Everything gets this status.
    Fails(u16),
    /// It knows only the workers that register from now on, and answers this to others.
    Forgot(u16),
    /// It never answers.
    Silent,
}

#[derive(Clone)]
struct Office {
    mood: Arc<Mutex<Mood>>,
    registered: Arc<Mutex<usize>>,
    calls: mpsc::UnboundedSender<Call>,
}

/// A control plane that is watched.
struct ControlPlane {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    calls: mpsc::UnboundedReceiver<Call>,
    _task: AbortOnDropHandle<()>,
}

impl ControlPlane {
    async fn start() -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn listen(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let (sender, calls) = mpsc::unbounded_channel();
        let mood = Arc::new(Mutex::new(Mood::Well));
        let office = Office {
            mood: Arc::clone(&mood),
            registered: Arc::default(),
            calls: sender,
        };
        let routes = Router::new().fallback(answer).with_state(office);
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            mood,
            calls,
            _task: AbortOnDropHandle::new(task),
        }
    }

    fn feel(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The next call; every one is a POST that shows the key, and what it says is JSON.
    async fn call(&mut self) -> Call {
        let call = soon("a call to the control plane", self.calls.recv()).await;
        let call = call.unwrap();
        assert_eq!(call.method, Method::POST, "{call:?}");
        assert_eq!(call.key.as_deref(), Some(KEY), "{call:?}");
        let content_type = (!call.body.is_empty()).then_some("application/json");
        assert_eq!(call.content_type.as_deref(), content_type, "{call:?}");
        call
    }

    /// The next call, which is to this path.
    async fn called(&mut self, path: &str) -> Call {
        let call = self.call().await;
        assert_eq!(call.path, format!("{PATH}{path}"), "{call:?}");
        call
    }

    /// Reads heartbeats of the first worker until one says so many sessions.
    async fn until_sessions(&mut self, sessions: usize) {
        loop {
            let beat = self.called("/w-1/heartbeat").await;
            if beat.json() == json!({"active_sessions": sessions}) {
                return;
            }
        }
    }
}

async fn answer(
    State(office): State<Office>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let header = |name: &str| {
        let value = headers.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let is_registration = path.ends_with("/register");
    // The test may be over.
    let _ = office.calls.send(Call {
        at: Instant::now(),
        method,
        path,
        key: header("x-org-api-key"),
        content_type: header("content-type"),
        body,
    });
    let mood = *office.mood.lock().unwrap();
    match mood {
        Mood::Silent => std::future::pending().await,
        Mood::Fails(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Mood::Forgot(status) if !is_registration => {
            StatusCode::from_u16(status).unwrap().into_response()
        }
        Mood::Well | Mood::Forgot(_) if is_registration => {
            *office.mood.lock().unwrap() = Mood::Well;
            let mut registered = office.registered.lock().unwrap();
            *registered += 1;
            Json(json!({"worker_id": format!("w-{registered}")})).into_response()
        }
        Mood::Well | Mood::Forgot(_) => StatusCode::OK.into_response(),
    }
}

/// A stack whose queue is that of an organisation of its own; `None` when there is no Temporal here.
async fn organisation() -> Option<(Stack, String)> {
    let mut stack = Stack::without_connection().await?;
    let org = Uuid::new_v4().to_string();
    stack.queue = format!("kai-{org}-queue");
    Some((stack, org))
}

fn command(stack: &Stack, org: &str, control_plane: SocketAddr) -> Command {
    let mut command = stack.command(&["run"]);
    command
        .env("TEMPORAL_TASK_QUEUE", "not-this-one")
        .env("ORG_ID", org)
        .env("KAI_API_KEY", KEY)
        .env("CONTROL_PLANE_URL", format!("http://{control_plane}"))
        .env("WORKER_IDENTITY", "tester")
        .env("HEARTBEAT_INTERVAL_SECONDS", "1")
        .env("RUST_LOG", "trace");
    command
}

#[tokio::test]
async fn a_worker_registers_says_how_much_it_does_and_leaves() {
    let Some((stack, org)) = organisation().await else {
        return;
    };
    let Some(mut database) = LockedDatabase::create(&stack).await else {
        return;
    };
    let mut control_plane = ControlPlane::start().await;
    let mut worker = Worker::spawn(command(&stack, &org, control_plane.address));
    let mut said = worker.line(HEALTHY).await;
    let banner = [
        format!("  Task Queue: kai-{org}-queue"),
        "  Multi-tenant: True".to_owned(),
        format!("  Org ID: {org}"),
        "  API Key: org-*********".to_owned(),
        "  Worker Identity: tester".to_owned(),
    ];
    assert_eq!(said[2..7], banner);

    let registration = control_plane.called("/register").await;
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let introduction = json!({
        "task_queue": format!("kai-{org}-queue"),
        "hostname": hostname.trim(),
        "worker_identity": "tester",
        "metadata": {"temporal_host": stack.temporal},
    });
    assert_eq!(registration.json(), introduction);

    let mut last = registration.at;
    for _ in 0..3 {
        let beat = control_plane.called("/w-1/heartbeat").await;
        assert_eq!(beat.json(), json!({"active_sessions": 0}));
        let waited = beat.at - last;
        assert!(
            waited > Duration::from_millis(800) && waited < Duration::from_millis(2500),
            "{waited:?} between two heartbeats of one second"
        );
        last = beat.at;
    }

    let first = stack.submit(&stack.question("s1")).await;
    let second = stack.submit(&stack.question("s2")).await;
    control_plane.until_sessions(2).await;
    // The worker lives while it drains, and leaves only then.
    worker.signal("TERM");
    said.extend(worker.line("Shutting down worker...").await);
    control_plane.until_sessions(2).await;
    database.unlock().await;
    said.extend(worker.line("Worker shutdown complete").await);
    assert!(worker.ended().await.success());
    let last = loop {
        let call = control_plane.call().await;
        if call.path != format!("{PATH}/w-1/heartbeat") {
            break call;
        }
    };
    assert_eq!(last.path, format!("{PATH}/w-1/disconnect"));
    assert!(last.body.is_empty(), "{last:?}");
    assert!(
        control_plane.calls.try_recv().is_err(),
        "a call after the last one"
    );

    said.extend(worker.rest().await);
    let leak = said.iter().find(|line| line.contains("hush"));
    assert_eq!(leak, None);
    let _next = Worker::spawn(command(&stack, &org, control_plane.address));
    for workflow in [first, second] {
        stack.result(&workflow).await.unwrap();
    }
}

#[tokio::test]
async fn a_control_plane_that_is_away_or_forgets_costs_no_question() {
    let Some((stack, org)) = organisation().await else {
        return;
    };
    let path = stack.folder.path().join("toko.db");
    crate::harness::sample_sqlite(&path).await;
    stack
        .connect_to(&format!("sqlite://{}", path.display()))
        .await;
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);

    let mut worker = Worker::spawn(command(&stack, &org, address));
    worker.line(HEALTHY).await;
    let answered = async || {
        let workflow = stack.submit(&stack.question("s1")).await;
        stack.result(&workflow).await.unwrap()["status"] == "completed"
    };
    assert!(answered().await);

    let mut control_plane = ControlPlane::listen(TcpListener::bind(address).await.unwrap());
    control_plane.called("/register").await;
    control_plane.called("/w-1/heartbeat").await;

    control_plane.feel(Mood::Fails(503));
    for _ in 0..3 {
        control_plane.called("/w-1/heartbeat").await;
    }
    assert!(answered().await);
    // A key that is no longer taken does not stop a worker that works.
    control_plane.feel(Mood::Fails(401));
    for _ in 0..2 {
        control_plane.called("/w-1/heartbeat").await;
    }
    assert!(answered().await);
    control_plane.feel(Mood::Well);
    control_plane.called("/w-1/heartbeat").await;

    for (status, before, after) in [(404, 1, 2), (410, 2, 3)] {
        control_plane.feel(Mood::Forgot(status));
        loop {
            let call = control_plane.call().await;
            if call.path == format!("{PATH}/register") {
                break;
            }
            assert_eq!(call.path, format!("{PATH}/w-{before}/heartbeat"));
        }
        control_plane.called(&format!("/w-{after}/heartbeat")).await;
        assert!(answered().await);
    }

    worker.signal("TERM");
    assert!(worker.ended().await.success());
    loop {
        let call = control_plane.call().await;
        if call.path == format!("{PATH}/w-3/disconnect") {
            break;
        }
        assert_eq!(call.path, format!("{PATH}/w-3/heartbeat"));
    }
}

#[tokio::test]
async fn a_worker_that_is_refused_does_not_start() {
    let Some((stack, org)) = organisation().await else {
        return;
    };
    let mut control_plane = ControlPlane::start().await;
    control_plane.feel(Mood::Fails(401));
    let mut command = command(&stack, &org, control_plane.address);
    command.env("RUST_LOG", "off");
    let output = soon("the end", command.output()).await.unwrap();
    let said = crate::harness::stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.contains("KAI_API_KEY") && !said.contains("hush"),
        "{said}"
    );
    assert!(!crate::harness::stdout(&output).contains(HEALTHY));
    control_plane.called("/register").await;
    assert!(control_plane.calls.try_recv().is_err());
}

#[tokio::test]
async fn a_control_plane_that_never_answers_delays_start_and_end_but_little() {
    let Some((stack, org)) = organisation().await else {
        return;
    };
    let control_plane = ControlPlane::start().await;
    control_plane.feel(Mood::Silent);
    let begun = Instant::now();
    let mut worker = Worker::spawn(command(&stack, &org, control_plane.address));
    worker.line(HEALTHY).await;
    assert!(begun.elapsed() < Duration::from_secs(15));
    worker.signal("TERM");
    assert!(worker.ended().await.success());

    control_plane.feel(Mood::Well);
    let mut worker = Worker::spawn(command(&stack, &org, control_plane.address));
    worker.line(HEALTHY).await;
    control_plane.feel(Mood::Silent);
    let begun = Instant::now();
    worker.signal("TERM");
    worker.line("Worker shutdown complete").await;
    assert!(worker.ended().await.success());
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn an_organisation_without_a_key_has_its_queue_and_nothing_more() {
    let Some((stack, org)) = organisation().await else {
        return;
    };
    let mut control_plane = ControlPlane::start().await;
    let mut command = command(&stack, &org, control_plane.address);
    command.env_remove("KAI_API_KEY");
    let mut worker = Worker::spawn(command);
    let said = worker.line(HEALTHY).await;
    assert_eq!(said[2], format!("  Task Queue: kai-{org}-queue"));
    assert_eq!(said[3], "  Multi-tenant: False");
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    assert!(control_plane.calls.try_recv().is_err());
}
