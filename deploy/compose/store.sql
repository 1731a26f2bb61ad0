-- What KAI remembers, beside Temporal's own databases and under an account of its own. The password is the
-- server's: both are reached from this network alone.
\getenv password POSTGRES_PASSWORD
CREATE ROLE kai LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE kai OWNER kai;
