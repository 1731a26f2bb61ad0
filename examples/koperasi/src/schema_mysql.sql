CREATE TABLE provinsi (
    id INTEGER PRIMARY KEY,
    kode VARCHAR(255) NOT NULL UNIQUE COMMENT 'Kode wilayah dua angka dari Kementerian Dalam Negeri',
    nama VARCHAR(255) NOT NULL UNIQUE COMMENT 'Nama provinsi',
    pulau VARCHAR(255) NOT NULL COMMENT 'Kelompok pulau tempat provinsi berada'
) COMMENT 'Provinsi di Indonesia';

CREATE TABLE kabupaten (
    id INTEGER PRIMARY KEY,
    provinsi_id INTEGER NOT NULL,
    nama VARCHAR(255) NOT NULL COMMENT 'Nama lengkap, didahului kata Kabupaten atau Kota',
    jenis VARCHAR(255) NOT NULL COMMENT 'Kabupaten atau Kota',
    jumlah_penduduk INTEGER COMMENT 'Jumlah penduduk; kosong bila belum dihitung',
    FOREIGN KEY (provinsi_id) REFERENCES provinsi (id),
    UNIQUE (provinsi_id, nama)
) COMMENT 'Kabupaten dan kota di setiap provinsi';

CREATE TABLE koperasi (
    id INTEGER PRIMARY KEY,
    kabupaten_id INTEGER NOT NULL,
    nama VARCHAR(255) NOT NULL COMMENT 'Nama koperasi',
    jenis VARCHAR(255) NOT NULL COMMENT 'Jenis usaha koperasi',
    tahun_berdiri INTEGER NOT NULL COMMENT 'Tahun koperasi didirikan',
    modal_awal NUMERIC(18, 2) COMMENT 'Modal awal dalam rupiah; kosong bila tidak dilaporkan',
    status VARCHAR(255) NOT NULL COMMENT 'Aktif, Tidak Aktif, atau Dibekukan',
    tanggal_pengesahan DATE COMMENT 'Tanggal pengesahan badan hukum; kosong bila belum disahkan',
    FOREIGN KEY (kabupaten_id) REFERENCES kabupaten (id)
) COMMENT 'Koperasi yang terdaftar';

CREATE TABLE anggota (
    id INTEGER PRIMARY KEY,
    koperasi_id INTEGER NOT NULL,
    nama VARCHAR(255) NOT NULL COMMENT 'Nama anggota',
    jenis_kelamin VARCHAR(255) NOT NULL COMMENT 'Laki-laki atau Perempuan',
    pekerjaan VARCHAR(255) COMMENT 'Pekerjaan anggota; kosong bila tidak diketahui',
    tanggal_bergabung DATE NOT NULL COMMENT 'Tanggal bergabung dengan koperasi',
    FOREIGN KEY (koperasi_id) REFERENCES koperasi (id)
) COMMENT 'Anggota koperasi';

CREATE TABLE pinjaman (
    id INTEGER PRIMARY KEY,
    anggota_id INTEGER NOT NULL,
    jumlah NUMERIC(18, 2) NOT NULL COMMENT 'Jumlah pinjaman dalam rupiah',
    bunga_persen NUMERIC(5, 2) NOT NULL COMMENT 'Bunga per tahun dalam persen',
    tanggal_pinjam DATE NOT NULL COMMENT 'Tanggal pinjaman diberikan',
    tenor_bulan INTEGER NOT NULL COMMENT 'Jangka waktu pinjaman dalam bulan',
    status VARCHAR(255) NOT NULL COMMENT 'Lunas, Berjalan, atau Macet',
    FOREIGN KEY (anggota_id) REFERENCES anggota (id)
) COMMENT 'Pinjaman yang diterima anggota dari koperasi';

CREATE TABLE simpanan (
    id INTEGER PRIMARY KEY,
    anggota_id INTEGER NOT NULL,
    jenis VARCHAR(255) NOT NULL COMMENT 'Pokok, Wajib, atau Sukarela',
    jumlah NUMERIC(18, 2) NOT NULL COMMENT 'Jumlah simpanan dalam rupiah',
    tanggal DATE NOT NULL COMMENT 'Tanggal simpanan disetor',
    FOREIGN KEY (anggota_id) REFERENCES anggota (id)
) COMMENT 'Simpanan anggota di koperasi';

CREATE TABLE "Laporan Tahunan" (
    "ID Laporan" INTEGER PRIMARY KEY,
    koperasi_id INTEGER NOT NULL,
    "Tahun" INTEGER NOT NULL COMMENT 'Tahun buku',
    "Sisa Hasil Usaha" NUMERIC(18, 2) COMMENT 'Sisa hasil usaha (SHU) dalam rupiah, negatif bila rugi; kosong bila belum diaudit',
    "order" INTEGER NOT NULL COMMENT 'Urutan laporan dalam satu koperasi',
    FOREIGN KEY (koperasi_id) REFERENCES koperasi (id),
    UNIQUE (koperasi_id, "Tahun")
) COMMENT 'Laporan tahunan koperasi';
