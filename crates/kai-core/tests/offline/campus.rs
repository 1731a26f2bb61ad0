//! A company, an airline and a campus in one database: keys that play a part of their own, people
//! with two names, junctions with a figure, text keys.

use crate::driver::{Bench, cases};

pub(crate) const SCRIPT: &str = "
CREATE TABLE departments (dept_id INTEGER PRIMARY KEY, dept_name TEXT NOT NULL, location TEXT NOT NULL, budget NUMERIC(14,2));
CREATE TABLE employees (emp_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, gender TEXT, hire_date DATE, salary NUMERIC(10,2), dept_id INTEGER REFERENCES departments(dept_id), manager_id INTEGER REFERENCES employees(emp_id), job_title TEXT);
CREATE TABLE projects (project_id INTEGER PRIMARY KEY, title TEXT, start_date DATE, end_date DATE, status TEXT, lead_id INTEGER REFERENCES employees(emp_id));
CREATE TABLE assignments (emp_id INTEGER REFERENCES employees(emp_id), project_id INTEGER REFERENCES projects(project_id), hours INTEGER, PRIMARY KEY (emp_id, project_id));
CREATE TABLE airports (code TEXT PRIMARY KEY, name TEXT, city TEXT, country TEXT);
CREATE TABLE flights (id INTEGER PRIMARY KEY, flight_no TEXT, origin TEXT REFERENCES airports(code), destination TEXT REFERENCES airports(code), departure DATE, distance_km INTEGER, delay_minutes INTEGER, price NUMERIC(10,2));
CREATE TABLE students (nim TEXT PRIMARY KEY, nama TEXT, jurusan TEXT, angkatan INTEGER, ipk REAL, asal_kota TEXT);
CREATE TABLE mata_kuliah (kode_mk TEXT PRIMARY KEY, nama_mk TEXT, sks INTEGER, dosen TEXT);
CREATE TABLE krs (nim TEXT REFERENCES students(nim), kode_mk TEXT REFERENCES mata_kuliah(kode_mk), nilai REAL, semester TEXT, PRIMARY KEY (nim, kode_mk));
INSERT INTO departments VALUES (1,'Engineering','Berlin',500000),(2,'Sales','Paris',300000),(3,'HR','Berlin',NULL);
INSERT INTO employees VALUES (1,'Ada','Lovelace','F','2010-01-01',9000,1,NULL,'CTO'),(2,'Bob','Stone','M','2015-05-05',6000,1,1,'Engineer'),(3,'Cid','Moore','M','2018-03-03',5500,2,1,'Sales Rep'),(4,'Dee','Ray','F','2020-08-08',4000,2,3,'Sales Rep'),(5,'Eve','Ng','F','2021-01-01',4500,NULL,1,'Analyst');
INSERT INTO projects VALUES (1,'Apollo','2020-01-01','2021-01-01','closed',1),(2,'Gemini','2021-06-01',NULL,'open',2),(3,'Mercury','2022-01-01',NULL,'open',1);
INSERT INTO assignments VALUES (1,1,10),(2,1,100),(2,2,50),(3,3,70);
INSERT INTO airports VALUES ('CGK','Soekarno-Hatta','Jakarta','Indonesia'),('DPS','Ngurah Rai','Denpasar','Indonesia'),('SIN','Changi','Singapore','Singapore');
INSERT INTO flights VALUES (1,'GA1','CGK','DPS','2024-01-01',983,5,1000000),(2,'GA2','DPS','CGK','2024-01-02',983,0,1100000),(3,'SQ1','SIN','CGK','2024-01-03',879,45,2000000);
INSERT INTO students VALUES ('001','Andi','Informatika',2020,3.5,'Bandung'),('002','Budi','Informatika',2021,3.1,'Medan'),('003','Cici','Akuntansi',2020,3.9,'Bandung');
INSERT INTO mata_kuliah VALUES ('IF1','Algoritma',3,'Pak Joko'),('AK1','Akuntansi Dasar',2,'Bu Rina'),('IF2','Basis Data',4,'Pak Joko');
INSERT INTO krs VALUES ('001','IF1',85,'Ganjil'),('001','IF2',90,'Genap'),('002','IF1',70,'Ganjil'),('003','AK1',95,'Ganjil');
";

#[tokio::test]
async fn questions_about_a_campus_give_the_gold_rows() {
    let bench = Bench::new(SCRIPT).await;
    bench.check_all(&cases(&[
        ("How many employees are in each department?", "SELECT 'Engineering', 2 UNION ALL SELECT 'Sales', 2"),
        ("Which employees work in Engineering?", "SELECT first_name, last_name FROM employees WHERE dept_id = 1"),
        ("List employees hired after 2016", "SELECT first_name, last_name FROM employees WHERE emp_id IN (3, 4, 5)"),
        ("Who has the highest salary?", "SELECT 'Ada', 'Lovelace'"),
        ("Employees without a department", "SELECT 'Eve', 'Ng'"),
        ("Which projects are open?", "SELECT 'Gemini' UNION SELECT 'Mercury'"),
        ("Which employees are not assigned to any project?", "SELECT first_name, last_name FROM employees WHERE emp_id IN (4, 5)"),
        ("Total hours per project", "SELECT title, SUM(hours) FROM assignments JOIN projects USING (project_id) GROUP BY 1"),
        ("How many projects does each employee work on?", "SELECT first_name, last_name, COUNT(*) FROM assignments JOIN employees USING (emp_id) GROUP BY emp_id"),
        ("Average salary of female employees", "SELECT AVG(salary) FROM employees WHERE gender = 'F'"),
        ("Which department has no budget?", "SELECT 'HR'"),
        ("Projects that have not ended", "SELECT 'Gemini' UNION SELECT 'Mercury'"),
        ("What is the total salary of the Sales department?", "SELECT 9500"),
        ("Employees who earn more than the average salary", "SELECT first_name, last_name FROM employees WHERE emp_id IN (1, 2)"),
        ("Job titles with more than one employee", "SELECT 'Sales Rep'"),
        ("Which flight has the longest delay?", "SELECT 'SQ1'"),
        ("What is the cheapest flight?", "SELECT 'GA1', 1000000"),
        ("How many flights are there from Changi?", "SELECT 0 LIMIT 0 --declined"),
        ("How many flights arrive in Jakarta?", "SELECT 0 LIMIT 0 --declined"),
        ("Flights from Singapore to Jakarta", "SELECT 0 LIMIT 0 --declined"),
        ("Who is the manager of Bob Stone?", "SELECT 0 LIMIT 0 --declined"),
        ("Berapa jumlah mahasiswa per jurusan?", "SELECT jurusan, COUNT(*) FROM students GROUP BY 1"),
        ("Siapa mahasiswa dengan IPK tertinggi?", "SELECT 'Cici', 3.9"),
        ("Rata-rata IPK mahasiswa angkatan 2020", "SELECT 3.7"),
        ("Mahasiswa dari Bandung", "SELECT nama FROM students WHERE asal_kota = 'Bandung'"),
        ("Rata-rata nilai per mata kuliah", "SELECT nama_mk, AVG(nilai) FROM krs JOIN mata_kuliah USING (kode_mk) GROUP BY 1"),
        ("Mahasiswa yang mengambil mata kuliah Algoritma", "SELECT 'Andi' UNION SELECT 'Budi'"),
        ("Berapa total SKS yang diambil Andi?", "SELECT 7"),
        ("Mahasiswa dengan nilai di atas 80", "SELECT 'Andi' UNION SELECT 'Cici'"),
        ("Mata kuliah dengan SKS terbanyak", "SELECT 'Basis Data', 4"),
        ("Jumlah mahasiswa per angkatan", "SELECT angkatan, COUNT(*) FROM students GROUP BY 1"),
        ("How many students are there in Informatika with a GPA above 3.2?", "SELECT 1"),
        ("List the top 2 students by GPA", "SELECT nama, ipk FROM students ORDER BY ipk DESC LIMIT 2 --ordered"),
        ("Rata-rata total nilai per mahasiswa", "SELECT 0 LIMIT 0 --declined"),
    ])).await;
}
