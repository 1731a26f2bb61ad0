//! The commands of `kai-worker`, one file each.

use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::{ArgMatches, CommandFactory as _};
use kai_core::config::{Parsed, StoreSettings};
use kai_core::store::{Cipher, Store};
use kai_core::{outln, output};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::cli::{Cli, Command, KeyCommand};

mod ask;
mod codec;
mod connection;
mod connection_update;
mod eval;
mod found;
mod init;
mod mdl;
mod run;
mod scan;
mod settings;
mod settings_file;
mod status;
mod verified;

/// Carries out the command of the command line.
pub async fn run(parsed: Parsed<Cli>) -> anyhow::Result<ExitCode> {
    let Parsed {
        values: mut cli,
        matches,
    } = parsed;
    let command = cli.command.take();
    // A worker goes on without its output, which is what the other commands are for.
    let serves = matches!(command, None | Some(Command::Run | Command::Codec));
    let code = Box::pin(carry_out(cli, command, &matches)).await?;
    if !serves {
        output::check().context("cannot print")?;
    }
    Ok(code)
}

async fn carry_out(
    cli: Cli,
    command: Option<Command>,
    matches: &ArgMatches,
) -> anyhow::Result<ExitCode> {
    match command {
        None | Some(Command::Run) => run::run(&cli).await,
        Some(Command::Init(arguments)) => init::init(&cli, matches, arguments).await,
        Some(Command::Status(arguments)) => status::status(&cli, matches, &arguments).await,
        Some(Command::Key(KeyCommand::Generate)) => {
            outln!("{}", Cipher::generate_key());
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Key(KeyCommand::Codec { id })) => codec::new_key(&id),
        Some(Command::Codec) => codec::serve(&cli).await,
        Some(Command::Connection(command)) => connection::run(&cli.store, command).await,
        Some(Command::Scan(arguments)) => scan::scan(&cli, arguments).await,
        Some(Command::Mdl(arguments)) => mdl::mdl(&cli, arguments).await,
        Some(Command::Verified(arguments)) => verified::verified(&cli, arguments).await,
        Some(Command::Ask(arguments)) => ask::ask(&cli, arguments).await,
        Some(Command::Eval(arguments)) => eval::eval(&cli, arguments).await,
        Some(Command::Config { json }) => settings::list(matches, json),
        Some(Command::Manual(command)) => {
            command.run(Cli::command())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn open_store(settings: &StoreSettings) -> anyhow::Result<Store> {
    Ok(Store::open(&settings.store_url()).await?)
}

/// The cipher of `ENCRYPT_KEY`, if that is set.
fn cipher(settings: &StoreSettings) -> anyhow::Result<Option<Cipher>> {
    settings
        .encrypt_key
        .as_ref()
        .map(|key| Ok(Cipher::from_key(key.expose())?))
        .transpose()
}

/// The cipher, where nothing can be done without it.
fn needed_cipher(settings: &StoreSettings) -> anyhow::Result<Cipher> {
    cipher(settings)?.context(
        "ENCRYPT_KEY is not set; run `kai-worker init`, which makes a key and writes it to .env",
    )
}

/// Prints a value as JSON for people and programs.
fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    outln!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Listens; `setting` is what chooses the port.
async fn listen(host: &str, port: u16, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind((host, port))
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => anyhow!(
                "port {port} on {host} is taken; stop the other program or choose another with \
                 {setting}"
            ),
            _ => anyhow!("cannot listen on {host}:{port}: {error}"),
        })
}
