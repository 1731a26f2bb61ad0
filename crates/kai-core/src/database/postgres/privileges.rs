//! What the account could do on PostgreSQL beyond reading.

use sqlx::Row;

use super::super::privileges::Excess;
use super::super::{CATALOGUE_TIMEOUT, DatabaseError};
use super::Postgres;
use super::session::bounded;

/// What the role may do everywhere; a superuser may do the rest too, so it is named alone.
const ROLE: &str = "SELECT 'SUPERUSER' FROM pg_catalog.pg_roles \
       WHERE rolname = current_user AND rolsuper \
     UNION ALL SELECT p.name FROM pg_catalog.pg_roles r \
       CROSS JOIN LATERAL (VALUES ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb), \
         ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)) AS p(name, has) \
       WHERE r.rolname = current_user AND p.has AND NOT r.rolsuper \
     UNION ALL SELECT 'membership in ' || m.rolname FROM pg_catalog.pg_roles m \
       JOIN pg_catalog.pg_roles r ON r.rolname = current_user AND NOT r.rolsuper \
       WHERE m.rolname IN ('pg_write_server_files', 'pg_execute_server_program', \
         'pg_read_server_files', 'pg_write_all_data', 'pg_signal_backend', 'pg_maintain', \
         'pg_create_subscription', 'pg_checkpoint') \
         AND pg_has_role(m.oid, 'MEMBER')";

/// What it may create, and the tables of the schemas that it may change: of each kind of change the
/// number and one example.
const OBJECTS: &str = "SELECT privilege, object FROM ( \
     SELECT 0 AS place, 'CREATE' AS privilege, \
       'the database ' || quote_ident(current_database()) AS object \
       WHERE has_database_privilege(current_database(), 'CREATE') \
     UNION ALL SELECT 0, 'CREATE', 'the schema ' || quote_ident(nspname) \
       FROM pg_catalog.pg_namespace \
       WHERE nspname = ANY($1) AND has_schema_privilege(oid, 'CREATE') \
     UNION ALL SELECT p.place, p.name, CASE count(*) WHEN 1 THEN min(t.name) \
         ELSE count(*) || ' tables, such as ' || min(t.name) END \
       FROM (SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'f')) AS t \
       CROSS JOIN (VALUES (1, 'INSERT'), (2, 'UPDATE'), (3, 'DELETE'), (4, 'TRUNCATE')) \
         AS p(place, name) \
       WHERE has_table_privilege(t.oid, p.name) \
         OR (p.place <= 2 AND has_any_column_privilege(t.oid, p.name)) \
       GROUP BY p.place, p.name) AS found ORDER BY place, object";

impl Postgres {
    pub(super) async fn read_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        bounded(CATALOGUE_TIMEOUT, async {
            let mut session = self.begin(CATALOGUE_TIMEOUT).await?;
            let role: Vec<String> = sqlx::query_scalar(ROLE)
                .persistent(false)
                .fetch_all(session.connection()?)
                .await?;
            if role.iter().any(|name| name == "SUPERUSER") {
                session.end().await;
                return Ok(vec![Excess::everywhere("SUPERUSER")]);
            }
            let objects = sqlx::query(OBJECTS)
                .bind(&self.schemas)
                .persistent(false)
                .fetch_all(session.connection()?)
                .await?;
            session.end().await;
            let mut excess: Vec<Excess> = role.into_iter().map(Excess::everywhere).collect();
            for row in &objects {
                excess.push(Excess::on(
                    row.try_get::<String, _>(0)?,
                    row.try_get::<String, _>(1)?,
                ));
            }
            Ok(excess)
        })
        .await
    }
}
