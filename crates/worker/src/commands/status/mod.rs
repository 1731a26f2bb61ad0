//! `kai-worker status`: one line per part, and what to do about each that is not well.

mod databases;
mod part;
mod services;
mod temporal;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use kai_core::config::{self, Source};
use kai_core::outln;
use kai_core::terminal::Paint;
use serde_json::json;

use self::part::{Part, State};
pub(super) use self::services::ollama_models;
use super::{needed_cipher, open_store, print_json};
use crate::cli::{Cli, StatusArgs};

/// Who may read a file, beside its owner.
const OTHERS_MAY_READ: u32 = 0o044;

pub(super) async fn status(
    cli: &Cli,
    matches: &ArgMatches,
    arguments: &StatusArgs,
) -> anyhow::Result<ExitCode> {
    let mut parts = vec![settings(matches)];
    parts.extend(look(cli, arguments).await);
    let is_well = parts.iter().all(|part| part.state != State::Failed);
    if arguments.json {
        print_json(&json!({"well": is_well, "parts": parts}))?;
    } else {
        show(&parts);
    }
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints a line for every part.
pub(super) async fn report(cli: &Cli) {
    let arguments = StatusArgs {
        callback_host: None,
        json: false,
    };
    show(&look(cli, &arguments).await);
}

fn show(parts: &[Part]) {
    let paint = Paint::for_stdout();
    for part in parts {
        outln!("{}", part.line(paint));
    }
}

/// Every part but the settings. What is far away is looked at side by side.
async fn look(cli: &Cli, arguments: &StatusArgs) -> Vec<Part> {
    let store = open_store(&cli.store).await;
    let cipher = needed_cipher(&cli.store);
    let mut parts = vec![
        match &store {
            Ok(_) => Part::ok("store", cli.store.store_url()),
            Err(error) => red_store(&error.to_string()),
        },
        match &cipher {
            Ok(_) => Part::ok("key", "ENCRYPT_KEY is set"),
            Err(error) => Part::failed("key", format_args!("{error:#}")),
        },
    ];
    let connections = async {
        match (&store, &cipher) {
            (Ok(store), Ok(cipher)) => databases::connections(store, cipher).await,
            (Err(_), _) => vec![Part::unknown("connections", "the store")],
            (_, Err(_)) => vec![Part::unknown("connections", "the key")],
        }
    };
    let (temporal, receiver, model, control_plane, connections) = futures::join!(
        temporal::parts(cli),
        services::receiver(cli, arguments.callback_host.as_ref()),
        services::model(cli),
        services::control_plane(cli),
        connections,
    );
    parts.extend(temporal);
    parts.extend([receiver, model, control_plane]);
    parts.extend(connections);
    parts
}

/// A store that cannot be opened, with the setting that it is about.
fn red_store(error: &str) -> Part {
    if error.contains("KAI_STORE_URL") {
        Part::failed("store", error)
    } else {
        Part::failed(
            "store",
            format_args!("{error}; KAI_STORE_URL says where it is"),
        )
    }
}

/// Where the settings come from, and whether somebody else can read them.
fn settings(matches: &ArgMatches) -> Part {
    let settings = config::settings::<Cli>(matches);
    let count = |source| {
        settings
            .iter()
            .filter(|setting| setting.source == source)
            .count()
    };
    let set = format!(
        "{} from flags, {} from the environment, {} from .env files",
        count(Source::Flag),
        count(Source::Environment),
        count(Source::EnvFile),
    );
    let secrets: BTreeSet<&str> = settings
        .iter()
        .filter(|setting| setting.secret && setting.source == Source::EnvFile)
        .map(|setting| setting.name.as_str())
        .collect();
    let open: Vec<&str> = config::DOTENV_FILES
        .into_iter()
        .filter(|file| !secrets.is_empty() && others_may_read(Path::new(file)))
        .collect();
    if open.is_empty() {
        return Part::ok("settings", set);
    }
    let files = open.join(" ");
    Part::warning(
        "settings",
        format_args!("{set}; others can read the secrets in {files}: chmod 600 {files}"),
    )
}

/// Whether a file can be read by others than its owner.
pub(super) fn others_may_read(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|found| found.permissions().mode() & OTHERS_MAY_READ != 0)
}
