-- What the agent was told to remember for later conversations on a connection. The document is JSON in
-- a Fernet token, since people say all kinds of things.
CREATE TABLE memories (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    namespace     TEXT NOT NULL,
    -- A digest of the key, which itself is in the document.
    id            TEXT NOT NULL,
    document      TEXT NOT NULL,
    access_count  INTEGER NOT NULL DEFAULT 0,
    last_accessed_at TEXT,
    updated_at    TEXT NOT NULL,
    PRIMARY KEY (connection_id, namespace, id)
) STRICT;
