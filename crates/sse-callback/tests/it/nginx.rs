//! Debian's nginx before the receiver, set up as `docs/receiver.md` says, word for word.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Duration, Instant, sleep};

use crate::program::Program;
use crate::support::{Events, Receiver, client, soon};

/// The blocks of the page: upstream, locations, the upstream of several receivers.
fn blocks() -> [String; 3] {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/receiver.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```nginx\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|block| block.split_once("```").unwrap().0.to_owned())
        .collect();
    blocks
        .try_into()
        .expect("the page has three blocks for nginx")
}

/// Exchanges something that has to be there.
fn exchange(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in {text}");
    text.replace(from, to)
}

/// nginx, ended when it is dropped.
struct Nginx {
    _process: Child,
    _folder: TempDir,
    url: String,
    client: Client,
}

impl Nginx {
    /// With the page's blocks, before one receiver.
    async fn before(receiver: SocketAddr) -> Self {
        let [upstream, locations, _] = blocks();
        let upstream = exchange(&upstream, "127.0.0.1:8092", &receiver.to_string());
        Self::with(&upstream, &locations).await
    }

    async fn with(upstream: &str, locations: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};\n"))
            .concat();
        let text = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}\n{upstream}\n\
             server {{\nlisten 127.0.0.1:{port};\n{locations}\n}}\n}}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
        let process = Command::new(program())
            .args(["-c", "nginx.conf", "-e", "stderr", "-p"])
            .arg(folder.path())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let client = client();
        soon(async {
            while client.get(&url).send().await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        Self {
            _process: process,
            _folder: folder,
            url,
            client,
        }
    }

    async fn get(&self, path: &str, last_event_id: Option<&str>) -> Response {
        let request = self.client.get(format!("{}{path}", self.url));
        let request = match last_event_id {
            Some(id) => request.header("Last-Event-ID", id),
            None => request,
        };
        soon(request.send()).await.unwrap()
    }

    async fn publish(&self, session: &str, event: &Value) -> StatusCode {
        let body = json!({"session_id": session, "event": event}).to_string();
        let request = self.client.post(format!("{}/events/{session}", self.url));
        soon(request.body(body).send()).await.unwrap().status()
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders
        .map(|folder| folder.join("nginx"))
        .find(|program| program.exists())
        .expect("this test needs Debian's package nginx (scripts/with-services installs it)")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn token(content: &str) -> Value {
    json!({"type": "token", "content": content})
}

/// A client that keeps to what a browser's `EventSource` does: it comes back after a 200 of the right
/// type that ended or broke, and after a connection that failed; anything else closes it for good.
struct Browser {
    client: Client,
    url: String,
    last_event_id: Option<String>,
    stream: Option<Events>,
}

impl Browser {
    fn new(nginx: &Nginx, path: &str) -> Self {
        Self {
            client: nginx.client.clone(),
            url: format!("{}{path}", nginx.url),
            last_event_id: None,
            stream: None,
        }
    }

    /// The content of the next event with data.
    async fn next(&mut self) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            let Some(stream) = &mut self.stream else {
                self.connect().await;
                continue;
            };
            match stream.try_next().await {
                Some(event) => {
                    if !event.id.is_empty() {
                        self.last_event_id = Some(event.id);
                    }
                    let data: Value = serde_json::from_str(&event.data).unwrap();
                    let content = data["content"].as_str().map(str::to_owned);
                    return content.unwrap_or(event.event);
                }
                None => self.stream = None,
            }
        }
        panic!("nothing came");
    }

    async fn connect(&mut self) {
        let mut request = self.client.get(&self.url);
        if let Some(id) = &self.last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        match soon(request.send()).await {
            Ok(response) => {
                assert_eq!(response.status(), StatusCode::OK, "it gives up for good");
                assert_eq!(response.headers()["content-type"], "text/event-stream");
                self.stream = Some(Events::of(response));
            }
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

#[tokio::test]
async fn an_event_passes_at_once_and_a_cursor_passes_back() {
    let receiver = Receiver::start().await;
    let nginx = Nginx::before(receiver.address).await;
    let response = nginx.get("/stream/s", None).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let mut events = Events::of(response);
    let mut ids = Vec::new();
    for content in ["a", "b", "c"] {
        // The next is published only when this one has come, so nothing is held back.
        assert_eq!(nginx.publish("s", &token(content)).await, StatusCode::OK);
        let event = events.next().await.unwrap();
        assert!(event.data.contains(content));
        ids.push(event.id);
    }
    let mut back = Events::of(nginx.get("/stream/s", Some(&ids[0])).await);
    assert_eq!(back.take(2).await, ["b", "c"]);
    let first = format!("/stream/s?last_event_id={}", ids[1]);
    assert_eq!(
        Events::of(nginx.get(&first, None).await).take(1).await,
        ["c"]
    );

    nginx
        .publish("s", &json!({"type": "done", "result": {"name": "x"}}))
        .await;
    let done = events.next().await.unwrap().id;
    let over = nginx.get("/stream/s", Some(&done)).await;
    assert_eq!(over.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_largest_post_passes_and_refusals_are_the_receivers_own() {
    let flags = ["--subscribe-token", "sub"];
    let receiver = Receiver::with(&flags).await;
    let nginx = Nginx::before(receiver.address).await;
    let body = |length: usize| {
        let frame = r#"{"session_id":"s","event":{"type":"token","content":""}}"#;
        let content = "x".repeat(length - frame.len());
        frame.replace("\"\"}}", &format!("\"{content}\"}}}}"))
    };
    let post = async |length| {
        let body = body(length);
        assert_eq!(body.len(), length);
        let request = nginx
            .client
            .post(format!("{}/events/s", nginx.url))
            .body(body);
        soon(request.send()).await.unwrap().status()
    };
    assert_eq!(post(1_048_576).await, StatusCode::OK);
    assert_eq!(post(1_048_577).await, StatusCode::PAYLOAD_TOO_LARGE);
    let refused = nginx.get("/stream/s", None).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.headers().contains_key("www-authenticate"));
    let mut stream = nginx.get("/stream/s?token=sub", None).await;
    let (mut arrived, mut ended) = (0, false);
    while arrived < 1_000_000 || !ended {
        let chunk = soon(stream.chunk())
            .await
            .unwrap()
            .expect("the stream goes on");
        arrived += chunk.len();
        ended = chunk.ends_with(b"\n\n");
    }
    // The event is the body without what is around it.
    assert!(arrived > 1_048_576 - 56, "{arrived}");
}

#[tokio::test]
async fn a_silent_stream_outlives_the_proxys_patience() {
    let [upstream, locations, _] = blocks();
    let locations = exchange(
        &locations,
        "proxy_read_timeout 60s;",
        "proxy_read_timeout 2s;",
    );
    let lively = Receiver::with(&["--keepalive-seconds", "1"]).await;
    let still = Receiver::with(&["--keepalive-seconds", "60"]).await;
    let before = async |receiver: &Receiver| {
        let upstream = exchange(&upstream, "127.0.0.1:8092", &receiver.address.to_string());
        Nginx::with(&upstream, &locations).await
    };
    let (front, other) = (before(&lively).await, before(&still).await);
    let mut kept = Events::of(front.get("/stream/s", None).await);
    let opened = Instant::now();
    // Without keep-alives nginx gives up, which shows that it would.
    let cut = soon(other.get("/stream/s", None).await.text()).await;
    assert!(cut.is_err() || opened.elapsed() >= Duration::from_secs(2));
    let waited = Duration::from_secs(5).saturating_sub(opened.elapsed());
    sleep(waited).await;
    front.publish("s", &token("late")).await;
    assert_eq!(kept.take(1).await, ["late"]);
}

#[tokio::test]
async fn a_browser_comes_through_a_restart() {
    let port = free_port().to_string();
    let start = async || {
        let mut program = Program::start(&[("RUST_LOG", "error")], &["--port", &port]);
        program.url().await;
        program
    };
    let first = start().await;
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let nginx = Nginx::before(address).await;
    let mut browser = Browser::new(&nginx, "/stream/s");
    nginx.publish("s", &token("before")).await;
    assert_eq!(browser.next().await, "before");

    // Killed in the middle: the stream breaks, and for a while there is nobody.
    drop(first);
    let text = soon(async {
        loop {
            let response = nginx.get("/stream/s", None).await;
            assert_eq!(response.status(), StatusCode::OK);
            if let Ok(text) = soon(response.text()).await
                && text.len() < 20
            {
                break text;
            }
        }
    })
    .await;
    let retry = text
        .strip_prefix("retry: ")
        .and_then(|text| text.strip_suffix("\n\n"));
    assert!((2_000..=5_000).contains(&retry.unwrap().parse::<u32>().unwrap()));
    assert_eq!(
        nginx.publish("s", &token("lost")).await,
        StatusCode::BAD_GATEWAY
    );

    let second = start().await;
    let published = async { assert_eq!(nginx.publish("s", &token("after")).await, StatusCode::OK) };
    let (next, ()) = tokio::join!(browser.next(), published);
    // The receiver kept its sessions in memory, so the browser is told what became of its cursor.
    assert_eq!(next, "gap");
    assert_eq!(browser.next().await, "after");
    drop(second);
}

#[tokio::test]
async fn two_receivers_in_memory_share_the_sessions_between_them() {
    let [split, locations, upstream] = blocks();
    let (_, retry) = split.split_once("}\n").unwrap();
    let receivers = [Receiver::start().await, Receiver::start().await];
    let addresses = receivers
        .each_ref()
        .map(|receiver| receiver.address.to_string());
    let upstream = exchange(&upstream, "127.0.0.1:8092", &addresses[0]);
    let upstream = exchange(&upstream, "127.0.0.1:8093", &addresses[1]);
    let nginx = Nginx::with(&format!("{upstream}{retry}"), &locations).await;
    for number in 0..20 {
        let spelled = format!("org%2F{number}%C3%A9");
        for path in [&spelled, &spelled.replace("org", "%6Frg")] {
            for content in ["a", "b"] {
                assert_eq!(nginx.publish(path, &token(content)).await, StatusCode::OK);
            }
        }
        let mut events = Events::of(nginx.get(&format!("/stream/{spelled}"), None).await);
        assert_eq!(events.take(4).await, ["a", "b", "a", "b"], "{spelled}");
    }
    let [one, two] = receivers.each_ref();
    let (one, two) = (
        one.metric("kai_sse_sessions").await,
        two.metric("kai_sse_sessions").await,
    );
    assert_eq!(one + two, 20, "each is in one place");
    assert!(one > 2 && two > 2, "{one} and {two}");
}
