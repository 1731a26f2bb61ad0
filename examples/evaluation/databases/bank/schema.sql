-- A regional bank: English names in snake_case, every foreign key declared, three of them to the employees.
CREATE TABLE branch (branch_id INTEGER PRIMARY KEY, branch_name TEXT NOT NULL, city TEXT NOT NULL, region TEXT NOT NULL, opened_on DATE NOT NULL, phone TEXT);
CREATE TABLE employee (
  employee_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, job_title TEXT NOT NULL, branch_id INTEGER NOT NULL REFERENCES branch (branch_id),
  manager_id INTEGER REFERENCES employee (employee_id), hired_on DATE NOT NULL, monthly_salary INTEGER NOT NULL);
CREATE TABLE customer (
  customer_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, gender TEXT NOT NULL, birth_date DATE, city TEXT NOT NULL, occupation TEXT, email TEXT,
  segment TEXT NOT NULL, joined_on DATE NOT NULL, home_branch_id INTEGER NOT NULL REFERENCES branch (branch_id));
CREATE TABLE account_type (account_type_code TEXT PRIMARY KEY, type_name TEXT NOT NULL, annual_rate NUMERIC(5, 2) NOT NULL, minimum_balance INTEGER NOT NULL, monthly_fee NUMERIC(6, 2) NOT NULL);
CREATE TABLE account (
  account_id INTEGER PRIMARY KEY, account_number TEXT NOT NULL UNIQUE, customer_id INTEGER NOT NULL REFERENCES customer (customer_id),
  account_type_code TEXT NOT NULL REFERENCES account_type (account_type_code), branch_id INTEGER NOT NULL REFERENCES branch (branch_id),
  opened_on DATE NOT NULL, closed_on DATE, status TEXT NOT NULL, balance NUMERIC(14, 2) NOT NULL);
CREATE TABLE transactions (
  transaction_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (account_id), transaction_date DATE NOT NULL,
  transaction_type TEXT NOT NULL, channel TEXT NOT NULL, amount NUMERIC(12, 2) NOT NULL, atm_id INTEGER REFERENCES atm (atm_id),
  teller_id INTEGER REFERENCES employee (employee_id), note TEXT);
CREATE TABLE card (
  card_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (account_id), card_type TEXT NOT NULL, network TEXT NOT NULL,
  issued_on DATE NOT NULL, expires_on DATE NOT NULL, credit_limit INTEGER, blocked INTEGER NOT NULL);
CREATE TABLE atm (atm_id INTEGER PRIMARY KEY, location TEXT NOT NULL, branch_id INTEGER NOT NULL REFERENCES branch (branch_id), installed_on DATE NOT NULL, status TEXT NOT NULL);
CREATE TABLE loan_product (loan_product_id INTEGER PRIMARY KEY, product_name TEXT NOT NULL, base_rate NUMERIC(5, 2) NOT NULL, max_term_months INTEGER NOT NULL);
CREATE TABLE loan (
  loan_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (customer_id), loan_product_id INTEGER NOT NULL REFERENCES loan_product (loan_product_id),
  branch_id INTEGER NOT NULL REFERENCES branch (branch_id), officer_id INTEGER NOT NULL REFERENCES employee (employee_id), principal INTEGER NOT NULL,
  interest_rate NUMERIC(5, 2) NOT NULL, term_months INTEGER NOT NULL, disbursed_on DATE NOT NULL, status TEXT NOT NULL);
CREATE TABLE loan_repayment (
  repayment_id INTEGER PRIMARY KEY, loan_id INTEGER NOT NULL REFERENCES loan (loan_id), due_date DATE NOT NULL, amount_due INTEGER NOT NULL, paid_on DATE, amount_paid INTEGER);
CREATE TABLE collateral (collateral_id INTEGER PRIMARY KEY, loan_id INTEGER NOT NULL REFERENCES loan (loan_id), kind TEXT NOT NULL, appraised_value INTEGER NOT NULL);
CREATE TABLE complaint (
  complaint_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (customer_id), branch_id INTEGER NOT NULL REFERENCES branch (branch_id),
  category TEXT NOT NULL, filed_on DATE NOT NULL, resolved_on DATE, handled_by INTEGER REFERENCES employee (employee_id), satisfaction INTEGER);
