//! Values and first rows of many PostgreSQL tables, read with one statement for all of them: over a
//! slow network, a scan is as long as its round trips.

use std::collections::HashMap;

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Row as _};

use super::super::dialect::always_quoted;
use super::super::rows::unique_names;
use super::super::{DatabaseError, QueryLimits, categories};
use super::Postgres;
use super::catalogue::{Described, Key};
use super::session::bounded;
use super::value::Decoder;
use crate::event::Row;

/// How a column's values are asked for in binary, and how they are read.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// The function that makes the binary form.
    function: String,
    /// What the value is cast to first, if its own form is not known here.
    cast: &'static str,
    decoder: Decoder,
}

impl Sent {
    /// For a column that the catalogue describes: the function of its type, the type itself or that
    /// of its elements, whether that is an enumeration, and whether the column holds arrays.
    pub(super) fn of(function: String, oid: u32, is_enum: bool, is_array: bool) -> Self {
        let inner = if is_enum {
            Some(Decoder::Text)
        } else {
            Decoder::of_builtin(oid)
        };
        match (inner, is_array) {
            (Some(decoder), false) => Self {
                function,
                cast: "",
                decoder,
            },
            (None, false) => Self {
                function: "textsend".to_owned(),
                cast: "::text",
                decoder: Decoder::Text,
            },
            (inner, true) => Self {
                function: "array_send".to_owned(),
                cast: if inner.is_some() { "" } else { "::text[]" },
                decoder: Decoder::Array(Box::new(inner.unwrap_or(Decoder::Text))),
            },
        }
    }

    fn expression(&self, column: &str) -> String {
        let Self { function, cast, .. } = self;
        format!("{function}({}{cast})", always_quoted(column))
    }
}

impl Postgres {
    /// Fills in the values of the text columns of all these tables.
    ///
    /// # Errors
    /// When one of the tables cannot be read, or all of them together take too long. Nothing is
    /// filled in then.
    pub(super) async fn values_of_all(
        &self,
        keys: &[Key],
        tables: &mut HashMap<Key, Described>,
    ) -> Result<(), DatabaseError> {
        let parts: Vec<String> = keys
            .iter()
            .enumerate()
            .filter_map(|(place, key)| {
                let sql = tables.get(key)?.sample_query(key)?;
                Some(format!("SELECT {place} AS t, q.i, q.v FROM ({sql}) AS q"))
            })
            .collect();
        if parts.is_empty() {
            return Ok(());
        }
        let sql = parts.join(" UNION ALL ");
        let rows: Vec<(i32, i32, String)> = bounded(categories::TIMEOUT, async {
            let mut session = self.begin(categories::TIMEOUT).await?;
            let rows = sqlx::query_as(AssertSqlSafe(sql))
                .persistent(false)
                .fetch_all(session.connection()?)
                .await?;
            session.end().await;
            Ok(rows)
        })
        .await?;
        let mut of_table: HashMap<i32, Vec<(i32, String)>> = HashMap::new();
        for (place, index, value) in rows {
            of_table.entry(place).or_default().push((index, value));
        }
        for (place, key) in (0..).zip(keys) {
            if let (Some(rows), Some(described)) = (of_table.remove(&place), tables.get_mut(key)) {
                categories::fill(&mut described.table.columns, rows);
            }
        }
        Ok(())
    }

    /// The first rows of each of these tables, by its shown name; `limits` are for each.
    ///
    /// # Errors
    /// When one of the tables cannot be read, is too large, or all together take too long.
    pub(super) async fn read_first_rows(
        &self,
        names: &[String],
        limits: QueryLimits,
    ) -> Result<HashMap<String, Vec<Row>>, DatabaseError> {
        let wanted: Vec<Key> = names.iter().filter_map(|name| self.key(name)).collect();
        let (tables, keys) = self.columns(&wanted).await?;
        let described: Vec<&Described> = keys.iter().filter_map(|key| tables.get(key)).collect();
        let max_bytes = limits.max_bytes.saturating_mul(described.len());
        let parts: Vec<String> = (0..)
            .zip(keys.iter().zip(&described))
            .map(|(place, (key, described)): (i32, _)| {
                first_rows(place, key, described, limits.max_rows, max_bytes)
            })
            .collect();
        let mut rows: HashMap<String, Vec<Row>> = described
            .iter()
            .map(|described| (described.table.name.clone(), Vec::new()))
            .collect();
        if parts.is_empty() {
            return Ok(rows);
        }
        let columns: Vec<Vec<String>> = described
            .iter()
            .map(|described| {
                let columns = described.table.columns.iter();
                unique_names(columns.map(|column| column.name.as_str()))
            })
            .collect();
        let sql = parts.join(" UNION ALL ");
        bounded(limits.timeout, async {
            let mut session = self.begin(limits.timeout).await?;
            let mut bytes_left = max_bytes;
            let mut sent = sqlx::query(AssertSqlSafe(sql))
                .persistent(false)
                .fetch(session.connection()?);
            while let Some(row) = sent.try_next().await? {
                let place = usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or(usize::MAX);
                let values: Vec<Option<Vec<u8>>> =
                    row.try_get::<Option<_>, _>(1)?.ok_or_else(too_large)?;
                let size = values.iter().flatten().map(Vec::len).sum();
                bytes_left = bytes_left.checked_sub(size).ok_or_else(too_large)?;
                let (Some(described), Some(columns)) = (described.get(place), columns.get(place))
                else {
                    continue;
                };
                let values = described
                    .sent
                    .iter()
                    .zip(values)
                    .map(|(sent, value)| match value {
                        None => Some(serde_json::Value::Null),
                        Some(bytes) => sent.decoder.decode(&bytes),
                    })
                    .collect::<Option<Vec<_>>>()
                    .ok_or_else(unreadable)?;
                if let Some(rows) = rows.get_mut(&described.table.name) {
                    rows.push(columns.iter().cloned().zip(values).collect());
                }
            }
            drop(sent);
            session.end().await;
            Ok(())
        })
        .await?;
        Ok(rows)
    }
}

/// The first rows of a table, as its place and the binary forms of its columns; NULL in the place of those
/// of a row that has more bytes than all may have. It would come whole before anything here could look at it.
fn first_rows(
    place: i32,
    key: &Key,
    described: &Described,
    rows: usize,
    max_bytes: usize,
) -> String {
    let columns: Vec<String> = described
        .table
        .columns
        .iter()
        .zip(&described.sent)
        .map(|(column, sent)| sent.expression(&column.name))
        .collect();
    format!(
        "(SELECT {place} AS t, CASE WHEN octet_length(array_send(q.v)) <= {max_bytes} THEN q.v END AS v \
         FROM (SELECT ARRAY[{}]::bytea[] AS v FROM {}.{} LIMIT {rows}) AS q)",
        columns.join(", "),
        always_quoted(&key.0),
        always_quoted(&key.1)
    )
}

fn too_large() -> sqlx::Error {
    sqlx::Error::Decode("the tables' first rows are too large together".into())
}

fn unreadable() -> sqlx::Error {
    sqlx::Error::Decode("a value is not one of its type".into())
}
