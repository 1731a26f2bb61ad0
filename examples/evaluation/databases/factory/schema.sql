-- A factory with sensors: time series, tag names, no declared foreign key, keys that are not called id.
CREATE TABLE plant_line (line_code TEXT PRIMARY KEY, line_name TEXT, product_family TEXT, commissioned DATE, target_units_per_hour INTEGER);
CREATE TABLE machine (machine_code TEXT PRIMARY KEY, machine_name TEXT, line_code TEXT, manufacturer TEXT, install_date DATE, power_kw REAL, criticality TEXT);
CREATE TABLE sensor (sensor_tag TEXT PRIMARY KEY, machine_code TEXT, quantity TEXT, unit TEXT, low_limit REAL, high_limit REAL, active INTEGER);
CREATE TABLE reading (reading_id INTEGER PRIMARY KEY, sensor_tag TEXT, measured_at TIMESTAMP, value REAL, quality_flag TEXT);
CREATE TABLE alarm (alarm_id INTEGER PRIMARY KEY, sensor_tag TEXT, raised_at TIMESTAMP, cleared_at TIMESTAMP, priority TEXT, acknowledged_by TEXT);
CREATE TABLE operator (badge_no INTEGER PRIMARY KEY, operator_name TEXT, shift TEXT, hourly_wage REAL, certified_until DATE);
CREATE TABLE work_order (wo_number INTEGER PRIMARY KEY, machine_code TEXT, opened_on DATE, closed_on DATE, wo_type TEXT, technician TEXT, labour_hours REAL, parts_cost REAL);
CREATE TABLE downtime (downtime_id INTEGER PRIMARY KEY, machine_code TEXT, started_at TIMESTAMP, minutes INTEGER, cause TEXT);
CREATE TABLE production_run (run_id INTEGER PRIMARY KEY, line_code TEXT, badge_no INTEGER, run_date DATE, shift TEXT, units_good INTEGER, units_scrap INTEGER);
CREATE TABLE spare_part (part_no TEXT PRIMARY KEY, part_name TEXT, supplier TEXT, on_hand INTEGER, min_level INTEGER, unit_price REAL);
CREATE TABLE energy_daily (line_code TEXT, day DATE, kwh REAL, PRIMARY KEY (line_code, day));
