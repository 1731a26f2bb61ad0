-- The rows of the retail chain; the larger tables are thrown from the dice of random.sql.
INSERT INTO cust_typ VALUES ('R','Retail'),('W','Wholesale'),('G','Government'),('E','Employee');
INSERT INTO rgn VALUES ('N','North'),('S','South'),('E','East'),('W','West'),('O','Overseas');
INSERT INTO store_mstr VALUES (101,'Harbour Mall','N','2004-05-12',1850,1001),(102,'Station Square','N','2011-09-01',920,1005),(103,'Old Mill','S','1998-03-20',2400,1008),(104,'Riverside','S','2015-11-30',1300,1011),
  (105,'Greenfield','E','2008-07-07',1750,1014),(106,'Airport','E','2019-02-18',410,1017),(107,'Market Hall','W','2001-10-15',1120,1020),(108,'Sunset Plaza','W','2022-06-25',1990,NULL);
CREATE TEMP TABLE who AS SELECT CAST(key AS INTEGER) AS i, value AS nm FROM json_each('["Abbott","Becker","Castillo","Dunn","Espinoza","Ferrari","Grant","Hughes","Ito","Jacobs","Kaur","Lopez","Moreau","Nielsen","Osman","Park","Quigley","Reyes","Schmidt","Tran","Umar","Varga","Webb","Yilmaz","Zhang"]');
INSERT INTO emp_mstr SELECT 1000 + n, substr('ABCDEFGHJKLMNPRSTW', 1 + a % 18, 1) || '. ' || w.nm, 101 + (n - 1) / 3, CASE (n - 1) % 3 WHEN 0 THEN 'Store Manager' WHEN 1 THEN 'Cashier' ELSE CASE b % 2 WHEN 0 THEN 'Cashier' ELSE 'Stock Clerk' END END,
    date('2005-01-10', '+' || (c % 7200) || ' days'), 1900 + 7 * (d % 190) + CASE (n - 1) % 3 WHEN 0 THEN 2100 ELSE 0 END FROM dice JOIN who w ON w.i = n WHERE n <= 24;
UPDATE store_mstr SET mgr_emp_no = 1001 + 3 * (str_no - 101) WHERE str_no < 108;
INSERT INTO prod_cat VALUES ('GRO','Groceries'),('BEV','Beverages'),('ELE','Electronics'),('HOM','Household'),('TOY','Toys'),('GAR','Garden');
INSERT INTO vend_mstr VALUES (1,'Alpine Foods','Switzerland',30),(2,'Blue Ocean Trading','Vietnam',45),(3,'Circuit World','Taiwan',60),(4,'Delta Drinks','Germany',30),(5,'Evergreen Supplies','Canada',14),(6,'Funland','Denmark',45),(7,'Ghost Imports','Panama',90);
INSERT INTO prod_mstr VALUES ('P100','Basmati Rice 5kg','GRO',2,12.9,8.4,'N'),('P101','Olive Oil 1L','GRO',1,9.5,6.2,'N'),('P102','Dark Chocolate','GRO',1,2.8,1.35,'N'),('P103','Instant Noodles','GRO',2,0.75,0.4,'N'),('P110','Mineral Water 6-pack','BEV',4,3.2,1.9,'N'),
  ('P111','Orange Juice','BEV',4,2.6,1.7,'N'),('P112','Alcohol-free Beer','BEV',4,1.9,1.1,'Y'),('P113','Green Tea','BEV',2,4.1,2.2,'N'),('P120','Bluetooth Speaker','ELE',3,49.9,31,'N'),('P121','USB Cable','ELE',3,7.9,1.8,'N'),('P122','Tablet 10 inch','ELE',3,229,178,'N'),
  ('P123','Digital Radio','ELE',3,65,47.5,'Y'),('P130','Dish Soap','HOM',5,2.3,1.05,'N'),('P131','Paper Towels','HOM',5,4.6,2.9,'N'),('P132','Desk Lamp','HOM',3,27.5,16.4,'N'),('P140','Building Blocks','TOY',6,39.9,24.3,'N'),('P141','Plush Bear','TOY',6,18.5,9.9,'N'),
  ('P142','Puzzle 1000','TOY',6,14.2,7.7,'Y'),('P150','Garden Hose','GAR',5,21,12.6,'N'),('P151','Flower Pot','GAR',5,6.4,2.5,'N');
INSERT INTO cust_mstr SELECT 50000 + n, w.nm || CASE c % 20 WHEN 0 THEN ' & Sons' WHEN 1 THEN ' Ltd' WHEN 2 THEN ' Catering' ELSE ', ' || substr('ABCDEFGHJKLMNPRSTW', 1 + b % 18, 1) || '.' END, CASE WHEN c % 20 < 3 THEN 'W' WHEN c % 20 = 3 THEN 'G' ELSE 'R' END,
    CASE d % 8 WHEN 0 THEN 'Ashford' WHEN 1 THEN 'Ashford' WHEN 2 THEN 'Bexley' WHEN 3 THEN 'Bexley' WHEN 4 THEN 'Bexley' WHEN 5 THEN 'Coventry' WHEN 6 THEN 'Dover' ELSE 'Ely' END, CASE WHEN e % 6 = 0 THEN NULL ELSE '0' || (2000000 + e) END,
    date('2012-01-01', '+' || (f % 5000) || ' days'), CASE WHEN c % 20 < 3 THEN 5000 + 500 * (a % 12) ELSE 250 * (a % 5) END, CASE WHEN b % 9 = 0 THEN 'N' ELSE 'Y' END FROM dice JOIN who w ON w.i = a % 25 WHERE n BETWEEN 1 AND 150;
INSERT INTO sls_hdr SELECT 900000 + n - 300, CASE WHEN a % 4 = 0 THEN NULL ELSE 50001 + b % 140 END, 101 + c % 7, 1001 + 3 * (c % 7) + 1 + d % 2, date('2024-01-02', '+' || (e % 690) || ' days'), CASE f % 5 WHEN 0 THEN 'CASH' WHEN 1 THEN 'CASH' WHEN 2 THEN 'CARD' WHEN 3 THEN 'CARD' ELSE 'VOUCHER' END, 0
  FROM dice WHERE n BETWEEN 301 AND 1000;
INSERT INTO sls_dtl SELECT s, ln, p.prod_cd, q, p.unit_prc FROM (SELECT 900001 + (n - 1101) / 2 AS s, 1 + (n - 1101) % 2 AS ln, (a % 19) AS pi, 1 + b % 6 AS q FROM dice WHERE n BETWEEN 1101 AND 2500)
  JOIN (SELECT prod_cd, unit_prc, row_number() OVER (ORDER BY prod_cd) - 1 AS i FROM prod_mstr) p ON p.i = pi;
UPDATE sls_hdr SET tot_amt = (SELECT round(sum(qty * unit_prc), 2) FROM sls_dtl d WHERE d.sls_no = sls_hdr.sls_no);
INSERT INTO inv_onhand SELECT 101 + (n - 2601) / 20, p.prod_cd, CASE WHEN a % 14 = 0 THEN 0 ELSE a % 240 END, 10 + 5 * (b % 8) FROM dice JOIN (SELECT prod_cd, row_number() OVER (ORDER BY prod_cd) - 1 AS i FROM prod_mstr) p ON p.i = (n - 2601) % 20 WHERE n BETWEEN 2601 AND 2760;
INSERT INTO ret_rsn VALUES ('DMG','Damaged'),('WRG','Wrong item'),('CHG','Changed mind'),('EXP','Expired'),('RCL','Recall');
INSERT INTO ret_hdr SELECT n - 2800, s.sls_no, date(s.sls_dt, '+' || (1 + b % 20) || ' days'), CASE c % 10 WHEN 0 THEN 'EXP' WHEN 1 THEN 'WRG' WHEN 2 THEN 'WRG' WHEN 3 THEN 'DMG' WHEN 4 THEN 'DMG' WHEN 5 THEN 'DMG' ELSE 'CHG' END, round(s.tot_amt * (20 + d % 80) / 100, 2)
  FROM dice JOIN sls_hdr s ON s.sls_no = 900001 + a % 700 WHERE n BETWEEN 2801 AND 2860;
