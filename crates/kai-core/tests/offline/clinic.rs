//! A clinic with Indonesian names, abbreviations, and keys that are named after their tables.

use crate::driver::{Bench, cases};

pub(crate) const SCRIPT: &str = "
CREATE TABLE m_poli (id_poli INTEGER PRIMARY KEY, nm_poli TEXT NOT NULL, lantai INTEGER NOT NULL);
CREATE TABLE m_dokter (
    id_dokter INTEGER PRIMARY KEY, nm_dokter TEXT NOT NULL, jk TEXT NOT NULL, spesialisasi TEXT, id_poli INTEGER NOT NULL,
    tgl_masuk DATE NOT NULL, gaji INTEGER NOT NULL);
CREATE TABLE m_pasien (
    id_pasien INTEGER PRIMARY KEY, nm_pasien TEXT NOT NULL, jk TEXT NOT NULL, tgl_lahir DATE, kota TEXT NOT NULL, gol_darah TEXT);
CREATE TABLE m_obat (id_obat INTEGER PRIMARY KEY, nm_obat TEXT NOT NULL, harga INTEGER NOT NULL, stok INTEGER NOT NULL, satuan TEXT NOT NULL);
CREATE TABLE tr_kunjungan (
    id_kunjungan INTEGER PRIMARY KEY, id_pasien INTEGER NOT NULL, id_dokter INTEGER NOT NULL, tgl_kunjungan DATE NOT NULL,
    diagnosa TEXT, biaya INTEGER NOT NULL, cara_bayar TEXT NOT NULL);
CREATE TABLE tr_resep (id_resep INTEGER PRIMARY KEY, id_kunjungan INTEGER NOT NULL, id_obat INTEGER NOT NULL, jml INTEGER NOT NULL);
INSERT INTO m_poli VALUES (1, 'Poli Gigi', 1), (2, 'Poli Anak', 1), (3, 'Poli Umum', 2), (4, 'Poli Saraf', 3);
INSERT INTO m_dokter VALUES
    (1, 'dr. Siti Aminah', 'P', 'Anak', 2, '2015-02-01', 15000000), (2, 'drg. Bambang', 'L', 'Gigi', 1, '2018-07-15', 14000000),
    (3, 'dr. Made Wirawan', 'L', NULL, 3, '2020-01-10', 9000000), (4, 'dr. Ratna Sari', 'P', NULL, 3, '2022-05-05', 9500000);
INSERT INTO m_pasien VALUES
    (1, 'Agus', 'L', '1990-01-01', 'Surabaya', 'O'), (2, 'Bunga', 'P', '2015-03-12', 'Malang', 'A'), (3, 'Citra', 'P', '1985-08-17', 'Surabaya', 'B'),
    (4, 'Dodi', 'L', '2018-12-25', 'Gresik', NULL), (5, 'Eka', 'P', '1970-05-20', 'Surabaya', 'O'), (6, 'Fajar', 'L', '1999-09-09', 'Malang', 'AB');
INSERT INTO m_obat VALUES (1, 'Parasetamol', 500, 1000, 'tablet'), (2, 'Amoksisilin', 1500, 300, 'kapsul'), (3, 'Sirup Batuk', 22000, 40, 'botol'), (4, 'Vitamin C', 1000, 0, 'tablet');
INSERT INTO tr_kunjungan VALUES
    (1, 1, 3, '2023-01-10', 'Flu', 100000, 'BPJS'), (2, 2, 1, '2023-02-14', 'Demam', 150000, 'Tunai'), (3, 3, 2, '2023-05-01', 'Karies', 350000, 'Tunai'),
    (4, 1, 2, '2023-11-20', 'Karies', 300000, 'BPJS'), (5, 4, 1, '2024-01-05', 'Demam', 150000, 'Asuransi'), (6, 5, 3, '2024-02-02', NULL, 90000, 'BPJS'),
    (7, 3, 4, '2024-03-03', 'Flu', 120000, 'Tunai'), (8, 1, 3, '2024-03-15', 'Hipertensi', 110000, 'BPJS');
INSERT INTO tr_resep VALUES (1, 1, 1, 10), (2, 2, 1, 6), (3, 2, 3, 1), (4, 4, 2, 12), (5, 5, 3, 2), (6, 7, 1, 10), (7, 8, 4, 30);
";

#[tokio::test]
async fn questions_about_a_clinic_give_the_gold_rows() {
    let bench = Bench::new(SCRIPT).await;
    bench.check_all(&cases(&[
        ("Berapa jumlah pasien?", "SELECT 6"),
        ("Berapa jumlah pasien perempuan?", "SELECT 3"),
        ("Berapa jumlah kunjungan per dokter?", "SELECT nm_dokter, COUNT(*) FROM tr_kunjungan JOIN m_dokter USING (id_dokter) GROUP BY 1"),
        ("Berapa total biaya kunjungan per cara bayar?", "SELECT cara_bayar, SUM(biaya) FROM tr_kunjungan GROUP BY 1"),
        ("Dokter mana yang paling banyak menerima kunjungan?", "SELECT 'dr. Made Wirawan', 3"),
        ("Dokter dengan kunjungan terbanyak", "SELECT 'dr. Made Wirawan', 3"),
        ("Pasien mana yang belum pernah berkunjung?", "SELECT 'Fajar'"),
        ("Siapa pasien termuda?", "SELECT 'Dodi'"),
        ("Siapa saja dokter yang tidak memiliki spesialisasi?", "SELECT nm_dokter FROM m_dokter WHERE spesialisasi IS NULL"),
        ("Tampilkan obat dengan stok di bawah 100", "SELECT nm_obat FROM m_obat WHERE stok < 100"),
        ("Obat apa yang paling mahal?", "SELECT 'Sirup Batuk'"),
        ("Berapa rata-rata gaji dokter di Poli Umum?", "SELECT 9250000"),
        ("Jumlah kunjungan per tahun", "SELECT strftime('%Y', tgl_kunjungan) + 0, COUNT(*) FROM tr_kunjungan GROUP BY 1"),
        ("Jumlah kunjungan per bulan pada tahun 2024", "SELECT strftime('%Y-%m', tgl_kunjungan), COUNT(*) FROM tr_kunjungan WHERE tgl_kunjungan >= '2024-01-01' GROUP BY 1"),
        ("Berapa kunjungan dengan diagnosa Flu?", "SELECT 2"),
        ("Tampilkan 2 pasien dengan total biaya kunjungan tertinggi", "SELECT nm_pasien, SUM(biaya) FROM tr_kunjungan JOIN m_pasien USING (id_pasien) GROUP BY id_pasien ORDER BY 2 DESC LIMIT 2 --ordered"),
        ("Berapa banyak obat yang diresepkan per pasien?", "SELECT 0 LIMIT 0 --declined"),
        ("Pasien dari Surabaya atau Gresik", "SELECT nm_pasien FROM m_pasien WHERE kota IN ('Surabaya', 'Gresik')"),
        ("Poli mana yang memiliki lebih dari satu dokter?", "SELECT 'Poli Umum'"),
        ("Apa saja cara bayar yang ada?", "SELECT DISTINCT cara_bayar FROM tr_kunjungan"),
        ("Persentase kunjungan dengan cara bayar BPJS", "SELECT 50.0"),
        ("Berapa dokter yang gajinya di atas rata-rata?", "SELECT 2"),
        ("Berapa jumlah kunjungan antara 1 Februari 2023 dan 31 Desember 2023?", "SELECT 3"),
        ("Kapan dr. Ratna Sari masuk?", "SELECT '2022-05-05'"),
        ("Rata-rata jumlah kunjungan per pasien", "SELECT 8.0 / 6"),
        ("Berapa pasien yang golongan darahnya tidak diketahui?", "SELECT 1"),
        ("Urutkan dokter berdasarkan gaji", "SELECT nm_dokter, gaji FROM m_dokter ORDER BY gaji DESC --ordered"),
        // English questions on Indonesian names.
        ("How many doctors are there?", "SELECT 4"),
        ("How many visits does each patient have?", "SELECT nm_pasien, COUNT(*) FROM tr_kunjungan JOIN m_pasien USING (id_pasien) GROUP BY id_pasien"),
        ("What is the total cost of visits in 2023?", "SELECT 900000"),
        ("Which doctor has the highest salary?", "SELECT 'dr. Siti Aminah', 15000000"),
        ("List the medicines with a price above 1000", "SELECT nm_obat FROM m_obat WHERE harga > 1000"),
        ("How many male patients are there per city?", "SELECT kota, COUNT(*) FROM m_pasien WHERE jk = 'L' GROUP BY 1"),
        ("Which patients have never had a visit?", "SELECT 'Fajar'"),
        ("Average cost of a visit by payment method", "SELECT cara_bayar, AVG(biaya) FROM tr_kunjungan GROUP BY 1"),
        ("Show the two oldest patients", "SELECT nm_pasien FROM m_pasien WHERE id_pasien IN (3, 5)"),
        ("How many patients have blood type O?", "SELECT 2"),
        ("How many prescriptions contain Parasetamol?", "SELECT 3"),
        ("How many prescriptions are there for Parasetamol?", "SELECT 3"),
        ("What is the total amount of prescriptions per medicine?", "SELECT nm_obat, SUM(jml) FROM tr_resep JOIN m_obat USING (id_obat) GROUP BY 1"),
        ("In which year were the most visits?", "SELECT 2023, 4 UNION ALL SELECT 2024, 4"),
    ])).await;
}

#[tokio::test]
async fn what_a_clinic_cannot_answer_is_declined() {
    let bench = Bench::new(SCRIPT).await;
    bench
        .check_declined(&[
            "Berapa jumlah perawat?",
            "Siapa presiden Indonesia?",
            "Berapa pasien yang meninggal?",
            "Hapus semua kunjungan",
            "Berapa kunjungan bulan ini?",
            "Selamat pagi",
            "Dokter mana yang paling ramah?",
            "Berapa suhu badan pasien?",
            "How many rooms are there?",
            "Which patients are allergic to penicillin?",
            "What is the revenue forecast?",
        ])
        .await;
}
