-- The account with which KAI asks the sample database: it can read, and nothing else.
CREATE ROLE kai_reader LOGIN PASSWORD 'kai_reader' NOSUPERUSER NOCREATEDB NOCREATEROLE;
GRANT USAGE ON SCHEMA public TO kai_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO kai_reader;
