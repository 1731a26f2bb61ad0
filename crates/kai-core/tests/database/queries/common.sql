SELECT 1
SELECT * FROM koperasi
select count(*) from koperasi;
SELECT COUNT(DISTINCT jenis) AS banyak FROM koperasi ;  
-- yang aktif saja␊SELECT nama FROM koperasi WHERE status = 'Aktif' /* semua */
SELECT nama /* DROP TABLE koperasi; */ FROM koperasi -- ; DELETE FROM koperasi
/* a */ SELECT /* b */ nama /* c */ FROM /* d */ koperasi /* e */
SELECT nama, modal_awal FROM koperasi ORDER BY modal_awal DESC LIMIT 5
SELECT nama FROM koperasi ORDER BY 1 ASC LIMIT 2 OFFSET 1
SELECT DISTINCT jenis, status FROM koperasi ORDER BY jenis, status DESC
SELECT 'a; b', '; DROP TABLE koperasi; --', '/* x */', '-- y'
SELECT 'DELETE FROM koperasi', 'GRANT ALL', 'UNION SELECT', 'pg_sleep(100)', '@@version'
SELECT nama FROM koperasi WHERE catatan = 'insert into x; select * from y' OR nama = 'drop'
SELECT nama FROM koperasi WHERE nama = 'Karya O''Brien'
SELECT '''', '''''', 'a''b', ''
SELECT nama FROM koperasi WHERE nama LIKE '%Ñusa%' AND NOT (status IN ('Aktif', 'Dibekukan') OR modal_awal IS NULL)
SELECT nama FROM koperasi WHERE nama = 'Ñusa Dua 🌴'
SELECT nama AS naïve FROM koperasi WHERE nama <> '日本語'
SELECT nama FROM koperasi WHERE tahun_berdiri BETWEEN 1990 AND 2010
SELECT nama FROM koperasi WHERE tahun_berdiri NOT BETWEEN 1990 AND 2010
SELECT nama FROM koperasi WHERE jenis NOT IN ('Jasa') AND modal_awal IS NOT NULL
SELECT nama FROM koperasi WHERE nama NOT LIKE 'S%' AND nama LIKE '_a%'
SELECT nama FROM koperasi WHERE nama LIKE '10!%' ESCAPE '!'
SELECT nama FROM koperasi WHERE (jenis, status) IN (('Jasa', 'Aktif'), ('Produsen', 'Aktif'))
SELECT nama FROM koperasi WHERE 1 = 1 AND (2 > 1 OR 3 < 2) AND NOT 1 <> 1
SELECT nama FROM koperasi WHERE id <= 3 AND id >= 1 AND id != 2
SELECT k.nama AS nama_koperasi, p.nama FROM koperasi AS k JOIN kabupaten b ON b.id = k.kabupaten_id JOIN provinsi p ON p.id = b.provinsi_id
SELECT k.nama, b.nama FROM koperasi k INNER JOIN kabupaten b ON b.id = k.kabupaten_id AND b.jenis = 'Kota'
SELECT k.nama, b.nama FROM kabupaten b LEFT OUTER JOIN koperasi k ON b.id = k.kabupaten_id
SELECT k.nama, b.nama FROM koperasi k RIGHT JOIN kabupaten b ON b.id = k.kabupaten_id
SELECT a.nama, b.nama FROM provinsi a CROSS JOIN kabupaten b
SELECT a.nama, b.nama FROM provinsi a, kabupaten b WHERE a.id = b.provinsi_id
SELECT nama FROM koperasi JOIN pesanan USING (id)
SELECT a.nama, b.nama FROM koperasi a JOIN koperasi b ON a.tahun_berdiri < b.tahun_berdiri
SELECT k.* FROM koperasi k JOIN (SELECT id FROM kabupaten WHERE jenis = 'Kota') b ON b.id = k.kabupaten_id
SELECT * FROM (koperasi k JOIN kabupaten b ON b.id = k.kabupaten_id)
SELECT koperasi.nama, kabupaten.* FROM koperasi JOIN kabupaten ON kabupaten.id = koperasi.kabupaten_id
SELECT p.nama, AVG(k.modal_awal) AS rata FROM provinsi p LEFT JOIN kabupaten b ON b.provinsi_id = p.id LEFT JOIN koperasi k ON k.kabupaten_id = b.id GROUP BY p.nama HAVING COUNT(k.id) > 0 ORDER BY rata DESC LIMIT 5 OFFSET 1
SELECT jenis, SUM(modal_awal), MIN(modal_awal), MAX(modal_awal), AVG(modal_awal), COUNT(modal_awal) FROM koperasi GROUP BY jenis
SELECT jenis, status, COUNT(*) AS banyak FROM koperasi GROUP BY jenis, status HAVING COUNT(*) >= 1 ORDER BY banyak DESC, jenis
SELECT tahun_berdiri - tahun_berdiri % 10 AS dekade, COUNT(*) FROM koperasi GROUP BY tahun_berdiri - tahun_berdiri % 10 ORDER BY dekade
SELECT SUM(CASE WHEN status = 'Aktif' THEN 1 ELSE 0 END) AS aktif, COUNT(*) AS semua FROM koperasi
SELECT SUM(DISTINCT tahun_berdiri), COUNT(DISTINCT status) FROM koperasi
SELECT 100.0 * SUM(CASE WHEN status = 'Aktif' THEN 1 ELSE 0 END) / COUNT(*) AS persen FROM koperasi
SELECT MAX(nama), MIN(tanggal_pengesahan) FROM koperasi
SELECT COUNT(*) FROM koperasi WHERE modal_awal > (SELECT AVG(modal_awal) FROM koperasi)
SELECT nama, (SELECT COUNT(*) FROM pesanan s WHERE s.koperasi_id = k.id) AS pesanan FROM koperasi k
SELECT nama FROM provinsi p WHERE EXISTS (SELECT 1 FROM kabupaten b WHERE b.provinsi_id = p.id)
SELECT nama FROM provinsi p WHERE NOT EXISTS (SELECT * FROM kabupaten b WHERE b.provinsi_id = p.id AND b.jenis = 'Kota')
SELECT nama FROM provinsi WHERE id NOT IN (SELECT provinsi_id FROM kabupaten WHERE jenis = 'Kota')
SELECT nama FROM koperasi k WHERE modal_awal = (SELECT MAX(modal_awal) FROM koperasi x WHERE x.jenis = k.jenis)
SELECT x.jumlah FROM (SELECT jenis, COUNT(*) AS jumlah FROM koperasi GROUP BY jenis) AS x WHERE x.jumlah > 0
SELECT AVG(x.banyak) FROM (SELECT COUNT(*) AS banyak FROM pesanan GROUP BY koperasi_id) x
SELECT y.n FROM (SELECT x.n FROM (SELECT COUNT(*) AS n FROM koperasi) x) y
SELECT nama FROM provinsi UNION SELECT nama FROM kabupaten ORDER BY 1
SELECT nama FROM provinsi UNION ALL SELECT nama FROM kabupaten UNION ALL SELECT nama FROM koperasi
SELECT id FROM provinsi EXCEPT SELECT provinsi_id FROM kabupaten
SELECT id FROM provinsi INTERSECT SELECT provinsi_id FROM kabupaten
SELECT 'kota' AS tingkat, COUNT(*) FROM kabupaten WHERE jenis = 'Kota' UNION ALL SELECT 'kabupaten', COUNT(*) FROM kabupaten WHERE jenis = 'Kabupaten'
WITH aktif AS (SELECT * FROM koperasi WHERE status = 'Aktif') SELECT COUNT(*) FROM aktif
WITH a AS (SELECT id FROM koperasi), b AS (SELECT id FROM a WHERE id > 1) SELECT COUNT(*) FROM b
WITH a(x, y) AS (SELECT id, nama FROM koperasi) SELECT x, y FROM a WHERE x IN (1, 2)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 9) SELECT SUM(i) FROM n
WITH RECURSIVE tahun(t) AS (SELECT 2018 UNION ALL SELECT t + 1 FROM tahun WHERE t < 2023) SELECT t, COUNT(k.id) FROM tahun LEFT JOIN koperasi k ON k.tahun_berdiri <= t GROUP BY t ORDER BY t
WITH per_jenis AS (SELECT jenis, COUNT(*) AS n FROM koperasi GROUP BY jenis) SELECT jenis, n, n * 100.0 / (SELECT SUM(n) FROM per_jenis) AS bagian FROM per_jenis ORDER BY bagian DESC
SELECT CASE WHEN tahun_berdiri < 2000 THEN 'lama' WHEN tahun_berdiri < 2010 THEN 'sedang' ELSE 'baru' END AS umur, COUNT(*) FROM koperasi GROUP BY 1
SELECT CASE jenis WHEN 'Jasa' THEN 1 END FROM koperasi
SELECT nama FROM koperasi ORDER BY CASE status WHEN 'Aktif' THEN 0 ELSE 1 END, nama
SELECT COALESCE(modal_awal, 0), NULLIF(jenis, 'Jasa') FROM koperasi
SELECT COALESCE(NULL, NULL, 'x'), NULLIF(1, 1)
SELECT UPPER(nama), lower(nama), LENGTH(nama), SUBSTR(nama, 1, 3), TRIM(nama), REPLACE(nama, 'a', 'b') FROM koperasi
SELECT replace(replace(nama, ';', ','), 'delete', '***') FROM koperasi
SELECT CONCAT(nama, ' (', jenis, ')'), LTRIM('  a'), RTRIM('a  ') FROM koperasi
SELECT SUBSTRING(nama, 1, 3), SUBSTRING('abc', 2) FROM koperasi
SELECT ROUND(modal_awal / 1000000, 2), ABS(-1), 7 % 3, -tahun_berdiri FROM koperasi
SELECT 1 + 2 * 3 - 4 / 2, (1 + 2) * 3, +5, 5 - -5, 1e3, .5, 1.25
SELECT ROUND(AVG(harga * jumlah), 2) AS rata, SUM(harga * jumlah) AS total FROM pesanan
SELECT 9223372036854775807, 0.1 + 0.2, 123456789012345678.99
SELECT CAST(tahun_berdiri AS CHAR(4)), CAST(modal_awal AS DECIMAL(18, 0)), CAST(tanggal_pengesahan AS CHAR(10)) FROM koperasi
SELECT nama, RANK() OVER (PARTITION BY jenis ORDER BY modal_awal DESC) FROM koperasi
SELECT nama, DENSE_RANK() OVER (ORDER BY tahun_berdiri), NTILE(2) OVER (ORDER BY id) FROM koperasi
SELECT nama, SUM(modal_awal) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM koperasi
SELECT nama, AVG(modal_awal) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM koperasi
SELECT ROW_NUMBER() OVER w, LAG(nama, 1) OVER w FROM koperasi WINDOW w AS (ORDER BY id)
SELECT LEAD(tahun_berdiri) OVER (ORDER BY id), FIRST_VALUE(nama) OVER (ORDER BY id), LAST_VALUE(nama) OVER (ORDER BY id) FROM koperasi
SELECT nama, COUNT(*) OVER () AS semua, MAX(modal_awal) OVER (PARTITION BY status) FROM koperasi
SELECT PERCENT_RANK() OVER (ORDER BY id), CUME_DIST() OVER (ORDER BY id), NTH_VALUE(nama, 2) OVER (ORDER BY id) FROM koperasi
SELECT * FROM (SELECT nama, jenis, ROW_NUMBER() OVER (PARTITION BY jenis ORDER BY modal_awal DESC) AS urut FROM koperasi) x WHERE urut = 1
SELECT jenis, SUM(COUNT(*)) OVER (ORDER BY jenis) FROM koperasi GROUP BY jenis
SELECT tanggal, SUM(total) OVER (ORDER BY tanggal) FROM (SELECT tanggal, SUM(harga) AS total FROM pesanan GROUP BY tanggal) x
SELECT nama FROM koperasi WHERE tanggal_pengesahan >= '2000-01-01' AND tanggal_pengesahan < '2010-01-01'
SELECT MIN(tanggal), MAX(tanggal) FROM pesanan WHERE tanggal > '2024-01-01 00:00:00'
SELECT CURRENT_DATE, CURRENT_TIMESTAMP
SELECT COUNT(*) FROM pesanan WHERE tanggal < CURRENT_TIMESTAMP
SELECT a.id, b.id FROM pesanan a LEFT JOIN pesanan b ON b.koperasi_id = a.koperasi_id AND b.id < a.id WHERE b.id IS NULL
SELECT nama, tahun_berdiri AS tahun, status AS keadaan FROM koperasi WHERE status = 'Aktif' OR status IS NULL ORDER BY tahun, keadaan
SELECT nama FROM koperasi WHERE status LIKE 'A%' AND LOWER(nama) LIKE '%tani%' AND LENGTH(nama) > 3
SELECT id, harga, CASE WHEN harga IS NULL THEN 'kosong' WHEN harga > 100000 THEN 'mahal' ELSE 'murah' END AS kelas FROM pesanan
SELECT COUNT(*) FROM koperasi WHERE id IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20)
SELECT DISTINCT b.jenis FROM kabupaten b WHERE b.jumlah_penduduk > 0 AND b.jumlah_penduduk IS NOT NULL
SELECT p.pulau, COUNT(DISTINCT b.id), COUNT(DISTINCT k.id) FROM provinsi p JOIN kabupaten b ON b.provinsi_id = p.id LEFT JOIN koperasi k ON k.kabupaten_id = b.id GROUP BY p.pulau
SELECT k.nama, s.id FROM koperasi k LEFT JOIN pesanan s ON s.koperasi_id = k.id AND s.jumlah > 1 WHERE s.id IS NULL
SELECT nama FROM koperasi WHERE kabupaten_id IN (SELECT id FROM kabupaten WHERE provinsi_id IN (SELECT id FROM provinsi WHERE pulau = 'Jawa'))
