//! Peers that vanish without a word, over a network that really loses them: within 30 seconds the
//! receiver has let go of each, whatever it was doing for it.
//!
//! The test runs itself once more in a network of its own, where it makes two more networks for the
//! peers and a link to each. What is there is gone when the processes are.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, interval, timeout};

use crate::program::Program;
use crate::support::{client, metric, soon};

/// Set where the test is in its own network.
const INSIDE: &str = "KAI_TEST_IN_ITS_OWN_NETWORK";

const ALLOWED: Duration = Duration::from_secs(30);

/// Whether this is the test's own network.
pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs a test by its name once more, in a network of its own.
pub(crate) async fn in_its_own_network(name: &str) {
    let itself = std::env::current_exe().unwrap();
    // Who is not root is root in a network of its own, where the system allows that.
    for flags in [&["--net"][..], &["--user", "--map-root-user", "--net"]] {
        let may = Command::new("unshare").args(flags).arg("true").output();
        if !soon(may).await.unwrap().status.success() {
            continue;
        }
        let run = Command::new("unshare")
            .args(flags)
            .arg(itself)
            .args(["--exact", name, "--nocapture"])
            .env(INSIDE, "1")
            .kill_on_drop(true)
            .output();
        let run = timeout(2 * ALLOWED, run)
            .await
            .expect("it ends in time")
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, errors) = (text(&run.stdout), text(&run.stderr));
        assert!(
            run.status.success() && out.contains("1 passed"),
            "{out}{errors}"
        );
        print!("{out}");
        return;
    }
    panic!(
        "this test makes a network that loses packets, which the system does not allow here: run it \
         as root (CAP_SYS_ADMIN and CAP_NET_ADMIN), or allow user namespaces \
         (sysctl kernel.unprivileged_userns_clone=1)"
    );
}

async fn run(line: &str) {
    let mut words = line.split(' ');
    let done = Command::new(words.next().unwrap()).args(words).output();
    let done = soon(done)
        .await
        .unwrap_or_else(|error| panic!("{line}: {error}"));
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{line}: {errors}");
}

/// A peer that reads what it is sent.
struct Peer {
    _process: Child,
    _out: Lines<BufReader<ChildStdout>>,
}

/// A network of peers behind a link.
struct Elsewhere {
    /// Keeps the network.
    keeper: Child,
    number: u8,
}

impl Elsewhere {
    async fn new(number: u8) -> Self {
        let mut keeper = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo ready; exec sleep 120"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(keeper.stdout.take().unwrap()).lines();
        assert_eq!(soon(said.next_line()).await.unwrap().unwrap(), "ready");
        let elsewhere = Self { keeper, number };
        let id = elsewhere.id();
        run(&format!(
            "ip link add name near{number} type veth peer name far netns {id}"
        ))
        .await;
        run(&format!(
            "ip addr add {}/30 dev near{number}",
            elsewhere.receiver()
        ))
        .await;
        run(&format!("ip link set dev near{number} up")).await;
        elsewhere
            .run("ip link set dev far address 02:00:00:00:00:02")
            .await;
        elsewhere
            .run(&format!("ip addr add {}/30 dev far", elsewhere.peer()))
            .await;
        elsewhere.run("ip link set dev far up").await;
        elsewhere
    }

    fn id(&self) -> u32 {
        self.keeper.id().unwrap()
    }

    /// The receiver's address on the link.
    fn receiver(&self) -> String {
        format!("10.99.{}.1", self.number)
    }

    fn peer(&self) -> String {
        format!("10.99.{}.2", self.number)
    }

    async fn run(&self, line: &str) {
        run(&format!("nsenter --target {} --net {line}", self.id())).await;
    }

    /// A peer that has sent this and been sent what contains that.
    async fn open(&self, port: &str, request: &str, until: &str) -> Peer {
        let script = r#"exec 3<>"/dev/tcp/$0/$1"; printf "$2" >&3; exec cat <&3"#;
        let mut peer = Command::new("nsenter")
            .args([
                "--target",
                &self.id().to_string(),
                "--net",
                "bash",
                "-c",
                script,
            ])
            .args([&self.receiver(), port, request])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut out = BufReader::new(peer.stdout.take().unwrap()).lines();
        loop {
            let line = soon(out.next_line()).await.unwrap();
            if line.expect("the receiver goes on").contains(until) {
                break;
            }
        }
        Peer {
            _process: peer,
            _out: out,
        }
    }

    /// One peer for each thing that the receiver can be doing for it.
    async fn populate(&self, port: &str) -> Vec<Peer> {
        let get = |path: &str| format!("GET {path} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
        vec![
            self.open(port, &get("/stream/silent"), "retry: ").await,
            self.open(port, &get("/stream/busy"), "retry: ").await,
            self.open(port, &get("/healthz"), "200 OK").await,
            self.open(
                port,
                r#"POST /events/s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n{"se"#,
                "100 Continue",
            )
            .await,
        ]
    }
}

pub(crate) async fn peers_that_vanish_are_freed_within_thirty_seconds() {
    run("ip link set dev lo up").await;
    let settings = [("SSE_HOST", "0.0.0.0"), ("RUST_LOG", "error")];
    let mut program = Program::start(&settings, &["--port", "0"]);
    let port = program.url().await.rsplit_once(':').unwrap().1.to_owned();
    let url = format!("http://127.0.0.1:{port}");
    let client = client();
    let publish = async || {
        let body = json!({"session_id": "busy", "event": {"type": "token", "content": "x"}});
        let request = client
            .post(format!("{url}/events/busy"))
            .body(body.to_string());
        assert!(soon(request.send()).await.unwrap().status().is_success());
    };
    let page = async || {
        let page = soon(client.get(format!("{url}/metrics")).send())
            .await
            .unwrap();
        soon(page.text()).await.unwrap()
    };

    let (cut, lost) = (Elsewhere::new(1).await, Elsewhere::new(2).await);
    let _peers = [cut.populate(&port).await, lost.populate(&port).await];
    // One who is there stays.
    let near = soon(client.get(format!("{url}/stream/busy")).send())
        .await
        .unwrap();
    publish().await;
    assert_eq!(metric(&page().await, "kai_sse_subscribers"), 5);
    // One link breaks; on the other all is in order, up to a router behind which nobody is any more.
    let remember = format!(
        "ip neigh replace {} lladdr 02:00:00:00:00:02 dev near2",
        lost.peer()
    );
    run(&format!("{remember} nud permanent")).await;
    cut.run("ip link set dev far down").await;
    lost.run(&format!("ip addr del {}/30 dev far", lost.peer()))
        .await;
    let vanished = Instant::now();
    let mut pace = interval(Duration::from_millis(200));
    let mut left = BTreeMap::new();
    loop {
        publish().await;
        let page = page().await;
        let there = (
            metric(&page, "kai_sse_subscribers"),
            metric(
                &page,
                r#"kai_sse_connections_cut_total{reason="stalled_write"}"#,
            ),
        );
        left.entry(there).or_insert_with(|| vanished.elapsed());
        // Four for each of the two links.
        if there == (1, 8) {
            break;
        }
        assert!(
            vanished.elapsed() < ALLOWED,
            "subscribers, cut connections: {left:?}"
        );
        pace.tick().await;
    }
    println!("subscribers and cut connections, and since when: {left:?}");
    drop(near);
}
