-- A chain of hotels: English, plural names of tables; every foreign key declared.
CREATE TABLE hotels (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL, stars INTEGER NOT NULL, opened_on DATE NOT NULL,
  has_pool INTEGER NOT NULL, phone TEXT);
CREATE TABLE room_types (id INTEGER PRIMARY KEY, name TEXT NOT NULL, bed_type TEXT NOT NULL, max_guests INTEGER NOT NULL, base_rate NUMERIC(8, 2) NOT NULL);
CREATE TABLE rooms (
  id INTEGER PRIMARY KEY, hotel_id INTEGER NOT NULL REFERENCES hotels (id), room_type_id INTEGER NOT NULL REFERENCES room_types (id),
  room_number TEXT NOT NULL, floor INTEGER NOT NULL, view TEXT, smoking_allowed INTEGER NOT NULL);
CREATE TABLE guests (
  id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, nationality TEXT NOT NULL, email TEXT, birth_date DATE,
  loyalty_tier TEXT, joined_on DATE);
CREATE TABLE promotions (id INTEGER PRIMARY KEY, code TEXT NOT NULL, description TEXT NOT NULL, discount_percent INTEGER NOT NULL, valid_from DATE NOT NULL, valid_to DATE NOT NULL);
CREATE TABLE bookings (
  id INTEGER PRIMARY KEY, guest_id INTEGER NOT NULL REFERENCES guests (id), room_id INTEGER NOT NULL REFERENCES rooms (id),
  promotion_id INTEGER REFERENCES promotions (id), booked_on DATE NOT NULL, check_in DATE NOT NULL, check_out DATE NOT NULL,
  adults INTEGER NOT NULL, children INTEGER NOT NULL, channel TEXT NOT NULL, status TEXT NOT NULL, total_amount NUMERIC(10, 2) NOT NULL);
CREATE TABLE payments (
  id INTEGER PRIMARY KEY, booking_id INTEGER NOT NULL REFERENCES bookings (id), paid_on DATE NOT NULL, amount NUMERIC(10, 2) NOT NULL, method TEXT NOT NULL);
CREATE TABLE staff (
  id INTEGER PRIMARY KEY, hotel_id INTEGER NOT NULL REFERENCES hotels (id), full_name TEXT NOT NULL, position TEXT NOT NULL,
  hired_on DATE NOT NULL, monthly_salary NUMERIC(8, 2) NOT NULL, supervisor_id INTEGER REFERENCES staff (id));
CREATE TABLE services (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price NUMERIC(8, 2) NOT NULL);
CREATE TABLE service_orders (
  id INTEGER PRIMARY KEY, booking_id INTEGER NOT NULL REFERENCES bookings (id), service_id INTEGER NOT NULL REFERENCES services (id),
  staff_id INTEGER REFERENCES staff (id), ordered_at TIMESTAMP NOT NULL, quantity INTEGER NOT NULL);
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY, booking_id INTEGER NOT NULL REFERENCES bookings (id), rating INTEGER NOT NULL, comment TEXT, reviewed_on DATE NOT NULL);
CREATE TABLE maintenance_requests (
  id INTEGER PRIMARY KEY, room_id INTEGER NOT NULL REFERENCES rooms (id), issue TEXT NOT NULL, priority TEXT NOT NULL,
  reported_on DATE NOT NULL, resolved_on DATE, cost NUMERIC(8, 2));
CREATE INDEX bookings_room ON bookings (room_id);
