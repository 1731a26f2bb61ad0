-- The rows of the bank; the larger tables are thrown from the dice of random.sql.
INSERT INTO branch VALUES (1,'Harbor Street','Port Alder','South','1987-04-06','0411-2000'),(2,'Old Market','Port Alder','South','1994-09-12','0411-2100'),(3,'Kingsway','Westmere','Central','1991-02-18','0522-1400'),
  (4,'Linden Square','Westmere','Central','2003-06-30','0522-1455'),(5,'University Park','Calderon','North','2010-08-16','0633-8800'),(6,'Airport Road','Westmere','Central','2014-11-03',NULL),
  (7,'Riverside','Tarnfield','North','1999-05-25','0677-3100'),(8,'Northgate','Calderon','North','2018-01-22','0633-8850'),(9,'Tech Valley','Sandhurst Bay','South','2025-03-10',NULL);
CREATE TEMP TABLE first_name AS SELECT CAST(key AS INTEGER) AS i, value AS name, CASE WHEN key % 2 = 0 THEN 'F' ELSE 'M' END AS gender
  FROM json_each('["Amelia","Arif","Bianca","Bruno","Cecilia","Dimas","Dorothy","Edgar","Esti","Faisal","Greta","Hector","Intan","Jasper","Kirana","Leonard","Melati","Nathan","Olga","Pandu","Ratih","Samuel","Tessa","Umar","Vera"]');
CREATE TEMP TABLE last_name AS SELECT CAST(key AS INTEGER) AS i, value AS name
  FROM json_each('["Abernathy","Basuki","Castellan","Drummond","Effendi","Farnham","Gunadi","Hollis","Iskandar","Jennings","Kartono","Lombardi","Maulana","Nordahl","Ortega","Prasetyo","Quill","Rademaker","Siregar","Thorne"]');
INSERT INTO employee SELECT n, f.name || ' ' || l.name, CASE WHEN (n - 1) / 9 = 0 THEN 'Branch Manager' WHEN (n - 1) / 9 < 3 THEN 'Teller' WHEN (n - 1) / 9 = 3 THEN 'Loan Officer' WHEN n % 2 = 0 THEN 'Customer Service' ELSE 'Loan Officer' END,
    1 + (n - 1) % 9, CASE WHEN n <= 9 THEN NULL ELSE 1 + (n - 1) % 9 END, CASE WHEN n % 9 = 0 THEN date('2024-11-04', '+' || (c % 300) || ' days') ELSE date('2006-02-01', '+' || (c % 6700) || ' days') END,
    CASE WHEN n <= 9 THEN 7200 + 100 * (d % 24) WHEN (n - 1) / 9 < 3 THEN 2600 + 20 * (d % 50) ELSE 3400 + 25 * (d % 70) END
  FROM dice JOIN first_name f ON f.i = (n * 11) % 25 JOIN last_name l ON l.i = (n * 7 + 3) % 20 WHERE n <= 50;
INSERT INTO customer SELECT n - 100, f.name || ' ' || l.name, f.gender, CASE WHEN a % 23 = 0 THEN NULL ELSE date('1946-03-01', '+' || (b % 22000) || ' days') END,
    CASE c % 10 WHEN 0 THEN 'Tarnfield' WHEN 1 THEN 'Tarnfield' WHEN 2 THEN 'Calderon' WHEN 3 THEN 'Calderon' WHEN 4 THEN 'Port Alder' WHEN 5 THEN 'Port Alder' WHEN 6 THEN 'Port Alder' WHEN 7 THEN 'Sandhurst Bay' ELSE 'Westmere' END,
    CASE d % 9 WHEN 0 THEN 'teacher' WHEN 1 THEN 'nurse' WHEN 2 THEN 'shop owner' WHEN 3 THEN 'civil servant' WHEN 4 THEN 'farmer' WHEN 5 THEN 'engineer' WHEN 6 THEN 'student' WHEN 7 THEN 'retired' END,
    CASE WHEN e % 4 = 0 THEN NULL ELSE lower(f.name) || '.' || lower(l.name) || '@' || CASE e % 3 WHEN 0 THEN 'postbox.example' ELSE 'mail.example' END END,
    CASE WHEN f % 10 < 6 THEN 'mass' WHEN f % 10 < 9 THEN 'affluent' ELSE 'business' END, date('2012-01-09', '+' || (a % 5000) || ' days'), 1 + (b % 26) / 3 * 8 / 8
  FROM dice JOIN first_name f ON f.i = (n - 101) % 25 JOIN last_name l ON l.i = ((n - 101) / 25 * 3 + (n - 101) % 25) % 20 WHERE n BETWEEN 101 AND 320;
INSERT INTO account_type VALUES ('CHK','Checking',0,100,2.5),('SAV','Savings',1.75,50,0),('PSV','Premium Savings',2.6,10000,0),('STU','Student',0.5,0,0),('TD','Time Deposit',4.25,5000,0),('BUS','Business',0.25,1000,12),('PEN','Pension',2,0,0);
INSERT INTO account SELECT n - 400, printf('%03d-%06d', 1 + f % 9, 104729 + 3571 * (n - 400) % 899981), 1 + (a * 7 + b) % 205, CASE WHEN c % 20 < 6 THEN 'CHK' WHEN c % 20 < 13 THEN 'SAV' WHEN c % 20 < 15 THEN 'PSV' WHEN c % 20 < 16 THEN 'STU' WHEN c % 20 < 18 THEN 'TD' ELSE 'BUS' END,
    1 + f % 9, CASE WHEN f % 9 = 8 THEN date('2025-03-10', '+' || (d % 260) || ' days') ELSE date('2013-01-07', '+' || (d % 4650) || ' days') END, NULL,
    CASE WHEN e % 20 < 15 THEN 'active' WHEN e % 20 < 17 THEN 'dormant' WHEN e % 20 < 19 THEN 'closed' ELSE 'frozen' END,
    CASE WHEN c % 20 IN (13, 14, 16, 17) THEN 5000 + (a * 32768 + d) % 8500000 / 100.0 ELSE 20 + (b * 32768 + d) % 1450000 / 100.0 END
  FROM dice WHERE n BETWEEN 401 AND 730;
UPDATE account SET balance = 0, closed_on = date(max(opened_on, '2019-06-01'), '+' || (20 + account_id * 37 % 180) || ' days') WHERE status = 'closed';
INSERT INTO atm VALUES (1,'Harbor Street lobby',1,'2009-03-02','online'),(2,'Ferry terminal',1,'2015-07-14','online'),(3,'Old Market entrance',2,'2011-10-10','out of service'),(4,'Kingsway lobby',3,'2012-01-30','online'),(5,'Central station',3,'2016-05-05','online'),(6,'City hospital',3,'2019-12-12','online'),
  (7,'Linden shopping mall',4,'2013-08-21','online'),(8,'Campus library',5,'2017-09-01','online'),(9,'Student dormitory',5,'2021-02-15','out of service'),(10,'Terminal 2 arrivals',6,'2018-06-18','online'),(11,'Terminal 2 departures',6,'2018-06-18','online'),(12,'Riverside lobby',7,'2014-04-04','online'),(13,'Tarnfield stadium',7,'2022-11-28','removed'),(14,'Linden Square lobby',4,'2010-02-02','online');
INSERT INTO transactions SELECT t, acc, date(max(o, '2023-01-02'), '+' || (c % CAST(julianday('2025-12-30') - julianday(max(o, '2023-01-02')) + 1 AS INTEGER)) || ' days'), ty,
    CASE WHEN ty IN ('fee', 'interest') THEN 'system' WHEN ty = 'transfer' THEN CASE e % 3 WHEN 0 THEN 'web' ELSE 'mobile' END WHEN ty = 'deposit' THEN CASE WHEN e % 5 < 3 THEN 'branch' ELSE 'atm' END ELSE CASE WHEN e % 5 < 1 THEN 'branch' ELSE 'atm' END END,
    CASE WHEN ty = 'fee' THEN 2.5 * (1 + d % 5) WHEN ty = 'interest' THEN 1 + d % 9000 / 100.0 WHEN ty = 'withdrawal' THEN 20 * (1 + d % 40) ELSE 25 + (d * 7 + f) % 480000 / 100.0 + CASE WHEN d % 29 = 0 THEN 9000 ELSE 0 END END,
    NULL, NULL, CASE WHEN f % 6 <> 0 THEN NULL WHEN ty = 'transfer' THEN CASE f % 4 WHEN 0 THEN 'rent' WHEN 2 THEN 'school fees' ELSE 'family support' END WHEN ty = 'deposit' THEN CASE f % 4 WHEN 0 THEN 'salary' WHEN 2 THEN 'cash sales' ELSE 'refund' END END
  FROM (SELECT n - 1000 AS t, x.account_id AS acc, x.opened_on AS o, c, d, e, f, CASE WHEN b % 20 < 7 THEN 'deposit' WHEN b % 20 < 13 THEN 'withdrawal' WHEN b % 20 < 17 THEN 'transfer' WHEN b % 20 < 19 THEN 'fee' ELSE 'interest' END AS ty
    FROM dice JOIN account x ON x.account_id = 1 + (a * 3 + d) % 312 WHERE n BETWEEN 1001 AND 2900 AND x.status <> 'closed');
UPDATE transactions SET atm_id = 1 + (transaction_id * 31 + transaction_id / 7) % 12 WHERE channel = 'atm';
UPDATE transactions SET teller_id = (SELECT a.branch_id + 9 + 9 * (transactions.transaction_id % 2) FROM account a WHERE a.account_id = transactions.account_id) WHERE channel = 'branch';
INSERT INTO card SELECT n - 3000, x.account_id, CASE WHEN b % 10 < 7 THEN 'debit' ELSE 'credit' END, CASE c % 5 WHEN 0 THEN 'Unipass' WHEN 1 THEN 'Unipass' WHEN 2 THEN 'Globe' WHEN 3 THEN 'Globe' ELSE 'Meridian' END,
    date(x.opened_on, '+' || (d % 60) || ' days'), date(x.opened_on, '+' || (d % 60) || ' days', '+5 years'), CASE WHEN b % 10 < 7 THEN NULL ELSE 500 * (1 + e % 20) END, CASE WHEN f % 12 = 0 THEN 1 ELSE 0 END
  FROM dice JOIN account x ON x.account_id = 1 + a % 330 WHERE n BETWEEN 3001 AND 3240 AND x.account_type_code <> 'TD';
INSERT INTO loan_product VALUES (1,'Home Loan',6.5,300),(2,'Car Loan',7.9,72),(3,'Personal Loan',11.5,60),(4,'Small Business Loan',9.25,120),(5,'Education Loan',4.5,96),(6,'Solar Panel Loan',5.25,84);
INSERT INTO loan SELECT t, cu, p.loan_product_id, br, CASE WHEN br % 2 = 1 AND t % 3 = 0 THEN 36 + br ELSE 27 + br END,
    CASE p.loan_product_id WHEN 1 THEN 60000 + 2500 * (d % 100) WHEN 2 THEN 8000 + 500 * (d % 50) WHEN 3 THEN 1000 + 250 * (d % 60) WHEN 4 THEN 10000 + 1000 * (d % 110) ELSE 3000 + 500 * (d % 40) END,
    p.base_rate + (e % 9) * 0.25, CASE p.loan_product_id WHEN 1 THEN 120 + 60 * (e % 4) WHEN 4 THEN 36 + 12 * (e % 8) ELSE 12 + 12 * (e % 5) END, date('2019-02-01', '+' || (f % 2480) || ' days'),
    CASE WHEN f % 2480 < 900 THEN CASE WHEN e % 10 < 6 THEN 'paid off' WHEN e % 10 < 8 THEN 'active' ELSE 'defaulted' END ELSE CASE WHEN e % 12 = 0 THEN 'defaulted' ELSE 'active' END END
  FROM (SELECT n - 3300 AS t, 1 + a % 160 AS cu, 1 + (b % 8) AS br, 1 + (c % 15) * 5 / 15 AS pr, d, e, f FROM dice WHERE n BETWEEN 3301 AND 3450) JOIN loan_product p ON p.loan_product_id = pr;
INSERT INTO loan_repayment SELECT row_number() OVER (ORDER BY x.loan_id, k.n), x.loan_id, date(x.disbursed_on, '+' || k.n || ' months'), x.principal / x.term_months + x.principal / 200,
    CASE WHEN x.status = 'defaulted' AND k.n > 4 THEN NULL WHEN r.b % 14 = 0 AND x.status = 'active' THEN NULL ELSE date(x.disbursed_on, '+' || k.n || ' months', (CASE WHEN r.a % 5 = 0 THEN 1 + r.c % 45 ELSE -(r.c % 6) END) || ' days') END,
    CASE WHEN x.status = 'defaulted' AND k.n > 4 THEN NULL WHEN r.b % 14 = 0 AND x.status = 'active' THEN NULL WHEN r.d % 15 = 0 THEN (x.principal / x.term_months + x.principal / 200) / 2 ELSE x.principal / x.term_months + x.principal / 200 END
  FROM loan x JOIN dice k ON k.n <= 9 JOIN dice r ON r.n = 3500 + x.loan_id * 9 + k.n WHERE date(x.disbursed_on, '+' || k.n || ' months') <= '2025-12-31';
INSERT INTO collateral SELECT row_number() OVER (ORDER BY n), x.loan_id, CASE x.loan_product_id WHEN 1 THEN CASE WHEN a % 4 = 0 THEN 'land' ELSE 'house' END WHEN 2 THEN 'vehicle' ELSE CASE a % 3 WHEN 0 THEN 'shop building' WHEN 1 THEN 'machinery' ELSE 'inventory' END END, x.principal * (80 + b % 70) / 100
  FROM dice JOIN loan x ON x.loan_id = n - 5000 WHERE n BETWEEN 5001 AND 5150 AND x.loan_product_id IN (1, 2, 4) AND c % 8 <> 0;
INSERT INTO complaint SELECT n - 5200, 1 + a % 200, 1 + (b % 17) * 8 / 17, CASE c % 9 WHEN 0 THEN 'card' WHEN 1 THEN 'card' WHEN 2 THEN 'atm' WHEN 3 THEN 'atm' WHEN 4 THEN 'atm' WHEN 5 THEN 'fees' WHEN 6 THEN 'staff' WHEN 7 THEN 'mobile app' ELSE 'loan' END,
    date('2023-01-05', '+' || (d % 1080) || ' days'), CASE WHEN e % 7 = 0 THEN NULL ELSE date('2023-01-05', '+' || (d % 1080 + e % 40) || ' days') END, CASE WHEN e % 7 = 0 AND f % 2 = 0 THEN NULL ELSE 38 + (b % 13) END, CASE WHEN e % 7 = 0 OR f % 5 = 0 THEN NULL ELSE 1 + f % 5 END
  FROM dice WHERE n BETWEEN 5201 AND 5320;
