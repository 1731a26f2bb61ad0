-- The rows of the university; the larger tables are thrown from the dice of random.sql.
INSERT INTO Faculty VALUES (1,'Engineering',1962,4),(2,'Economics and Business',1955,9),(3,'Medicine',1971,12),(4,'Humanities',1958,15),(5,'Agriculture',1980,NULL);
INSERT INTO StudyProgram VALUES (1,'Computer Science','Bachelor',1,3200),(2,'Civil Engineering','Bachelor',1,3450),(3,'Data Science','Master',1,5100),(4,'Accounting','Bachelor',2,2700),
  (5,'Management','Bachelor',2,2650),(6,'Medical Doctor','Bachelor',3,7800),(7,'Nursing','Bachelor',3,3900),(8,'History','Bachelor',4,1900),(9,'English Literature','Bachelor',4,1950),
  (10,'Agronomy','Bachelor',5,2100),(11,'Public Health','Master',3,4600),(12,'Economics','Doctorate',2,6400);
INSERT INTO Lecturer VALUES (1,'Rina Hartati','Senior Lecturer',1,'E-201',2006),(2,'Thomas Berg','Professor',1,'E-210',1998),(3,'Yusuf Maulana','Assistant',1,'E-105',2021),(4,'Siti Rahmawati','Professor',1,'E-300',1995),
  (5,'Daniel Cho','Senior Lecturer',1,'E-202',2012),(6,'Agus Salim','Senior Lecturer',2,'B-110',2009),(7,'Helena Costa','Professor',2,'B-120',2001),(8,'Lina Marlina','Assistant',2,NULL,2022),(9,'Peter Novak','Professor',2,'B-300',1997),
  (10,'Fatimah Zahra','Senior Lecturer',3,'M-014',2011),(11,'Samuel Okoro','Senior Lecturer',3,'M-015',2014),(12,'Ratna Dewi','Professor',3,'M-300',1999),(13,'Grace Lim','Assistant',3,NULL,2023),
  (14,'Bagus Wicaksono','Senior Lecturer',4,'H-007',2010),(15,'Charlotte Dubois','Professor',4,'H-300',2003),(16,'Teguh Prasetyo','Senior Lecturer',5,'A-101',2015),(17,'Maya Kirana','Assistant',5,'A-102',2020);
INSERT INTO Room VALUES (1,'E-Aula','Engineering Hall',180,1),(2,'E-Lab 1','Engineering Hall',40,1),(3,'B-101','Business Tower',60,1),(4,'B-102','Business Tower',60,0),(5,'M-Auditorium','Medical Centre',220,1),
  (6,'M-Lab','Medical Centre',30,0),(7,'H-012','Old Building',35,0),(8,'H-020','Old Building',48,1),(9,'A-Greenhouse','Field Station',25,0);
CREATE TEMP TABLE FirstName AS SELECT CAST(key AS INTEGER) AS i, value AS name, CASE WHEN key < 13 THEN 'Female' ELSE 'Male' END AS gender
  FROM json_each('["Adinda","Bella","Cici","Dina","Emily","Fitri","Grace","Hasna","Intan","Jasmine","Kirana","Lestari","Mia","Arif","Bayu","Chandra","Dimas","Edward","Fajar","Galih","Hendra","Ilham","Joko","Kenzo","Leo","Malik"]');
CREATE TEMP TABLE LastName AS SELECT CAST(key AS INTEGER) AS i, value AS name
  FROM json_each('["Anderson","Budiman","Chen","Darmawan","Effendi","Firmansyah","Gonzales","Harahap","Iskandar","Johnson","Kurniawan","Lubis","Miller","Nugroho","Oetomo","Permana","Siregar"]');
CREATE TEMP TABLE Town AS SELECT CAST(key AS INTEGER) AS i, value AS name FROM json_each('["Bandung","Bandung","Bandung","Surabaya","Surabaya","Medan","Medan","Makassar","Semarang","Singapore","Kuala Lumpur"]');
INSERT INTO Student SELECT 210000 + n, f.name || ' ' || l.name, f.gender, t.name, 1 + (d % 66) * 11 / 65, 2019 + e % 7,
    CASE WHEN c % 23 = 0 THEN NULL ELSE 1.9 + (c % 211) / 100.0 END, CASE WHEN e % 7 < 3 AND a % 5 > 0 THEN 'Graduated' WHEN b % 13 = 0 THEN 'On leave' WHEN b % 17 = 0 THEN 'Dropped out' ELSE 'Active' END
  FROM dice JOIN FirstName f ON f.i = a % 26 JOIN LastName l ON l.i = b % 17 JOIN Town t ON t.i = f % 11 WHERE n <= 260;
INSERT INTO Course VALUES ('CS101','Introduction to Programming',4,1,NULL),('CS201','Data Structures',4,1,'CS101'),('CS301','Databases',3,1,'CS201'),('CS310','Operating Systems',3,1,'CS201'),
  ('CE110','Statics',3,2,NULL),('CE220','Concrete Structures',4,2,'CE110'),('DS501','Machine Learning',4,3,'CS301'),('DS510','Data Visualisation',2,3,NULL),('AC101','Financial Accounting',3,4,NULL),('AC210','Auditing',3,4,'AC101'),
  ('MG101','Principles of Management',2,5,NULL),('MG205','Marketing',3,5,'MG101'),('MD101','Human Anatomy',6,6,NULL),('MD203','Physiology',5,6,'MD101'),('NU110','Basic Nursing Care',4,7,NULL),('HI101','History of Southeast Asia',2,8,NULL),
  ('EN115','Modern Poetry',2,9,NULL),('AG120','Soil Science',3,10,NULL),('AG230','Crop Protection',3,10,'AG120'),('PH500','Epidemiology',4,11,NULL),('EC700','Advanced Econometrics',3,12,NULL);
INSERT INTO ClassSection SELECT n - 300, c.CourseCode, l.LecturerId, CASE WHEN b % 2 = 0 THEN 'Odd' ELSE 'Even' END, 2020 + d % 6, 1 + e % 8, 20 + 5 * (f % 9)
  FROM dice JOIN (SELECT CourseCode, p.FacultyId, row_number() OVER (ORDER BY CourseCode) - 1 AS i FROM Course JOIN StudyProgram p USING (ProgramId)) c ON c.i = a % 20
  JOIN (SELECT LecturerId, FacultyId, row_number() OVER (PARTITION BY FacultyId ORDER BY LecturerId) - 1 AS i, count(*) OVER (PARTITION BY FacultyId) AS many FROM Lecturer WHERE LecturerId <> 13) l
    ON l.FacultyId = c.FacultyId AND l.i = c % l.many
  WHERE n BETWEEN 301 AND 420;
INSERT OR IGNORE INTO Enrollment SELECT 210001 + a % 260, 1 + b % 110, CASE WHEN c % 19 = 0 THEN NULL WHEN c % 100 < 25 THEN 'A' WHEN c % 100 < 60 THEN 'B' WHEN c % 100 < 85 THEN 'C' WHEN c % 100 < 95 THEN 'D' ELSE 'E' END,
    CASE WHEN c % 19 = 0 THEN NULL ELSE 100 - c % 100 * 0.62 END FROM dice WHERE n BETWEEN 501 AND 1700;
INSERT INTO Scholarship VALUES (1,'Merit Award','Ministry of Education',250),(2,'Harapan Bangsa','Bank Nusantara',180),(3,'Women in STEM','TechFuture Foundation',320),(4,'Rural Talent','Ministry of Villages',150);
INSERT INTO ScholarshipAward SELECT n - 1800, 1 + a % 3, 210001 + b % 240, date('2020-08-01', '+' || (c % 1900) || ' days') FROM dice WHERE n BETWEEN 1801 AND 1864;
INSERT OR IGNORE INTO Thesis SELECT n - 1900, 210001 + a % 260, 1 + b % 12, 'A study of ' || CASE c % 8 WHEN 0 THEN 'rice supply chains' WHEN 1 THEN 'mobile banking' WHEN 2 THEN 'urban flooding' WHEN 3 THEN 'maternal health' WHEN 4 THEN 'colonial archives'
    WHEN 5 THEN 'neural networks' WHEN 6 THEN 'small firms' ELSE 'bamboo structures' END || ' in ' || CASE d % 5 WHEN 0 THEN 'West Java' WHEN 1 THEN 'Bali' WHEN 2 THEN 'Sumatra' WHEN 3 THEN 'Vietnam' ELSE 'Jakarta' END,
    CASE WHEN e % 6 = 0 THEN NULL ELSE date('2022-01-10', '+' || (e % 1400) || ' days') END, CASE WHEN e % 6 = 0 THEN NULL ELSE substr('ABAC', 1 + f % 4, 1) END FROM dice WHERE n BETWEEN 1901 AND 1980;
