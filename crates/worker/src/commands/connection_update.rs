//! `kai-worker connection update`: changes a connection and keeps its id.

use anyhow::ensure;
use kai_core::config::StoreSettings;
use kai_core::database::{self, ConnectionUri};
use kai_core::outln;
use kai_core::store::NewConnection;

use super::connection::find;
use super::{needed_cipher, open_store, print_json};
use crate::cli::UpdateArgs;

pub(super) async fn update(settings: &StoreSettings, arguments: UpdateArgs) -> anyhow::Result<()> {
    let moved = arguments.uri.is_some() || !arguments.schemas.is_empty();
    ensure!(
        moved || arguments.alias.is_some() || arguments.description.is_some(),
        "nothing to change; give --uri, --alias, --schema or --description"
    );
    let store = open_store(settings).await?;
    let cipher = needed_cipher(settings)?;
    let connection = find(&store, &arguments.connection).await?;
    let uri: ConnectionUri = match arguments.uri {
        Some(uri) => uri.parse()?,
        None => store.connection_uri(&connection, &cipher)?,
    };
    let schemas = match (arguments.schemas, uri.dialect() == connection.dialect) {
        (schemas, _) if !schemas.is_empty() => schemas,
        (_, true) => connection.schemas,
        (_, false) => uri.default_schemas(),
    };
    if moved {
        let database = database::connect(&uri, &schemas).await?;
        ensure!(
            !database.list_tables().await?.is_empty(),
            "the database has no tables in {}; name the right schema with --schema",
            schemas.join(", ")
        );
    }
    let changed = NewConnection {
        id: None,
        alias: arguments.alias.unwrap_or(connection.alias),
        uri,
        schemas,
        description: arguments.description.or(connection.description),
        metadata: connection.metadata,
    };
    let connection = store
        .change_connection(&connection.id, changed, &cipher)
        .await?;
    if arguments.json {
        return print_json(&connection);
    }
    outln!(
        "Updated {}: {} ({})",
        connection.id,
        connection.alias,
        connection.dialect
    );
    Ok(())
}
