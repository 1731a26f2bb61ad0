//! MySQL and MariaDB: a small pool whose every statement runs in a read-only transaction of its own.

mod catalogue;
mod error;
mod geometry;
mod options;
mod privileges;
mod reserved;
mod session;
mod value;

use std::collections::HashSet;

use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::mysql::{
    MySqlColumn, MySqlConnectOptions, MySqlPool, MySqlPoolOptions, MySqlRow, MySqlTypeInfo,
};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Executor, MySqlConnection, Row, SqlSafeStr, Statement,
    TypeInfo,
};

use self::catalogue::KnownJson;
use self::error::{database_error, no_answer};
pub(super) use self::options::{database_of, options};
pub(super) use self::reserved::RESERVED;
use self::value::{Decoder, bytes};
use super::privileges::Excess;
use super::rows::Gatherer;
use super::stopper::Stopper;
use super::{
    CLOSE_TIMEOUT, CONNECT_TIMEOUT, CheckedQuery, ConnectionUri, Database, DatabaseError, Dialect,
    Guard, QueryLimits, QueryResult, Table, TableSummary,
};

/// How many statements of one connection run side by side.
const MAX_CONNECTIONS: u32 = 4;

/// The two servers that speak the protocol, where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Mysql,
    MariaDb,
}

/// A MySQL or MariaDB server, read through the schemas of its connection.
pub(super) struct Mysql {
    pool: MySqlPool,
    stopper: Stopper,
    server: Server,
    /// As the server writes them, the first being where plain names are looked for.
    schemas: Vec<String>,
    json: KnownJson,
}

impl Mysql {
    /// Connects, and finds out at once whether that works.
    pub(super) async fn connect(
        uri: &ConnectionUri,
        schemas: &[String],
    ) -> Result<Self, DatabaseError> {
        let options = uri
            .mysql_url()
            .and_then(|url| options(url).ok())
            .ok_or_else(|| DatabaseError::Settings("a part of it cannot be read".to_owned()))?;
        let wanted = if schemas.is_empty() {
            uri.default_schemas()
        } else {
            schemas.to_vec()
        };
        if wanted.is_empty() {
            return Err(DatabaseError::Settings(
                "it names no database; end it with /DATABASE, or name one with --schema".to_owned(),
            ));
        }
        let server = tokio::time::timeout(CONNECT_TIMEOUT, server(&options))
            .await
            .map_err(|_| no_answer())?
            .map_err(|error| database_error(&error, CONNECT_TIMEOUT))?;
        let pool = MySqlPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_lazy_with(options);
        let mut database = Self {
            pool,
            stopper: Stopper::new(),
            server,
            schemas: Vec::new(),
            json: KnownJson::default(),
        };
        database.schemas = database.existing_schemas(&wanted).await?;
        Ok(database)
    }
}

/// Connects once, since a pool would go on trying where the server refuses to be connected to, and
/// asks which server it is.
async fn server(options: &MySqlConnectOptions) -> Result<Server, sqlx::Error> {
    let mut connection = options.connect().await?;
    let row = connection.fetch_one("SELECT VERSION()").await?;
    let version = value::text(&row, 0)?.unwrap_or_default();
    Ok(if version.to_ascii_lowercase().contains("mariadb") {
        Server::MariaDb
    } else {
        Server::Mysql
    })
}

#[async_trait]
impl Database for Mysql {
    fn dialect(&self) -> Dialect {
        Dialect::Mysql
    }

    fn guard(&self) -> Guard {
        Guard::new(Dialect::Mysql, self.schemas.clone())
    }

    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        self.read_tables().await
    }

    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.read_tables_with_values(names).await
    }

    async fn describe_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.read_columns(names).await
    }

    async fn excess_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        self.read_privileges().await
    }

    async fn close(&self) {
        self.stopper.finish().await;
        // What cannot be told in time is dropped with the pool.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.pool.close()).await;
    }

    async fn query(
        &self,
        query: &CheckedQuery,
        limits: QueryLimits,
    ) -> Result<QueryResult, DatabaseError> {
        if !query.is_of(&self.guard()) {
            return Err(DatabaseError::OtherGuard);
        }
        let ran = session::bounded(limits.timeout, async {
            let mut session = self.begin(limits.timeout).await?;
            let result = self
                .gather(session.connection()?, query.sql(), limits)
                .await;
            match &result {
                // Also after an error that the database told, the connection is as good as before.
                Ok(QueryResult {
                    truncated: false, ..
                })
                | Err(sqlx::Error::Database(_)) => session.end().await,
                // The server would send the rest of the rows before it took another statement.
                _ => session.abandon(),
            }
            Ok(result)
        });
        let ran = ran.await?;
        ran.map_err(|error| database_error(&error, limits.timeout).of_running())
    }
}

impl Mysql {
    /// Runs the statement and gathers what fits. It is prepared, which the server does with one
    /// statement only.
    async fn gather(
        &self,
        connection: &mut MySqlConnection,
        sql: &str,
        limits: QueryLimits,
    ) -> Result<QueryResult, sqlx::Error> {
        let statement = connection
            .prepare(AssertSqlSafe(sql).into_sql_str())
            .await?;
        let names: Vec<String> = statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let json = self.json_columns(connection, statement.columns()).await?;
        let mut gatherer = Gatherer::new(names.iter().map(String::as_str), limits);
        let mut decoders = Vec::new();
        let mut rows = statement.query().fetch(connection);
        while let Some(row) = rows.try_next().await? {
            if decoders.is_empty() {
                decoders = self::decoders(row.columns(), &json);
            }
            let size = size(&row)?;
            if !gatherer.has_room_for(size) {
                break;
            }
            gatherer.push(values(&row, &decoders)?, size);
        }
        Ok(gatherer.finish())
    }

    /// Which of the columns hold JSON, where the server does not tell: MariaDB keeps JSON in texts
    /// with a check.
    async fn json_columns(
        &self,
        connection: &mut MySqlConnection,
        columns: &[MySqlColumn],
    ) -> Result<HashSet<usize>, sqlx::Error> {
        if self.server == Server::Mysql {
            return Ok(HashSet::new());
        }
        let texts: Vec<(usize, String, String)> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| may_be_json(column.type_info()))
            .filter_map(|(index, column)| {
                let origin = column.origin();
                let origin = origin.table_column()?;
                Some((index, origin.table.to_string(), origin.name.to_string()))
            })
            .collect();
        if texts.is_empty() {
            return Ok(HashSet::new());
        }
        let checked = self.checked_as_json(connection).await?;
        Ok(texts
            .into_iter()
            .filter(|(_, table, column)| checked.iter().any(|json| json.is_column(table, column)))
            .map(|(index, ..)| index)
            .collect())
    }
}

/// Whether it is a long text, as MariaDB sends those that hold JSON: named by their collation, which
/// compares bytes, but no bytes.
fn may_be_json(type_info: &MySqlTypeInfo) -> bool {
    matches!(type_info.name(), "LONGBLOB" | "LONGTEXT" | "BLOB" | "TEXT")
        && Decoder::of(type_info) == Decoder::Text
}

fn decoders(columns: &[MySqlColumn], json: &HashSet<usize>) -> Vec<Decoder> {
    columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            if json.contains(&index) {
                Decoder::Json
            } else {
                Decoder::of(column.type_info())
            }
        })
        .collect()
}

/// How many bytes of values the database sent for the row.
fn size(row: &MySqlRow) -> Result<usize, sqlx::Error> {
    (0..row.len()).try_fold(0, |size, index| {
        Ok(size + bytes(row, index)?.map_or(0, <[u8]>::len))
    })
}

fn values(row: &MySqlRow, decoders: &[Decoder]) -> Result<Vec<serde_json::Value>, sqlx::Error> {
    decoders
        .iter()
        .enumerate()
        .map(|(index, decoder)| {
            let Some(bytes) = bytes(row, index)? else {
                return Ok(serde_json::Value::Null);
            };
            decoder
                .decode(bytes)
                .ok_or_else(|| sqlx::Error::ColumnDecode {
                    index: row.column(index).name().to_owned(),
                    source: "the value is not one of its type".into(),
                })
        })
        .collect()
}
