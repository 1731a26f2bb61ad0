//! A PostgreSQL server for one test alone, which may do to it whatever it likes.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// The variable with the folder of PostgreSQL's programs.
pub const VARIABLE: &str = "KAI_TEST_POSTGRES_BIN";

/// How long the server may take to take connections.
const STARTUP: Duration = Duration::from_mins(1);

/// The server; it ends with this value.
#[derive(Debug)]
pub struct ThrowAwayServer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl ThrowAwayServer {
    /// Starts a new server whose superuser is `kai`, without passwords. None, told in one line, where
    /// the variable is missing.
    ///
    /// # Panics
    /// When the variable is missing in CI, or when the server does not start.
    pub async fn start() -> Option<Self> {
        let programs = PathBuf::from(crate::service(VARIABLE)?);
        let folder = TempDir::new().unwrap_or_else(|error| panic!("no folder: {error}"));
        // The server may run as another user.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))
            .unwrap_or_else(|error| panic!("no open folder: {error}"));
        let data = folder.path().join("data");
        let initdb = program(&programs, "initdb", folder.path())
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=kai", "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8"])
            .output()
            .await
            .unwrap_or_else(|error| panic!("initdb: {error}"));
        assert!(
            initdb.status.success(),
            "{}",
            String::from_utf8_lossy(&initdb.stderr)
        );
        let port = free_port();
        let child = program(&programs, "postgres", folder.path())
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "fsync=off"])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("postgres: {error}"));
        let server = Self {
            child,
            port,
            folder,
        };
        server.until_ready().await;
        Some(server)
    }

    /// The URL of its database, for a user.
    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/postgres", self.port)
    }

    /// A folder that the server can write to.
    pub fn folder(&self) -> &str {
        self.folder.path().to_str().unwrap_or_default()
    }

    /// Runs statements as the superuser.
    ///
    /// # Panics
    /// When one fails.
    pub async fn execute(&self, sql: &str) {
        let run = async {
            let mut connection = PgConnection::connect(&self.url("kai")).await?;
            connection
                .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
                .await?;
            connection.close().await
        };
        run.await
            .unwrap_or_else(|error| panic!("cannot prepare the server: {error}"));
    }

    /// Ends the server and waits until it is gone.
    pub async fn stop(mut self) {
        // What it has written is of no use to anybody, so it need not finish.
        let _ = self.child.kill().await;
    }

    async fn until_ready(&self) {
        let deadline = Instant::now() + STARTUP;
        while let Err(error) = PgConnection::connect(&self.url("kai")).await {
            assert!(
                Instant::now() < deadline,
                "the server did not start: {error}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// One of PostgreSQL's programs, which refuse to run as root.
fn program(programs: &Path, name: &str, folder: &Path) -> Command {
    let path = programs.join(name);
    let is_root = std::fs::metadata(folder).is_ok_and(|folder| folder.uid() == 0);
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/");
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_or_else(
            |error| panic!("no free port: {error}"),
            |address| address.port(),
        )
}
