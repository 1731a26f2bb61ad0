-- The rows of the hotels; the larger tables are thrown from the dice of random.sql.
INSERT INTO hotels VALUES (1,'Grand Meridian','Jakarta','Indonesia',5,'2006-08-17',1,'+62 21 555 0110'),(2,'Coral Bay Resort','Denpasar','Indonesia',5,'2012-12-01',1,'+62 361 555 0120'),
  (3,'Parijs Inn','Bandung','Indonesia',3,'2015-03-28',0,'+62 22 555 0130'),(4,'Taman Sari Heritage','Yogyakarta','Indonesia',4,'1998-10-07',1,'+62 274 555 0140'),
  (5,'Merlion Quay','Singapore','Singapore',5,'2018-02-14',1,'+65 6555 0150'),(6,'Garden Court','Kuala Lumpur','Malaysia',4,'2010-06-19',0,'+60 3 5555 0160'),(7,'Pearl Lodge','Penang','Malaysia',3,'2025-11-20',0,NULL);
INSERT INTO room_types VALUES (1,'Standard','twin',2,55),(2,'Superior','queen',2,80),(3,'Deluxe','king',3,125),(4,'Family Room','two queens',5,165),(5,'Executive Suite','king',4,290),(6,'Presidential Suite','king',4,750);
INSERT INTO rooms SELECT n, 1 + (n - 1) / 16, CASE WHEN n % 16 = 0 AND n <= 80 THEN CASE WHEN n IN (16, 32, 80) THEN 6 ELSE 5 END WHEN a % 15 < 5 THEN 1 WHEN a % 15 < 9 THEN 2 WHEN a % 15 < 12 THEN 3 WHEN a % 15 < 14 THEN 4 ELSE 5 END,
    CAST(100 * (1 + (n - 1) % 16 / 4) + 1 + (n - 1) % 4 AS TEXT), 1 + (n - 1) % 16 / 4, CASE b % 6 WHEN 0 THEN 'sea' WHEN 1 THEN 'garden' WHEN 2 THEN 'garden' WHEN 3 THEN 'city' WHEN 4 THEN 'city' END, c % 5 = 0
  FROM dice WHERE n <= 104;
UPDATE rooms SET view = 'city' WHERE view = 'sea' AND hotel_id IN (1, 3, 4, 6);
CREATE TEMP TABLE given AS SELECT CAST(key AS INTEGER) AS i, value AS name FROM json_each('["Adi","Amelia","Bagus","Chen","Dian","Emma","Fajar","Grace","Hiroshi","Intan","Jack","Kirana","Liam","Maya","Nur","Olivia","Putu","Rani","Sofia","Takeshi","Umi","Victor","Wei","Yuki"]');
CREATE TEMP TABLE family AS SELECT CAST(key AS INTEGER) AS i, value AS name FROM json_each('["Anderson","Budiman","Chua","Dewanto","Eriksen","Firmansyah","Garcia","Halim","Iskandar","Johnson","Kurniawan","Lim","Müller","Nakamura","Ong","Permana","Robinson","Siregar","Tan","Utomo","Wong"]');
INSERT INTO guests SELECT n - 200, g.name, f.name, CASE c % 16 WHEN 0 THEN 'Singaporean' WHEN 1 THEN 'Singaporean' WHEN 2 THEN 'Malaysian' WHEN 3 THEN 'Malaysian' WHEN 4 THEN 'Australian' WHEN 5 THEN 'Australian' WHEN 6 THEN 'Japanese' WHEN 7 THEN 'German' WHEN 8 THEN 'Dutch' ELSE 'Indonesian' END,
    CASE WHEN d % 8 = 0 THEN NULL ELSE lower(g.name) || '.' || replace(lower(f.name), 'ü', 'u') || (n - 200) || '@example.com' END, CASE WHEN d % 13 = 0 THEN NULL ELSE date('1948-01-01', '+' || (e % 20800) || ' days') END,
    CASE WHEN f.i % 2 = 0 AND a % 3 = 0 THEN 'Silver' WHEN a % 7 = 1 THEN 'Gold' WHEN a % 17 = 2 THEN 'Platinum' END, NULL
  FROM dice JOIN given g ON g.i = a % 24 JOIN family f ON f.i = b % 21 WHERE n BETWEEN 201 AND 420;
UPDATE guests SET joined_on = date('2019-01-01', '+' || ((SELECT f FROM dice WHERE n = guests.id + 200) % 2500) || ' days') WHERE loyalty_tier IS NOT NULL;
INSERT INTO promotions VALUES (1,'EARLYBIRD','Book sixty days ahead',15,'2023-01-01','2025-12-31'),(2,'RAMADAN24','Ramadan offer',20,'2024-03-11','2024-04-09'),(3,'WEEKDAY','Monday to Thursday',10,'2023-06-01','2024-12-31'),
  (4,'HONEYMOON','For newly-weds',25,'2023-01-01','2025-12-31'),(5,'MERDEKA25','Independence Day',17,'2025-08-10','2025-08-24'),(6,'GRANDOPEN','Opening of Pearl Lodge',30,'2025-11-20','2026-02-28');
INSERT INTO bookings SELECT n - 500, 1 + a % 205, 1 + b % 96, CASE WHEN d % 9 = 0 THEN 1 WHEN d % 9 = 1 THEN 3 WHEN d % 27 = 2 THEN 4 END,
    date('2023-01-03', '+' || (c % 1080) || ' days', '-' || (f % 60) || ' days'), date('2023-01-03', '+' || (c % 1080) || ' days'), date('2023-01-03', '+' || (c % 1080 + 1 + (d % 4) + (e % 3) * (f % 4)) || ' days'),
    1 + e % 2, CASE WHEN f % 5 = 0 THEN 1 + a % 2 ELSE 0 END, CASE b / 96 % 7 WHEN 0 THEN 'phone' WHEN 1 THEN 'travel agent' WHEN 2 THEN 'walk-in' WHEN 3 THEN 'website' WHEN 4 THEN 'website' ELSE 'online travel agency' END,
    CASE WHEN e / 7 % 12 = 0 THEN 'no-show' WHEN e / 7 % 12 IN (1, 2) THEN 'cancelled' ELSE 'completed' END, 0
  FROM dice WHERE n BETWEEN 501 AND 1900;
DELETE FROM bookings WHERE EXISTS (SELECT 1 FROM bookings x WHERE x.room_id = bookings.room_id AND x.id < bookings.id AND x.check_in < bookings.check_out AND bookings.check_in < x.check_out);
UPDATE bookings SET promotion_id = NULL WHERE promotion_id = 3 AND check_in NOT BETWEEN '2023-06-01' AND '2024-12-31';
UPDATE bookings SET promotion_id = 2 WHERE promotion_id IS NULL AND booked_on BETWEEN '2024-03-11' AND '2024-04-09' AND id % 2 = 0;
UPDATE bookings SET promotion_id = 5 WHERE promotion_id IS NULL AND booked_on BETWEEN '2025-08-10' AND '2025-08-24' AND id % 2 = 1;
DELETE FROM bookings WHERE channel = 'walk-in' AND check_in >= '2025-11-25';
UPDATE bookings SET booked_on = check_in WHERE channel = 'walk-in';
UPDATE bookings SET status = 'completed' WHERE channel = 'walk-in';
UPDATE bookings SET status = 'confirmed' WHERE check_in >= '2025-11-25' AND status = 'completed';
UPDATE bookings SET total_amount = (SELECT round((julianday(bookings.check_out) - julianday(bookings.check_in)) * t.base_rate * CASE r.hotel_id WHEN 5 THEN 1.6 WHEN 1 THEN 1.2 WHEN 2 THEN 1.3 ELSE 1 END, 2) FROM rooms r JOIN room_types t ON t.id = r.room_type_id WHERE r.id = bookings.room_id);
UPDATE bookings SET total_amount = round(total_amount * (100 - (SELECT discount_percent FROM promotions p WHERE p.id = bookings.promotion_id)) / 100.0, 2) WHERE promotion_id IS NOT NULL;
INSERT INTO payments SELECT n - 2000, k.id, CASE WHEN a % 3 = 0 THEN k.booked_on ELSE k.check_out END, CASE WHEN b % 6 = 0 THEN round(k.total_amount * 0.5, 2) ELSE k.total_amount END,
    CASE c % 9 WHEN 0 THEN 'cash' WHEN 1 THEN 'cash' WHEN 2 THEN 'bank transfer' WHEN 3 THEN 'e-wallet' WHEN 4 THEN 'e-wallet' ELSE 'credit card' END
  FROM dice JOIN bookings k ON k.id = n - 2000 WHERE n BETWEEN 2001 AND 3400 AND k.status = 'completed' AND d % 14 <> 0;
INSERT INTO payments SELECT n - 2000 + 2000, k.booking_id, date(k.paid_on, '+' || (1 + a % 20) || ' days'), round(b.total_amount - k.amount, 2), CASE c % 3 WHEN 0 THEN 'cash' ELSE 'credit card' END
  FROM dice JOIN payments k ON k.id = n - 2000 JOIN bookings b ON b.id = k.booking_id WHERE n BETWEEN 2001 AND 3400 AND k.amount < b.total_amount AND d % 3 <> 0;
CREATE TEMP TABLE crew AS SELECT CAST(key AS INTEGER) AS i, value AS name FROM json_each('["Hendra Gunadi","Sri Mulyati","Agus Salim","Ratna Dewi","Komang Ayu","Made Surya","Wayan Sudarma","Luh Sekar","Asep Sunandar","Neneng Komala","Dadang Hermawan","Yuyun Yuliani","Bambang Triyono","Siti Aminah","Joko Purnomo","Endah Lestari","Rachel Teo","Marcus Goh","Priscilla Ng","Ravi Menon","Farid Zulkifli","Nurul Izzah Osman","Kumar Selvam","Mei Ling Chong","Arif Setiawan","Bella Hartono","Ketut Sudiana","Dwi Rahayu","Tom Becker","Vivian Koh","Hafiz Rahim","Gede Pratama","Tuti Alawiyah","Slamet Riyadi","Angela Sim","Suresh Nathan","Yanto Subagyo","Lina Marlina"]');
INSERT INTO staff SELECT i + 1, CASE WHEN i < 24 THEN 1 + i / 4 ELSE 1 + (i * 5) % 6 END, c.name, CASE WHEN i < 24 THEN CASE i % 4 WHEN 0 THEN 'General Manager' WHEN 1 THEN 'Receptionist' WHEN 2 THEN 'Housekeeper' ELSE 'Chef' END ELSE CASE d.a % 5 WHEN 0 THEN 'Receptionist' WHEN 1 THEN 'Waiter' WHEN 2 THEN 'Housekeeper' WHEN 3 THEN 'Technician' ELSE 'Concierge' END END,
    date('2008-02-01', '+' || (d.b % 6200) || ' days'), CASE WHEN i < 24 THEN CASE i % 4 WHEN 0 THEN 3200 + 50 * (d.c % 31) WHEN 3 THEN 1300 + 25 * (d.c % 40) ELSE 620 + 10 * (d.c % 50) END ELSE 600 + 10 * (d.c % 60) END, CASE WHEN i < 24 AND i % 4 = 0 THEN NULL WHEN i < 24 THEN 1 + i - i % 4 ELSE 1 + 4 * ((i * 5) % 6) END
  FROM crew c JOIN dice d ON d.n = 3500 + c.i;
UPDATE staff SET hired_on = (SELECT date(h.opened_on, '+' || (20 * staff.id % 700) || ' days') FROM hotels h WHERE h.id = staff.hotel_id) WHERE hired_on < (SELECT h.opened_on FROM hotels h WHERE h.id = staff.hotel_id);
INSERT INTO services VALUES (1,'Airport transfer','transport',25),(2,'Laundry','room',8),(3,'Breakfast buffet','food',14),(4,'Balinese massage','spa',38),(5,'Facial treatment','spa',45),(6,'City tour','transport',60),(7,'In-room dinner','food',22),(8,'Extra bed','room',20),(9,'Minibar','food',12),(10,'Scuba diving trip','leisure',95),(11,'Bicycle rental','leisure',6),(12,'Babysitting','room',18),(13,'Helicopter tour','leisure',480);
INSERT INTO service_orders SELECT n - 3600, k.id, 1 + (b % 96) / 8, CASE WHEN f % 10 = 0 THEN NULL ELSE (SELECT min(CASE WHEN s.id < f % 38 THEN s.id + 100 ELSE s.id END) % 100 FROM staff s JOIN rooms r ON r.hotel_id = s.hotel_id WHERE r.id = k.room_id AND s.position <> 'General Manager') END,
    datetime(k.check_in, '+' || (CAST(c % CAST(julianday(k.check_out) - julianday(k.check_in) AS INTEGER) AS INTEGER)) || ' days', '+' || (7 + d % 15) || ' hours', '+' || (5 * (e % 12)) || ' minutes'), 1 + e % 3
  FROM dice JOIN bookings k ON k.id = 1 + a % 1400 WHERE n BETWEEN 3601 AND 5100 AND k.status = 'completed';
INSERT INTO reviews SELECT n - 5200, k.id, CASE WHEN b % 20 < 7 THEN 5 WHEN b % 20 < 13 THEN 4 WHEN b % 20 < 17 THEN 3 WHEN b % 20 < 19 THEN 2 ELSE 1 END,
    CASE c % 8 WHEN 0 THEN 'Lovely staff' WHEN 1 THEN 'Room smelled of smoke' WHEN 2 THEN 'Great breakfast' WHEN 3 THEN 'Too noisy at night' WHEN 4 THEN 'Will come again' END, date(k.check_out, '+' || (1 + d % 25) || ' days')
  FROM dice JOIN bookings k ON k.id = n - 5200 WHERE n BETWEEN 5201 AND 6600 AND k.status = 'completed' AND a % 100 < 42;
INSERT INTO maintenance_requests SELECT n - 6700, 1 + a % 100, CASE b % 7 WHEN 0 THEN 'Air conditioner not cooling' WHEN 1 THEN 'Leaking tap' WHEN 2 THEN 'Leaking tap' WHEN 3 THEN 'Broken lamp' WHEN 4 THEN 'Door lock' WHEN 5 THEN 'Television' ELSE 'Blocked drain' END,
    CASE WHEN c % 9 < 4 THEN 'low' WHEN c % 9 < 7 THEN 'normal' ELSE 'urgent' END, date('2023-01-10', '+' || (d % 1040) || ' days'), CASE WHEN e % 9 = 0 THEN NULL ELSE date('2023-01-10', '+' || (d % 1040 + f % 12) || ' days') END, CASE WHEN e % 9 = 0 THEN NULL ELSE 5 + 5 * (e % 70) END
  FROM dice WHERE n BETWEEN 6701 AND 6900;
