//! A peer that runs: pinned to its core, observed from outside, ended with the benchmark.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::error::BenchError;
use crate::peer::{Peer, Programs};

const LISTENS_WITHIN: Duration = Duration::from_secs(20);
const ENDS_WITHIN: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A running peer; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) peer: Peer,
    pub(crate) address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts a peer on a free port and waits until it listens.
    pub(crate) fn start(programs: &Programs, peer: Peer, core: usize) -> Result<Self, BenchError> {
        let folder = TempDir::new().map_err(BenchError::io("making a folder"))?;
        let port = free_port().map_err(BenchError::io("looking for a free port"))?;
        let command = programs.command(peer, port, folder.path())?;
        let errors = folder.path().join("errors");
        let stderr = File::create(&errors).map_err(BenchError::file(&errors))?;
        // The program takes the place of these two, so the process id is its own. It is told to end
        // when the benchmark is killed.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "taskset", "-c", &core.to_string()])
            .args(&command)
            .current_dir(folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .map_err(|source| BenchError::Spawn {
                program: command.join(" "),
                source,
            })?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Self {
            peer,
            address,
            child,
            _folder: folder,
        };
        let until = Instant::now() + LISTENS_WITHIN;
        while TcpStream::connect_timeout(&address, LOOK_EVERY).is_err() {
            let ended = server.child.try_wait().is_ok_and(|ended| ended.is_some());
            if ended || Instant::now() > until {
                let said = fs::read_to_string(&errors).unwrap_or_default();
                let peer = peer.name();
                return Err(BenchError::NotListening { peer, port, said });
            }
            sleep(LOOK_EVERY);
        }
        Ok(server)
    }

    /// The memory that it and its processes have resident, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let resident = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        };
        self.processes().iter().filter_map(resident).sum()
    }

    /// The time that its threads have computed, in nanoseconds.
    pub(crate) fn cpu_nanos(&self) -> u64 {
        self.processes().iter().copied().map(cpu_nanos).sum()
    }

    /// The process and its children: nginx works in a child.
    fn processes(&self) -> Vec<u32> {
        let parent = self.child.id();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let mut all = vec![parent];
        all.extend(
            children
                .unwrap_or_default()
                .split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
        all
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let until = Instant::now() + ENDS_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > until {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            sleep(LOOK_EVERY);
        }
    }
}

/// The time that the threads of a process have computed, in nanoseconds.
pub(crate) fn cpu_nanos(pid: u32) -> u64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0;
    };
    threads
        .filter_map(|thread| {
            let spent = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            spent.split_whitespace().next()?.parse::<u64>().ok()
        })
        .sum()
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
