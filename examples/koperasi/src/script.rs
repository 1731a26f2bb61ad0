//! Prints the sample database as an SQL script.

use std::fmt::{self, Display};

use clap::ValueEnum;

use crate::generate;
use crate::rows::Tables;

/// How many rows one `INSERT` has.
const ROWS_PER_INSERT: usize = 400;

/// The database that reads the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Dialect {
    /// `SQLite`.
    Sqlite,
    /// `PostgreSQL`.
    Postgresql,
    /// `MySQL` and `MariaDB`.
    Mysql,
}

/// The whole sample database, schema and rows, as a script for an empty database.
pub fn sql(dialect: Dialect) -> String {
    let mut script = String::new();
    script.push_str(match dialect {
        Dialect::Sqlite => "PRAGMA foreign_keys = ON;\n",
        Dialect::Postgresql => "SET client_encoding = 'UTF8';\n",
        // Names and texts are then quoted as in the other dialects.
        Dialect::Mysql => {
            "SET NAMES utf8mb4, \
             sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES';\n"
        }
    });
    script.push_str("BEGIN;\n");
    script.push_str(match dialect {
        Dialect::Sqlite => include_str!("schema.sql"),
        Dialect::Postgresql => concat!(include_str!("schema.sql"), include_str!("comments.sql")),
        // There a text that is unique has a length, and comments stand in the definition.
        Dialect::Mysql => include_str!("schema_mysql.sql"),
    });
    push_rows(&mut script, &generate::tables());
    script.push_str("COMMIT;\n");
    script
}

fn push_rows(script: &mut String, tables: &Tables) {
    push_table(script, "provinsi", &tables.provinsi, |row| {
        format!(
            "{}, {}, {}, {}",
            row.id,
            Text(row.kode),
            Text(row.nama),
            Text(row.pulau)
        )
    });
    push_table(script, "kabupaten", &tables.kabupaten, |row| {
        format!(
            "{}, {}, {}, {}, {}",
            row.id,
            row.provinsi_id,
            Text(&row.nama),
            Text(row.jenis),
            OrNull(row.jumlah_penduduk)
        )
    });
    push_table(script, "koperasi", &tables.koperasi, |row| {
        format!(
            "{}, {}, {}, {}, {}, {}, {}, {}",
            row.id,
            row.kabupaten_id,
            Text(&row.nama),
            Text(row.jenis),
            row.tahun_berdiri,
            OrNull(row.modal_awal),
            Text(row.status),
            OrNull(row.tanggal_pengesahan.map(Quoted))
        )
    });
    push_table(script, "anggota", &tables.anggota, |row| {
        format!(
            "{}, {}, {}, {}, {}, {}",
            row.id,
            row.koperasi_id,
            Text(&row.nama),
            Text(row.jenis_kelamin),
            OrNull(row.pekerjaan.map(Text)),
            Quoted(row.tanggal_bergabung)
        )
    });
    push_table(script, "pinjaman", &tables.pinjaman, |row| {
        format!(
            "{}, {}, {}, {}, {}, {}, {}",
            row.id,
            row.anggota_id,
            row.jumlah,
            row.bunga_persen,
            Quoted(row.tanggal_pinjam),
            row.tenor_bulan,
            Text(row.status)
        )
    });
    push_table(script, "simpanan", &tables.simpanan, |row| {
        format!(
            "{}, {}, {}, {}, {}",
            row.id,
            row.anggota_id,
            Text(row.jenis),
            row.jumlah,
            Quoted(row.tanggal)
        )
    });
    push_table(script, "\"Laporan Tahunan\"", &tables.laporan, |row| {
        format!(
            "{}, {}, {}, {}, {}",
            row.id,
            row.koperasi_id,
            row.tahun,
            OrNull(row.sisa_hasil_usaha),
            row.order
        )
    });
}

fn push_table<T>(script: &mut String, table: &str, rows: &[T], values: impl Fn(&T) -> String) {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let lines: Vec<String> = chunk
            .iter()
            .map(|row| format!("({})", values(row)))
            .collect();
        script.push_str("INSERT INTO ");
        script.push_str(table);
        script.push_str(" VALUES\n");
        script.push_str(&lines.join(",\n"));
        script.push_str(";\n");
    }
}

/// A text literal: quotes inside are doubled.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

/// A literal in quotes that has none inside.
struct Quoted<T>(T);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0)
    }
}

/// A literal, or `NULL`.
struct OrNull<T>(Option<T>);

impl<T: Display> Display for OrNull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("NULL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_always_the_same() {
        assert_eq!(sql(Dialect::Sqlite), sql(Dialect::Sqlite));
    }

    #[test]
    fn quotes_in_names_are_doubled() {
        assert_eq!(Text("Jum'at Berkah").to_string(), "'Jum''at Berkah'");
    }
}
