//! The target databases from outside: what the guard lets through, and what comes back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

#[path = "database/attacks.rs"]
mod attacks;
#[path = "database/connecting.rs"]
mod connecting;
#[path = "database/fuzzed.rs"]
mod fuzzed;
#[path = "database/guard.rs"]
mod guard;
#[path = "database/memory.rs"]
mod memory;
#[path = "database/mysql.rs"]
mod mysql;
#[path = "database/mysql_values.rs"]
mod mysql_values;
#[path = "database/postgres.rs"]
mod postgres;
#[path = "database/postgres_values.rs"]
mod postgres_values;
#[path = "database/privileges.rs"]
mod privileges;
#[path = "database/queries.rs"]
mod queries;
#[path = "database/reading.rs"]
mod reading;
#[path = "database/sample.rs"]
mod sample;
#[path = "database/servers.rs"]
mod servers;
#[path = "database/sqlite.rs"]
mod sqlite;
#[path = "database/wide.rs"]
mod wide;

use std::time::Duration;

use kai_core::database::QueryLimits;

/// A small version of the sample database, in SQL that both dialects understand.
pub(crate) const TABLES: &str = r#"
CREATE TABLE provinsi (id INTEGER PRIMARY KEY, kode TEXT NOT NULL UNIQUE, nama TEXT NOT NULL, pulau TEXT NOT NULL);
CREATE TABLE kabupaten (id INTEGER PRIMARY KEY, provinsi_id INTEGER NOT NULL REFERENCES provinsi(id), nama TEXT NOT NULL, jenis TEXT NOT NULL, jumlah_penduduk INTEGER);
CREATE TABLE koperasi (id INTEGER PRIMARY KEY, kabupaten_id INTEGER NOT NULL REFERENCES kabupaten(id), nama TEXT NOT NULL, jenis TEXT NOT NULL, tahun_berdiri INTEGER NOT NULL, modal_awal NUMERIC(18,2), status TEXT NOT NULL, tanggal_pengesahan DATE);
CREATE TABLE "Laporan Tahunan" ("ID Laporan" INTEGER PRIMARY KEY, koperasi_id INTEGER NOT NULL REFERENCES koperasi(id), "Tahun" INTEGER NOT NULL, "Sisa Hasil Usaha" NUMERIC(18,2), "order" INTEGER NOT NULL);
INSERT INTO provinsi VALUES (1, '32', 'Jawa Barat', 'Jawa'), (2, '31', 'DKI Jakarta', 'Jawa'), (3, '51', 'Bali', 'Bali dan Nusa Tenggara');
INSERT INTO kabupaten VALUES (1, 1, 'Bandung', 'Kota', 2500000), (2, 1, 'Garut', 'Kabupaten', NULL), (3, 2, 'Jakarta Selatan', 'Kota', 2200000), (4, 3, 'Badung', 'Kabupaten', 550000);
INSERT INTO koperasi VALUES (1, 1, 'Sejahtera', 'Simpan Pinjam', 1998, 150000000.00, 'Aktif', '1998-05-20'), (2, 2, 'Tani Makmur', 'Produsen', 2005, 75000000.50, 'Aktif', '2005-01-31'), (3, 3, 'Karya O''Brien', 'Jasa', 2011, NULL, 'Tidak Aktif', NULL), (4, 4, 'Ñusa Dua 🌴', 'Konsumen', 2020, 30000000.00, 'Dibekukan', '2020-02-29');
INSERT INTO "Laporan Tahunan" VALUES (1, 1, 2022, 12500000.75, 1), (2, 1, 2023, NULL, 2), (3, 2, 2023, 8000000.00, 1);
"#;

/// Limits that no test but those of the limits meets.
pub(crate) fn limits() -> QueryLimits {
    QueryLimits {
        timeout: Duration::from_secs(20),
        max_rows: 1_000,
        max_bytes: 1_000_000,
    }
}
