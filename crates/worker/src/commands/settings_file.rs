//! The settings file that `init` writes: every setting with its meaning, those without a value off.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use kai_core::config::Setting;

/// How wide a comment is at most.
const WIDTH: usize = 98;

/// Only the owner reads and writes it.
const PRIVATE: u32 = 0o600;

const HEADER: &str = "\
# The settings of KAI on this machine, written by `kai-worker init`. It holds the key to every
# stored connection: keep it, and keep it to yourself. A line that begins with `#NAME=` is off; take
# the `#` away and put your value. Flags and the environment win over this file; `kai-worker config`
# shows what is in force.
";

/// What is to be said of a setting in the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// Its value; off where there is none.
    pub(super) value: Option<String>,
    /// What it could be; shown where it is off.
    pub(super) example: Option<String>,
    /// What was found out about it.
    pub(super) note: Option<String>,
}

/// The entries, by the names of their settings.
pub(super) type Entries = BTreeMap<String, Entry>;

/// The file's text. Entries that are no settings of the worker, such as the receiver's, stand at its
/// end.
pub(super) fn text(settings: &[Setting], mut entries: Entries) -> String {
    let mut text = HEADER.to_owned();
    let mut group = "";
    for setting in settings {
        if setting.group != group {
            group = &setting.group;
            heading(&mut text, group);
        }
        let entry = entries.remove(&setting.name).unwrap_or_default();
        text.push('\n');
        comment(&mut text, &setting.meaning);
        if let Some(note) = &entry.note {
            comment(&mut text, note);
        }
        if let Some(value) = entry.value {
            assign(&mut text, &setting.name, &value);
        } else {
            let shown = entry.example.as_ref().or(setting.default.as_ref());
            text.push('#');
            assign(&mut text, &setting.name, shown.map_or("", String::as_str));
        }
    }
    if !entries.is_empty() {
        heading(&mut text, "Other");
        text.push('\n');
    }
    for (name, entry) in entries {
        assign(&mut text, &name, entry.value.as_deref().unwrap_or_default());
    }
    text
}

fn heading(text: &mut String, group: &str) {
    put(text, format_args!("\n# --- {group} ---\n"));
}

/// The words, in lines that a person can read.
fn comment(text: &mut String, words: &str) {
    let mut line = "#".to_owned();
    for word in words.split_whitespace() {
        if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            put(text, format_args!("{line}\n"));
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    put(text, format_args!("{line}\n"));
}

fn assign(text: &mut String, name: &str, value: &str) {
    put(text, format_args!("{name}={}\n", quoted(value)));
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(arguments);
}

/// The value as it can stand behind a name, so that reading it gives the same value.
fn quoted(value: &str) -> String {
    let is_plain = value
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "_-./:@%+,=".contains(character));
    if is_plain {
        return value.to_owned();
    }
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut quoted = "\"".to_owned();
    for character in value.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '"' | '\\' | '$' => {
                quoted.push('\\');
                quoted.push(character);
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes a file that was not there before.
pub(super) fn create(file: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Writes the file in the place of one that is there, which is kept as `old`. Whenever this is cut
/// short, one of the two is whole.
pub(super) fn replace(file: &Path, old: &Path, text: &str) -> io::Result<()> {
    let new = file.with_extension("new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => create(&new, text)?,
    }
    std::fs::rename(file, old)?;
    std::fs::set_permissions(old, std::fs::Permissions::from_mode(PRIVATE))?;
    std::fs::rename(&new, file)
}

/// Adds an assignment at the end of a file, whatever else is in it.
pub(super) fn append(file: &Path, name: &str, value: &str) -> io::Result<()> {
    let existing = std::fs::read(file)?;
    let mut file = std::fs::OpenOptions::new().append(true).open(file)?;
    if !existing.is_empty() && !existing.ends_with(b"\n") {
        file.write_all(b"\n")?;
    }
    let mut line = String::new();
    assign(&mut line, name, value);
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use kai_core::config;

    use super::*;
    use crate::cli::Cli;

    fn settings() -> Vec<Setting> {
        let matches = Cli::command().try_get_matches_from(["kai-worker"]).unwrap();
        config::settings::<Cli>(&matches)
    }

    fn read(text: &str) -> BTreeMap<String, String> {
        config::assignments(text.as_bytes())
            .unwrap()
            .into_iter()
            .collect()
    }

    #[test]
    fn every_setting_is_there_and_only_those_with_a_value_are_on() {
        let value = |text: &str| Entry {
            value: Some(text.to_owned()),
            ..Entry::default()
        };
        let entries = [
            ("ENCRYPT_KEY".to_owned(), value("a-b_c=")),
            ("SSE_PORT".to_owned(), value("9092")),
        ];
        let text = text(&settings(), entries.into());
        for setting in settings() {
            let on = format!("\n{}=", setting.name);
            let off = format!("\n#{}=", setting.name);
            assert_eq!(
                text.contains(&on),
                setting.name == "ENCRYPT_KEY",
                "{}",
                setting.name
            );
            assert_eq!(
                text.contains(&off),
                setting.name != "ENCRYPT_KEY",
                "{}",
                setting.name
            );
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100));
        let read = read(&text);
        assert_eq!(read.len(), 2);
        assert_eq!(read["ENCRYPT_KEY"], "a-b_c=");
        assert_eq!(read["SSE_PORT"], "9092");
    }

    #[test]
    fn values_come_back_as_they_were() {
        for value in [
            "plain",
            "with space",
            "#not a comment",
            "it's",
            "a'b\"c\\d$e",
            "two\nlines",
            "'\n$HOME",
            "",
            "ünï",
            "postgres://u:p@ss#1@h/db?x=y&z=%20",
        ] {
            let line = format!("NAME={}\nNEXT=1\n", quoted(value));
            let read = read(&line);
            assert_eq!(read["NAME"], value, "{line}");
            assert_eq!(read["NEXT"], "1", "{line}");
        }
    }
}
