-- The rows of the hospital; the larger tables are thrown from the dice of random.sql.
INSERT INTO department VALUES (1,'Cardiology',3,'301'),(2,'Pediatrics',2,'210'),(3,'Surgery',4,'402'),(4,'Internal Medicine',2,'205'),
  (5,'Neurology',3,'315'),(6,'Obstetrics',1,'120'),(7,'Radiology',1,NULL),(8,'Palliative Care',5,NULL);
INSERT INTO doctor VALUES
  (1,'Anita','Kusuma','Cardiologist',1,'2011-03-14',9200),(2,'Bram','Wijaya','Cardiologist',1,'2018-07-01',7600),
  (3,'Clara','Oduya','Pediatrician',2,'2015-01-19',6900),(4,'Dewi','Santoso','Pediatrician',2,'2021-09-06',5800),
  (5,'Erik','Lindqvist','Surgeon',3,'2009-11-23',11800),(6,'Farah','Nasution','Surgeon',3,'2016-05-02',9900),
  (7,'George','Mwangi','Surgeon',3,'2022-02-14',8300),(8,'Hana','Yamada','Internist',4,'2013-08-12',7400),
  (9,'Ivan','Petrov','Internist',4,'2019-04-15',6600),(10,'Julia','Weiss','Internist',4,'2023-10-02',5950),
  (11,'Karim','Hassan','Neurologist',5,'2012-06-18',9700),(12,'Laras','Putri','Neurologist',5,'2020-12-01',7850),
  (13,'Maria','Gonzalez','Obstetrician',6,'2014-02-10',8100),(14,'Nadia','Rahman','Obstetrician',6,'2017-10-30',7700),
  (15,'Oscar','Brown','Radiologist',7,'2010-01-04',8800),(16,'Priya','Nair','Radiologist',7,'2024-03-18',6100);
INSERT INTO ward VALUES (1,'Maple',1,18),(2,'Willow',2,24),(3,'Cedar',3,30),(4,'Birch',3,12),(5,'Oak',4,28),(6,'Pine',5,16),(7,'Rowan',6,20),(8,'Elm',8,8);
INSERT INTO insurer VALUES (1,'Sehat Bersama',80),(2,'MediCare Plus',70),(3,'Global Shield',90),(4,'Farmers Mutual',55);
CREATE TEMP TABLE first_name AS SELECT CAST(key AS INTEGER) AS i, value AS name, CASE WHEN key < 12 THEN 'F' ELSE 'M' END AS gender
  FROM json_each('["Aisha","Beatrice","Citra","Diana","Elena","Fiona","Gita","Helen","Indah","Joanna","Kartika","Lucy","Ahmad","Benjamin","Cahyo","Daniel","Eko","Felix","Gunawan","Henry","Irfan","Jonas","Kevin","Lukman"]');
CREATE TEMP TABLE last_name AS SELECT CAST(key AS INTEGER) AS i, value AS name
  FROM json_each('["Adams","Baker","Clarke","Dharma","Evans","Fletcher","Hidayat","Ibrahim","Jensen","Kowalski","Larsen","Mahendra","Novak","Okafor","Pratama","Quinn","Rossi","Saputra","Tanaka"]');
CREATE TEMP TABLE city AS SELECT CAST(key AS INTEGER) AS i, value AS name FROM json_each('["Riverton","Riverton","Riverton","Lakewood","Lakewood","Hillcrest","Hillcrest","Stonebridge","Fairview"]');
INSERT INTO patient SELECT n, f.name, l.name, f.gender, date('1936-01-01', '+' || (c % 31200) || ' days'), t.name,
    CASE WHEN d % 11 = 0 THEN NULL ELSE substr('O+O+O+A+A+B+ABO-A-', 1 + 2 * (d % 9), 2) END, CASE WHEN e % 5 = 0 THEN NULL ELSE 1 + (e / 5) % 4 END
  FROM dice JOIN first_name f ON f.i = a % 24 JOIN last_name l ON l.i = b % 19 JOIN city t ON t.i = f % 9 WHERE n <= 180;
INSERT INTO appointment SELECT n - 200, 1 + a % 170, 1 + (b % 19) * 15 / 18, datetime('2023-01-02 08:00', '+' || (c % 1090) || ' days', '+' || (30 * (d % 17)) || ' minutes'),
    CASE WHEN e % 20 < 13 THEN 'completed' WHEN e % 20 < 16 THEN 'cancelled' WHEN e % 20 < 18 THEN 'no-show' ELSE 'scheduled' END,
    CASE f % 7 WHEN 0 THEN 'Headache' WHEN 1 THEN 'Routine check' WHEN 2 THEN 'Chest pain' WHEN 3 THEN 'Follow-up' WHEN 4 THEN 'Fever' WHEN 5 THEN 'Back pain' END
  FROM dice WHERE n BETWEEN 201 AND 1100;
INSERT INTO admission SELECT n - 1200, 1 + a % 150, 1 + b % 7, date('2023-01-05', '+' || (c % 1050) || ' days'),
    CASE WHEN d % 12 = 0 THEN NULL ELSE date('2023-01-05', '+' || (c % 1050 + 1 + d % 17) || ' days') END,
    CASE WHEN d % 12 = 0 THEN NULL WHEN e % 10 < 7 THEN 'recovered' WHEN e % 10 < 9 THEN 'transferred' ELSE 'deceased' END
  FROM dice WHERE n BETWEEN 1201 AND 1520;
CREATE TEMP TABLE illness AS SELECT CAST(key AS INTEGER) AS i, json_extract(value, '$[0]') AS code, json_extract(value, '$[1]') AS name
  FROM json_each('[["J18","Pneumonia"],["I21","Myocardial infarction"],["A90","Dengue fever"],["K35","Appendicitis"],["E11","Type 2 diabetes"],["I63","Stroke"],["S72","Femur fracture"],["A09","Gastroenteritis"],["J45","Asthma"]]');
INSERT INTO diagnosis SELECT n - 1600, 1 + (n - 1601) % 320, i.code, i.name, CASE WHEN b % 6 < 3 THEN 'mild' WHEN b % 6 < 5 THEN 'moderate' ELSE 'severe' END
  FROM dice JOIN illness i ON i.i = a % 9 WHERE n BETWEEN 1601 AND 2020;
INSERT INTO medication VALUES (1,'Paracetamol','tablet',0.15,5400),(2,'Amoxicillin','capsule',0.42,2100),(3,'Ibuprofen','tablet',0.2,3300),(4,'Insulin glargine','injection',24.5,180),
  (5,'Salbutamol','inhaler',6.75,260),(6,'Omeprazole','capsule',0.35,1900),(7,'Morphine','injection',8.9,75),(8,'Metformin','tablet',0.18,4200),
  (9,'Cough syrup','syrup',3.1,640),(10,'Warfarin','tablet',0.55,900),(11,'Ceftriaxone','injection',5.2,410),(12,'Oral rehydration salts','powder',0.6,2750);
INSERT INTO prescription SELECT n - 2100, 1 + a % 900, 1 + (b % 100) * 11 / 100, 5 + c % 56, 3 + d % 12 FROM dice WHERE n BETWEEN 2101 AND 2800;
INSERT INTO invoice SELECT n - 2900, n - 2900, date(x.admitted_on, '+' || (2 + b % 25) || ' days'), 150 + (c * 32768 + d) % 1200000 / 100.0,
    CASE WHEN e % 4 = 0 THEN NULL ELSE date(x.admitted_on, '+' || (5 + b % 25 + e % 40) || ' days') END
  FROM dice JOIN admission x ON x.admission_id = n - 2900 WHERE n BETWEEN 2901 AND 3220 AND a % 9 <> 0;
