-- The dice of every data.sql: 10,000 rows of six numbers from 0 to 32767, the same on every machine.
-- It is run first, in the same connection; the table is temporary and does not end up in the database.
CREATE TEMP TABLE dice (n INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, f INTEGER);
INSERT INTO dice
WITH RECURSIVE state(i, v) AS (
  SELECT 0, 20261121
  UNION ALL
  SELECT i + 1, (v * 1103515245 + 12345) & 2147483647 FROM state WHERE i < 59999
)
SELECT i / 6 + 1,
       MAX(CASE i % 6 WHEN 0 THEN v >> 16 END), MAX(CASE i % 6 WHEN 1 THEN v >> 16 END),
       MAX(CASE i % 6 WHEN 2 THEN v >> 16 END), MAX(CASE i % 6 WHEN 3 THEN v >> 16 END),
       MAX(CASE i % 6 WHEN 4 THEN v >> 16 END), MAX(CASE i % 6 WHEN 5 THEN v >> 16 END)
FROM state GROUP BY i / 6;
