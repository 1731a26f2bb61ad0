-- A shipping line: two foreign keys to the same table (origin and destination), a view, quantities with their units in the names.
CREATE TABLE country (code TEXT PRIMARY KEY, name TEXT NOT NULL, continent TEXT NOT NULL);
CREATE TABLE port (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country_code TEXT NOT NULL REFERENCES country (code), max_draft_m REAL NOT NULL, berths INTEGER NOT NULL);
CREATE TABLE vessel (id INTEGER PRIMARY KEY, name TEXT NOT NULL, vessel_type TEXT NOT NULL, built_year INTEGER NOT NULL, capacity_teu INTEGER, flag_country TEXT NOT NULL REFERENCES country (code), in_service INTEGER NOT NULL);
CREATE TABLE captain (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, licence_no TEXT NOT NULL, born DATE NOT NULL);
CREATE TABLE voyage (
  id INTEGER PRIMARY KEY, voyage_no TEXT NOT NULL, vessel_id INTEGER NOT NULL REFERENCES vessel (id), captain_id INTEGER NOT NULL REFERENCES captain (id),
  origin_port_id INTEGER NOT NULL REFERENCES port (id), destination_port_id INTEGER NOT NULL REFERENCES port (id), departed_at TIMESTAMP NOT NULL, arrived_at TIMESTAMP, fuel_tons REAL NOT NULL);
CREATE TABLE customer (id INTEGER PRIMARY KEY, company_name TEXT NOT NULL, country_code TEXT NOT NULL REFERENCES country (code), account_manager TEXT, credit_rating TEXT NOT NULL);
CREATE TABLE container (id INTEGER PRIMARY KEY, container_no TEXT NOT NULL, size_ft INTEGER NOT NULL, kind TEXT NOT NULL, tare_kg INTEGER NOT NULL);
CREATE TABLE booking (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), voyage_id INTEGER NOT NULL REFERENCES voyage (id), booked_on DATE NOT NULL, freight_usd NUMERIC(12, 2) NOT NULL, status TEXT NOT NULL);
CREATE TABLE booking_line (
  booking_id INTEGER NOT NULL REFERENCES booking (id), line_no INTEGER NOT NULL, container_id INTEGER NOT NULL REFERENCES container (id), cargo TEXT NOT NULL, weight_kg INTEGER NOT NULL, hazardous INTEGER NOT NULL,
  PRIMARY KEY (booking_id, line_no));
CREATE TABLE incident (id INTEGER PRIMARY KEY, voyage_id INTEGER NOT NULL REFERENCES voyage (id), happened_on DATE NOT NULL, category TEXT NOT NULL, damage_usd NUMERIC(12, 2) NOT NULL, resolved INTEGER NOT NULL);
CREATE VIEW voyage_duration AS SELECT id AS voyage_id, voyage_no, julianday(arrived_at) - julianday(departed_at) AS days FROM voyage WHERE arrived_at IS NOT NULL;
