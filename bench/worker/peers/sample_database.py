"""Makes the SQLite database that the scripted model's query reads. Argument: its path."""

import sqlite3
import sys

CUSTOMERS = [("Ayu", "Denpasar"), ("Budi", "Bandung"), ("Citra", "Medan"), ("Dewi", "Makassar"), ("Eko", "Jakarta")]

connection = sqlite3.connect(sys.argv[1])
connection.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL)")
connection.executemany("INSERT INTO customer (name, city) VALUES (?, ?)", CUSTOMERS)
connection.commit()
connection.close()
