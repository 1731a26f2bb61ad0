//! The demo's child processes and their folder: started one after another, taken down in reverse.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::demo::DemoError;
use kai_core::errln;

/// How long a program may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(8);

/// How many lines of a log are shown when something fails.
const TAIL: usize = 15;

/// The child processes and their folder. Dropping it kills what still runs, also in a panic.
pub(super) struct Stack {
    // Before the folder, so that it is dropped first: nothing writes into a folder that is gone.
    programs: Vec<Program>,
    folder: TempDir,
}

struct Program {
    name: &'static str,
    log: PathBuf,
    child: Child,
}

impl Stack {
    /// Nothing is running yet.
    pub(super) fn new() -> Result<Self, DemoError> {
        let folder = tempfile::Builder::new()
            .prefix("kai-demo-")
            .tempdir()
            .map_err(DemoError::io("make a temporary folder"))?;
        Ok(Self {
            programs: Vec::new(),
            folder,
        })
    }

    /// The folder of everything that the demo writes; it goes away with the demo.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a program whose output goes to a file.
    pub(super) fn start(
        &mut self,
        name: &'static str,
        mut command: Command,
    ) -> Result<(), DemoError> {
        let log = self.folder().join(format!("{name}.log"));
        let mut start = || {
            let out = File::create(&log)?;
            let err = out.try_clone()?;
            command
                // Where no `.env` of a person lies.
                .current_dir(self.folder.path())
                .stdin(Stdio::null())
                .stdout(out)
                .stderr(err)
                // Ctrl-C reaches this program only, which then takes the others down in order.
                .process_group(0)
                .kill_on_drop(true)
                .spawn()
        };
        let child = start().map_err(DemoError::io(format!("start {name}")))?;
        self.programs.push(Program { name, log, child });
        Ok(())
    }

    /// An error if a program has ended.
    pub(super) fn all_running(&mut self) -> Result<(), DemoError> {
        for Program { name, child, .. } in &mut self.programs {
            let status = child
                .try_wait()
                .map_err(DemoError::io(format!("look after {name}")))?;
            if let Some(status) = status {
                return Err(DemoError::Ended { name, status });
            }
        }
        Ok(())
    }

    /// Shows the last lines of every program on standard error.
    pub(super) fn show_logs(&self) {
        for Program { name, log, .. } in &self.programs {
            let text = std::fs::read(log).unwrap_or_default();
            let tail = tail(&String::from_utf8_lossy(&text), TAIL);
            if !tail.is_empty() {
                errln!("--- the last lines of {name} ---\n{tail}");
            }
        }
    }

    /// Asks each program to end, the last one started first, and kills those that do not.
    pub(super) async fn take_down(mut self) {
        while let Some(mut program) = self.programs.pop() {
            // None once it has ended: then its number may already belong to another process.
            if let Some(pid) = program
                .child
                .id()
                .and_then(|id| Pid::from_raw(id.cast_signed()))
            {
                let asked = kill_process(pid, Signal::TERM);
                if asked.is_err()
                    || tokio::time::timeout(GRACE, program.child.wait())
                        .await
                        .is_err()
                {
                    // The only failure left is that it has ended meanwhile.
                    let _ = program.child.kill().await;
                }
            }
        }
    }
}

/// The last lines of a text.
fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all.get(all.len().saturating_sub(lines)..)
        .unwrap_or_default()
        .join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    fn is_running(id: u32) -> bool {
        rustix::process::test_kill_process(Pid::from_raw(id.cast_signed()).unwrap()).is_ok()
    }

    #[test]
    fn the_tail_is_what_comes_last() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a", 2), "a");
        assert_eq!(tail("", 2), "");
    }

    #[tokio::test]
    async fn programs_are_asked_to_end_and_their_folder_goes() {
        let mut stack = Stack::new().unwrap();
        let folder = stack.folder().to_owned();
        stack.start("sleeper", shell("exec sleep 1000")).unwrap();
        stack.all_running().unwrap();
        let id = stack.programs[0].child.id().unwrap();
        assert!(is_running(id));
        stack.take_down().await;
        assert!(!is_running(id));
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_program_that_ended_is_noticed() {
        let mut stack = Stack::new().unwrap();
        stack.start("brief", shell("echo wrong; exit 3")).unwrap();
        stack.programs[0].child.wait().await.unwrap();
        let error = stack.all_running().unwrap_err();
        assert_eq!(
            error.to_string(),
            "brief ended unexpectedly (exit status: 3)"
        );
        let log = std::fs::read_to_string(&stack.programs[0].log).unwrap();
        assert_eq!(log, "wrong\n");
    }
}
