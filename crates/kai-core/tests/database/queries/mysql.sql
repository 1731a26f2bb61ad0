SELECT `nama` FROM `koperasi` WHERE `jenis` = "Jasa"
SELECT `order`, `Sisa Hasil Usaha` FROM `Laporan Tahunan` WHERE `Tahun` = 2023
SELECT l.`Tahun`, SUM(l.`Sisa Hasil Usaha`) FROM `Laporan Tahunan` l GROUP BY l.`Tahun`
SELECT `delete`, `grant`, s.`select` FROM pesanan s WHERE `delete` = 0
SELECT nama AS `grant`, status AS `delete`, jenis AS 'update', id AS "drop" FROM koperasi
SELECT k.`nama` AS `Nama; DROP TABLE koperasi`, 1 AS `a``b` FROM koperasi k
SELECT "a;b", "it's", 'say "hi"', "a""b", 'it\'s', "say \"hi\""
SELECT 'C:\\temp\\', 'tab\tnew\nline', '\\', '100\%', 'a\_b'
SELECT nama FROM koperasi WHERE nama LIKE '%\_%' OR nama LIKE '100\%' OR nama LIKE '%O\'Brien'
SELECT nama # komentar␊FROM koperasi
SELECT /*! nama, */ id FROM koperasi
SELECT /*!40101 nama */ FROM koperasi
SELECT nama FROM koperasi -- komentar
SELECT DATE_FORMAT(tanggal_pengesahan, '%Y-%m'), YEAR(tanggal_pengesahan), MONTH(tanggal_pengesahan), DAY(tanggal_pengesahan) FROM koperasi
SELECT DATE_FORMAT(tanggal, '%d/%m/%Y %H:%i:%s'), DATE(tanggal), TIME(tanggal), HOUR(tanggal), MINUTE(tanggal), SECOND(tanggal) FROM pesanan
SELECT EXTRACT(YEAR FROM tanggal), EXTRACT(MONTH FROM tanggal), QUARTER(tanggal), WEEK(tanggal), DAYOFWEEK(tanggal), DAYNAME(tanggal), MONTHNAME(tanggal) FROM pesanan
SELECT tanggal + INTERVAL 1 DAY, tanggal - INTERVAL 2 MONTH, DATE_ADD(tanggal, INTERVAL 1 YEAR), DATE_SUB(tanggal, INTERVAL 90 MINUTE) FROM pesanan
SELECT nama FROM koperasi WHERE tanggal_pengesahan >= CURDATE() - INTERVAL 30 YEAR
SELECT DATEDIFF(CURDATE(), tanggal_pengesahan), TIMESTAMPDIFF(YEAR, tanggal_pengesahan, NOW()), TIMESTAMPADD(MONTH, 3, tanggal_pengesahan) FROM koperasi
SELECT LAST_DAY(tanggal), MAKEDATE(2024, 31), STR_TO_DATE('31-01-2024', '%d-%m-%Y'), UNIX_TIMESTAMP(tanggal), FROM_UNIXTIME(1700000000) FROM pesanan
SELECT TO_DAYS(tanggal), FROM_DAYS(739000), WEEKDAY(tanggal), YEARWEEK(tanggal), DAYOFYEAR(tanggal), TIME_TO_SEC('01:00:00'), SEC_TO_TIME(3600) FROM pesanan
SELECT NOW(), CURDATE(), CURTIME(), UTC_TIMESTAMP(), CURRENT_TIMESTAMP(), LOCALTIME, SYSDATE()
SELECT DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00', TIME '10:00:00'
SELECT CONVERT_TZ(tanggal, '+00:00', '+07:00'), PERIOD_DIFF(202402, 202401), ADDTIME('10:00:00', '01:00:00'), TIMEDIFF('12:00:00', '10:00:00') FROM pesanan
SELECT YEAR(tanggal) AS tahun, MONTH(tanggal) AS bulan, SUM(harga) FROM pesanan GROUP BY YEAR(tanggal), MONTH(tanggal) ORDER BY tahun, bulan
SELECT DATE_FORMAT(tanggal, '%Y-%m-01') AS bulan, COUNT(*) FROM pesanan GROUP BY bulan HAVING COUNT(*) > 0
SELECT IF(modal_awal > 0, 'ya', 'tidak'), IFNULL(modal_awal, 0), ISNULL(modal_awal) FROM koperasi
SELECT GREATEST(1, 2, 3), LEAST(1, 2), COALESCE(NULL, 1), NULLIF(1, 1), ELT(2, 'a', 'b'), FIELD('b', 'a', 'b'), FIND_IN_SET('b', 'a,b')
SELECT GROUP_CONCAT(nama SEPARATOR ', ') FROM koperasi
SELECT GROUP_CONCAT(DISTINCT jenis ORDER BY jenis DESC SEPARATOR '; ') FROM koperasi
SELECT jenis, GROUP_CONCAT(nama ORDER BY tahun_berdiri) FROM koperasi GROUP BY jenis
SELECT GROUP_CONCAT(CONCAT(nama, ':', tahun_berdiri) SEPARATOR '|') FROM koperasi
SELECT nama FROM koperasi LIMIT 1, 2
SELECT nama FROM koperasi WHERE nama REGEXP '^S' AND nama NOT REGEXP 'x$'
SELECT nama FROM koperasi WHERE nama RLIKE '[[:alpha:]]+' AND nama REGEXP '\\bTani\\b'
SELECT REGEXP_REPLACE(nama, '[aeiou]', '*'), REGEXP_SUBSTR(nama, '[A-Z][a-z]+'), REGEXP_INSTR(nama, 'a') FROM koperasi
SELECT CONCAT_WS(', ', nama, NULL, jenis), CHAR_LENGTH(nama), LEFT(nama, 3), RIGHT(nama, 3), REVERSE(nama) FROM koperasi
SELECT LPAD(id, 5, '0'), RPAD(nama, 20, '.'), REPEAT('*', 3), SPACE(2), LOCATE('a', nama), INSTR(nama, 'a') FROM koperasi
SELECT SUBSTRING_INDEX(nama, ' ', 1), SUBSTRING(nama FROM 2 FOR 3), SUBSTR(nama, -3), MID(nama, 2, 2), POSITION('a' IN nama) FROM koperasi
SELECT TRIM(BOTH 'S' FROM nama), TRIM(LEADING 'x' FROM 'xxa'), UCASE(nama), LCASE(nama), ASCII('a'), ORD('a'), HEX(nama), UNHEX('4B') FROM koperasi
SELECT INSERT('abc', 2, 1, 'x'), REPLACE(nama, ';', ','), STRCMP('a', 'b'), SOUNDEX(nama), QUOTE(nama), CHAR(75) FROM koperasi
SELECT FORMAT(modal_awal, 2), FORMAT(1234567.891, 2, 'id_ID'), CONV('ff', 16, 10), BIN(5), OCT(8) FROM koperasi
SELECT MD5('a'), SHA1('a'), SHA2('a', 256), CRC32('a'), TO_BASE64('a'), FROM_BASE64('YQ==')
SELECT CAST(tahun_berdiri AS CHAR), CAST('5' AS SIGNED), CAST('5' AS UNSIGNED), CAST('1.5' AS DECIMAL(10, 2)), CAST('2024-01-31' AS DATE) FROM koperasi
SELECT CAST('2024-01-31 10:00:00' AS DATETIME), CAST('10:00' AS TIME), CAST('a' AS BINARY), CAST('5' AS SIGNED INTEGER), CAST(1 AS DOUBLE)
SELECT CONVERT('5', SIGNED), CONVERT(nama USING utf8mb4), CONVERT(modal_awal, CHAR), BINARY nama = 'x' FROM koperasi
SELECT 7 DIV 2, 7 % 3, 7 / 2, -7 DIV 2, 2 * 3 DIV 4
SELECT 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 3, 16 >> 2, TRUE AND FALSE, TRUE XOR TRUE, NOT 0
SELECT 1 && 0, NOT (1 AND 0), 1 <=> NULL, NULL <=> NULL, 1 IS TRUE, 0 IS NOT FALSE
SELECT TRUNCATE(1.567, 1), ROUND(1.567, 1), CEILING(1.2), FLOOR(1.8), RAND() < 2, PI(), LOG(10), LOG2(8), LOG10(100), EXP(1), LN(2)
SELECT x'4B4149', 0x4B, X'00', 1e10, .5
SELECT jenis, status, COUNT(*) FROM koperasi GROUP BY jenis, status WITH ROLLUP
SELECT jenis, SUM(modal_awal) FROM koperasi GROUP BY jenis WITH ROLLUP HAVING SUM(modal_awal) > 0
SELECT STD(modal_awal), STDDEV_SAMP(modal_awal), VAR_POP(modal_awal), VARIANCE(modal_awal), BIT_OR(id), BIT_AND(id), BIT_XOR(id) FROM koperasi
SELECT SUM(status = 'Aktif') AS aktif, AVG(status = 'Aktif') * 100 AS persen, COUNT(IF(jenis = 'Jasa', 1, NULL)) FROM koperasi
SELECT COUNT(DISTINCT jenis, status) FROM koperasi
SELECT JSON_EXTRACT(data, '$.warna'), JSON_UNQUOTE(JSON_EXTRACT(data, '$.warna')), JSON_VALUE(data, '$.warna') FROM pesanan
SELECT id FROM pesanan WHERE JSON_CONTAINS(data, '"merah"', '$.warna') OR JSON_CONTAINS_PATH(data, 'one', '$.berat')
SELECT JSON_LENGTH(data, '$.ukuran'), JSON_TYPE(data), JSON_VALID(data), JSON_KEYS(data), JSON_DEPTH(data), JSON_SEARCH(data, 'one', 'merah') FROM pesanan
SELECT JSON_OBJECT('a', 1, 'b', nama), JSON_ARRAY(1, 'x', NULL), JSON_QUOTE('a') FROM koperasi
SELECT JSON_ARRAYAGG(nama), JSON_OBJECTAGG(id, nama) FROM koperasi
SELECT JSON_SET(data, '$.warna', 'biru'), JSON_REMOVE(data, '$.warna'), JSON_INSERT(data, '$.x', 1), JSON_REPLACE(data, '$.warna', 'x') FROM pesanan
SELECT s.id, t.ukuran FROM pesanan s, JSON_TABLE(s.data, '$.ukuran[*]' COLUMNS (ukuran INT PATH '$')) AS t
SELECT t.no, t.nilai FROM JSON_TABLE('[1, 2]', '$[*]' COLUMNS (no FOR ORDINALITY, nilai INT PATH '$')) AS t
SELECT nama, RANK() OVER (ORDER BY modal_awal DESC), LAG(nama) OVER (ORDER BY id), LEAD(nama, 2) OVER (ORDER BY id) FROM koperasi
SELECT nama, SUM(modal_awal) OVER (PARTITION BY jenis ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM koperasi
SELECT nama, modal_awal * 100 / SUM(modal_awal) OVER () AS persen FROM koperasi
SELECT nama, ROW_NUMBER() OVER (PARTITION BY YEAR(tanggal_pengesahan) ORDER BY id) FROM koperasi
WITH RECURSIVE bulan(b) AS (SELECT DATE('2024-01-01') UNION ALL SELECT b + INTERVAL 1 MONTH FROM bulan WHERE b < '2024-06-01') SELECT b, COUNT(s.id) FROM bulan LEFT JOIN pesanan s ON DATE_FORMAT(s.tanggal, '%Y-%m') = DATE_FORMAT(b, '%Y-%m') GROUP BY b
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT GROUP_CONCAT(i) FROM n
WITH a AS (SELECT jenis, AVG(modal_awal) AS rata FROM koperasi GROUP BY jenis), b AS (SELECT MAX(rata) AS r FROM a) SELECT a.jenis FROM a JOIN b ON a.rata = b.r
SELECT * FROM koperasi k NATURAL JOIN (SELECT id FROM pesanan) s
SELECT k.nama FROM koperasi k LEFT JOIN pesanan s ON s.koperasi_id = k.id GROUP BY k.id, k.nama ORDER BY ISNULL(MAX(s.tanggal)), MAX(s.tanggal) DESC
(SELECT nama FROM koperasi ORDER BY id LIMIT 1) UNION ALL (SELECT nama FROM koperasi ORDER BY id DESC LIMIT 1)
SELECT nama FROM koperasi WHERE nama COLLATE utf8mb4_general_ci = 'SEJAHTERA'
SELECT nama FROM koperasi ORDER BY nama COLLATE utf8mb4_bin DESC
SELECT nama FROM koperasi ORDER BY FIELD(status, 'Aktif', 'Dibekukan', 'Tidak Aktif'), nama
SELECT nama FROM koperasi ORDER BY modal_awal IS NULL, modal_awal
SELECT nama FROM koperasi ORDER BY RAND() LIMIT 1
SELECT 1 FROM DUAL
SELECT 1 + 1 AS dua, 'a' = 'A' AS sama FROM dual
SELECT id, nama FROM berita WHERE MATCH (nama) AGAINST ('tani')
SELECT id, MATCH (nama) AGAINST ('+tani -jasa' IN BOOLEAN MODE) AS nilai FROM berita ORDER BY nilai DESC
SELECT kai_uji.koperasi.nama FROM kai_uji.koperasi
SELECT k.nama FROM `kai_uji`.`koperasi` AS k JOIN kai_uji.kabupaten b ON b.id = k.kabupaten_id
SELECT * FROM koperasi_aktif
SELECT nama FROM koperasi WHERE tahun_berdiri > ALL (SELECT 1990 FROM provinsi) AND id = ANY (SELECT id FROM pesanan)
SELECT nama FROM koperasi WHERE id = SOME (SELECT id FROM provinsi)
SELECT nama FROM koperasi WHERE (tahun_berdiri, id) = (SELECT tahun_berdiri, id FROM koperasi ORDER BY id LIMIT 1)
SELECT INET_ATON('127.0.0.1'), INET_NTOA(2130706433), IS_IPV4('127.0.0.1')
SELECT ST_AsText(ST_GeomFromText('POINT(1 2)')), ST_X(ST_GeomFromText('POINT(1 2)')), ST_Distance(ST_GeomFromText('POINT(0 0)'), ST_GeomFromText('POINT(3 4)'))
SELECT mutu, COUNT(*) FROM pesanan WHERE mutu IN ('rendah', 'tinggi') GROUP BY mutu
SELECT mutu + 0, FIND_IN_SET('a', tag) FROM pesanan
SELECT DATE_FORMAT(tanggal, '%W, %e %M %Y') AS hari, TIME_FORMAT('10:30', '%H.%i') FROM pesanan
SELECT CASE WHEN DAYOFWEEK(tanggal) IN (1, 7) THEN 'akhir pekan' ELSE 'hari kerja' END AS jenis_hari, COUNT(*) FROM pesanan GROUP BY jenis_hari
SELECT nama, TIMESTAMPDIFF(DAY, tanggal_pengesahan, '2024-12-31') DIV 365 AS umur FROM koperasi HAVING umur > 5 ORDER BY umur DESC
SELECT nama FROM koperasi WHERE YEAR(tanggal_pengesahan) = YEAR(CURDATE()) - 4
SELECT SUM(jumlah * harga) AS omzet FROM pesanan WHERE tanggal BETWEEN '2024-01-01' AND '2024-12-31 23:59:59'
SELECT ADDDATE('2024-01-31', INTERVAL 1 MONTH), SUBDATE('2024-01-31', 7), MAKETIME(10, 30, 0), MICROSECOND('10:00:00.5')
SELECT WEEKOFYEAR(tanggal), DAYOFMONTH(tanggal), TO_SECONDS(tanggal), UTC_DATE(), UTC_TIME() FROM pesanan
SELECT nama AS 'Nama Koperasi', status 'Keadaan' FROM koperasi
SELECT nama FROM koperasi WHERE status NOT LIKE 'A%' AND nama NOT REGEXP '[0-9]'
SELECT ABS(-5), SIGN(-1), MOD(10, 3), POW(2, 8), SQRT(2), RADIANS(180), DEGREES(PI()), SIN(0), COS(0), TAN(0), ATAN2(1, 1)
SELECT 1 -- x␍; DELETE FROM koperasi
SELECT 0b0101 FROM koperasi
