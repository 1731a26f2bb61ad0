-- Statistik pemerintah: Indonesian names, wide tables by region and year, codes as keys, foreign keys declared.
CREATE TABLE provinsi (kode_provinsi TEXT PRIMARY KEY, nama_provinsi TEXT NOT NULL, ibu_kota TEXT NOT NULL, pulau TEXT NOT NULL, luas_km2 REAL NOT NULL);
CREATE TABLE kabupaten_kota (kode_kabupaten TEXT PRIMARY KEY, nama_kabupaten TEXT NOT NULL, jenis TEXT NOT NULL, kode_provinsi TEXT NOT NULL REFERENCES provinsi (kode_provinsi), jumlah_kecamatan INTEGER NOT NULL);
CREATE TABLE penduduk (
  kode_kabupaten TEXT NOT NULL REFERENCES kabupaten_kota (kode_kabupaten), tahun INTEGER NOT NULL, jumlah_laki_laki INTEGER NOT NULL, jumlah_perempuan INTEGER NOT NULL, jumlah_rumah_tangga INTEGER NOT NULL,
  PRIMARY KEY (kode_kabupaten, tahun));
CREATE TABLE kemiskinan (kode_kabupaten TEXT NOT NULL REFERENCES kabupaten_kota (kode_kabupaten), tahun INTEGER NOT NULL, jumlah_penduduk_miskin INTEGER NOT NULL, persentase_miskin REAL NOT NULL, garis_kemiskinan INTEGER NOT NULL, PRIMARY KEY (kode_kabupaten, tahun));
CREATE TABLE ketenagakerjaan (kode_provinsi TEXT NOT NULL REFERENCES provinsi (kode_provinsi), tahun INTEGER NOT NULL, angkatan_kerja INTEGER NOT NULL, jumlah_penganggur INTEGER NOT NULL, upah_minimum INTEGER NOT NULL, PRIMARY KEY (kode_provinsi, tahun));
CREATE TABLE sekolah (id_sekolah INTEGER PRIMARY KEY, nama_sekolah TEXT NOT NULL, jenjang TEXT NOT NULL, status_sekolah TEXT NOT NULL, kode_kabupaten TEXT NOT NULL REFERENCES kabupaten_kota (kode_kabupaten), jumlah_siswa INTEGER NOT NULL, jumlah_guru INTEGER NOT NULL, akreditasi TEXT);
CREATE TABLE puskesmas (id_puskesmas INTEGER PRIMARY KEY, nama_puskesmas TEXT NOT NULL, kode_kabupaten TEXT NOT NULL REFERENCES kabupaten_kota (kode_kabupaten), rawat_inap TEXT NOT NULL, jumlah_dokter INTEGER NOT NULL, jumlah_bidan INTEGER NOT NULL);
CREATE TABLE komoditas (id_komoditas INTEGER PRIMARY KEY, nama_komoditas TEXT NOT NULL, kelompok TEXT NOT NULL, satuan TEXT NOT NULL);
CREATE TABLE harga_komoditas (id_komoditas INTEGER NOT NULL REFERENCES komoditas (id_komoditas), kode_kabupaten TEXT NOT NULL REFERENCES kabupaten_kota (kode_kabupaten), tanggal DATE NOT NULL, harga INTEGER NOT NULL, PRIMARY KEY (id_komoditas, kode_kabupaten, tanggal));
CREATE TABLE anggaran_daerah (id_anggaran INTEGER PRIMARY KEY, kode_provinsi TEXT NOT NULL REFERENCES provinsi (kode_provinsi), tahun INTEGER NOT NULL, urusan TEXT NOT NULL, pagu INTEGER NOT NULL, realisasi INTEGER NOT NULL);
CREATE TABLE bencana (id_bencana INTEGER PRIMARY KEY, jenis_bencana TEXT NOT NULL, kode_kabupaten TEXT NOT NULL REFERENCES kabupaten_kota (kode_kabupaten), tanggal_kejadian DATE NOT NULL, korban_jiwa INTEGER NOT NULL, rumah_rusak INTEGER NOT NULL);
