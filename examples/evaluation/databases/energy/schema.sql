-- A power utility: English with odd habits (t_ before every table, units in names, months as text); foreign keys declared only in part.
CREATE TABLE t_district (dist_id INTEGER PRIMARY KEY, dist_name TEXT NOT NULL, region TEXT NOT NULL, population INTEGER, area_km2 REAL);
CREATE TABLE t_substation (
  ss_id INTEGER PRIMARY KEY, ss_name TEXT NOT NULL, dist_id INTEGER NOT NULL REFERENCES t_district (dist_id), capacity_mva INTEGER NOT NULL, commissioned_yr INTEGER);
CREATE TABLE t_tariff (tariff_cd TEXT PRIMARY KEY, tariff_desc TEXT NOT NULL, price_ct_per_kwh REAL NOT NULL, fixed_fee_eur REAL NOT NULL);
CREATE TABLE t_customer (
  cust_id INTEGER PRIMARY KEY, cust_name TEXT NOT NULL, cust_type TEXT NOT NULL, dist_id INTEGER NOT NULL REFERENCES t_district (dist_id), since_dt DATE NOT NULL,
  email_addr TEXT, is_active TEXT NOT NULL);
CREATE TABLE t_meter (
  meter_no TEXT PRIMARY KEY, cust_id INTEGER NOT NULL REFERENCES t_customer (cust_id), ss_id INTEGER NOT NULL, tariff_cd TEXT NOT NULL, meter_kind TEXT NOT NULL,
  install_dt DATE NOT NULL, last_calib_dt DATE);
CREATE TABLE t_reading (
  reading_id INTEGER PRIMARY KEY, meter_no TEXT NOT NULL REFERENCES t_meter (meter_no), read_month TEXT NOT NULL, usage_kwh INTEGER NOT NULL, peak_kw REAL, is_estimated TEXT NOT NULL);
CREATE TABLE t_invoice (inv_no INTEGER PRIMARY KEY, meter_no TEXT NOT NULL, issue_dt DATE NOT NULL, due_dt DATE NOT NULL, amt_eur NUMERIC(12, 2) NOT NULL, paid_dt DATE);
CREATE TABLE t_outage (
  outage_id INTEGER PRIMARY KEY, ss_id INTEGER NOT NULL REFERENCES t_substation (ss_id), start_ts TIMESTAMP NOT NULL, duration_min INTEGER, cause TEXT, affected_cust_cnt INTEGER NOT NULL);
CREATE TABLE t_technician (tech_id INTEGER PRIMARY KEY, tech_name TEXT NOT NULL, base_dist_id INTEGER, hire_dt DATE NOT NULL, hourly_rate_eur REAL NOT NULL, cert_level TEXT);
CREATE TABLE t_work_order (
  wo_id INTEGER PRIMARY KEY, wo_type TEXT NOT NULL, meter_no TEXT, outage_id INTEGER REFERENCES t_outage (outage_id), tech_id INTEGER, opened_dt DATE NOT NULL,
  closed_dt DATE, hours_spent REAL);
CREATE TABLE t_complaint (compl_id INTEGER PRIMARY KEY, cust_id INTEGER NOT NULL, recv_dt DATE NOT NULL, topic TEXT NOT NULL, settled_dt DATE);
CREATE TABLE t_plant (plant_id INTEGER PRIMARY KEY, plant_name TEXT NOT NULL, fuel TEXT NOT NULL, capacity_mw REAL NOT NULL, dist_id INTEGER NOT NULL, online_yr INTEGER NOT NULL);
CREATE TABLE t_plant_output (plant_id INTEGER NOT NULL REFERENCES t_plant (plant_id), out_month TEXT NOT NULL, output_mwh INTEGER NOT NULL, co2_t REAL NOT NULL, PRIMARY KEY (plant_id, out_month));
