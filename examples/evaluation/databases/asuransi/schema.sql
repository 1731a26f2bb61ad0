-- An insurer: Indonesian, abbreviated names; keys of several kinds, and no declared foreign key.
CREATE TABLE cabang (kd_cabang TEXT PRIMARY KEY, nm_cabang TEXT, kota TEXT, provinsi TEXT, tgl_buka DATE);
CREATE TABLE agen (id_agen INTEGER PRIMARY KEY, nm_agen TEXT, kd_cabang TEXT, tgl_gabung DATE, jenjang TEXT, komisi_persen REAL, no_hp TEXT);
CREATE TABLE nasabah (no_nasabah INTEGER PRIMARY KEY, nm_nasabah TEXT, jk TEXT, tgl_lahir DATE, kota TEXT, pekerjaan TEXT, penghasilan_bln INTEGER, no_hp TEXT);
CREATE TABLE produk (kd_produk TEXT PRIMARY KEY, nm_produk TEXT, jns_produk TEXT, premi_dasar INTEGER, masa_thn INTEGER);
CREATE TABLE polis (
  no_polis TEXT PRIMARY KEY, no_nasabah INTEGER, kd_produk TEXT, id_agen INTEGER, tgl_terbit DATE, tgl_berakhir DATE, uang_pertanggungan INTEGER,
  premi_thn INTEGER, cara_bayar TEXT, sts_polis TEXT);
CREATE TABLE ahli_waris (id_ahli_waris INTEGER PRIMARY KEY, no_polis TEXT, nm_ahli_waris TEXT, hubungan TEXT, bagian_persen INTEGER);
CREATE TABLE kendaraan (nopol TEXT PRIMARY KEY, no_polis TEXT, merek TEXT, thn_buat INTEGER, harga_pasar INTEGER);
CREATE TABLE premi (no_kuitansi INTEGER PRIMARY KEY, no_polis TEXT, tgl_jatuh_tempo DATE, tgl_bayar DATE, jml_premi INTEGER, denda INTEGER);
CREATE TABLE sebab_klaim (kd_sebab TEXT PRIMARY KEY, nm_sebab TEXT, jns_produk TEXT);
CREATE TABLE klaim (
  no_klaim INTEGER PRIMARY KEY, no_polis TEXT, kd_sebab TEXT, tgl_kejadian DATE, tgl_klaim DATE, jml_diajukan INTEGER, jml_disetujui INTEGER,
  sts_klaim TEXT, tgl_bayar DATE, id_surveyor INTEGER, id_bengkel INTEGER, id_rs INTEGER);
CREATE TABLE surveyor (id_surveyor INTEGER PRIMARY KEY, nm_surveyor TEXT, kd_cabang TEXT, keahlian TEXT);
CREATE TABLE bengkel (id_bengkel INTEGER PRIMARY KEY, nm_bengkel TEXT, kota TEXT, peringkat INTEGER);
CREATE TABLE rumah_sakit (id_rs INTEGER PRIMARY KEY, nm_rs TEXT, kota TEXT, kelas TEXT, jml_tempat_tidur INTEGER);
CREATE TABLE keluhan (id_keluhan INTEGER PRIMARY KEY, no_nasabah INTEGER, tgl_masuk DATE, perihal TEXT, saluran TEXT, tgl_selesai DATE);
