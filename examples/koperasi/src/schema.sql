CREATE TABLE provinsi (
    id INTEGER PRIMARY KEY,
    kode TEXT NOT NULL UNIQUE,
    nama TEXT NOT NULL UNIQUE,
    pulau TEXT NOT NULL
);

CREATE TABLE kabupaten (
    id INTEGER PRIMARY KEY,
    provinsi_id INTEGER NOT NULL REFERENCES provinsi (id),
    nama TEXT NOT NULL,
    jenis TEXT NOT NULL,
    jumlah_penduduk INTEGER,
    UNIQUE (provinsi_id, nama)
);

CREATE TABLE koperasi (
    id INTEGER PRIMARY KEY,
    kabupaten_id INTEGER NOT NULL REFERENCES kabupaten (id),
    nama TEXT NOT NULL,
    jenis TEXT NOT NULL,
    tahun_berdiri INTEGER NOT NULL,
    modal_awal NUMERIC(18, 2),
    status TEXT NOT NULL,
    tanggal_pengesahan DATE
);

CREATE TABLE anggota (
    id INTEGER PRIMARY KEY,
    koperasi_id INTEGER NOT NULL REFERENCES koperasi (id),
    nama TEXT NOT NULL,
    jenis_kelamin TEXT NOT NULL,
    pekerjaan TEXT,
    tanggal_bergabung DATE NOT NULL
);

CREATE TABLE pinjaman (
    id INTEGER PRIMARY KEY,
    anggota_id INTEGER NOT NULL REFERENCES anggota (id),
    jumlah NUMERIC(18, 2) NOT NULL,
    bunga_persen NUMERIC(5, 2) NOT NULL,
    tanggal_pinjam DATE NOT NULL,
    tenor_bulan INTEGER NOT NULL,
    status TEXT NOT NULL
);

CREATE TABLE simpanan (
    id INTEGER PRIMARY KEY,
    anggota_id INTEGER NOT NULL REFERENCES anggota (id),
    jenis TEXT NOT NULL,
    jumlah NUMERIC(18, 2) NOT NULL,
    tanggal DATE NOT NULL
);

CREATE TABLE "Laporan Tahunan" (
    "ID Laporan" INTEGER PRIMARY KEY,
    koperasi_id INTEGER NOT NULL REFERENCES koperasi (id),
    "Tahun" INTEGER NOT NULL,
    "Sisa Hasil Usaha" NUMERIC(18, 2),
    "order" INTEGER NOT NULL,
    UNIQUE (koperasi_id, "Tahun")
);

CREATE INDEX koperasi_kabupaten ON koperasi (kabupaten_id);
CREATE INDEX anggota_koperasi ON anggota (koperasi_id);
CREATE INDEX pinjaman_anggota ON pinjaman (anggota_id);
CREATE INDEX simpanan_anggota ON simpanan (anggota_id);
