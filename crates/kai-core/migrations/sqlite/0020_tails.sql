-- What has not been delivered yet of runs that are reported already, so that another worker can send it
-- when the one that does so is lost. The callback URL may hold a token of its own: it is a Fernet token,
-- made with ENCRYPT_KEY.
CREATE TABLE agent_tails (
    workflow_id TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    callback    TEXT NOT NULL,
    -- When another worker may send it: whoever does so now has ended by then.
    due_at      TEXT NOT NULL,
    -- When nobody waits for it any more.
    expires_at  TEXT NOT NULL,
    PRIMARY KEY (workflow_id, run_id, prompt_hash),
    FOREIGN KEY (workflow_id, run_id, prompt_hash)
        REFERENCES agent_runs (workflow_id, run_id, prompt_hash) ON DELETE CASCADE
) STRICT;
