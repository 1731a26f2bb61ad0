//! MySQL's catalogue: tables, columns, keys, comments, and the values of short text columns.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, MySqlConnection};

use super::super::dialect::{in_backticks, split_table_name, table_name};
use super::super::{
    CATALOGUE_TIMEOUT, Column, DatabaseError, Dialect, ForeignKey, Table, TableSummary, categories,
};
use super::session::bounded;
use super::value::text;
use super::{Mysql, Server};

/// The longest type that is told; a longer one is an enumeration, whose values are told beside it.
const MAX_TYPE: usize = 200;

/// For how many tables one statement asks.
const TABLES_PER_STATEMENT: usize = 32;

/// How long it is remembered which columns MariaDB checks to be JSON.
const JSON_REMEMBERED: Duration = Duration::from_secs(60);

/// A table's schema and name.
type Key = (String, String);

/// Which columns are checked to be JSON, and when that was read.
pub(super) type KnownJson = std::sync::Mutex<Option<(Instant, Arc<Vec<JsonColumn>>)>>;

/// A text column that MariaDB checks to be JSON.
#[derive(Debug)]
pub(super) struct JsonColumn {
    /// The table with its schema, as the driver names it.
    table: String,
    column: String,
}

impl JsonColumn {
    /// Whether it is the column that the driver names so.
    pub(super) fn is_column(&self, table: &str, column: &str) -> bool {
        self.table == table && self.column == column
    }
}

/// A table, and which of its columns hold text.
struct Described {
    key: Key,
    table: Table,
    is_text: Vec<bool>,
}

impl Mysql {
    /// The wanted schemas as the server writes them: some servers do not tell upper case from lower.
    pub(super) async fn existing_schemas(
        &self,
        wanted: &[String],
    ) -> Result<Vec<String>, DatabaseError> {
        let (folds, existing) = self
            .ask(async |connection| {
                let folds = rows(connection, "SELECT @@lower_case_table_names", &[]).await?;
                let folds = matches!(folds.first(), Some(row) if number(row, 0)? > 0);
                let names = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA";
                let existing = texts(&rows(connection, names, &[]).await?)?;
                Ok((folds, existing))
            })
            .await?;
        wanted
            .iter()
            .map(|name| {
                let mut same = existing
                    .iter()
                    .filter(|known| *known == name || (folds && known.eq_ignore_ascii_case(name)));
                same.next().cloned().ok_or_else(|| {
                    DatabaseError::NotFound(format!(
                        "the server has no database {}, or the account may not see it",
                        in_backticks(name)
                    ))
                })
            })
            .collect()
    }

    pub(super) async fn read_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        let named = "SELECT TABLE_NAME, \
               CASE WHEN TABLE_TYPE = 'VIEW' THEN '' ELSE TABLE_COMMENT END \
             FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')";
        // Asked for each table in turn, MariaDB would read the columns of all of them each time.
        let counted = "SELECT TABLE_NAME, COUNT(*) FROM information_schema.COLUMNS \
             WHERE TABLE_SCHEMA = ? GROUP BY TABLE_NAME";
        self.ask(async |connection| {
            let mut tables = Vec::new();
            for schema in &self.schemas {
                let first = tables.len();
                let only = std::slice::from_ref(schema);
                let mut counts = HashMap::new();
                for row in rows(connection, counted, only).await? {
                    let count = usize::try_from(number(&row, 1)?).unwrap_or_default();
                    counts.insert(needed(&row, 0)?, count);
                }
                for row in rows(connection, named, only).await? {
                    let name = needed(&row, 0)?;
                    tables.push(TableSummary {
                        name: self.shown(schema, &name),
                        description: described(text(&row, 1)?),
                        column_count: counts.get(&name).copied().unwrap_or_default(),
                    });
                }
                // By their bytes, as the other databases do; the server's order is of its language.
                if let Some(own) = tables.get_mut(first..) {
                    own.sort_by(|a, b| a.name.cmp(&b.name));
                }
            }
            Ok(tables)
        })
        .await
    }

    pub(super) async fn read_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let tables = self.describe(names).await?;
        Ok(tables.into_iter().map(|table| table.table).collect())
    }

    pub(super) async fn read_tables_with_values(
        &self,
        names: &[String],
    ) -> Result<Vec<Table>, DatabaseError> {
        let mut tables = self.describe(names).await?;
        for table in &mut tables {
            self.values(table).await;
        }
        Ok(tables.into_iter().map(|table| table.table).collect())
    }

    async fn describe(&self, names: &[String]) -> Result<Vec<Described>, DatabaseError> {
        let wanted: Vec<Key> = names.iter().filter_map(|name| self.key(name)).collect();
        self.ask(async |connection| {
            let mut tables: Vec<Described> = Vec::new();
            for some in wanted.chunks(TABLES_PER_STATEMENT) {
                self.read_some(connection, some, &mut tables).await?;
            }
            if self.server == Server::MariaDb {
                let json = self.checked_as_json(connection).await?;
                for table in &mut tables {
                    let own = format!("{}.{}", table.key.0, table.key.1);
                    for column in &mut table.table.columns {
                        if json.iter().any(|json| json.is_column(&own, &column.name)) {
                            "json".clone_into(&mut column.data_type);
                        }
                    }
                }
            }
            Ok(tables)
        })
        .await
    }

    /// Reads a few tables. Each is asked for by its name, which the servers look up; of a list of
    /// names MariaDB would read all tables.
    async fn read_some(
        &self,
        connection: &mut MySqlConnection,
        wanted: &[Key],
        tables: &mut Vec<Described>,
    ) -> Result<(), sqlx::Error> {
        let columns = "SELECT c.TABLE_SCHEMA, c.TABLE_NAME, \
               CASE WHEN t.TABLE_TYPE = 'VIEW' THEN '' ELSE t.TABLE_COMMENT END, \
               c.COLUMN_NAME, c.COLUMN_COMMENT, c.COLUMN_TYPE, c.DATA_TYPE, \
               c.IS_NULLABLE = 'YES', c.COLUMN_KEY = 'PRI', c.ORDINAL_POSITION \
             FROM information_schema.COLUMNS c JOIN information_schema.TABLES t \
               ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME \
             WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME = ? \
               AND t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ? \
               AND t.TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')";
        let references = "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, \
               REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME, \
               CONSTRAINT_NAME \
             FROM information_schema.KEY_COLUMN_USAGE \
             WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND REFERENCED_TABLE_NAME IS NOT NULL";
        let once: Vec<String> = wanted
            .iter()
            .flat_map(|(schema, name)| [schema.clone(), name.clone()])
            .collect();
        let twice: Vec<String> = once
            .chunks(2)
            .flat_map(|pair| [pair, pair].concat())
            .collect();

        let from = tables.len();
        tables.extend(wanted.iter().map(|key| Described {
            key: key.clone(),
            table: Table {
                name: self.shown(&key.0, &key.1),
                description: None,
                columns: Vec::new(),
                examples: Vec::new(),
            },
            is_text: Vec::new(),
        }));
        let own = |row: &MySqlRow| Ok::<Key, sqlx::Error>((needed(row, 0)?, needed(row, 1)?));

        let mut read = rows(connection, &repeated(columns, wanted.len()), &twice).await?;
        read.sort_by_key(|row| number(row, 9).unwrap_or_default());
        for row in &read {
            let key = own(row)?;
            let Some(table) = tables.iter_mut().skip(from).find(|table| table.key == key) else {
                continue;
            };
            table.table.description = described(text(row, 2)?);
            let kind = needed(row, 6)?.to_ascii_lowercase();
            table.is_text.push(
                ["char", "text", "enum", "set"]
                    .iter()
                    .any(|word| kind.ends_with(word)),
            );
            let whole = needed(row, 5)?;
            table.table.columns.push(Column {
                name: needed(row, 3)?,
                description: described(text(row, 4)?),
                data_type: if whole.len() > MAX_TYPE { kind } else { whole },
                nullable: number(row, 7)? == 1,
                is_primary_key: number(row, 8)? == 1,
                foreign_key: None,
                low_cardinality: false,
                categories: Vec::new(),
            });
        }

        let mut read = rows(connection, &repeated(references, wanted.len()), &once).await?;
        // The first constraint wins, as in the other databases.
        read.sort_by_key(|row| std::cmp::Reverse(text(row, 6).ok().flatten()));
        for row in &read {
            let (key, name) = (own(row)?, needed(row, 2)?);
            let column = tables
                .iter_mut()
                .skip(from)
                .filter(|table| table.key == key)
                .flat_map(|table| &mut table.table.columns)
                .find(|column| column.name.eq_ignore_ascii_case(&name));
            if let Some(column) = column {
                column.foreign_key = Some(ForeignKey {
                    field_name: needed(row, 5)?,
                    reference_table: self.shown(&needed(row, 3)?, &needed(row, 4)?),
                });
            }
        }
        // What nothing was read of is not there.
        let mut index = 0;
        tables.retain(|table| {
            index += 1;
            index <= from || !table.table.columns.is_empty()
        });
        Ok(())
    }

    /// Fills in the values of the text columns. A table that does not give them in time, or not at
    /// all, is described without.
    async fn values(&self, described: &mut Described) {
        let columns: Vec<(usize, String)> = described
            .table
            .columns
            .iter()
            .zip(&described.is_text)
            .enumerate()
            .filter(|(_, (_, is_text))| **is_text)
            .map(|(index, (column, _))| {
                (
                    index,
                    format!("CAST({} AS CHAR)", in_backticks(&column.name)),
                )
            })
            .collect();
        let (schema, name) = &described.key;
        let from = format!("{}.{}", in_backticks(schema), in_backticks(name));
        let Some(sql) = categories::sample_query(Dialect::Mysql, &from, &columns) else {
            return;
        };
        let values = bounded(categories::TIMEOUT, async {
            let mut session = self.begin(categories::TIMEOUT).await?;
            let rows = rows(session.connection()?, &sql, &[]).await?;
            session.end().await;
            rows.iter()
                .map(|row| {
                    Ok((
                        i32::try_from(number(row, 0)?).unwrap_or(-1),
                        needed(row, 1)?,
                    ))
                })
                .collect()
        });
        match values.await {
            Ok(values) => categories::fill(&mut described.table.columns, values),
            Err(error) => tracing::debug!(
                table = %described.table.name,
                %error,
                "the values of the table's columns could not be read"
            ),
        }
    }

    /// The columns of the connection's schemas that MariaDB checks to be JSON.
    pub(super) async fn checked_as_json(
        &self,
        connection: &mut MySqlConnection,
    ) -> Result<Arc<Vec<JsonColumn>>, sqlx::Error> {
        if let Ok(known) = self.json.lock()
            && let Some((read, columns)) = known.as_ref()
            && read.elapsed() < JSON_REMEMBERED
        {
            return Ok(Arc::clone(columns));
        }
        // The check that MariaDB adds has the name of its column.
        let one = "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE \
             FROM information_schema.CHECK_CONSTRAINTS \
             WHERE CONSTRAINT_SCHEMA = ? AND CHECK_CLAUSE LIKE 'json\\_valid(%'";
        let sql = repeated(one, self.schemas.len());
        let mut columns = Vec::new();
        for row in rows(connection, &sql, &self.schemas).await? {
            let column = needed(&row, 2)?;
            if needed(&row, 3)? == format!("json_valid({})", in_backticks(&column)) {
                columns.push(JsonColumn {
                    table: format!("{}.{}", needed(&row, 0)?, needed(&row, 1)?),
                    column,
                });
            }
        }
        let columns = Arc::new(columns);
        if let Ok(mut known) = self.json.lock() {
            *known = Some((Instant::now(), Arc::clone(&columns)));
        }
        Ok(columns)
    }

    /// Does some work in a session, as long as reading the catalogue may take.
    async fn ask<T>(
        &self,
        work: impl AsyncFnOnce(&mut MySqlConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        bounded(CATALOGUE_TIMEOUT, async {
            let mut session = self.begin(CATALOGUE_TIMEOUT).await?;
            let done = work(session.connection()?).await?;
            session.end().await;
            Ok(done)
        })
        .await
    }

    /// A table's name as it is shown.
    fn shown(&self, schema: &str, name: &str) -> String {
        let is_default = self.schemas.first().is_some_and(|first| first == schema);
        table_name((!is_default).then_some(schema), name)
    }

    /// The table that a shown name stands for, if it is in one of the connection's schemas.
    fn key(&self, shown: &str) -> Option<Key> {
        match <[String; 2]>::try_from(split_table_name(shown)) {
            Ok([schema, name]) => self.schemas.contains(&schema).then_some((schema, name)),
            Err(parts) => match <[String; 1]>::try_from(parts) {
                Ok([name]) => Some((self.schemas.first()?.clone(), name)),
                Err(_) => None,
            },
        }
    }
}

/// The same query so many times, for other values.
fn repeated(query: &str, times: usize) -> String {
    vec![query; times].join(" UNION ALL ")
}

pub(super) async fn rows(
    connection: &mut MySqlConnection,
    sql: &str,
    values: &[String],
) -> Result<Vec<MySqlRow>, sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
    for value in values {
        query = query.bind(value);
    }
    query.fetch_all(connection).await
}

pub(super) fn texts(rows: &[MySqlRow]) -> Result<Vec<String>, sqlx::Error> {
    rows.iter().map(|row| needed(row, 0)).collect()
}

fn needed(row: &MySqlRow, index: usize) -> Result<String, sqlx::Error> {
    text(row, index)?.ok_or(sqlx::Error::RowNotFound)
}

/// A whole number, however many bytes the server sends it in.
fn number(row: &MySqlRow, index: usize) -> Result<i64, sqlx::Error> {
    let decoder = super::Decoder::of(sqlx::Column::type_info(sqlx::Row::column(row, index)));
    let value = super::bytes(row, index)?.and_then(|bytes| decoder.decode(bytes));
    Ok(value.and_then(|value| value.as_i64()).unwrap_or_default())
}

/// What an owner says; nothing where that is empty.
fn described(comment: Option<String>) -> Option<String> {
    comment.filter(|comment| !comment.is_empty())
}
