//! A shop with English names: no foreign key of `order_items` is declared, and there is a junction.

use crate::driver::{Bench, cases};

pub(crate) const SCRIPT: &str = "
CREATE TABLE categories (category_id INTEGER PRIMARY KEY, category_name TEXT NOT NULL);
CREATE TABLE suppliers (supplier_id INTEGER PRIMARY KEY, company_name TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE products (
    product_id INTEGER PRIMARY KEY, product_name TEXT NOT NULL, category_id INTEGER REFERENCES categories (category_id),
    supplier_id INTEGER REFERENCES suppliers (supplier_id), unit_price NUMERIC(10, 2) NOT NULL, stock INTEGER NOT NULL,
    is_discontinued BOOLEAN NOT NULL);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL,
    email TEXT, birth_date DATE, created_at TIMESTAMP NOT NULL);
CREATE TABLE employees (
    id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, position TEXT NOT NULL, salary NUMERIC(10, 2), hire_date DATE NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    employee_id INTEGER REFERENCES employees (id), order_date DATE NOT NULL, status TEXT NOT NULL, total_amount NUMERIC(12, 2) NOT NULL);
CREATE TABLE order_items (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, product_id INTEGER NOT NULL, quantity INTEGER NOT NULL, discount NUMERIC(4, 2));
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE product_tags (
    product_id INTEGER NOT NULL REFERENCES products (product_id), tag_id INTEGER NOT NULL REFERENCES tags (id),
    PRIMARY KEY (product_id, tag_id));
INSERT INTO categories VALUES (1, 'Beverages'), (2, 'Dairy'), (3, 'Snacks'), (4, 'Frozen Food');
INSERT INTO suppliers VALUES (1, 'Alpine Foods', 'Germany'), (2, 'Java Bean Co', 'Indonesia'), (3, 'Nordic Farms', 'Denmark'), (4, 'Idle Trading', 'France');
INSERT INTO products VALUES
    (1, 'Green Tea', 1, 2, 12.5, 100, 0), (2, 'Arabica Coffee', 1, 2, 45, 60, 0), (3, 'Whole Milk', 2, 3, 8, 200, 0),
    (4, 'Blue Cheese', 2, 1, 60, 15, 1), (5, 'Potato Chips', 3, 1, 5.5, 340, 0), (6, 'Dark Chocolate', 3, 1, 22, 0, 0),
    (7, 'Cane Juice', 1, 2, 9, 45, 1), (8, 'Goat Yoghurt', 2, 3, 14, 30, 0);
INSERT INTO customers VALUES
    (1, 'Anna', 'Schmidt', 'Berlin', 'Germany', 'anna@example.com', '1980-04-02', '2019-03-01 10:00:00'),
    (2, 'Budi', 'Santoso', 'Jakarta', 'Indonesia', NULL, '1992-11-15', '2020-06-11 09:30:00'),
    (3, 'Chloé', 'Dubois', 'Paris', 'France', 'chloe@example.com', NULL, '2021-01-20 14:00:00'),
    (4, 'Dewi', 'Lestari', 'Bandung', 'Indonesia', 'dewi@example.com', '1975-07-30', '2021-09-05 08:00:00'),
    (5, 'Erik', 'Larsen', 'Copenhagen', 'Denmark', NULL, '2000-01-01', '2023-02-02 16:45:00'),
    (6, 'Farid', 'Hakim', 'Jakarta', 'Indonesia', 'farid@example.com', '1988-05-05', '2023-12-31 23:59:00');
INSERT INTO employees VALUES
    (1, 'Grace Hopper', 'Manager', 9000, '2015-01-05'), (2, 'Hana Putri', 'Cashier', 3000, '2019-08-12'),
    (3, 'Ivan Petrov', 'Cashier', 3200, '2021-03-01'), (4, 'Joko Widodo', 'Clerk', NULL, '2022-10-10');
INSERT INTO orders VALUES
    (1, 1, 1, '2022-01-15', 'completed', 250), (2, 2, 2, '2022-02-20', 'completed', 90.5), (3, 2, 2, '2022-11-01', 'cancelled', 40),
    (4, 3, 3, '2023-03-03', 'completed', 1200), (5, 4, 2, '2023-05-17', 'pending', 310), (6, 1, NULL, '2023-06-30', 'completed', 75),
    (7, 6, 3, '2024-01-02', 'pending', 99), (8, 2, 1, '2024-02-14', 'completed', 560);
INSERT INTO order_items VALUES
    (1, 1, 2, 4, NULL), (2, 1, 4, 1, 0.1), (3, 2, 1, 5, NULL), (4, 2, 5, 5, NULL), (5, 3, 3, 5, NULL), (6, 4, 4, 20, 0.2),
    (7, 5, 6, 10, NULL), (8, 5, 8, 6, NULL), (9, 6, 5, 12, NULL), (10, 7, 7, 11, NULL), (11, 8, 2, 12, 0.05);
INSERT INTO tags VALUES (1, 'organic'), (2, 'vegan'), (3, 'seasonal');
INSERT INTO product_tags VALUES (1, 1), (1, 2), (2, 1), (5, 2), (8, 1), (6, 2);
";

#[tokio::test]
async fn questions_about_a_shop_give_the_gold_rows() {
    let bench = Bench::new(SCRIPT).await;
    bench.check_all(&cases(&[
        ("How many customers do we have?", "SELECT COUNT(*) FROM customers"),
        ("How many products are there in each category?", "SELECT c.category_name, COUNT(*) FROM products p JOIN categories c USING (category_id) GROUP BY 1"),
        ("What is the average salary of the cashiers?", "SELECT AVG(salary) FROM employees WHERE position = 'Cashier'"),
        ("What is the total amount of completed orders?", "SELECT SUM(total_amount) FROM orders WHERE status = 'completed'"),
        ("Which customers have no orders?", "SELECT first_name, last_name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)"),
        ("What is the most expensive product?", "SELECT product_name, unit_price FROM products ORDER BY unit_price DESC LIMIT 1"),
        ("Show the 3 cheapest products", "SELECT product_name, unit_price FROM products ORDER BY unit_price LIMIT 3 --ordered"),
        ("How many orders were placed in 2023?", "SELECT COUNT(*) FROM orders WHERE order_date BETWEEN '2023-01-01' AND '2023-12-31'"),
        ("Number of orders per year", "SELECT strftime('%Y', order_date) + 0, COUNT(*) FROM orders GROUP BY 1"),
        ("How many orders does each customer have?", "SELECT c.first_name, c.last_name, COUNT(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id"),
        ("Which category has the most products?", "SELECT c.category_name, COUNT(*) FROM products p JOIN categories c USING (category_id) GROUP BY 1 HAVING c.category_name IN ('Beverages', 'Dairy')"),
        ("List products with a stock below 50", "SELECT product_name FROM products WHERE stock < 50"),
        ("Which products are discontinued?", "SELECT product_name FROM products WHERE is_discontinued"),
        ("How many products are not discontinued?", "SELECT COUNT(*) FROM products WHERE NOT is_discontinued"),
        ("Total quantity sold per product", "SELECT p.product_name, SUM(quantity) FROM order_items i JOIN products p USING (product_id) GROUP BY 1"),
        ("How many products have the tag organic?", "SELECT COUNT(*) FROM product_tags WHERE tag_id = 1"),
        ("How many products per tag?", "SELECT t.name, COUNT(*) FROM product_tags p JOIN tags t ON t.id = p.tag_id GROUP BY 1"),
        ("Customers from Indonesia or France", "SELECT first_name, last_name FROM customers WHERE country IN ('Indonesia', 'France')"),
        ("How many customers have no email?", "SELECT COUNT(*) FROM customers WHERE email IS NULL"),
        ("Which employees earn more than 3100?", "SELECT full_name FROM employees WHERE salary > 3100"),
        ("Who is the oldest customer?", "SELECT first_name, last_name FROM customers WHERE id = 4"),
        ("Products with a price between 9 and 15", "SELECT product_name FROM products WHERE unit_price BETWEEN 9 AND 15"),
        ("What percentage of orders are completed?", "SELECT 100.0 * 5 / 8"),
        ("Average order amount per customer country", "SELECT c.country, AVG(total_amount) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY 1"),
        ("Suppliers without products", "SELECT company_name FROM suppliers WHERE supplier_id NOT IN (SELECT supplier_id FROM products)"),
        ("How many different countries do the customers come from?", "SELECT COUNT(DISTINCT country) FROM customers"),
        ("Compare the number of orders between pending and cancelled", "SELECT status, COUNT(*) FROM orders WHERE status IN ('pending', 'cancelled') GROUP BY 1"),
        ("Which products have a price above the average price?", "SELECT product_name FROM products WHERE unit_price > (SELECT AVG(unit_price) FROM products)"),
        ("What is the average number of products per category?", "SELECT 2.0"),
        ("Which customers placed more than one order?", "SELECT first_name, last_name FROM customers WHERE id IN (1, 2)"),
        ("List the names and prices of dairy products", "SELECT product_name, unit_price FROM products WHERE category_id = 2"),
        ("How many orders did Grace Hopper handle?", "SELECT 2"),
        ("What are the minimum and maximum prices?", "SELECT MIN(unit_price), MAX(unit_price) FROM products"),
        ("How many customers and how many products are there?", "SELECT 6, 8"),
        ("Orders over 300 in 2023", "SELECT id FROM orders WHERE id IN (4, 5)"),
        ("When was Ivan Petrov hired?", "SELECT hire_date FROM employees WHERE id = 3"),
        ("What is the average price of organic products?", "SELECT AVG(unit_price) FROM products WHERE product_id IN (1, 2, 8)"),
        ("How many orders were not completed?", "SELECT 3"),
        // Indonesian questions on English names.
        ("Berapa jumlah pelanggan di Jakarta?", "SELECT 2"),
        ("Tampilkan 3 produk dengan harga tertinggi", "SELECT product_name, unit_price FROM products ORDER BY unit_price DESC LIMIT 3 --ordered"),
        ("Berapa total penjualan per tahun?", "SELECT 0 LIMIT 0 --declined"),
        ("Berapa rata-rata gaji karyawan per jabatan?", "SELECT position, AVG(salary) FROM employees GROUP BY 1"),
        ("Pelanggan mana yang belum pernah memesan?", "SELECT first_name, last_name FROM customers WHERE id = 5"),
        ("Jumlah pesanan per status", "SELECT status, COUNT(*) FROM orders GROUP BY 1"),
        ("Berapa jumlah produk per kategori?", "SELECT c.category_name, COUNT(*) FROM products p JOIN categories c USING (category_id) GROUP BY 1"),
        ("Kategori apa yang tidak memiliki produk?", "SELECT 'Frozen Food'"),
        ("Berapa pesanan yang dibatalkan?", "SELECT 1"),
        ("Produk dengan stok kosong", "SELECT 0 LIMIT 0 --declined"),
        ("Siapa karyawan dengan gaji tertinggi?", "SELECT full_name FROM employees WHERE id = 1"),
        ("Berapa total kuantitas terjual untuk setiap kategori?", "SELECT c.category_name, SUM(quantity) FROM order_items i JOIN products p USING (product_id) JOIN categories c USING (category_id) GROUP BY 1"),
        ("Tampilkan pesanan sejak 1 Januari 2024", "SELECT id FROM orders WHERE id IN (7, 8)"),
    ])).await;
}

#[tokio::test]
async fn what_a_shop_cannot_answer_is_declined() {
    let bench = Bench::new(SCRIPT).await;
    bench
        .check_declined(&[
            "How many students are there?",
            "Which customers are bankrupt?",
            "What is the weather in Jakarta?",
            "Hello!",
            "Delete all orders of Anna",
            "How many orders were placed last month?",
            "Berapa jumlah pasien per dokter?",
            "Show the profit margin per product",
            "Why did sales drop in 2023?",
            "Which supplier has the best reputation?",
            "Orders from Berlin or pending",
            "asdf qwer",
            "",
        ])
        .await;
}
