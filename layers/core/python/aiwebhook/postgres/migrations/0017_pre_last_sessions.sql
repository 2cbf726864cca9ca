-- The session that a connection used last: where it goes on when it names none.

CREATE TABLE last_sessions (
    project_id text NOT NULL,
    connection text NOT NULL,
    session_id text NOT NULL,
    used_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, connection),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
) WITH (fillfactor = 50);
CREATE INDEX last_sessions_session ON last_sessions (project_id, session_id);
