//! How long the guard takes for a query of 2 KB, in each dialect: `cargo bench -p kai-core --bench guard`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use kai_core::database::Dialect;
use kai_core::database::guard::check;

/// How often each query is checked.
const ROUNDS: usize = 2_000;

fn main() {
    println!("guard, {ROUNDS} rounds each             bytes     median        p99");
    for dialect in [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite] {
        for (name, sql) in [
            ("a short question", short()),
            ("2 KB, a report", report()),
            ("2 KB, one long list", list()),
        ] {
            let (median, p99) = measure(dialect, &sql);
            println!(
                "{:<10} {name:<20} {:>8} {median:>10.1?} {p99:>10.1?}",
                dialect.name(),
                sql.len()
            );
        }
    }
}

fn measure(dialect: Dialect, sql: &str) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let passed = black_box(check(black_box(sql), dialect));
            let took = start.elapsed();
            if let Err(rejection) = passed {
                println!("{dialect} refuses {sql}: {rejection}");
            }
            took
        })
        .collect();
    times.sort_unstable();
    let at = |part: usize| times.get(ROUNDS * part / 100).copied().unwrap_or_default();
    (at(50), at(99))
}

fn short() -> String {
    "SELECT nama, modal_awal FROM koperasi WHERE status = 'Aktif' ORDER BY modal_awal DESC LIMIT 10"
        .to_owned()
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
