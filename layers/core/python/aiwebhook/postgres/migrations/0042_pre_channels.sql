-- Where clients that follow what comes in stand, and which of them may go on from there.

CREATE TABLE channels (
    project_id   text NOT NULL REFERENCES projects ON DELETE CASCADE,
    channel      text NOT NULL,
    after_xid    xid8 NOT NULL,
    after_no     bigint NOT NULL,
    lease_epoch  bigint NOT NULL DEFAULT 1,
    holder       text NOT NULL,
    leased_until timestamptz NOT NULL,
    moved_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, channel)
) WITH (fillfactor = 50);
