//! Databases of many tables, each with keys, comments, values, and columns of all kinds.

use crate::{mysql, postgres};

/// How many tables are made by one statement.
const AT_ONCE: usize = 50;

/// So many tables on PostgreSQL. None, told in one line, where no server is named.
///
/// # Panics
/// When they cannot be made.
pub async fn on_postgresql(count: usize) -> Option<postgres::TestDatabase> {
    let test = postgres::fresh_database().await?;
    test.execute(
        "CREATE TYPE warna AS ENUM ('merah', 'putih'); CREATE DOMAIN rupiah AS NUMERIC(18,2); \
         CREATE TYPE titik AS (x INTEGER, y TEXT)",
    )
    .await;
    for first in (1..=count).step_by(AT_ONCE) {
        let last = count.min(first + AT_ONCE - 1);
        test.execute(&format!(
            "DO $$ BEGIN FOR i IN {first}..{last} LOOP \
               EXECUTE format('CREATE TABLE tabel_%s (id INTEGER PRIMARY KEY, \
                 induk INTEGER REFERENCES tabel_%s, nama TEXT, jenis VARCHAR(20), w warna, \
                 r rupiah, t timestamptz, j jsonb, b bytea, a integer[], ip inet[], p titik)', \
                 i, CASE WHEN i = {first} THEN i ELSE i - 1 END); \
               EXECUTE format('COMMENT ON TABLE tabel_%s IS ''Tabel ke-%s''', i, i); \
               EXECUTE format('COMMENT ON COLUMN tabel_%s.nama IS ''Nama orang''', i); \
               EXECUTE format('INSERT INTO tabel_%s SELECT n, NULL, ''nama '' || n, \
                 ''jenis '' || n %% 3, ''merah'', n, ''2024-02-29 13:05+07'', ''{{\"a\": 1}}'', \
                 ''x'', ''{{1,NULL}}'', ''{{10.0.0.1}}'', (1, ''a'')::titik FROM generate_series(1, 20) n', i); \
             END LOOP; END $$"
        ))
        .await;
    }
    Some(test)
}

/// So many tables on MariaDB. None, told in one line, where no server is named.
///
/// # Panics
/// When they cannot be made.
pub async fn on_mariadb(count: usize) -> Option<mysql::TestDatabase> {
    let test = mysql::fresh_database().await?;
    for first in (1..=count).step_by(AT_ONCE) {
        let last = count.min(first + AT_ONCE - 1);
        let tables: Vec<String> = (first..=last)
            .map(|table| {
                let parent = if table == first { table } else { table - 1 };
                format!(
                    "CREATE TABLE tabel_{table} (id INTEGER PRIMARY KEY, \
                       induk INTEGER, nama TEXT COMMENT 'Nama orang', jenis VARCHAR(20), \
                       w ENUM('merah', 'putih'), r DECIMAL(18,2), t DATETIME, j JSON, b BLOB, \
                       FOREIGN KEY (induk) REFERENCES tabel_{parent} (id)) COMMENT 'Tabel ke-{table}'; \
                     INSERT INTO tabel_{table} SELECT seq, NULL, concat('nama ', seq), \
                       concat('jenis ', seq % 3), 'merah', seq, '2024-02-29 13:05:00', '{{\"a\": 1}}', 'x' \
                       FROM seq_1_to_20"
                )
            })
            .collect();
        test.execute(&tables.join("; ")).await;
    }
    Some(test)
}
