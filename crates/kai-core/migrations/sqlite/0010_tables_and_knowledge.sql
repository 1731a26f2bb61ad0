-- What scans found of the tables of target databases. The content (columns, values, sample rows) is
-- customers' data: a Fernet token, made with ENCRYPT_KEY.
CREATE TABLE scanned_tables (
    id            TEXT PRIMARY KEY NOT NULL,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    db_schema     TEXT NOT NULL,
    table_name    TEXT NOT NULL,
    content       TEXT,
    sync_status   TEXT NOT NULL,
    -- When it was scanned last without a failure.
    last_sync     TEXT,
    error_message TEXT,
    created_at    TEXT NOT NULL,
    UNIQUE (connection_id, db_schema, table_name)
) STRICT;

-- What operators say of a connection: instructions, skills, glossary terms, model definitions. The
-- document is JSON in a Fernet token, since definitions quote values of the database.
CREATE TABLE knowledge (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind          TEXT NOT NULL,
    id            TEXT NOT NULL,
    document      TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    PRIMARY KEY (connection_id, kind, id)
) STRICT;
