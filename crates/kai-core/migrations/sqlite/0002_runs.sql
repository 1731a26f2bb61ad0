-- Runs of the agent, so that another worker can take one over. What a run has come to (its steps, its
-- outcome) may hold rows of a customer's database: it is a Fernet token, made with ENCRYPT_KEY.
CREATE TABLE agent_runs (
    workflow_id  TEXT NOT NULL,
    run_id       TEXT NOT NULL,
    -- SHA-256 of the session, the connection and the question.
    prompt_hash  TEXT NOT NULL,
    session_id   TEXT NOT NULL,
    connection   TEXT NOT NULL,
    task_id      TEXT NOT NULL,
    status       TEXT NOT NULL,
    -- The owner: the activity, when it was scheduled (microseconds), and which attempt at it.
    activity_id  TEXT NOT NULL,
    scheduled_at INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    -- How often the run was taken up; who took it up earlier may write no more.
    generation   INTEGER NOT NULL,
    -- How often it failed in a way that may pass.
    failures     INTEGER NOT NULL,
    -- 1 while nobody can have seen anything of it.
    untouched    INTEGER NOT NULL,
    -- How far its events had been delivered.
    delivery     TEXT,
    outcome      TEXT,
    started_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    PRIMARY KEY (workflow_id, run_id, prompt_hash)
) STRICT;

CREATE INDEX agent_runs_age ON agent_runs (status, updated_at);

CREATE TABLE agent_steps (
    workflow_id TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    number      INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    content     TEXT NOT NULL,
    PRIMARY KEY (workflow_id, run_id, prompt_hash, number),
    FOREIGN KEY (workflow_id, run_id, prompt_hash)
        REFERENCES agent_runs (workflow_id, run_id, prompt_hash) ON DELETE CASCADE
) STRICT;
