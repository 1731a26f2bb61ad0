//! Lets the load go before all else on its core, while its own waits would look like a receiver's.

use std::io;
use std::process::{Command, Stdio};

/// The load goes first until this is dropped.
#[derive(Debug)]
pub(crate) struct First(());

impl First {
    /// None where the system does not allow it, which needs a privilege (`CAP_SYS_NICE`): then it says so.
    pub(crate) fn claim() -> Option<Self> {
        match schedule("--rr", 1) {
            Ok(true) => Some(Self(())),
            Ok(false) => {
                eprintln!(
                    "    so the load waits for its core like others, and latencies include it"
                );
                None
            }
            Err(error) => {
                eprintln!("    chrt: {error}; latencies include the load's waits for its core");
                None
            }
        }
    }
}

impl Drop for First {
    fn drop(&mut self) {
        if !schedule("--other", 0).is_ok_and(|done| done) {
            eprintln!("    the load still goes before all else");
        }
    }
}

/// Changes how all threads of this process are scheduled, and those that they start.
fn schedule(policy: &str, priority: u8) -> io::Result<bool> {
    let ended = Command::new("chrt")
        .args(["--all-tasks", policy, "--pid", &priority.to_string()])
        .arg(std::process::id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    Ok(ended.success())
}
