-- A district hospital: English names in snake_case, every foreign key declared.
CREATE TABLE department (department_id INTEGER PRIMARY KEY, name TEXT NOT NULL, floor INTEGER NOT NULL, phone_extension TEXT);
CREATE TABLE doctor (
  doctor_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, specialty TEXT NOT NULL,
  department_id INTEGER NOT NULL REFERENCES department (department_id), hire_date DATE NOT NULL, salary NUMERIC(12, 2) NOT NULL);
CREATE TABLE ward (ward_id INTEGER PRIMARY KEY, name TEXT NOT NULL, department_id INTEGER NOT NULL REFERENCES department (department_id), bed_count INTEGER NOT NULL);
CREATE TABLE insurer (insurer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, coverage_percent INTEGER NOT NULL);
CREATE TABLE patient (
  patient_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, gender TEXT NOT NULL, birth_date DATE NOT NULL,
  city TEXT NOT NULL, blood_type TEXT, insurer_id INTEGER REFERENCES insurer (insurer_id));
CREATE TABLE appointment (
  appointment_id INTEGER PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patient (patient_id),
  doctor_id INTEGER NOT NULL REFERENCES doctor (doctor_id), scheduled_at TIMESTAMP NOT NULL, status TEXT NOT NULL, reason TEXT);
CREATE TABLE admission (
  admission_id INTEGER PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patient (patient_id),
  ward_id INTEGER NOT NULL REFERENCES ward (ward_id), admitted_on DATE NOT NULL, discharged_on DATE, outcome TEXT);
CREATE TABLE diagnosis (
  diagnosis_id INTEGER PRIMARY KEY, admission_id INTEGER NOT NULL REFERENCES admission (admission_id),
  icd_code TEXT NOT NULL, description TEXT NOT NULL, severity TEXT NOT NULL);
CREATE TABLE medication (medication_id INTEGER PRIMARY KEY, name TEXT NOT NULL, form TEXT NOT NULL, unit_price NUMERIC(10, 2) NOT NULL, stock INTEGER NOT NULL);
CREATE TABLE prescription (
  prescription_id INTEGER PRIMARY KEY, appointment_id INTEGER NOT NULL REFERENCES appointment (appointment_id),
  medication_id INTEGER NOT NULL REFERENCES medication (medication_id), quantity INTEGER NOT NULL, days INTEGER NOT NULL);
CREATE TABLE invoice (
  invoice_id INTEGER PRIMARY KEY, admission_id INTEGER NOT NULL REFERENCES admission (admission_id),
  issued_on DATE NOT NULL, amount NUMERIC(12, 2) NOT NULL, paid_on DATE);
CREATE INDEX appointment_doctor ON appointment (doctor_id);
