//! `kai-worker connection …`: the databases that can be asked.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use kai_core::config::StoreSettings;
use kai_core::database::{self, ConnectionUri, Database, privileges};
use kai_core::ids::ConnectionId;
use kai_core::store::{Connection, NewConnection, Store};
use kai_core::{errln, out, outln};

use super::{connection_update, needed_cipher, open_store, print_json};
use crate::cli::{ConnectionCommand, CreateArgs};

pub(super) async fn run(
    settings: &StoreSettings,
    command: ConnectionCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        ConnectionCommand::Create(arguments) => create(settings, arguments).await?,
        ConnectionCommand::List { json } => list(&open_store(settings).await?, json).await?,
        ConnectionCommand::Show { connection, json } => {
            show(
                &find(&open_store(settings).await?, &connection).await?,
                json,
            )?;
        }
        ConnectionCommand::Test { connection, json } => {
            return test(settings, &connection, json).await;
        }
        ConnectionCommand::Update(arguments) => {
            connection_update::update(settings, arguments).await?;
        }
        ConnectionCommand::Delete {
            connection,
            force,
            json,
        } => {
            delete(&open_store(settings).await?, &connection, force, json).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(settings: &StoreSettings, arguments: CreateArgs) -> anyhow::Result<()> {
    let uri: ConnectionUri = arguments.uri.parse()?;
    let cipher = needed_cipher(settings)?;
    let schemas = if arguments.schemas.is_empty() {
        uri.default_schemas()
    } else {
        arguments.schemas
    };
    let database = database::connect(&uri, &schemas).await?;
    let tables = database.list_tables().await?;
    ensure!(
        !tables.is_empty(),
        "the database has no tables in {}; name the right schema with --schema",
        schemas.join(", ")
    );
    let store = open_store(settings).await?;
    let connection = store
        .add_connection(
            NewConnection {
                id: arguments.id.map(ConnectionId::new),
                schemas,
                ..NewConnection::new(arguments.alias, uri)
            },
            &cipher,
        )
        .await?;
    if let Some(warning) = privilege_warning(&*database).await {
        errln!("Warning: {warning}");
    }
    if arguments.json {
        return print_json(&connection);
    }
    outln!("Connection ID: {}", connection.id);
    outln!(
        "{} tables can be asked as {}.",
        tables.len(),
        connection.alias
    );
    Ok(())
}

/// What is to be said of an account that could do more than read. An account that may not look up
/// its own grants is taken as it is.
pub(super) async fn privilege_warning(database: &dyn Database) -> Option<String> {
    match database.excess_privileges().await {
        Ok(excess) => privileges::warning(&excess),
        Err(error) => {
            tracing::debug!(%error, "the account's privileges could not be read");
            None
        }
    }
}

async fn list(store: &Store, json: bool) -> anyhow::Result<()> {
    let connections = store.connections().await?;
    if json {
        return print_json(&connections);
    }
    if connections.is_empty() {
        outln!("No connections yet; add one with `kai-worker connection create URI -a ALIAS`.");
    }
    for connection in connections {
        outln!(
            "{}: {} ({})",
            connection.id,
            connection.alias,
            connection.dialect
        );
    }
    Ok(())
}

fn show(connection: &Connection, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(connection);
    }
    outln!("ID      : {}", connection.id);
    outln!("Alias   : {}", connection.alias);
    if let Some(description) = &connection.description {
        outln!("About   : {description}");
    }
    outln!("Dialect : {}", connection.dialect);
    outln!("Schemas : {}", connection.schemas.join(", "));
    outln!("Created : {}", connection.created_at.to_rfc3339());
    Ok(())
}

/// Tells how the database answers; with `json` also that it does not.
async fn test(settings: &StoreSettings, id_or_alias: &str, json: bool) -> anyhow::Result<ExitCode> {
    let store = open_store(settings).await?;
    let connection = find(&store, id_or_alias).await?;
    let uri = store.connection_uri(&connection, &needed_cipher(settings)?)?;
    let listed = match database::connect(&uri, &connection.schemas).await {
        Ok(database) => database.list_tables().await,
        Err(error) => Err(error),
    };
    match listed {
        Ok(tables) if json => print_json(&serde_json::json!({
            "status": "success", "message": "Connection successful",
            "dialect": connection.dialect, "tables": tables.len(),
        }))?,
        Ok(tables) => {
            outln!("Connection successful");
            outln!("Dialect : {}", connection.dialect);
            outln!("Tables  : {}", tables.len());
        }
        Err(error) if json => {
            print_json(&serde_json::json!({"status": "error", "message": error.to_string()}))?;
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn delete(store: &Store, id_or_alias: &str, force: bool, json: bool) -> anyhow::Result<()> {
    let connection = find(store, id_or_alias).await?;
    if !force && !confirm(&connection)? {
        outln!("Nothing was deleted.");
        return Ok(());
    }
    store.delete_connection(&connection.id).await?;
    if json {
        return print_json(&serde_json::json!({"deleted": connection.id}));
    }
    outln!("Deleted {}: {}", connection.id, connection.alias);
    Ok(())
}

fn confirm(connection: &Connection) -> anyhow::Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        bail!(
            "add --force to delete {} without being asked",
            connection.alias
        );
    }
    out!(
        "Delete the connection {} ({})? [y/N] ",
        connection.alias,
        connection.id
    );
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

pub(super) async fn find(store: &Store, id_or_alias: &str) -> anyhow::Result<Connection> {
    store.find_connection(id_or_alias).await?.with_context(|| {
        format!(
            "Connection {id_or_alias} not found; `kai-worker connection list` shows what there is"
        )
    })
}
