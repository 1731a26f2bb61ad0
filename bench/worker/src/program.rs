//! A child process: observed from outside, ended with the benchmark.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::param::clock_ticks_per_second;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::error::BenchError;
use crate::row::{Kind, Moment};

const ENDS_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How many lines of a program's complaints are shown.
const LAST_LINES: usize = 20;

/// What is started, and with which settings.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) name: &'static str,
    pub(crate) line: Vec<String>,
    /// Its settings; nothing else of this process's environment reaches it but the PATH.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Where it runs, and what its home is.
    pub(crate) folder: &'a Path,
}

/// A running program; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Program {
    name: &'static str,
    child: Child,
    pid: u32,
    output: Lines<BufReader<ChildStdout>>,
    errors: PathBuf,
}

impl Program {
    /// Starts it, and waits for nothing.
    pub(crate) fn start(start: &Start<'_>) -> Result<Self, BenchError> {
        let program = || start.line.join(" ");
        let errors = start.folder.join(format!("{}.errors", start.name));
        let stderr = File::create(&errors).map_err(BenchError::file(&errors))?;
        let spawn_error = |source| BenchError::Spawn {
            program: program(),
            source,
        };
        // The program takes the place of this one, so the process id is its own. It is told to end
        // when the benchmark is killed.
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .args(&start.line)
            .current_dir(start.folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", start.folder)
            .envs(start.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(spawn_error)?;
        let (Some(stdout), Some(pid)) = (child.stdout.take(), child.id()) else {
            return Err(spawn_error(std::io::Error::other("it has no output")));
        };
        Ok(Self {
            name: start.name,
            child,
            pid,
            output: BufReader::new(stdout).lines(),
            errors,
        })
    }

    /// Waits until it prints this line.
    pub(crate) async fn says(&mut self, wanted: &str, within: Duration) -> Result<(), BenchError> {
        let said = tokio::time::timeout(within, async {
            while let Ok(Some(line)) = self.output.next_line().await {
                if line == wanted {
                    return Ok(());
                }
            }
            Err(self.child.wait().await)
        });
        match said.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(status)) => Err(BenchError::Ended {
                program: self.name,
                status: status.map_or_else(|error| error.to_string(), |status| status.to_string()),
                said: self.last_words(),
            }),
            Err(_elapsed) => Err(self.not_ready(within)),
        }
    }

    /// The error for a program that does not get ready.
    pub(crate) fn not_ready(&self, within: Duration) -> BenchError {
        BenchError::NotReady {
            program: self.name,
            seconds: within.as_secs(),
            said: self.last_words(),
        }
    }

    /// The end of what it wrote to its standard error.
    fn last_words(&self) -> String {
        let said = fs::read_to_string(&self.errors).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines.len().saturating_sub(LAST_LINES);
        lines.get(last..).unwrap_or_default().join("\n")
    }

    /// Its memory, in bytes.
    pub(crate) fn memory(&self, moment: Moment, kind: Kind) -> Result<f64, BenchError> {
        let (file, name) = match (moment, kind) {
            (Moment::AtRest, Kind::Resident) => ("status", "VmRSS:"),
            (Moment::UnderLoad, Kind::Resident) => ("status", "VmHWM:"),
            (_, Kind::Proportional) => ("smaps_rollup", "Pss:"),
            (_, Kind::Anonymous) => ("smaps_rollup", "Anonymous:"),
        };
        let path = format!("/proc/{}/{file}", self.pid);
        let status = fs::read_to_string(&path).map_err(BenchError::file(path))?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
            .and_then(|kib| kib.parse::<u32>().ok());
        kib.map(|kib| f64::from(kib) * 1_024.0)
            .ok_or(BenchError::Failed {
                doing: "reading a program's memory",
                said: status,
            })
    }

    /// The processor time that it has used, threads that have ended included, in seconds; the
    /// kernel tells it in hundredths.
    pub(crate) fn processor_seconds(&self) -> Result<f64, BenchError> {
        let path = format!("/proc/{}/stat", self.pid);
        let stat = fs::read_to_string(&path).map_err(BenchError::file(path))?;
        ticks(&stat)
            .zip(u32::try_from(clock_ticks_per_second()).ok())
            .map(|(ticks, per_second)| f64::from(ticks) / f64::from(per_second))
            .ok_or(BenchError::Failed {
                doing: "reading a program's processor time",
                said: stat,
            })
    }
}

/// User and system time. The name before them may have blanks, but ends with the last bracket.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(user + system)
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.pid.cast_signed())
            && matches!(self.child.try_wait(), Ok(None))
        {
            // It may be ending by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let until = Instant::now() + ENDS_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > until {
                let _ = self.child.start_kill();
                return;
            }
            sleep(LOOK_EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_ends_is_not_waited_for() {
        let folder = tempfile::TempDir::new().unwrap();
        let line = ["sh", "-c", "echo cannot do it >&2; exit 3"].map(str::to_owned);
        let start = Start {
            name: "short",
            line: line.to_vec(),
            settings: Vec::new(),
            folder: folder.path(),
        };
        let mut program = Program::start(&start).unwrap();
        let error = program
            .says("ready", Duration::from_mins(1))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "short ended before it was ready, with exit status: 3; the last that it said:\n\
             cannot do it"
        );
    }

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "12 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0";
        assert_eq!(ticks(stat), Some(175));
        assert_eq!(ticks("12 (a"), None);
    }
}
