//! `kai-worker init`: a key in `.env`, then a look at every part.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::ExitCode;

use anyhow::Context as _;
use kai_core::config::Secret;
use kai_core::store::Cipher;

use super::status;
use crate::cli::Cli;

const FILE: &str = ".env";

pub(super) async fn init(cli: &Cli) -> anyhow::Result<ExitCode> {
    let mut settings = cli.clone();
    if settings.store.encrypt_key.is_some() {
        println!("ENCRYPT_KEY is set already; {FILE} stays as it is.");
    } else {
        let key = Cipher::generate_key();
        append(&format!("ENCRYPT_KEY={key}\n")).with_context(|| format!("cannot write {FILE}"))?;
        println!(
            "Wrote a new ENCRYPT_KEY to {FILE}. Keep it: connections cannot be read without it."
        );
        settings.store.encrypt_key = Some(Secret::from(key));
    }
    status::report(&settings).await;
    Ok(ExitCode::SUCCESS)
}

/// Adds a line to the file, which only its owner may read.
fn append(line: &str) -> std::io::Result<()> {
    let existing = match std::fs::read_to_string(FILE) {
        Ok(existing) => existing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(FILE)?;
    if !existing.is_empty() && !existing.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    file.write_all(line.as_bytes())
}
