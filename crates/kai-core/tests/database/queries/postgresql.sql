SELECT nama FROM public.koperasi WHERE nama ILIKE '%tani%'
SELECT nama FROM "public".koperasi WHERE nama ~* '^s' AND nama !~ 'x'
SELECT nama FROM koperasi WHERE nama NOT ILIKE 'x%' AND nama ~ '[a-z]' AND nama !~* 'zzz'
SELECT "order", "Sisa Hasil Usaha" FROM "Laporan Tahunan" WHERE "Tahun" = 2023
SELECT l."Tahun", SUM(l."Sisa Hasil Usaha") FROM "Laporan Tahunan" l GROUP BY l."Tahun"
SELECT "delete", "grant", s."select" FROM pesanan s WHERE "delete" = 0
SELECT nama AS grant, status AS "delete", jenis AS "update" FROM koperasi
SELECT "user".nama FROM koperasi AS "user"
SELECT k."nama" AS "Nama; DROP TABLE koperasi" FROM koperasi k
SELECT 1 AS "a""b", 2 AS "pg_sleep(1)"
SELECT modal_awal::bigint, '2024-01-31'::date, DATE '2024-01-31' FROM koperasi
SELECT '1 day'::interval, '12:30'::time, '2024-01-31 10:00'::timestamp, TIMESTAMP '2024-01-31 10:00', '2024-01-31 10:00+07'::timestamptz
SELECT CAST('1.5' AS numeric(10, 2)), CAST('t' AS boolean), CAST('{1,2}' AS integer[]), '1'::smallint, '1.5'::real, '1.5'::double precision
SELECT 'abc'::varchar(2), 'abc'::char(5), 'abc'::text, '\xdeadbeef'::bytea, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid
SELECT 'tinggi'::tingkat, mutu FROM pesanan WHERE mutu = 'rendah'::public.tingkat
SELECT EXTRACT(YEAR FROM tanggal_pengesahan), DATE_TRUNC('month', tanggal_pengesahan) FROM koperasi
SELECT EXTRACT(DOW FROM tanggal), EXTRACT(EPOCH FROM tanggal), EXTRACT(QUARTER FROM tanggal), DATE_PART('hour', tanggal) FROM pesanan
SELECT TO_CHAR(tanggal_pengesahan, 'YYYY-MM'), TO_CHAR(modal_awal, 'FM999,999,999.00') FROM koperasi
SELECT TO_DATE('31-01-2024', 'DD-MM-YYYY'), TO_TIMESTAMP('2024-01-31', 'YYYY-MM-DD'), TO_NUMBER('1,234', '9,999')
SELECT nama FROM koperasi WHERE tanggal_pengesahan >= CURRENT_DATE - INTERVAL '30 years'
SELECT tanggal + INTERVAL '1 month 2 days', tanggal - INTERVAL '1' DAY, tanggal::date - 7 FROM pesanan
SELECT CURRENT_DATE - tanggal_pengesahan AS hari, NOW() - tanggal_pengesahan AS selang FROM koperasi
SELECT NOW() AT TIME ZONE 'Asia/Jakarta', AGE(tanggal_pengesahan), LOCALTIMESTAMP, CURRENT_TIME FROM koperasi
SELECT DATE_BIN('15 minutes', tanggal, TIMESTAMP '2001-01-01'), MAKE_DATE(2024, 1, 31), MAKE_INTERVAL(days => 3) FROM pesanan
SELECT DATE_TRUNC('week', d)::date AS minggu FROM generate_series('2024-01-01'::timestamp, '2024-02-01'::timestamp, '1 week') AS d
SELECT t.tahun FROM generate_series(2000, 2005) AS t(tahun)
SELECT tahun FROM generate_series(2000, 2005) AS tahun
SELECT generate_series(1, 3) AS n
SELECT t.tahun, COUNT(k.id) FROM generate_series(2000, 2020, 5) AS t(tahun) LEFT JOIN koperasi k ON k.tahun_berdiri <= t.tahun GROUP BY t.tahun ORDER BY 1
SELECT DISTINCT ON (jenis) jenis, nama FROM koperasi ORDER BY jenis, modal_awal DESC
SELECT DISTINCT ON (k.jenis, k.status) k.nama FROM koperasi k ORDER BY k.jenis, k.status, k.id DESC
SELECT STRING_AGG(nama, ', ' ORDER BY nama) FROM koperasi
SELECT STRING_AGG(DISTINCT jenis, '; ') AS jenis FROM koperasi
SELECT ARRAY_AGG(DISTINCT jenis), ARRAY_AGG(nama ORDER BY modal_awal DESC NULLS LAST) FROM koperasi
SELECT ARRAY(SELECT id FROM provinsi), ARRAY[1, 2], (ARRAY[1, 2])[1]
SELECT (ARRAY[1, 2, 3])[2:3], ARRAY[[1, 2], [3, 4]], '{a,b}'::text[], ARRAY[]::int[]
SELECT ARRAY_LENGTH(tag, 1), CARDINALITY(tag), ARRAY_TO_STRING(tag, '-'), tag[1], ARRAY_POSITION(tag, 'a') FROM pesanan
SELECT nama FROM koperasi WHERE id = ANY(ARRAY[1, 2]) AND id <> ALL(ARRAY[9])
SELECT id FROM pesanan WHERE 'a' = ANY(tag) OR tag @> ARRAY['b'] OR tag && ARRAY['c', 'd'] OR tag <@ ARRAY['x']
SELECT ARRAY_APPEND(tag, 'z'), ARRAY_CAT(tag, ARRAY['y']), tag || ARRAY['x'], ARRAY_REMOVE(tag, 'a') FROM pesanan
SELECT u.x, u.ordinality FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(x)
SELECT s.id, t FROM pesanan s, unnest(s.tag) AS t
SELECT t.isi, COUNT(*) FROM pesanan s CROSS JOIN LATERAL unnest(s.tag) AS t(isi) GROUP BY t.isi
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY modal_awal) FROM koperasi
SELECT jenis, PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY modal_awal), MODE() WITHIN GROUP (ORDER BY status) FROM koperasi GROUP BY jenis
SELECT PERCENTILE_CONT(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY modal_awal) FROM koperasi
SELECT jenis, status, COUNT(*) FROM koperasi GROUP BY ROLLUP (jenis, status)
SELECT jenis, status, COUNT(*) FROM koperasi GROUP BY CUBE (jenis, status)
SELECT jenis, COUNT(*), GROUPING(jenis) FROM koperasi GROUP BY GROUPING SETS ((jenis), ())
SELECT COUNT(*) FILTER (WHERE status = 'Aktif') AS aktif, SUM(modal_awal) FILTER (WHERE jenis = 'Jasa') FROM koperasi
SELECT jenis, COUNT(*) FILTER (WHERE tahun_berdiri >= 2000)::numeric / COUNT(*) FROM koperasi GROUP BY jenis
SELECT CORR(tahun_berdiri, modal_awal), STDDEV(modal_awal), VARIANCE(modal_awal), REGR_SLOPE(modal_awal, tahun_berdiri) FROM koperasi
SELECT BOOL_AND(modal_awal > 0), BOOL_OR(status = 'Aktif'), EVERY(id > 0), BIT_OR(id) FROM koperasi
SELECT p.nama, k.nama FROM provinsi p JOIN LATERAL (SELECT nama FROM kabupaten b WHERE b.provinsi_id = p.id LIMIT 1) k ON TRUE
SELECT p.nama, x.n FROM provinsi p LEFT JOIN LATERAL (SELECT COUNT(*) AS n FROM kabupaten b WHERE b.provinsi_id = p.id) x ON TRUE
SELECT k.nama, b.nama FROM koperasi k, LATERAL (SELECT nama FROM kabupaten WHERE id = k.kabupaten_id) AS b
SELECT nama FROM koperasi ORDER BY id FETCH FIRST 2 ROWS ONLY
SELECT nama FROM koperasi ORDER BY modal_awal NULLS FIRST OFFSET 1 ROW FETCH NEXT 1 ROW ONLY
SELECT nama FROM koperasi ORDER BY id LIMIT ALL
SELECT '{"a": {"b": 2}}'::jsonb -> 'a' ->> 'b', '{"a": 1}'::jsonb @> '{"a": 1}'
SELECT data ->> 'warna', data -> 'ukuran' -> 0, data #>> '{ukuran,1}', data #> '{ukuran}' FROM pesanan
SELECT id FROM pesanan WHERE data ->> 'warna' = 'merah' AND (data ->> 'berat')::numeric > 1
SELECT id FROM pesanan WHERE data @> '{"warna": "merah"}' OR data <@ '{}'
SELECT f.value FROM json_each('{"a": 1}'::json) AS f
SELECT s.id, e.key, e.value FROM pesanan s, jsonb_each(s.data) AS e(key, value)
SELECT x FROM pesanan, jsonb_array_elements_text(data -> 'ukuran') AS x
SELECT JSONB_ARRAY_LENGTH(data -> 'ukuran'), JSONB_TYPEOF(data), JSONB_PRETTY(data), JSONB_PATH_QUERY_FIRST(data, '$.warna') FROM pesanan
SELECT JSON_BUILD_OBJECT('a', 1, 'b', nama), JSON_BUILD_ARRAY(1, 'x'), ROW_TO_JSON(k) FROM koperasi k
SELECT JSON_AGG(nama ORDER BY nama), JSONB_OBJECT_AGG(id, nama) FROM koperasi
SELECT JSONB_SET(data, '{warna}', '"biru"'), JSONB_STRIP_NULLS(data), data - 'warna' FROM pesanan
SELECT nama FROM koperasi WHERE nama SIMILAR TO '%(Tani|Karya)%'
SELECT tanggal_pengesahan IS DISTINCT FROM NULL, (status = 'Aktif') IS TRUE FROM koperasi
SELECT (modal_awal > 0) IS NOT TRUE, (modal_awal > 0) IS UNKNOWN, 1 IS NOT DISTINCT FROM 1 FROM koperasi
SELECT LEFT(nama, 3), INITCAP(nama), SPLIT_PART(nama, ' ', 1), LPAD(id::text, 5, '0') FROM koperasi
SELECT SUBSTRING(nama FROM 1 FOR 3), POSITION('a' IN nama), OVERLAY(nama PLACING 'x' FROM 1 FOR 1), TRIM(BOTH 'S' FROM nama) FROM koperasi
SELECT RIGHT(nama, 2), REVERSE(nama), STRPOS(nama, 'a'), TRANSLATE(nama, 'ab', 'xy'), REPEAT('*', 3), BTRIM('xxaxx', 'x') FROM koperasi
SELECT REGEXP_REPLACE(nama, '[aeiou]', '*', 'g'), REGEXP_MATCH(nama, '^(\w+)'), REGEXP_SPLIT_TO_ARRAY(nama, '\s+') FROM koperasi
SELECT FORMAT('%s (%s)', nama, jenis), CONCAT_WS(', ', nama, NULL, jenis), nama || ' - ' || jenis FROM koperasi
SELECT STARTS_WITH(nama, 'S'), ASCII('a'), CHR(65), MD5(nama), ENCODE('abc'::bytea, 'base64'), CHAR_LENGTH(nama), OCTET_LENGTH(nama) FROM koperasi
SELECT STRING_TO_ARRAY('a,b,c', ','), TO_HEX(255)
SELECT GREATEST(1, 2), LEAST(1, 2), CEIL(1.2), FLOOR(1.8), WIDTH_BUCKET(5, 0, 10, 2)
SELECT 7 / 2, 7.0 / 2, 2 ^ 10, 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 3, 16 >> 2, |/ 25.0, @ (-5)
SELECT DIV(7, 2), TRUNC(1.567, 2), LN(2.0), LOG(100), EXP(1), PI(), RANDOM() < 2, CBRT(27), GCD(12, 18)
SELECT nama COLLATE "C" FROM koperasi ORDER BY nama COLLATE "C"
WITH t AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM t
WITH t AS NOT MATERIALIZED (SELECT 1 AS a), u AS (VALUES (1), (2)) SELECT * FROM t, u
WITH RECURSIVE pohon AS (SELECT id, nama, ARRAY[id] AS jalur FROM provinsi UNION ALL SELECT p.id, p.nama, jalur || p.id FROM provinsi p JOIN pohon ON p.id = pohon.id + 1 WHERE array_length(jalur, 1) < 3) SELECT * FROM pohon
SELECT COUNT(*) FROM koperasi k FULL OUTER JOIN kabupaten b USING (id)
SELECT nama FROM koperasi k NATURAL JOIN (SELECT id FROM pesanan) s
(SELECT 1 AS a) UNION (SELECT 2 ORDER BY 1 LIMIT 1)
(SELECT nama FROM koperasi ORDER BY id LIMIT 1) UNION ALL (SELECT nama FROM koperasi ORDER BY id DESC LIMIT 1)
SELECT id FROM provinsi EXCEPT ALL SELECT id FROM kabupaten
SELECT id FROM provinsi INTERSECT ALL SELECT id FROM kabupaten ORDER BY 1
VALUES (1, 'satu'), (2, 'dua')
SELECT v.a, v.b FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b)
SELECT ROW(1, 'a'), TO_JSONB(ARRAY[1]), ROW(1, 2) = ROW(1, 2)
SELECT nama, RANK() OVER (ORDER BY modal_awal DESC NULLS LAST), SUM(modal_awal) FILTER (WHERE status = 'Aktif') OVER (PARTITION BY jenis) FROM koperasi
SELECT SUM(harga) OVER (ORDER BY tanggal RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) FROM pesanan
SELECT SUM(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING), COUNT(*) OVER w2 FROM koperasi WINDOW w1 AS (PARTITION BY jenis), w2 AS (ORDER BY id)
SELECT TO_TSVECTOR('simple', nama) @@ TO_TSQUERY('simple', 'tani'), PLAINTO_TSQUERY('tani makmur') FROM koperasi
SELECT nama FROM koperasi WHERE (tahun_berdiri, id) > (2000, 1) ORDER BY (tahun_berdiri, id)
SELECT nama FROM koperasi WHERE (tanggal_pengesahan, tanggal_pengesahan) IS NOT NULL
SELECT BIT_LENGTH('a'), NUM_NULLS(NULL, 1), JUSTIFY_DAYS(INTERVAL '40 days'), ISFINITE(DATE '2024-01-01')
SELECT nama, modal_awal / NULLIF(SUM(modal_awal) OVER (), 0) * 100 AS persen FROM koperasi
SELECT b.nama, COALESCE(SUM(k.modal_awal), 0)::numeric(18, 2) AS modal FROM kabupaten b LEFT JOIN koperasi k ON k.kabupaten_id = b.id GROUP BY b.id, b.nama ORDER BY modal DESC NULLS LAST LIMIT 10
SELECT EXISTS (SELECT 1 FROM koperasi), NOT EXISTS (SELECT 1 FROM koperasi WHERE id < 0), 1 IN (SELECT id FROM koperasi)
SELECT 'C:\temp\', 'a\''b', '\'
SELECT 1 = 1 AND TRUE, NOT FALSE, NULL IS NULL
SELECT 1 /* /* */ ; DELETE FROM koperasi; -- */
SELECT CAST('a' AS "char"), 2 ^ 100::numeric
SELECT MOD(7, 3), POWER(2, 3), SQRT(16), SIGN(-3), ROUND(2.5), DEGREES(PI()), ATAN2(1, 1)
SELECT jenis, LAG(COUNT(*)) OVER (ORDER BY jenis) FROM koperasi GROUP BY jenis
