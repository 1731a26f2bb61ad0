//! A program that ends with the one that started it, also when that was killed and could stop nothing.
//!
//! `kai-e2e` starts itself in the program's place, asks the kernel for a signal at the death of its
//! parent, and becomes the program: what was asked for stays.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{self, ExitCode};

use kai_core::errln;
use tokio::process::Command;

/// What stands first on the command line of a `kai-e2e` that becomes another program. It is between
/// this program and itself, and so no part of the command line that people see.
const WORD: &str = "--become-tied-to";

/// As shells have it for a program that cannot be run.
const CANNOT_RUN: u8 = 126;

/// A command that runs the program until it ends, or this process does. `own` is this program.
///
/// The kernel holds the thread that starts it for the parent, so that thread must last: it is the main
/// one here, which waits for everything else.
pub(super) fn command(own: &Path, program: &Path) -> Command {
    let mut command = Command::new(own);
    command
        .arg(WORD)
        .arg(process::id().to_string())
        .arg(program);
    command
}

/// Becomes another program, if that is what this process was started for.
///
/// # Errors
/// The status to end with, when that cannot be done; why is on standard error.
pub fn become_if_asked() -> Result<(), ExitCode> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(WORD)) {
        return Ok(());
    }
    let parent = arguments
        .next()
        .and_then(|parent| parent.to_str()?.parse().ok());
    let (Some(parent), Some(program)) = (parent, arguments.next()) else {
        errln!("kai-e2e: {WORD} is for kai-e2e's own use");
        return Err(ExitCode::from(2));
    };
    let reason = run(parent, &program, arguments);
    errln!("kai-e2e: cannot run {}: {reason}", program.display());
    Err(ExitCode::from(CANNOT_RUN))
}

/// Becomes the program; comes back only with the reason why not.
fn run(parent: i32, program: &OsStr, arguments: impl Iterator<Item = OsString>) -> String {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
        if let Err(error) = set_parent_process_death_signal(Some(Signal::TERM)) {
            return error.to_string();
        }
        // It may have died before the kernel was asked.
        if getppid() != Pid::from_raw(parent) {
            return "its parent is gone".to_owned();
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = parent;
    process::Command::new(program)
        .args(arguments)
        .exec()
        .to_string()
}
