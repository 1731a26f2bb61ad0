-- Connections to target databases. The URI is a Fernet token, made with ENCRYPT_KEY.
-- Aliases are ordered by their bytes, as SQLite does it.
CREATE TABLE connections (
    id             TEXT PRIMARY KEY NOT NULL,
    alias          TEXT COLLATE "C" NOT NULL,
    description    TEXT,
    dialect        TEXT NOT NULL,
    connection_uri TEXT NOT NULL,
    schemas        TEXT NOT NULL,
    metadata       TEXT NOT NULL,
    created_at     TEXT NOT NULL
);

CREATE UNIQUE INDEX connections_alias ON connections (alias);
