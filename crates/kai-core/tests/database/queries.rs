//! Questions that people ask of their data: the guard must let each pass, and each must run. They stand in
//! `queries/`, one a line, with ␊ for a line feed.

use std::fs;
use std::path::Path;

use kai_core::database::{Database, Dialect, QueryLimits};

/// The questions of every dialect, and those in a dialect's own words.
pub(crate) fn of(dialect: Dialect) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/database/queries");
    let own = format!("{dialect}.sql");
    let queries: Vec<_> = ["common.sql", &own]
        .into_iter()
        .flat_map(|name| {
            let file = fs::read_to_string(folder.join(name)).expect("the questions can be read");
            file.lines()
                .map(|line| line.replace('␊', "\n"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(queries.len() >= 200, "{dialect}: {}", queries.len());
    queries
}

/// The queries of a dialect that the guard's parser does not read.
pub(crate) fn not_read(dialect: Dialect) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/database/queries");
    let file = fs::read_to_string(folder.join("not_read.txt")).expect("the list can be read");
    let queries: Vec<_> = file
        .lines()
        .filter_map(|line| line.split_once(" | "))
        .filter(|(name, _)| *name == dialect.name())
        .map(|(_, sql)| sql.to_owned())
        .collect();
    assert!(!queries.is_empty(), "{dialect}");
    queries
}

/// What the questions are asked of, beside the small sample, in the dialect's words.
pub(crate) fn schema(dialect: Dialect) -> String {
    let sample = super::TABLES;
    let own = match dialect {
        Dialect::Postgresql => {
            r#"
CREATE TYPE tingkat AS ENUM ('rendah', 'tinggi');
CREATE TABLE pesanan (id INTEGER PRIMARY KEY, koperasi_id INTEGER, tanggal TIMESTAMP, jumlah INTEGER, harga NUMERIC(12,2), "delete" INTEGER, "grant" TEXT, "select" TEXT, mutu tingkat, tag TEXT[], data JSONB);
INSERT INTO pesanan VALUES (1, 1, '2024-01-31 10:30:00', 2, 150000.50, 0, 'a', 'b', 'rendah', '{a,b}', '{"warna": "merah", "berat": 2, "ukuran": [1, 2]}'), (2, 1, '2024-03-05 08:00:00', 1, NULL, 1, NULL, 'c', 'tinggi', '{}', '{"ukuran": []}');
"#
        }
        Dialect::Sqlite => {
            r#"
CREATE TABLE pesanan (id INTEGER PRIMARY KEY, koperasi_id INTEGER, tanggal TEXT, jumlah INTEGER, harga NUMERIC, "delete" INTEGER, "grant" TEXT, "select" TEXT, data TEXT, "a;b" TEXT);
INSERT INTO pesanan VALUES (1, 1, '2024-01-31 10:30:00', 2, 150000.50, 0, 'a', 'b', '{"warna": "merah", "berat": 2, "ukuran": [1, 2]}', NULL), (2, 1, '2024-03-05 08:00:00', 1, NULL, 1, NULL, 'c', '{"ukuran": []}', NULL);
CREATE VIEW koperasi_aktif AS SELECT id, nama FROM koperasi WHERE status = 'Aktif';
CREATE VIRTUAL TABLE cari USING fts5(nama); INSERT INTO cari (rowid, nama) SELECT id, nama FROM koperasi;
CREATE VIRTUAL TABLE cari_lama USING fts4(nama); INSERT INTO cari_lama (nama) SELECT nama FROM koperasi;
CREATE VIRTUAL TABLE kotak USING rtree(id, x1, x2); INSERT INTO kotak VALUES (1, 0, 5), (2, 3, 9);
ANALYZE;
"#
        }
        Dialect::Mysql => {
            r#"
CREATE TABLE pesanan (id INTEGER PRIMARY KEY, koperasi_id INTEGER, tanggal DATETIME, jumlah INTEGER, harga NUMERIC(12,2), `delete` INTEGER, `grant` TEXT, `select` TEXT, mutu ENUM('rendah', 'tinggi'), tag SET('a', 'b'), data JSON);
INSERT INTO pesanan VALUES (1, 1, '2024-01-31 10:30:00', 2, 150000.50, 0, 'a', 'b', 'rendah', 'a,b', '{"warna": "merah", "berat": 2, "ukuran": [1, 2]}'), (2, 1, '2024-03-05 08:00:00', 1, NULL, 1, NULL, 'c', 'tinggi', '', '{"ukuran": []}');
CREATE VIEW koperasi_aktif AS SELECT id, nama FROM koperasi WHERE status = 'Aktif';
CREATE TABLE berita (id INTEGER PRIMARY KEY, nama VARCHAR(99), FULLTEXT KEY (nama)); INSERT INTO berita SELECT id, nama FROM koperasi;
"#
        }
    };
    let catatan = "ALTER TABLE koperasi ADD COLUMN catatan TEXT;";
    match dialect {
        Dialect::Postgresql | Dialect::Sqlite => format!("{sample} {catatan} {own}"),
        Dialect::Mysql => format!(
            "{} {catatan} {}",
            sample
                .replace('"', "`")
                .replace("kode TEXT", "kode VARCHAR(9)"),
            own
        ),
    }
}

/// Asks all of them; tells those that do not pass or do not run. Where a question names its schema, this is
/// it.
pub(crate) async fn ask_all(database: &dyn Database, schema: &str, limits: QueryLimits) {
    let mut failures = Vec::new();
    for sql in of(database.dialect()) {
        let sql = sql.replace("kai_uji", schema);
        let checked = match database.guard().check(&sql) {
            Ok(checked) => checked,
            Err(rejection) => {
                failures.push(format!("{sql}\n  {rejection}"));
                continue;
            }
        };
        if let Err(error) = database.query(&checked, limits).await {
            failures.push(format!("{sql}\n  {}\n  {error}", checked.sql()));
        }
    }
    // Only the guard's parser stands in the way of these.
    for sql in not_read(database.dialect()) {
        let query = database.guard().unchecked(&sql);
        if let Err(error) = database.query(&query, limits).await {
            failures.push(format!("{sql}\n  {error}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
