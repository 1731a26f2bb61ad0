//! PostgreSQL's catalogue: tables, columns, keys, comments, and the values of short text columns.

use std::collections::HashMap;

use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, Row};

use super::super::dialect::{always_quoted, split_table_name, table_name};
use super::super::{
    CATALOGUE_TIMEOUT, Column, DatabaseError, Dialect, ForeignKey, Table, TableSummary, categories,
};
use super::Postgres;
use super::batch::Sent;
use super::session::bounded;

/// What can be asked of: tables of all kinds and views that the user may read, without partitions
/// and what belongs to extensions.
const READABLE: &str = "c.relkind IN ('r', 'p', 'v', 'm', 'f') \
     AND NOT c.relispartition \
     AND has_any_column_privilege(c.oid, 'SELECT') \
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
         WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid \
         AND d.deptype = 'e')";

/// A table's schema and name.
pub(super) type Key = (String, String);

impl Postgres {
    /// Whether the connection's schemas are there.
    pub(super) async fn check_schemas(&self) -> Result<(), DatabaseError> {
        let missing: Vec<String> = bounded(CATALOGUE_TIMEOUT, async {
            let mut session = self.begin(CATALOGUE_TIMEOUT).await?;
            let missing = sqlx::query_scalar(
                "SELECT s FROM unnest($1::text[]) AS s \
                 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = s)",
            )
            .bind(&self.schemas)
            .persistent(false)
            .fetch_all(session.connection()?)
            .await?;
            session.end().await;
            Ok(missing)
        })
        .await?;
        match missing.first() {
            Some(schema) => Err(DatabaseError::NotFound(format!(
                "the database has no schema {}",
                Dialect::Postgresql.quote(schema)
            ))),
            None => Ok(()),
        }
    }

    pub(super) async fn read_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        let sql = format!(
            "SELECT n.nspname::text AS schema, c.relname::text AS name, \
               obj_description(c.oid, 'pg_class') AS description, \
               (SELECT count(*) FROM pg_catalog.pg_attribute a \
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = ANY($1) AND {READABLE} \
             ORDER BY array_position($1, n.nspname::text), c.relname"
        );
        bounded(CATALOGUE_TIMEOUT, async {
            let mut session = self.begin(CATALOGUE_TIMEOUT).await?;
            let rows = sqlx::query(AssertSqlSafe(sql))
                .bind(&self.schemas)
                .persistent(false)
                .fetch_all(session.connection()?)
                .await?;
            session.end().await;
            rows.iter()
                .map(|row| {
                    let count: i64 = row.try_get("columns")?;
                    Ok(TableSummary {
                        name: self.shown(row.try_get("schema")?, row.try_get("name")?),
                        description: row.try_get("description")?,
                        column_count: usize::try_from(count).unwrap_or_default(),
                    })
                })
                .collect()
        })
        .await
    }

    pub(super) async fn read_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        let wanted: Vec<Key> = names.iter().filter_map(|name| self.key(name)).collect();
        let (tables, keys) = self.columns(&wanted).await?;
        Ok(in_order(tables, keys))
    }

    pub(super) async fn read_tables_with_values(
        &self,
        names: &[String],
    ) -> Result<Vec<Table>, DatabaseError> {
        let wanted: Vec<Key> = names.iter().filter_map(|name| self.key(name)).collect();
        let (mut tables, keys) = self.columns(&wanted).await?;
        if let Err(error) = self.values_of_all(&keys, &mut tables).await {
            // One of them spoils it for all; asked for one by one, the others are told.
            tracing::debug!(%error, "the values of the tables could not be read together");
            self.values(&keys, &mut tables).await;
        }
        Ok(in_order(tables, keys))
    }

    /// The tables by their key, and the keys in the order in which they were asked for.
    pub(super) async fn columns(
        &self,
        wanted: &[Key],
    ) -> Result<(HashMap<Key, Described>, Vec<Key>), DatabaseError> {
        let (schemas, names): (Vec<_>, Vec<_>) = wanted.iter().cloned().unzip();
        let columns = format!(
            "SELECT n.nspname::text AS schema, c.relname::text AS table, \
               obj_description(c.oid, 'pg_class') AS table_description, \
               a.attname::text AS name, col_description(c.oid, a.attnum) AS description, \
               format_type(a.atttypid, a.atttypmod) AS data_type, \
               NOT a.attnotnull AS nullable, \
               EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid \
                 AND i.indisprimary AND a.attnum = ANY(i.indkey)) AS is_primary_key, \
               t.typcategory IN ('S', 'E') AS is_text, \
               b.typsend::text AS function, i.oid AS inner_oid, i.typtype = 'e' AS is_enum, \
               e.oid IS NOT NULL AS is_array \
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, place) \
             JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema \
             JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name \
             JOIN pg_catalog.pg_attribute a \
               ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
             JOIN pg_catalog.pg_type b \
               ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END \
             LEFT JOIN pg_catalog.pg_type e ON b.typcategory = 'A' AND e.oid = b.typelem \
             JOIN pg_catalog.pg_type i ON i.oid = CASE WHEN e.typtype = 'd' THEN e.typbasetype \
               ELSE coalesce(e.oid, b.oid) END \
             WHERE {READABLE} \
             ORDER BY w.place, a.attnum"
        );
        let foreign_keys = "SELECT n.nspname::text AS schema, c.relname::text AS table, \
               a.attname::text AS column, rn.nspname::text AS to_schema, \
               rc.relname::text AS to_table, ra.attname::text AS to_column \
             FROM unnest($1::text[], $2::text[]) AS w(schema, name) \
             JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema \
             JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name \
             JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' \
             CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS p(own, other) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.own \
             JOIN pg_catalog.pg_class rc ON rc.oid = k.confrelid \
             JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace \
             JOIN pg_catalog.pg_attribute ra ON ra.attrelid = rc.oid AND ra.attnum = p.other \
             ORDER BY k.conname DESC";
        bounded(CATALOGUE_TIMEOUT, async {
            let mut session = self.begin(CATALOGUE_TIMEOUT).await?;
            let mut tables: HashMap<Key, Described> = HashMap::new();
            let mut order = Vec::new();
            let rows = sqlx::query(AssertSqlSafe(columns))
                .bind(&schemas)
                .bind(&names)
                .persistent(false)
                .fetch_all(session.connection()?)
                .await?;
            for row in &rows {
                let key: Key = (row.try_get("schema")?, row.try_get("table")?);
                if !tables.contains_key(&key) {
                    order.push(key.clone());
                }
                let described = tables.entry(key.clone()).or_default();
                described.table.name = self.shown(&key.0, &key.1);
                described.table.description = row.try_get("table_description")?;
                described.is_text.push(row.try_get("is_text")?);
                described.sent.push(Sent::of(
                    row.try_get("function")?,
                    row.try_get::<Oid, _>("inner_oid")?.0,
                    row.try_get("is_enum")?,
                    row.try_get("is_array")?,
                ));
                described.table.columns.push(Column {
                    name: row.try_get("name")?,
                    description: row.try_get("description")?,
                    data_type: row.try_get("data_type")?,
                    nullable: row.try_get("nullable")?,
                    is_primary_key: row.try_get("is_primary_key")?,
                    foreign_key: None,
                    low_cardinality: false,
                    categories: Vec::new(),
                });
            }
            let rows = sqlx::query(foreign_keys)
                .bind(&schemas)
                .bind(&names)
                .persistent(false)
                .fetch_all(session.connection()?)
                .await?;
            for row in &rows {
                let key: Key = (row.try_get("schema")?, row.try_get("table")?);
                let name: String = row.try_get("column")?;
                let column = tables.get_mut(&key).and_then(|described| {
                    let mut columns = described.table.columns.iter_mut();
                    columns.find(|column| column.name == name)
                });
                if let Some(column) = column {
                    column.foreign_key = Some(ForeignKey {
                        field_name: row.try_get("to_column")?,
                        reference_table: self
                            .shown(row.try_get("to_schema")?, row.try_get("to_table")?),
                    });
                }
            }
            session.end().await;
            Ok((tables, order))
        })
        .await
    }

    /// Fills in the values of the text columns. A table that does not give them in time, or not at
    /// all, is described without.
    async fn values(&self, keys: &[Key], tables: &mut HashMap<Key, Described>) {
        for key in keys {
            let Some(described) = tables.get_mut(key) else {
                continue;
            };
            let Some(sql) = described.sample_query(key) else {
                continue;
            };
            let rows: Result<Vec<(i32, String)>, _> = bounded(categories::TIMEOUT, async {
                let mut session = self.begin(categories::TIMEOUT).await?;
                let rows = sqlx::query_as(AssertSqlSafe(sql))
                    .persistent(false)
                    .fetch_all(session.connection()?)
                    .await?;
                session.end().await;
                Ok(rows)
            })
            .await;
            match rows {
                Ok(rows) => categories::fill(&mut described.table.columns, rows),
                Err(error) => tracing::debug!(
                    table = %described.table.name,
                    %error,
                    "the values of the table's columns could not be read"
                ),
            }
        }
    }

    /// A table's name as it is shown.
    fn shown(&self, schema: &str, name: &str) -> String {
        let is_default = self.schemas.first().is_some_and(|first| first == schema);
        table_name((!is_default).then_some(schema), name)
    }

    /// The table that a shown name stands for, if it is in one of the connection's schemas.
    pub(super) fn key(&self, shown: &str) -> Option<Key> {
        match <[String; 2]>::try_from(split_table_name(shown)) {
            Ok([schema, name]) => self.schemas.contains(&schema).then_some((schema, name)),
            Err(parts) => match <[String; 1]>::try_from(parts) {
                Ok([name]) => Some((self.schemas.first()?.clone(), name)),
                Err(_) => None,
            },
        }
    }
}

/// The tables in the order of the keys.
fn in_order(mut tables: HashMap<Key, Described>, keys: Vec<Key>) -> Vec<Table> {
    keys.into_iter()
        .filter_map(|key| tables.remove(&key))
        .map(|described| described.table)
        .collect()
}

/// A table, and of each of its columns whether it holds text and how its values are sent.
pub(super) struct Described {
    pub(super) table: Table,
    is_text: Vec<bool>,
    pub(super) sent: Vec<Sent>,
}

impl Described {
    /// A query for the values of its text columns.
    pub(super) fn sample_query(&self, key: &Key) -> Option<String> {
        let columns: Vec<(usize, String)> = self
            .table
            .columns
            .iter()
            .zip(&self.is_text)
            .enumerate()
            .filter(|(_, (_, is_text))| **is_text)
            .map(|(index, (column, _))| (index, format!("{}::text", always_quoted(&column.name))))
            .collect();
        let from = format!("{}.{}", always_quoted(&key.0), always_quoted(&key.1));
        categories::sample_query(Dialect::Postgresql, &from, &columns)
    }
}

impl Default for Described {
    fn default() -> Self {
        Self {
            table: Table {
                name: String::new(),
                description: None,
                columns: Vec::new(),
                examples: Vec::new(),
            },
            is_text: Vec::new(),
            sent: Vec::new(),
        }
    }
}
