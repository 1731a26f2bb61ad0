-- Connections to target databases. The URI is a Fernet token, made with ENCRYPT_KEY.
CREATE TABLE connections (
    id             TEXT PRIMARY KEY NOT NULL,
    alias          TEXT NOT NULL,
    description    TEXT,
    dialect        TEXT NOT NULL,
    connection_uri TEXT NOT NULL,
    schemas        TEXT NOT NULL,
    metadata       TEXT NOT NULL,
    created_at     TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX connections_alias ON connections (alias);
