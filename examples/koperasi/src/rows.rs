//! The rows of the sample database, one type per table, and the values that need a form of their
//! own on paper.

use std::fmt;

/// An amount of rupiah, in hundredths: integers, so that every machine prints the same digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Money(i64);

impl Money {
    pub(crate) const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    pub(crate) const fn from_rupiah(rupiah: i64) -> Self {
        Self(rupiah * 100)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// A day of the calendar; days end at 28, so that each exists in every month.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The whole sample database.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) provinsi: Vec<Provinsi>,
    pub(crate) kabupaten: Vec<Kabupaten>,
    pub(crate) koperasi: Vec<Koperasi>,
    pub(crate) anggota: Vec<Anggota>,
    pub(crate) pinjaman: Vec<Pinjaman>,
    pub(crate) simpanan: Vec<Simpanan>,
    pub(crate) laporan: Vec<LaporanTahunan>,
}

pub(crate) struct Provinsi {
    pub(crate) id: u32,
    pub(crate) kode: &'static str,
    pub(crate) nama: &'static str,
    pub(crate) pulau: &'static str,
}

pub(crate) struct Kabupaten {
    pub(crate) id: u32,
    pub(crate) provinsi_id: u32,
    pub(crate) nama: String,
    pub(crate) jenis: &'static str,
    pub(crate) jumlah_penduduk: Option<u32>,
}

pub(crate) struct Koperasi {
    pub(crate) id: u32,
    pub(crate) kabupaten_id: u32,
    pub(crate) nama: String,
    pub(crate) jenis: &'static str,
    pub(crate) tahun_berdiri: u32,
    pub(crate) modal_awal: Option<Money>,
    pub(crate) status: &'static str,
    pub(crate) tanggal_pengesahan: Option<Date>,
}

pub(crate) struct Anggota {
    pub(crate) id: u32,
    pub(crate) koperasi_id: u32,
    pub(crate) nama: String,
    pub(crate) jenis_kelamin: &'static str,
    pub(crate) pekerjaan: Option<&'static str>,
    pub(crate) tanggal_bergabung: Date,
}

pub(crate) struct Pinjaman {
    pub(crate) id: u32,
    pub(crate) anggota_id: u32,
    pub(crate) jumlah: Money,
    pub(crate) bunga_persen: Money,
    pub(crate) tanggal_pinjam: Date,
    pub(crate) tenor_bulan: u32,
    pub(crate) status: &'static str,
}

pub(crate) struct Simpanan {
    pub(crate) id: u32,
    pub(crate) anggota_id: u32,
    pub(crate) jenis: &'static str,
    pub(crate) jumlah: Money,
    pub(crate) tanggal: Date,
}

pub(crate) struct LaporanTahunan {
    pub(crate) id: u32,
    pub(crate) koperasi_id: u32,
    pub(crate) tahun: u32,
    pub(crate) sisa_hasil_usaha: Option<Money>,
    pub(crate) order: u32,
}
