//! How long the guard takes for a query, in each dialect, and its parser alone.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context as _;
use kai_core::database::Dialect;
use kai_core::database::guard::check;
use sqlparser::ast::Statement;
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError};

use crate::report::Samples;

/// How often each query is checked.
const ROUNDS: usize = 2_000;

/// What was measured of one query in one dialect.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) dialect: Dialect,
    pub(crate) query: &'static str,
    pub(crate) bytes: usize,
    pub(crate) guard: Samples,
    /// What its parser needs to read the text once.
    pub(crate) parser: Samples,
}

/// Checks every query in every dialect.
pub(crate) fn measure_all() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for dialect in [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite] {
        for (query, sql) in [
            ("a short question", short()),
            ("2 KB, as models write", indented()),
            ("2 KB, one long list", list()),
            ("2 KB, a dense report", report()),
        ] {
            check(&sql, dialect).with_context(|| format!("{dialect} refuses {sql}"))?;
            cases.push(Case {
                dialect,
                query,
                bytes: sql.len(),
                guard: measure(|| drop(black_box(check(black_box(&sql), dialect)))),
                parser: measure(|| drop(black_box(parse(black_box(&sql), dialect)))),
            });
        }
    }
    Ok(cases)
}

fn measure(work: impl Fn()) -> Samples {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    Samples::new(times.collect())
}

/// What the parser does with the text, read once and without a look at what it says.
fn parse(sql: &str, dialect: Dialect) -> Result<Vec<Statement>, ParserError> {
    match dialect {
        Dialect::Postgresql => Parser::parse_sql(&PostgreSqlDialect {}, sql),
        Dialect::Mysql => Parser::parse_sql(&MySqlDialect {}, sql),
        Dialect::Sqlite => Parser::parse_sql(&SQLiteDialect {}, sql),
    }
}

fn short() -> String {
    "SELECT nama, modal_awal FROM koperasi WHERE status = 'Aktif' ORDER BY modal_awal DESC LIMIT 10"
        .to_owned()
}

/// What a model writes: comments, one column in each line, indentation.
fn indented() -> String {
    let part = |number: u32| {
        format!(
            "per_provinsi_{number} AS (\n    -- cooperatives founded since {number}, by province\n    SELECT\n        \
             provinsi.nama AS nama_provinsi,\n        COUNT(koperasi.id) AS jumlah_koperasi,\n        \
             SUM(koperasi.modal_awal) AS total_modal,\n        AVG(koperasi.modal_awal) AS rata_rata_modal\n    \
             FROM koperasi\n    INNER JOIN kabupaten ON kabupaten.id = koperasi.kabupaten_id\n    INNER JOIN \
             provinsi ON provinsi.id = kabupaten.provinsi_id\n    WHERE koperasi.status = 'Aktif'\n      AND \
             koperasi.tahun_berdiri >= {number}\n    GROUP BY provinsi.nama\n)"
        )
    };
    format!(
        "WITH {},\n{},\n{}\nSELECT\n    a.nama_provinsi,\n    a.jumlah_koperasi,\n    b.jumlah_koperasi AS \
         jumlah_sejak_2000,\n    c.jumlah_koperasi AS jumlah_sejak_2010,\n    ROUND(100.0 * b.jumlah_koperasi / \
         NULLIF(a.jumlah_koperasi, 0), 1) AS persen\nFROM per_provinsi_1990 AS a\nLEFT JOIN per_provinsi_2000 AS \
         b ON b.nama_provinsi = a.nama_provinsi\nLEFT JOIN per_provinsi_2010 AS c ON c.nama_provinsi = \
         a.nama_provinsi\nORDER BY a.jumlah_koperasi DESC\nLIMIT 20;",
        part(1990),
        part(2000),
        part(2010)
    )
}

/// Common table expressions, joins, windows, cases and subqueries, up to 2 KB.
fn report() -> String {
    let mut parts = Vec::new();
    let mut length = 0;
    while length < 1_700 {
        let number = parts.len();
        let part = format!(
            "bagian_{number} AS (SELECT p.nama, COUNT(DISTINCT k.id) AS banyak, SUM(CASE WHEN k.status = \
             'Aktif' THEN k.modal_awal ELSE 0 END) AS modal, RANK() OVER (PARTITION BY p.pulau ORDER BY \
             COUNT(k.id) DESC) AS urut FROM provinsi p JOIN kabupaten b ON b.provinsi_id = p.id LEFT JOIN \
             koperasi k ON k.kabupaten_id = b.id WHERE k.tahun_berdiri BETWEEN 1990 AND 2024 AND k.nama \
             LIKE '%Tani%' GROUP BY p.nama, p.pulau HAVING COUNT(k.id) > {number})"
        );
        length += part.len();
        parts.push(part);
    }
    format!(
        "WITH {} SELECT a.nama, a.banyak, COALESCE(a.modal, 0) AS modal FROM bagian_0 a WHERE a.urut <= \
         (SELECT MAX(urut) FROM bagian_1) ORDER BY modal DESC LIMIT 20",
        parts.join(", ")
    )
}

/// A condition with as many numbers as fit in 2 KB.
fn list() -> String {
    let numbers: Vec<_> = (100_000..100_245)
        .map(|number: u32| number.to_string())
        .collect();
    format!(
        "SELECT nama, jenis, status FROM koperasi WHERE id IN ({})",
        numbers.join(", ")
    )
}
