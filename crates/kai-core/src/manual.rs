//! What each program can print about its own command line: completions for shells, manual pages.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, Subcommand, ValueEnum};
use clap_complete::{Generator, aot};
use clap_mangen::Man;

use crate::output;

/// The commands about the command line itself.
#[derive(Debug, Clone, Subcommand)]
pub enum ManualCommand {
    /// Prints what a shell needs to complete commands and options
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the manual page; with a folder, writes one for each command into it
    Man {
        /// The folder, which is made where there is none
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// The usual shell of Linux.
    Bash,
    /// The usual shell of macOS.
    Zsh,
    /// The friendly one.
    Fish,
}

/// Why nothing was printed or written.
#[derive(Debug, thiserror::Error)]
pub enum ManualError {
    /// The output is full.
    #[error("cannot print: {0}")]
    Print(&'static io::Error),
    /// The folder cannot be made or written.
    #[error("cannot write manual pages into {}: {reason}", .folder.display())]
    Write {
        /// The folder.
        folder: PathBuf,
        /// What happened.
        reason: io::Error,
    },
}

impl ManualCommand {
    /// Prints or writes what is asked for about this command line.
    pub fn run(&self, command: Command) -> Result<(), ManualError> {
        match self {
            Self::Completions { shell } => print(&completions(*shell, command)),
            Self::Man { folder: None } => print(&page(command)),
            Self::Man {
                folder: Some(folder),
            } => write_pages(command, folder).map_err(|reason| ManualError::Write {
                folder: folder.clone(),
                reason,
            }),
        }
    }
}

/// What the shell needs to complete this command line.
fn completions(shell: Shell, mut command: Command) -> Vec<u8> {
    fn script(shell: impl Generator, command: &mut Command) -> Vec<u8> {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        aot::generate(shell, command, name, &mut script);
        script
    }
    match shell {
        Shell::Bash => mended(&script(aot::Bash, &mut command), command.get_name()),
        Shell::Zsh => script(aot::Zsh, &mut command),
        Shell::Fish => script(aot::Fish, &mut command),
    }
}

/// The generator names a command in two ways where the program's own name has a hyphen, so that bash
/// offers nothing behind the first word: one of them becomes the other.
fn mended(script: &[u8], program: &str) -> Vec<u8> {
    const BETWEEN: &str = "__subcmd__";
    let looked_up = program.replace('-', BETWEEN) + BETWEEN;
    let assigned = program.replace('-', "__") + BETWEEN;
    String::from_utf8_lossy(script)
        .replace(&looked_up, &assigned)
        .into_bytes()
}

/// The manual page of the program.
fn page(command: Command) -> Vec<u8> {
    let mut page = Vec::new();
    // Memory takes all that is written.
    let _ = Man::new(command).render(&mut page);
    page
}

/// A page for the program and one for each of its commands.
fn write_pages(command: Command, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)
}

fn print(text: &[u8]) -> Result<(), ManualError> {
    crate::out!("{}", String::from_utf8_lossy(text));
    output::check().map_err(ManualError::Print)
}
