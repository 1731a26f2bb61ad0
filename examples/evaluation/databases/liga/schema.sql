-- A football league: Indonesian names, foreign keys declared, two of them to the clubs in matches and in transfers.
CREATE TABLE musim (id_musim INTEGER PRIMARY KEY, nama_musim TEXT NOT NULL, tanggal_mulai DATE NOT NULL, tanggal_selesai DATE NOT NULL);
CREATE TABLE stadion (id_stadion INTEGER PRIMARY KEY, nama_stadion TEXT NOT NULL, kota TEXT NOT NULL, kapasitas INTEGER NOT NULL, jenis_rumput TEXT NOT NULL, tahun_dibangun INTEGER);
CREATE TABLE klub (
  id_klub INTEGER PRIMARY KEY, nama_klub TEXT NOT NULL, julukan TEXT, kota TEXT NOT NULL, tahun_berdiri INTEGER NOT NULL,
  id_stadion INTEGER REFERENCES stadion (id_stadion), warna_utama TEXT NOT NULL);
CREATE TABLE pelatih (id_pelatih INTEGER PRIMARY KEY, nama_pelatih TEXT NOT NULL, kewarganegaraan TEXT NOT NULL, tanggal_lahir DATE NOT NULL, lisensi TEXT NOT NULL);
CREATE TABLE kontrak_pelatih (
  id_kontrak INTEGER PRIMARY KEY, id_pelatih INTEGER NOT NULL REFERENCES pelatih (id_pelatih), id_klub INTEGER NOT NULL REFERENCES klub (id_klub),
  tanggal_mulai DATE NOT NULL, tanggal_selesai DATE, alasan_berakhir TEXT);
CREATE TABLE pemain (
  id_pemain INTEGER PRIMARY KEY, nama_pemain TEXT NOT NULL, posisi TEXT NOT NULL, nomor_punggung INTEGER, tanggal_lahir DATE NOT NULL,
  kewarganegaraan TEXT NOT NULL, tinggi_cm INTEGER, kaki_dominan TEXT NOT NULL, nilai_pasar INTEGER, id_klub INTEGER REFERENCES klub (id_klub));
CREATE TABLE wasit (id_wasit INTEGER PRIMARY KEY, nama_wasit TEXT NOT NULL, asal_kota TEXT NOT NULL, tahun_lisensi INTEGER NOT NULL);
CREATE TABLE pertandingan (
  id_pertandingan INTEGER PRIMARY KEY, id_musim INTEGER NOT NULL REFERENCES musim (id_musim), pekan INTEGER NOT NULL, tanggal DATE NOT NULL,
  id_klub_tuan_rumah INTEGER NOT NULL REFERENCES klub (id_klub), id_klub_tamu INTEGER NOT NULL REFERENCES klub (id_klub),
  id_stadion INTEGER NOT NULL REFERENCES stadion (id_stadion), id_wasit INTEGER REFERENCES wasit (id_wasit),
  gol_tuan_rumah INTEGER, gol_tamu INTEGER, jumlah_penonton INTEGER, status TEXT NOT NULL);
CREATE TABLE gol (
  id_gol INTEGER PRIMARY KEY, id_pertandingan INTEGER NOT NULL REFERENCES pertandingan (id_pertandingan), id_pemain INTEGER NOT NULL REFERENCES pemain (id_pemain),
  menit INTEGER NOT NULL, cara TEXT NOT NULL);
CREATE TABLE kartu (
  id_kartu INTEGER PRIMARY KEY, id_pertandingan INTEGER NOT NULL REFERENCES pertandingan (id_pertandingan), id_pemain INTEGER NOT NULL REFERENCES pemain (id_pemain),
  warna TEXT NOT NULL, menit INTEGER NOT NULL, alasan TEXT);
CREATE TABLE transfer (
  id_transfer INTEGER PRIMARY KEY, id_pemain INTEGER NOT NULL REFERENCES pemain (id_pemain), id_klub_asal INTEGER REFERENCES klub (id_klub),
  id_klub_tujuan INTEGER NOT NULL REFERENCES klub (id_klub), tanggal_transfer DATE NOT NULL, jenis_transfer TEXT NOT NULL, biaya INTEGER);
CREATE TABLE cedera (
  id_cedera INTEGER PRIMARY KEY, id_pemain INTEGER NOT NULL REFERENCES pemain (id_pemain), jenis_cedera TEXT NOT NULL, tanggal_cedera DATE NOT NULL, tanggal_pulih DATE);
CREATE TABLE sponsor (id_sponsor INTEGER PRIMARY KEY, nama_sponsor TEXT NOT NULL, bidang_usaha TEXT NOT NULL);
CREATE TABLE kontrak_sponsor (
  id_klub INTEGER NOT NULL REFERENCES klub (id_klub), id_sponsor INTEGER NOT NULL REFERENCES sponsor (id_sponsor), tahun_mulai INTEGER NOT NULL,
  tahun_selesai INTEGER NOT NULL, nilai_per_tahun INTEGER NOT NULL, PRIMARY KEY (id_klub, id_sponsor));
