//! PostgreSQL and MariaDB servers of a test's own, which it can stop, start again and put behind TLS.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, MySqlConnection, PgConnection};
use tempfile::TempDir;

use crate::secured_temporal::Identity;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL.
    Postgresql,
    /// MariaDB.
    MariaDb,
}

/// A server on a free port of 127.0.0.1, with the user `kai`, who may do everything and needs no
/// password. It is stopped, and its data deleted, with this value.
pub struct DatabaseServer {
    kind: Kind,
    folder: TempDir,
    port: u16,
    encrypts: bool,
    running: Option<Child>,
}

impl DatabaseServer {
    /// Makes and starts one. With an identity it shows that, and serves encrypted connections only.
    /// None, told in one line, where its programs are not installed.
    ///
    /// # Panics
    /// When the programs are missing in CI, or the server does not start.
    pub async fn start(kind: Kind, identity: Option<&Identity>) -> Option<Self> {
        let variable = match kind {
            Kind::Postgresql => crate::postgres::VARIABLE,
            Kind::MariaDb => crate::mysql::VARIABLE,
        };
        // Where the shared server runs, the programs are installed.
        crate::service(variable)?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let mut server = Self {
            kind,
            folder: TempDir::new().unwrap(),
            port,
            encrypts: identity.is_some(),
            running: None,
        };
        server.make(identity);
        server.start_again().await;
        Some(server)
    }

    /// Which server it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where a database of the server is; nothing is said of TLS.
    pub fn url(&self) -> String {
        match self.kind {
            Kind::Postgresql => format!("postgresql://kai@localhost:{}/postgres", self.port),
            Kind::MariaDb => format!("mysql://kai@localhost:{}/mysql", self.port),
        }
    }

    /// A file for the test beside the server's, that its clients can read.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Kills the server, whoever is connected, as a machine that fails would: with SIGKILL, and with it the
    /// processes that it has made, which would otherwise live on.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut child = self.running.take().unwrap();
        let made = children_of(child.id());
        child.kill().unwrap();
        for process in &made {
            // One that noticed has ended by itself.
            let _ = Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .stderr(Stdio::null())
                .status();
        }
        child.wait().unwrap();
        // What they share must be free before the server starts again.
        while made.iter().any(|process| is_alive(*process)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts the stopped server on its data and its port, and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub async fn start_again(&mut self) {
        let data = self.folder.path().join("data");
        let socket = self.folder.path().display().to_string();
        let mut command = match self.kind {
            Kind::Postgresql => {
                let mut command = self.as_owner(&postgres_program("postgres"));
                command
                    .arg("-D")
                    .arg(&data)
                    .args(["-p", &self.port.to_string()])
                    .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
                    .args(["-c", &format!("unix_socket_directories={socket}")]);
                if self.encrypts {
                    command.args(["-c", "ssl=on"]);
                }
                command
            }
            Kind::MariaDb => {
                let mut command = self.as_owner(Path::new("mariadbd"));
                command
                    .arg("--no-defaults")
                    .arg(format!("--datadir={}", data.display()))
                    .arg(format!("--socket={socket}/socket"))
                    // One that starts deletes the temporary tables that it finds, also another's.
                    .arg(format!("--tmpdir={socket}"))
                    .arg(format!("--init-file={}", data.join("init.sql").display()))
                    .arg(format!("--port={}", self.port))
                    .args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
                if self.encrypts {
                    let (certificate, key) = (data.join("server.crt"), data.join("server.key"));
                    command
                        .arg(format!("--ssl-cert={}", certificate.display()))
                        .arg(format!("--ssl-key={}", key.display()))
                        .arg("--require-secure-transport=ON");
                }
                command
            }
        };
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        command.stdout(Stdio::null()).stderr(log);
        self.running = Some(command.spawn().unwrap());
        let start = Instant::now();
        while !self.answers().await {
            assert!(
                start.elapsed() < PATIENCE,
                "{:?} did not start: {}",
                self.kind,
                fs::read_to_string(self.folder.path().join("log")).unwrap()
            );
            // Whether another process listens can only be tried.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn answers(&self) -> bool {
        let encryption = if self.encrypts {
            "?sslmode=require"
        } else {
            ""
        };
        let url = format!("{}{encryption}", self.url());
        match self.kind {
            Kind::Postgresql => PgConnection::connect(&url).await.is_ok(),
            Kind::MariaDb => {
                let url = url.replace("sslmode=require", "ssl-mode=REQUIRED");
                MySqlConnection::connect(&url).await.is_ok()
            }
        }
    }

    /// Makes the data of a new server.
    fn make(&self, identity: Option<&Identity>) {
        let folder = self.folder.path();
        let data = folder.join("data");
        if is_root() {
            run(Command::new("chmod").arg("755").arg(folder));
            run(Command::new("chown").arg(self.owner()).arg(folder));
        }
        match self.kind {
            Kind::Postgresql => run(self
                .as_owner(&postgres_program("initdb"))
                .arg("--pgdata")
                .arg(&data)
                .args(["--username=kai", "--auth=trust", "--encoding=UTF8"])
                .arg("--locale=C.UTF-8")),
            Kind::MariaDb => {
                run(self
                    .as_owner(Path::new("mariadb-install-db"))
                    .arg("--no-defaults")
                    .arg(format!("--datadir={}", data.display()))
                    .args(["--auth-root-authentication-method=normal", "--skip-test-db"]));
                // One statement a line.
                let user = "CREATE USER IF NOT EXISTS kai@'%' IDENTIFIED BY '';\n\
                     GRANT ALL ON *.* TO kai@'%' WITH GRANT OPTION;\n";
                fs::write(data.join("init.sql"), user).unwrap();
            }
        }
        if let Some(identity) = identity {
            fs::write(data.join("server.crt"), &identity.certificate).unwrap();
            fs::write(data.join("server.key"), &identity.key).unwrap();
            run(Command::new("chmod")
                .arg("600")
                .arg(data.join("server.key")));
            if self.kind == Kind::Postgresql {
                let only = "hostssl all all 127.0.0.1/32 trust\n";
                fs::write(data.join("pg_hba.conf"), only).unwrap();
            }
        }
        if is_root() {
            run(Command::new("chown").arg("-R").arg(self.owner()).arg(&data));
        }
    }

    /// Whom Debian's packages made to run the server: as root it does not run.
    fn owner(&self) -> &'static str {
        match self.kind {
            Kind::Postgresql => "postgres",
            Kind::MariaDb => "mysql",
        }
    }

    fn as_owner(&self, program: &Path) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .arg(format!("--reuid={}", self.owner()))
                .arg(format!("--regid={}", self.owner()))
                .arg("--clear-groups")
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The processes that a process has made.
fn children_of(process: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap();
    let ids = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| state_of(*id).is_some_and(|(_, parent)| parent == process))
        .collect()
}

/// Whether a process does, or could still do, anything.
fn is_alive(process: u32) -> bool {
    state_of(process).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// The state of a process, and who made it.
fn state_of(process: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before them may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0")
}

/// A program of the newest PostgreSQL that is installed.
fn postgres_program(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .unwrap()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path))
        })
        .collect();
    versions.sort();
    let (_, newest) = versions.pop().unwrap();
    newest.join("bin").join(name)
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
