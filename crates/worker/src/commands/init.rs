//! `kai-worker init`: a settings file with a new key and what was found here, then a look at every
//! part. It asks nothing.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ArgMatches;
use kai_core::config::{self, Secret, Setting, Source};
use kai_core::outln;
use kai_core::store::Cipher;

use super::found::{self, Found};
use super::settings_file::{self, Entries, Entry};
use super::status;
use crate::cli::{Cli, InitArgs};

const FILE: &str = ".env";
const OLD: &str = ".env.old";
const KEY: &str = "ENCRYPT_KEY";

/// Where Temporal is when nothing says otherwise.
const USUAL_TEMPORAL: &str = "localhost:7233";

pub(super) async fn init(
    cli: &Cli,
    matches: &ArgMatches,
    arguments: InitArgs,
) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("cannot tell the working directory")?;
    let found = found::look(cli, &folder).await;
    let mut cli = cli.clone();
    let new_key = cli.store.encrypt_key.is_none().then(Cipher::generate_key);
    write(matches, &arguments, &found, new_key.as_deref())?;
    if let Some(key) = new_key {
        outln!("{KEY} is new. Keep it: connections cannot be read without it.");
        cli.store.encrypt_key = Some(Secret::from(key));
    }
    if status::others_may_read(Path::new(FILE)) {
        outln!("Others can read {FILE}, which is for secrets: chmod 600 {FILE}");
    }
    outln!();
    status::report(&cli).await;
    if !found.databases.is_empty() {
        outln!("\nDatabases at hand; to add one:");
        for database in &found.databases {
            outln!("  {database}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the file, or the key into it, and says what was done. What is there stays, unless it is to
/// be replaced.
fn write(
    matches: &ArgMatches,
    arguments: &InitArgs,
    found: &Found,
    new_key: Option<&str>,
) -> anyhow::Result<()> {
    let file = Path::new(FILE);
    let settings = config::settings::<Cli>(matches);
    let is_there = file.symlink_metadata().is_ok();
    if is_there && !arguments.force {
        if let Some(key) = new_key {
            settings_file::append(file, KEY, key)
                .with_context(|| format!("cannot write {FILE}"))?;
            outln!("Added {KEY} to {FILE}; --force writes a new file with every setting.");
        } else {
            outln!("{KEY} is set already; {FILE} stays as it is. --force writes a new one.");
        }
        return Ok(());
    }
    let kept = if is_there {
        let old = std::fs::read(file).with_context(|| format!("cannot read {FILE}"))?;
        config::assignments(&old).map_err(|reason| anyhow::anyhow!("{FILE}: {reason}"))?
    } else {
        Vec::new()
    };
    let text = settings_file::text(&settings, entries(&settings, kept, found, new_key));
    if is_there {
        settings_file::replace(file, Path::new(OLD), &text)
            .with_context(|| format!("cannot write {FILE}"))?;
        outln!("Wrote {FILE} anew, with the values of the old one, which is {OLD} now.");
    } else {
        settings_file::create(file, &text).with_context(|| format!("cannot write {FILE}"))?;
        outln!("Wrote {FILE} with every setting.");
    }
    Ok(())
}

/// What the file says of each setting: the values that it had, a new key, and what was found.
fn entries(
    settings: &[Setting],
    kept: Vec<(String, String)>,
    found: &Found,
    new_key: Option<&str>,
) -> Entries {
    let mut entries = Entries::new();
    for setting in settings {
        let note = match setting.source {
            Source::Environment => "Set in the environment when this file was written.",
            Source::Flag => "Set by a flag when this file was written.",
            Source::EnvFile | Source::Default => continue,
        };
        entry(&mut entries, &setting.name).note = Some(note.to_owned());
    }
    let names_temporal = settings.iter().any(|setting| {
        matches!(setting.name.as_str(), "TEMPORAL_HOST" | "TEMPORAL_ADDRESS")
            && setting.source != Source::Default
    });
    if let (Some(address), false) = (&found.temporal, names_temporal) {
        let host = entry(&mut entries, "TEMPORAL_HOST");
        if address == USUAL_TEMPORAL {
            host.value = Some(address.clone());
            host.note = Some("It answered there when this file was written.".to_owned());
        } else {
            host.note = Some(format!("The profile names {address}, which answered."));
        }
    }
    if let Some(models) = &found.ollama {
        let family = entry(&mut entries, "CHAT_FAMILY");
        family.example = Some("ollama".to_owned());
        family.note =
            Some("An Ollama answers on this machine: take the # away to use it.".to_owned());
        let model = entry(&mut entries, "CHAT_MODEL");
        model.example = models.first().cloned();
        model.note = Some(format!(
            "The Ollama of this machine has {}.",
            models.join(", ")
        ));
    }
    if let Some(key) = new_key {
        entry(&mut entries, KEY).value = Some(key.to_owned());
    }
    for (name, value) in kept {
        entry(&mut entries, &name).value = Some(value);
    }
    entries
}

fn entry<'a>(entries: &'a mut Entries, name: &str) -> &'a mut Entry {
    entries.entry(name.to_owned()).or_default()
}
