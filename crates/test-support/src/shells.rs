//! Shells with completions loaded, as the people who use them have it: what they make of a line.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say where"
)]

use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;

/// How long a shell may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A shell that programs print completions for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash, which is asked through the function that its completions declare.
    Bash,
    /// zsh, at a terminal of its own, where the tab key is pressed.
    Zsh,
    /// fish, which tells by itself what it would offer.
    Fish,
}

/// All of them.
pub const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

/// Each of these takes the file with the completions, the program and the line.
const ASK_BASH: &str = r#"
. "$1" || exit
declared=$(complete -p "$2") || exit
declared=${declared#*-F }
COMP_WORDS=($3)
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"${declared%% *}" "$2" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" || exit
printf '%s\n' "${COMPREPLY[@]}"
"#;
const ASK_FISH: &str = "source $argv[1]; or exit; complete -C $argv[3]";
const ASK_ZSH: &str = r#"
zsh -n "$1" || exit
zmodload zsh/zpty || exit
zpty shell zsh -f -i || exit
zpty -w shell "fpath=(${(q)1:h} \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "$2() { print -r -- \"typed \${argv[-1]} \$((40 + 2))\" }"
zpty -w -n shell "$3"$'\t\n'
zpty -r shell said '*typed * 42*'
said=${said##*typed }
print -r -- "${said%% 42*}"
zpty -d shell
"#;

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        })
    }
}

impl Shell {
    /// What the shell, with these completions of a program, offers for the last word of the line.
    ///
    /// # Panics
    /// When there is no such shell here, or it cannot read the completions.
    pub async fn offers(self, program: &str, completions: &str, line: &str) -> Vec<String> {
        let folder = TempDir::new().expect("a folder");
        // zsh finds completions by the name of their file.
        let file = folder.path().join(format!("_{program}"));
        std::fs::write(&file, completions).expect("a file in it");
        let asked = self
            .asking(folder.path())
            .arg(&file)
            .args([program, line])
            .output();
        let asked = tokio::time::timeout(PATIENCE, asked).await;
        let output = asked
            .unwrap_or_else(|_| panic!("{self} did not say what it makes of {line:?}"))
            .unwrap_or_else(|error| {
                panic!("cannot start {self}, which scripts/with-services installs: {error}")
            });
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && complaint.is_empty(),
            "{self}: {complaint}"
        );
        // fish tells what each is for, zsh puts the = of an option that takes a value.
        let word = |line: &str| {
            let word = line.split('\t').next().unwrap_or_default();
            word.strip_suffix('=').unwrap_or(word).to_owned()
        };
        said.lines().map(word).collect()
    }

    /// The shell, without anything of this process's settings or a person's own.
    fn asking(self, home: &Path) -> Command {
        let (flags, ask): (&[&str], _) = match self {
            Self::Bash => (&["--norc", "-c"], ASK_BASH),
            Self::Zsh => (&["-f", "-c"], ASK_ZSH),
            Self::Fish => (&["--no-config", "-c"], ASK_FISH),
        };
        let mut shell = Command::new(self.to_string());
        shell.args(flags).arg(ask);
        // The first argument behind a command is its name, but for fish.
        if self != Self::Fish {
            shell.arg(self.to_string());
        }
        shell
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        shell
    }
}
