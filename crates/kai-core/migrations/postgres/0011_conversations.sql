-- What was asked and answered in conversations, so that a later question can refer to it. The content
-- (question, queries, answer) quotes customers' data: it is a Fernet token, made with ENCRYPT_KEY.
CREATE TABLE conversation_exchanges (
    connection_id   TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL,
    task_id         TEXT NOT NULL,
    content         TEXT NOT NULL,
    answered_at     TEXT NOT NULL,
    PRIMARY KEY (connection_id, conversation_id, task_id)
);

CREATE INDEX conversation_exchanges_order
    ON conversation_exchanges (connection_id, conversation_id, answered_at);

CREATE INDEX conversation_exchanges_age ON conversation_exchanges (answered_at);
