//! The program: what it prints, how it exits, what signals do.

use std::process::{ExitStatus, Stdio};

use kai_sse_callback::settings::Settings;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{client, soon};

/// The program, ended when it is dropped.
pub(crate) struct Program {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
}

impl Program {
    pub(crate) fn start(environment: &[(&str, &str)], flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kai-sse-callback"));
        for variable in variables() {
            command.env_remove(variable);
        }
        command
            .env_remove("RUST_LOG")
            .envs(environment.iter().copied())
            .args(flags);
        Self::of(command)
    }

    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, out }
    }

    /// The address that it says it listens on.
    pub(crate) async fn url(&mut self) -> String {
        let line = soon(self.out.next_line()).await.unwrap().unwrap();
        let url = line.strip_prefix("KAI SSE callback receiver listening on ");
        url.unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// The memory that it occupies.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let value = line.unwrap().trim().trim_end_matches(" kB");
        value.parse().unwrap()
    }

    /// The most memory that it has ever occupied.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(soon(sent).await.unwrap().success());
    }

    pub(crate) async fn end(&mut self) -> (ExitStatus, String) {
        soon(self.ended()).await
    }

    /// How it ends, and what it has said until then, however long that takes.
    pub(crate) async fn ended(&mut self) -> (ExitStatus, String) {
        let mut errors = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).await.unwrap();
        (self.child.wait().await.unwrap(), errors)
    }
}

/// The variables that the program reads.
fn variables() -> Vec<String> {
    use clap::CommandFactory as _;
    Settings::command()
        .get_arguments()
        .filter_map(|arg| Some(arg.get_env()?.to_str()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_on_a_signal() {
    for name in ["INT", "TERM"] {
        let mut program = Program::start(&[("SSE_PORT", "0")], &[]);
        let url = program.url().await;
        assert!(url.starts_with("http://127.0.0.1:"));
        let stream = client().get(format!("{url}/stream/s")).send();
        let stream = soon(stream).await.unwrap();
        program.signal(name).await;
        let text = soon(stream.text()).await.unwrap();
        assert_eq!(text.matches("retry: ").count(), 2, "{text}");
        let (status, errors) = program.end().await;
        assert_eq!(status.code(), Some(0), "{errors}");
        assert!(errors.contains(&format!("received SIG{name}")), "{errors}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut program = Program::start(&[], &["--port", "0"]);
    let url = program.url().await;
    let host = url.strip_prefix("http://").unwrap();
    // A request whose body never comes keeps the shutdown waiting.
    let mut held = soon(tokio::net::TcpStream::connect(host)).await.unwrap();
    let request =
        "POST /events/s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut held, request.as_bytes())
        .await
        .unwrap();
    let mut answer = [0; 12];
    soon(held.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");

    let mut errors = BufReader::new(program.child.stderr.take().unwrap()).lines();
    program.signal("TERM").await;
    let first = soon(errors.next_line()).await.unwrap().unwrap();
    assert!(first.contains("received SIGTERM"), "{first}");
    program.signal("TERM").await;
    let status = soon(program.child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn a_taken_port_is_one_line_and_exit_status_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut program = Program::start(&[("SSE_PORT", &port)], &[]);
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(1));
    let expected = format!(
        "kai-sse-callback: port {port} on 127.0.0.1 is taken; stop the other program or choose another with --port or SSE_PORT\n"
    );
    assert_eq!(errors, expected);
}

#[tokio::test]
async fn an_address_of_another_machine_is_one_line_and_exit_status_1() {
    let mut program = Program::start(&[("SSE_HOST", "192.0.2.1")], &["--port", "0"]);
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(1));
    assert!(
        errors.starts_with("kai-sse-callback: cannot listen on 192.0.2.1, port 0: "),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1);
}

#[tokio::test]
async fn a_bad_setting_is_exit_status_2() {
    let mut program = Program::start(&[("SSE_PORT", "http")], &[]);
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(2));
    assert!(errors.contains("'http'"), "{errors}");
}

#[tokio::test]
async fn a_bad_secret_is_exit_status_2_and_is_not_shown() {
    let mut program = Program::start(&[("SSE_JWT_SECRET", "hunter2")], &[]);
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(2));
    assert!(errors.contains("SSE_JWT_SECRET is too short"), "{errors}");
    assert!(!errors.contains("hunter2"), "{errors}");
}

#[tokio::test]
async fn tokens_are_not_in_the_log() {
    let variables = [
        ("SSE_PORT", "0"),
        ("SSE_SUBSCRIBE_TOKEN", "hidden-right"),
        ("RUST_LOG", "trace"),
    ];
    let mut program = Program::start(&variables, &[]);
    let url = program.url().await;
    for token in ["hidden-right", "hidden-wrong"] {
        let request = client().get(format!("{url}/stream/s?token={token}"));
        drop(soon(request.send()).await.unwrap());
        let request = client().get(format!("{url}/stream/s?replay=x&token={token}"));
        drop(soon(request.bearer_auth(token).send()).await.unwrap());
    }
    program.signal("TERM").await;
    let (_, errors) = program.end().await;
    // Publishing stands open, and the operator is told.
    assert!(errors.contains("anybody can post events"), "{errors}");
    assert!(errors.contains("turned away"), "{errors}");
    assert!(!errors.contains("hidden"), "{errors}");
}

#[tokio::test]
async fn a_low_limit_on_open_files_is_pointed_out() {
    let program = env!("CARGO_BIN_EXE_kai-sse-callback");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 300; exec \"$0\" --port 0", program]);
    let mut program = Program::of(command);
    program.url().await;
    program.signal("TERM").await;
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(0));
    assert!(
        errors.contains("the system allows 300 open files"),
        "{errors}"
    );
}
