-- Koperasi tani beberapa desa: Indonesian names, id columns without a declared foreign key, some in short form.
CREATE TABLE desa (id INTEGER PRIMARY KEY, nama TEXT, kecamatan TEXT, ketinggian_mdpl INTEGER);
CREATE TABLE kelompok_tani (id INTEGER PRIMARY KEY, nama TEXT, desa_id INTEGER, thn_berdiri INTEGER, ketua_id INTEGER);
CREATE TABLE petani (id INTEGER PRIMARY KEY, nama TEXT, jk TEXT, tgl_lahir DATE, kelompok_id INTEGER, desa_id INTEGER, pendidikan TEXT, no_hp TEXT);
CREATE TABLE lahan (id INTEGER PRIMARY KEY, petani_id INTEGER, luas_ha REAL, jenis_lahan TEXT, status_milik TEXT, irigasi TEXT);
CREATE TABLE tanaman (id INTEGER PRIMARY KEY, nama TEXT, golongan TEXT, umur_panen_hari INTEGER);
CREATE TABLE tanam (id INTEGER PRIMARY KEY, lahan_id INTEGER, tanaman_id INTEGER, tgl_tanam DATE, musim TEXT);
CREATE TABLE panen (id INTEGER PRIMARY KEY, tanam_id INTEGER, tgl_panen DATE, hasil_kg REAL, harga_per_kg INTEGER, kualitas TEXT);
CREATE TABLE pupuk (id INTEGER PRIMARY KEY, nama TEXT, jenis TEXT, harga_sak INTEGER, stok_sak INTEGER);
CREATE TABLE pemupukan (id INTEGER PRIMARY KEY, tanam_id INTEGER, pupuk_id INTEGER, tanggal DATE, jumlah_sak REAL);
CREATE TABLE ternak (id INTEGER PRIMARY KEY, petani_id INTEGER, jenis_ternak TEXT, jumlah INTEGER);
CREATE TABLE pinjaman (id INTEGER PRIMARY KEY, petani_id INTEGER, tgl_pinjam DATE, jumlah INTEGER, bunga_persen REAL, jatuh_tempo DATE, lunas TEXT);
CREATE TABLE alat (id INTEGER PRIMARY KEY, nama TEXT, merek TEXT, kondisi TEXT, kelompok_id INTEGER, thn_beli INTEGER);
