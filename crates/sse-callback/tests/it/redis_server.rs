//! A Redis of a test's own: started, killed, stopped in its tracks, and started again.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kai_test_support::service;
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use crate::support::soon;

/// A server on a free port, with its files in a folder of its own; dropping it kills it.
pub(crate) struct RedisServer {
    program: String,
    port: u16,
    folder: TempDir,
    flags: Vec<String>,
    child: Child,
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

impl RedisServer {
    /// A server that loses nothing that it has confirmed; none when there is no Redis here.
    pub(crate) async fn start() -> Option<Self> {
        Self::with(&[]).await
    }

    pub(crate) async fn with(flags: &[&str]) -> Option<Self> {
        let program = service("KAI_TEST_REDIS_SERVER")?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let folder = tempfile::tempdir().unwrap();
        let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let child = spawn(&program, port, &folder, &flags);
        let server = Self {
            program,
            port,
            folder,
            flags,
            child,
        };
        server.until_ready().await;
        Some(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Starts it again over the files that it left.
    pub(crate) async fn restart(&mut self) {
        self.child = spawn(&self.program, self.port, &self.folder, &self.flags);
        self.until_ready().await;
    }

    /// A copy of its files as they are now, to be put back by [`RedisServer::go_back`].
    pub(crate) fn copy(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), copy.path());
        copy
    }

    /// Lets it wake up with old files, as after a crash that it was not careful enough for.
    pub(crate) async fn go_back(&mut self, to: TempDir) {
        self.kill();
        self.folder = to;
        self.restart().await;
    }

    /// Sends a signal: `STOP` makes it hang, `CONT` lets it go on.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// A connection as the server's owner.
    pub(crate) async fn connection(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        let connection = client.get_multiplexed_async_connection();
        soon(connection).await.unwrap()
    }

    async fn until_ready(&self) {
        let client = redis::Client::open(self.url()).unwrap();
        let ready = async {
            loop {
                if let Ok(mut connection) = client.get_multiplexed_async_connection().await {
                    let pong = redis::cmd("PING").exec_async(&mut connection).await;
                    let refused = |error: &redis::RedisError| error.code() == Some("NOAUTH");
                    if pong.is_ok() || pong.is_err_and(|error| refused(&error)) {
                        return;
                    }
                }
                tokio::task::yield_now().await;
            }
        };
        soon(ready).await;
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        if path.is_dir() {
            std::fs::create_dir(to.join(&name)).unwrap();
            copy_folder(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn spawn(program: &str, port: u16, folder: &TempDir, flags: &[String]) -> Child {
    Command::new(program)
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--dir", folder.path().to_str().unwrap(), "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .args(flags)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
