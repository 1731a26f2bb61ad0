SELECT nama FROM main.koperasi WHERE nama GLOB 'S*'
SELECT `nama` FROM [koperasi] WHERE "jenis" = 'Jasa'
SELECT [nama], [Laporan Tahunan].[Tahun] FROM koperasi, [Laporan Tahunan]
SELECT "order", "Sisa Hasil Usaha" FROM "Laporan Tahunan" WHERE "Tahun" = 2023
SELECT l."Tahun", SUM(l."Sisa Hasil Usaha") FROM "Laporan Tahunan" l GROUP BY l."Tahun"
SELECT "delete", "grant", s."select" FROM pesanan s WHERE "delete" = 0
SELECT nama AS "grant", status AS [delete], jenis AS `update` FROM koperasi
SELECT "a;b" AS x, k."nama" AS "Nama; DROP TABLE koperasi" FROM koperasi k
SELECT 1 AS "a""b", 2 AS "load_extension('x')"
SELECT nama FROM koperasi WHERE status = "Aktif"
SELECT strftime('%Y-%m', tanggal_pengesahan), date('now', '-30 years'), julianday('now') FROM koperasi
SELECT strftime('%Y', tanggal) AS tahun, strftime('%m', tanggal) AS bulan, COUNT(*) FROM pesanan GROUP BY 1, 2
SELECT date(tanggal, 'start of month', '+1 month', '-1 day'), time(tanggal), datetime(tanggal, '+7 hours') FROM pesanan
SELECT julianday('2024-02-01') - julianday('2024-01-01'), unixepoch('2024-01-01'), datetime(1700000000, 'unixepoch')
SELECT strftime('%w', tanggal), strftime('%j', tanggal), strftime('%H:%M', tanggal), strftime('%s', tanggal) FROM pesanan
SELECT CAST(strftime('%Y', 'now') AS INTEGER) - tahun_berdiri AS umur FROM koperasi
SELECT nama FROM koperasi WHERE date(tanggal_pengesahan) BETWEEN date('1990-01-01') AND date('now')
SELECT (CAST(strftime('%m', tanggal) AS INTEGER) + 2) / 3 AS kuartal, SUM(harga) FROM pesanan GROUP BY kuartal
SELECT timediff('2024-02-01', '2024-01-01'), current_date, current_time, current_timestamp
SELECT IFNULL(modal_awal, 0), IIF(modal_awal > 0, 'ya', 'tidak'), TOTAL(modal_awal) FROM koperasi
SELECT GROUP_CONCAT(nama, ', ') FROM koperasi
SELECT GROUP_CONCAT(DISTINCT jenis) FROM koperasi
SELECT jenis, GROUP_CONCAT(nama || ' (' || tahun_berdiri || ')', '; ') FROM koperasi GROUP BY jenis
SELECT GROUP_CONCAT(nama, ', ' ORDER BY nama DESC) FROM koperasi
SELECT STRING_AGG(nama, ', ') FROM koperasi
SELECT PRINTF('%.2f', modal_awal), typeof(modal_awal), INSTR(nama, 'a'), hex('a') FROM koperasi
SELECT printf('%05d', id), printf('%,d', 1234567), format('%s: %d%%', nama, id), printf('%-20s|', nama) FROM koperasi
SELECT nama FROM koperasi LIMIT 1, 2
SELECT nama FROM koperasi ORDER BY modal_awal DESC NULLS LAST LIMIT 3 OFFSET 1
SELECT nama FROM koperasi ORDER BY nama COLLATE NOCASE ASC NULLS FIRST
SELECT json_extract('{"a": 1}', '$.a'), '{"a": 1}' ->> 'a'
SELECT json_extract(data, '$.warna'), data -> '$.ukuran', data ->> '$.ukuran[0]' FROM pesanan
SELECT id FROM pesanan WHERE json_extract(data, '$.warna') = 'merah' AND json_valid(data)
SELECT j.key, j.value FROM json_each('[1, 2]') AS j
SELECT s.id, u.value FROM pesanan s, json_each(s.data, '$.ukuran') u
SELECT s.id, t.fullkey, t.atom, t.type FROM pesanan s JOIN json_tree(s.data) t WHERE t.atom IS NOT NULL
SELECT json_group_array(nama), json_group_object(id, nama) FROM koperasi
SELECT json_object('a', 1, 'b', nama), json_array(1, 'x', NULL), json_array_length('[1,2]'), json_type('{}') FROM koperasi
SELECT json_set(data, '$.warna', 'biru'), json_remove(data, '$.warna'), json_patch(data, '{"x":1}'), json_quote('a') FROM pesanan
SELECT json_insert('{}', '$.a', 1), json_replace('{"a":1}', '$.a', 2), json('{"a" : 1}'), json_pretty('{"a":1}')
SELECT COUNT(*) FROM pesanan WHERE EXISTS (SELECT 1 FROM json_each(data, '$.ukuran') WHERE value > 1)
SELECT nama FROM koperasi WHERE modal_awal NOTNULL AND tanggal_pengesahan <> '1998-05-20'
SELECT nama FROM koperasi WHERE nama = 'sejahtera' COLLATE NOCASE
SELECT nama FROM koperasi WHERE nama LIKE 'S\_%' ESCAPE '\' OR nama LIKE '%'
SELECT nama FROM koperasi WHERE nama GLOB '[A-M]*' AND NOT nama GLOB '*x*'
SELECT nama FROM koperasi WHERE like('S%', nama) AND glob('S*', nama)
SELECT CAST(strftime('%Y', tanggal_pengesahan) AS INTEGER) AS tahun, COUNT(*) FROM koperasi GROUP BY tahun
SELECT COUNT(*) FROM koperasi WHERE jenis == 'Jasa'
SELECT COUNT(*) FROM koperasi WHERE jenis <> 'Jasa' AND id > 0
SELECT MAX(1, 2), MIN(3, 4), SUBSTRING('abc', 2)
SELECT substr(nama, -3), substr(nama, 2, 4), trim(nama, 'S'), ltrim(nama, 'S'), rtrim(nama, 'a') FROM koperasi
SELECT nama || ' / ' || jenis, unicode('a'), char(75, 97, 105), quote(nama), soundex(nama), hex(nama) FROM koperasi
SELECT length(nama), octet_length(nama), upper(nama), lower(nama), instr(nama, ' ') FROM koperasi
SELECT round(1.567, 1), abs(-3), sign(-2), random() IS NOT NULL, 7 / 2, 7 % 2, 7.0 / 2
SELECT CAST('12abc' AS INTEGER), CAST(1 AS REAL), CAST(1 AS TEXT), CAST('1.5' AS NUMERIC), CAST('a' AS BLOB)
SELECT x'00ff', X'4B4149', typeof(x'00')
SELECT TRUE, FALSE, NULL, 1 IS TRUE, 0 IS NOT TRUE
SELECT nama, rowid, oid FROM koperasi WHERE rowid = 1
SELECT k._rowid_ FROM koperasi k
SELECT COUNT(*) FILTER (WHERE status = 'Aktif') AS aktif, SUM(modal_awal) FILTER (WHERE jenis = 'Jasa') FROM koperasi
SELECT nama, SUM(modal_awal) FILTER (WHERE status = 'Aktif') OVER (PARTITION BY jenis) FROM koperasi
SELECT nama, RANK() OVER (ORDER BY modal_awal DESC NULLS LAST), LAG(nama, 1, '-') OVER (ORDER BY id) FROM koperasi
SELECT SUM(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING), COUNT(*) OVER w FROM koperasi WINDOW w AS (PARTITION BY jenis)
SELECT SUM(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM koperasi
SELECT nama, modal_awal * 100.0 / SUM(modal_awal) OVER () AS persen FROM koperasi
SELECT AVG(modal_awal) FROM (SELECT modal_awal FROM koperasi WHERE modal_awal IS NOT NULL ORDER BY modal_awal LIMIT 2 - (SELECT COUNT(*) FROM koperasi) % 2 OFFSET (SELECT (COUNT(modal_awal) - 1) / 2 FROM koperasi))
WITH RECURSIVE bulan(b) AS (SELECT date('2024-01-01') UNION ALL SELECT date(b, '+1 month') FROM bulan WHERE b < '2024-06-01') SELECT b, COUNT(s.id) FROM bulan LEFT JOIN pesanan s ON strftime('%Y-%m', s.tanggal) = strftime('%Y-%m', b) GROUP BY b
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5) SELECT group_concat(i, ' ') FROM n
WITH t(a, b) AS (VALUES (1, 'x'), (2, 'y')) SELECT * FROM t WHERE a = 2
VALUES (1, 'satu'), (2, 'dua')
SELECT column1, column2 FROM (VALUES (1, 'x'), (2, 'y'))
SELECT COUNT(*) FROM koperasi k FULL OUTER JOIN kabupaten b USING (id)
SELECT COUNT(*) FROM koperasi k NATURAL JOIN (SELECT id FROM pesanan)
SELECT id FROM provinsi EXCEPT SELECT id FROM kabupaten UNION SELECT 9 ORDER BY 1 DESC LIMIT 2
SELECT * FROM (SELECT nama FROM koperasi ORDER BY id LIMIT 1) UNION ALL SELECT * FROM (SELECT nama FROM koperasi ORDER BY id DESC LIMIT 1)
SELECT nama FROM koperasi WHERE (tahun_berdiri, id) > (2000, 1)
SELECT (SELECT nama FROM provinsi WHERE id = 1), EXISTS (SELECT 1 FROM koperasi), 1 IN (SELECT id FROM koperasi)
SELECT nama FROM koperasi GROUP BY nama HAVING MAX(id)
SELECT jenis, MAX(modal_awal), nama FROM koperasi GROUP BY jenis
SELECT nama FROM cari WHERE cari MATCH 'tani'
SELECT highlight(cari, 0, '[', ']'), snippet(cari, 0, '<', '>', '…', 8), bm25(cari) FROM cari WHERE cari MATCH 'tani OR makmur' ORDER BY rank
SELECT k.nama FROM cari c JOIN koperasi k ON k.id = c.rowid WHERE c.nama MATCH 'sej*'
SELECT nama FROM cari_lama WHERE cari_lama MATCH 'tani'
SELECT snippet(cari_lama) FROM cari_lama WHERE nama MATCH '"tani makmur"'
SELECT id FROM kotak WHERE x1 >= 0 AND x2 <= 10
SELECT kotak.id, k.nama FROM kotak JOIN koperasi k ON k.id = kotak.id WHERE x1 < 5
SELECT * FROM koperasi_aktif
SELECT a.nama, b.jumlah FROM koperasi_aktif a LEFT JOIN (SELECT koperasi_id, SUM(jumlah) AS jumlah FROM pesanan GROUP BY koperasi_id) b ON b.koperasi_id = a.id
SELECT likelihood(id > 1, 0.5), likely(id > 1), unlikely(id > 1), coalesce(NULL, id), nullif(id, 1) FROM koperasi
SELECT CASE typeof(modal_awal) WHEN 'null' THEN 'kosong' ELSE 'isi' END AS isi, COUNT(*) FROM koperasi GROUP BY isi
SELECT nama, CASE WHEN modal_awal > 100000000 THEN '>100jt' WHEN modal_awal > 50000000 THEN '50-100jt' ELSE '<50jt' END AS kelas FROM koperasi ORDER BY kelas
SELECT replace(nama, '''', '"'), replace('a;b', ';', ',') FROM koperasi
SELECT 'a\b', 'C:\temp\', '\'''
SELECT nama, ROW_NUMBER() OVER (ORDER BY random()) FROM koperasi
SELECT nama FROM koperasi ORDER BY random() LIMIT 1
SELECT p.nama, (SELECT GROUP_CONCAT(b.nama, ', ') FROM kabupaten b WHERE b.provinsi_id = p.id) AS kota FROM provinsi p
SELECT nama FROM (SELECT nama FROM provinsi UNION SELECT nama FROM kabupaten) WHERE nama > 'B' ORDER BY nama COLLATE RTRIM
SELECT SUM(harga * jumlah) AS omzet, strftime('%Y-W%W', tanggal) AS minggu FROM pesanan GROUP BY minggu HAVING omzet > 0 ORDER BY minggu
SELECT DISTINCT substr(nama, 1, 1) AS huruf FROM koperasi ORDER BY huruf
SELECT t1.id AS "order", t1.nama "group" FROM koperasi t1
SELECT concat('a', NULL, 'b'), concat_ws('-', 'a', NULL, 'b'), unhex('4B4149'), iif(1, 2, 3)
SELECT nama --␍; DELETE FROM koperasi␊FROM koperasi
SELECT 'a' 'b' FROM koperasi
SELECT 5 & 3, 5 | 3, ~5
SELECT nama FROM koperasi WHERE nama LIKE '%a%' EXCEPT SELECT nama FROM koperasi_aktif
