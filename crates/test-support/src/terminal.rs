//! Programs at a terminal: what a person would see of them.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say where"
)]

use std::ffi::OsStr;
use std::process::Stdio;

use tokio::process::Command;

/// The same command at a terminal of its own, 100 columns wide, with the environment that the command
/// names and nothing else. What it writes on either output comes on standard output, as it was drawn.
///
/// # Panics
/// When the command is not text.
pub fn at_a_terminal(command: &Command) -> Command {
    let command = command.as_std();
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(shell_word)
        .collect();
    let line = format!("stty cols 100 rows 30 && exec {}", words.join(" "));
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env_clear()
        .env("TERM", "xterm")
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(folder) = command.get_current_dir() {
        script.current_dir(folder);
    }
    script
}

fn shell_word(word: &OsStr) -> String {
    let word = word.to_str().expect("words are text");
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The places of a bar that were drawn, in their order: each `n` of an `n/of` with `unit` behind it.
pub fn drawn(said: &str, of: usize, unit: &str) -> Vec<usize> {
    said.match_indices(&format!("/{of}{unit}"))
        .filter_map(|(at, _)| {
            let before = said.get(..at)?;
            let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok()
        })
        .collect()
}
