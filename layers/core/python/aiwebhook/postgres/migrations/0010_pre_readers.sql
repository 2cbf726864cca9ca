-- News belongs to readers (a conversation each), and only an acknowledgement takes it away.

CREATE TABLE readers (
    project_id text NOT NULL,
    session_id text NOT NULL,
    principal  text NOT NULL,
    reader     text NOT NULL,
    acked_seq  bigint NOT NULL DEFAULT 0,
    acked_seqs bigint[] NOT NULL DEFAULT '{}',
    spent_seq  bigint NOT NULL DEFAULT 0,
    told       jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (project_id, session_id, principal, reader),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
) WITH (fillfactor = 50);

-- What any key was told of a session counts as acknowledged by the session's own reader, and for who
-- comes new.
INSERT INTO readers (project_id, session_id, principal, reader, acked_seq)
SELECT c.project_id, c.session_id, 'project', who.name, max(c.seen_seq)
FROM reader_cursors c
CROSS JOIN LATERAL (VALUES (c.session_id), ('')) AS who(name)
GROUP BY c.project_id, c.session_id, who.name;

-- What ended before this migration is no news of other sessions: it is still told in its own. Adding the
-- column with `true` writes no row; rows of the code before this one take the new default.
ALTER TABLE events
    ADD COLUMN acknowledged boolean NOT NULL DEFAULT true,
    ADD COLUMN spent boolean NOT NULL DEFAULT false;
ALTER TABLE events ALTER COLUMN acknowledged SET DEFAULT false;
