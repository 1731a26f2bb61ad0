//! The programs and ports that the demo uses.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::demo::{DemoError, tied};

/// What the programs keep of this one's environment: they must not find a person's own settings.
const KEPT: [&str; 6] = [
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "RUST_LOG",
    "RUST_BACKTRACE",
];

/// Where the programs are.
pub(super) struct Programs {
    own: PathBuf,
    pub(super) temporal: PathBuf,
    pub(super) receiver: PathBuf,
    pub(super) worker: PathBuf,
}

impl Programs {
    /// Temporal's is looked for on the PATH unless it is a path itself, ours beside this program.
    pub(super) fn find(temporal: &str) -> Result<Self, DemoError> {
        let own = env::current_exe().map_err(DemoError::io("find the folder of kai-e2e"))?;
        let beside =
            |name: &str| {
                let path = own.with_file_name(name);
                path.is_file().then_some(path).ok_or_else(|| DemoError::Missing {
                name: name.to_owned(),
                hint: "it belongs beside kai-e2e; `cargo build --workspace` builds all three",
            })
            };
        Ok(Self {
            temporal: on_path(temporal, env::var_os("PATH").as_deref()).ok_or_else(|| {
                DemoError::Missing {
                    name: temporal.to_owned(),
                    hint: "it is Temporal's command line; `make demo` gets it, or set \
                           KAI_TEMPORAL_CLI (--temporal-cli)",
                }
            })?,
            receiver: beside("kai-sse-callback")?,
            worker: beside("kai-worker")?,
            own,
        })
    }

    /// A command without this program's environment, which ends when this program does.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = tied::command(&self.own, program);
        command.env_clear();
        command.envs(
            KEPT.iter()
                .filter_map(|name| Some((name, env::var_os(name)?))),
        );
        command
    }
}

/// The absolute path of a program, since the demo starts it in another folder.
fn on_path(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    if program.contains('/') {
        return Path::new(program)
            .canonicalize()
            .ok()
            .filter(|path| path.is_file());
    }
    env::split_paths(path?)
        .map(|folder| folder.join(program))
        .find_map(|candidate| candidate.canonicalize().ok().filter(|path| path.is_file()))
}

/// The ports of the demo.
pub(super) struct Ports {
    pub(super) temporal: u16,
    pub(super) web: u16,
    pub(super) receiver: u16,
    pub(super) health: u16,
}

impl Ports {
    /// Free ports of this machine. All are held until the last one is known, so that they differ.
    pub(super) fn choose() -> Result<Self, DemoError> {
        let choose = || {
            let listeners = [free()?, free()?, free()?, free()?];
            let [temporal, web, receiver, health] =
                listeners.each_ref().map(TcpListener::local_addr);
            Ok(Self {
                temporal: temporal?.port(),
                web: web?.port(),
                receiver: receiver?.port(),
                health: health?.port(),
            })
        };
        choose().map_err(DemoError::io("find free ports"))
    }
}

fn free() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_program_is_found_on_the_path_or_by_its_own_path() {
        let found = on_path("sh", Some(OsStr::new("/nowhere:/bin"))).unwrap();
        assert!(found.is_absolute());
        assert_eq!(on_path("/bin/sh", None), Some(found));
        assert_eq!(on_path("sh", Some(OsStr::new("/nowhere"))), None);
        assert_eq!(on_path("./no-such-program", None), None);
    }

    #[test]
    fn ports_differ() {
        let ports = Ports::choose().unwrap();
        let mut all = vec![ports.temporal, ports.web, ports.receiver, ports.health];
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
    }
}
