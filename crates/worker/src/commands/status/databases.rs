//! How the stored connections are: each database, and what its account could do beside reading.

use futures::{StreamExt as _, stream};
use kai_core::database;
use kai_core::store::{Cipher, Connection, Store};

use super::super::connection::privilege_warning;
use super::part::Part;

/// How many databases are looked at side by side.
const SIDE_BY_SIDE: usize = 8;

pub(super) async fn connections(store: &Store, cipher: &Cipher) -> Vec<Part> {
    let connections = match store.connections().await {
        Ok(connections) => connections,
        Err(error) => {
            return vec![Part::failed(
                "connections",
                format_args!("{error}; KAI_STORE_URL says where they are kept"),
            )];
        }
    };
    if connections.is_empty() {
        let advice = "none yet; add one with `kai-worker connection create`";
        return vec![Part::ok("connections", advice)];
    }
    stream::iter(&connections)
        .map(|connection| one(store, cipher, connection))
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await
}

async fn one(store: &Store, cipher: &Cipher, connection: &Connection) -> Part {
    let name = format!("connection {}", connection.alias);
    match look(store, cipher, connection).await {
        Ok((0, _)) => Part::warning(
            name,
            format_args!(
                "no tables in {}; `kai-worker connection update {} --schema SCHEMA` names another",
                connection.schemas.join(", "),
                connection.alias
            ),
        ),
        Ok((tables, Some(warning))) => {
            Part::warning(name, format_args!("{tables} tables; Warning: {warning}"))
        }
        Ok((tables, None)) => {
            Part::ok(name, format_args!("{tables} tables, an account that reads"))
        }
        Err(error) => Part::failed(
            name,
            format_args!(
                "{error:#}; `kai-worker connection update {} --uri URI` changes where it is",
                connection.alias
            ),
        ),
    }
}

/// How many tables there are, and what is to be said of the account.
async fn look(
    store: &Store,
    cipher: &Cipher,
    connection: &Connection,
) -> anyhow::Result<(usize, Option<String>)> {
    let uri = store.connection_uri(connection, cipher)?;
    let database = database::connect(&uri, &connection.schemas).await?;
    let tables = database.list_tables().await?.len();
    Ok((tables, privilege_warning(&*database).await))
}
