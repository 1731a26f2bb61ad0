//! Draws the rows of the sample database.

use std::collections::HashSet;

use crate::geography::{PROVINCES, Province};
use crate::names;
use crate::random::Random;
use crate::rows::{
    Anggota, Date, Kabupaten, Koperasi, LaporanTahunan, Money, Pinjaman, Provinsi, Simpanan, Tables,
};

/// The last year that has data.
const THIS_YEAR: u32 = 2024;

const KINDS: &[(u32, &str)] = &[
    (38, "Simpan Pinjam"),
    (24, "Konsumen"),
    (19, "Produsen"),
    (12, "Jasa"),
    (7, "Pemasaran"),
];
const STATUSES: &[(u32, &str)] = &[(74, "Aktif"), (19, "Tidak Aktif"), (7, "Dibekukan")];
const DECADES: &[(u32, u32)] = &[
    (2, 1950),
    (4, 1960),
    (8, 1970),
    (14, 1980),
    (22, 1990),
    (24, 2000),
    (26, 2010),
];
const JOBS: &[(u32, &str)] = &[
    (260, "Petani"),
    (190, "Pedagang"),
    (110, "Nelayan"),
    (90, "Guru"),
    (80, "Buruh Pabrik"),
    (70, "Pegawai Negeri Sipil"),
    (50, "Ibu Rumah Tangga"),
    (45, "Pengrajin"),
    (40, "Sopir"),
    (30, "Peternak"),
    (20, "Perawat"),
    (15, "Pensiunan"),
];
const TERMS: &[(u32, u32)] = &[
    (15, 6),
    (30, 12),
    (15, 18),
    (20, 24),
    (12, 36),
    (5, 48),
    (3, 60),
];

/// How many years back the reports of a cooperative reach.
const REPORTED_YEARS: &[(u32, u32)] = &[(35, 0), (20, 1), (15, 2), (10, 3), (8, 4), (7, 5), (5, 6)];

/// Draws the whole sample database: always the same.
pub(crate) fn tables() -> Tables {
    let mut generator = Generator {
        random: Random::new(19_470_712),
        names: HashSet::new(),
        tables: Tables::default(),
    };
    for province in &PROVINCES {
        generator.province(province);
    }
    generator.tables
}

struct Generator {
    random: Random,
    /// The names of the cooperatives so far: no two have the same.
    names: HashSet<String>,
    tables: Tables,
}

impl Generator {
    fn province(&mut self, province: &Province) {
        let id = next_id(&self.tables.provinsi);
        self.tables.provinsi.push(Provinsi {
            id,
            kode: province.code,
            nama: province.name,
            pulau: province.island,
        });
        for name in province.regencies() {
            self.regency(id, province, "Kabupaten", name);
        }
        for name in province.cities() {
            self.regency(id, province, "Kota", name);
        }
    }

    fn regency(&mut self, provinsi_id: u32, province: &Province, kind: &'static str, name: &str) {
        let id = next_id(&self.tables.kabupaten);
        let remote = name.starts_with("Kepulauan");
        let (fewest, most) = match (remote, kind) {
            (true, _) => (4_000, 9_000),
            (false, "Kota") => (12_000, 110_000),
            (false, _) => (20_000, 200_000),
        };
        let density = self.random.between(fewest, most);
        let people = province.density * density + self.random.below(997);
        let counted = !self.random.chance(4);
        self.tables.kabupaten.push(Kabupaten {
            id,
            provinsi_id,
            nama: format!("{kind} {name}"),
            jenis: kind,
            jumlah_penduduk: counted.then_some(people),
        });
        let low = province.density / 2 + 1;
        let high = match (remote, kind) {
            (true, _) => low,
            (false, "Kota") => province.density * 3 / 2 + 3,
            (false, _) => province.density * 3 / 2,
        };
        for _ in 0..self.random.between(low, high) {
            self.cooperative(id, province, name);
        }
    }

    fn cooperative(&mut self, kabupaten_id: u32, province: &Province, place: &str) {
        let id = next_id(&self.tables.koperasi);
        let kind = self.random.weighted(KINDS, "Konsumen");
        let decade = self.random.weighted(DECADES, 2000);
        let founded = (decade + self.random.below(15)).min(THIS_YEAR);
        // The product of two even draws: many small ones, few large ones, as it is in life.
        let share = self.random.between(100, 1_700) * self.random.between(100, 1_700);
        let rupiah = i64::from(province.capital) * i64::from(share) * 10 / 8;
        let capital = Money::from_rupiah(rupiah / 500 * 500);
        let has_capital = !self.random.chance(7);
        let approved = self.date(founded, (founded + 1).min(THIS_YEAR));
        let has_approval = !self.random.chance(12);
        let nama = self.unused_name(kind, place);
        let status = self.random.weighted(STATUSES, "Aktif");
        self.tables.koperasi.push(Koperasi {
            id,
            kabupaten_id,
            nama,
            jenis: kind,
            tahun_berdiri: founded,
            modal_awal: has_capital.then_some(capital),
            status,
            tanggal_pengesahan: has_approval.then_some(approved),
        });
        self.reports(id, founded, rupiah);
        // Few have many members; one in twenty has none in the books.
        let members = match self.random.below(100) {
            0..5 => 0,
            5..90 => self.random.between(1, 4),
            90..99 => self.random.between(5, 12),
            _ => self.random.between(3, 12) * self.random.between(4, 11) + self.random.below(9),
        };
        for _ in 0..members {
            self.member(id, founded);
        }
    }

    /// A name that no cooperative has: from the second on, they are numbered.
    fn unused_name(&mut self, kind: &str, place: &str) -> String {
        let name = names::cooperative(&mut self.random, kind, place);
        let mut candidate = name.clone();
        let mut number = 1;
        while !self.names.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{name} {number}");
        }
        candidate
    }

    fn reports(&mut self, koperasi_id: u32, founded: u32, capital: i64) {
        let years = self.random.weighted(REPORTED_YEARS, 0);
        let first = (THIS_YEAR + 1 - years).max(founded);
        for (order, tahun) in (1..).zip(first..=THIS_YEAR) {
            // From a loss of 4 % of the capital to a surplus of 20 %, in quarters of a rupiah.
            let permille = i64::from(self.random.below(241)) - 40;
            let quarters = i64::from(self.random.below(4)) * 25;
            let surplus = Money::from_hundredths(capital / 1000 * permille * 100 + quarters);
            let known = !self.random.chance(6);
            self.tables.laporan.push(LaporanTahunan {
                id: next_id(&self.tables.laporan),
                koperasi_id,
                tahun,
                sisa_hasil_usaha: known.then_some(surplus),
                order,
            });
        }
    }

    fn member(&mut self, koperasi_id: u32, founded: u32) {
        let id = next_id(&self.tables.anggota);
        let female = self.random.chance(54);
        let nama = names::person(&mut self.random, female);
        let joined = self.date(founded.max(1998), THIS_YEAR);
        let job = self.random.weighted(JOBS, "Petani");
        let has_job = !self.random.chance(5);
        self.tables.anggota.push(Anggota {
            id,
            koperasi_id,
            nama,
            jenis_kelamin: if female { "Perempuan" } else { "Laki-laki" },
            pekerjaan: has_job.then_some(job),
            tanggal_bergabung: joined,
        });
        let loans = self
            .random
            .weighted(&[(48, 0), (36, 1), (11, 2), (5, 3)], 0);
        for _ in 0..loans {
            self.loan(id, joined.year);
        }
        let savings = self.random.weighted(&[(8, 0), (70, 1), (14, 2), (8, 3)], 1);
        for _ in 0..savings {
            self.saving(id, joined.year);
        }
    }

    fn loan(&mut self, anggota_id: u32, joined: u32) {
        let tenor_bulan = self.random.weighted(TERMS, 12);
        let date = self.date(joined.max(2012), THIS_YEAR);
        let steps = self.random.between(5, 150) * self.random.between(1, 11);
        let interest = self.random.between(24, 96) * 25;
        // What should have been paid back by the end of the data is either paid or lost.
        let over = date.year + tenor_bulan.div_ceil(12) <= THIS_YEAR;
        let status = match (self.random.chance(9), over) {
            (true, _) => "Macet",
            (false, true) => "Lunas",
            (false, false) => "Berjalan",
        };
        self.tables.pinjaman.push(Pinjaman {
            id: next_id(&self.tables.pinjaman),
            anggota_id,
            jumlah: Money::from_rupiah(i64::from(steps) * 100_000),
            bunga_persen: Money::from_hundredths(i64::from(interest)),
            tanggal_pinjam: date,
            tenor_bulan,
            status,
        });
    }

    fn saving(&mut self, anggota_id: u32, joined: u32) {
        let jenis = self
            .random
            .weighted(&[(25, "Pokok"), (45, "Wajib"), (30, "Sukarela")], "Wajib");
        let jumlah = match jenis {
            "Pokok" => Money::from_rupiah(i64::from(self.random.between(2, 20)) * 50_000),
            "Wajib" => Money::from_rupiah(i64::from(self.random.between(2, 60)) * 10_000),
            // With interest, hence quarters of a rupiah.
            _ => Money::from_hundredths(i64::from(self.random.between(400_000, 60_000_000)) * 25),
        };
        let tanggal = self.date(joined, THIS_YEAR);
        self.tables.simpanan.push(Simpanan {
            id: next_id(&self.tables.simpanan),
            anggota_id,
            jenis,
            jumlah,
            tanggal,
        });
    }

    fn date(&mut self, first_year: u32, last_year: u32) -> Date {
        Date {
            year: self.random.between(first_year, last_year),
            month: self.random.between(1, 12),
            day: self.random.between(1, 28),
        }
    }
}

/// Ids count from one, in the order of the rows.
fn next_id<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX - 1) + 1
}
