//! `kai-worker status`: one line per part, and what to do about each that is not well.

use std::process::ExitCode;

use kai_core::database;
use kai_core::store::{Cipher, Connection, Store};
use kai_temporal::{Server, TemporalError};

use super::connection::privilege_warning;
use super::{needed_cipher, open_store, store_url};
use crate::cli::Cli;

pub(super) async fn status(cli: &Cli) -> anyhow::Result<ExitCode> {
    Ok(if report(cli).await {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints a line for every part. `true` when all are well.
pub(super) async fn report(cli: &Cli) -> bool {
    let store = open_store(&cli.store).await;
    let cipher = needed_cipher(&cli.store);
    let mut well = line("store", store.as_ref().map(|_| store_url(&cli.store)));
    well &= line("key", cipher.as_ref().map(|_| "ENCRYPT_KEY is set"));
    if let (Ok(store), Ok(cipher)) = (&store, &cipher) {
        well &= report_connections(store, cipher).await;
    }
    let model = cli.model.build(cli.agent.agent_language);
    well &= line("model", model.as_ref().map(|model| model.name().to_owned()));
    well &= line("temporal", try_temporal(cli).await);
    well
}

async fn try_temporal(cli: &Cli) -> Result<String, TemporalError> {
    let server = cli.temporal.server()?;
    server.connect("kai-worker status").await?;
    let Server {
        address,
        namespace,
        task_queue,
        ..
    } = server;
    Ok(format!(
        "{address}, namespace {namespace}, task queue {task_queue}"
    ))
}

async fn report_connections(store: &Store, cipher: &Cipher) -> bool {
    let connections = match store.connections().await {
        Ok(connections) => connections,
        Err(error) => return line("connections", Err::<&str, _>(error)),
    };
    if connections.is_empty() {
        return line(
            "connections",
            Ok::<_, &str>("none yet; add one with `kai-worker connection create`"),
        );
    }
    let mut well = true;
    for connection in connections {
        let outcome = try_connection(store, cipher, &connection).await;
        well &= line(&format!("connection {}", connection.alias), outcome);
    }
    well
}

async fn try_connection(
    store: &Store,
    cipher: &Cipher,
    connection: &Connection,
) -> anyhow::Result<String> {
    let uri = store.connection_uri(connection, cipher)?;
    let database = database::connect(&uri, &connection.schemas).await?;
    let tables = database.list_tables().await?.len();
    Ok(match privilege_warning(&*database).await {
        Some(warning) => format!("{tables} tables\n     Warning: {warning}"),
        None => format!("{tables} tables"),
    })
}

fn line<T: std::fmt::Display, E: std::fmt::Display>(part: &str, outcome: Result<T, E>) -> bool {
    match outcome {
        Ok(text) => {
            println!("[ok] {part}: {text}");
            true
        }
        Err(error) => {
            println!("[--] {part}: {error:#}");
            false
        }
    }
}
