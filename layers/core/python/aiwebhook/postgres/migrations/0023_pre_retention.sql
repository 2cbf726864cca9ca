-- How long what a project leaves behind is kept (docs/adr/0018-rows-are-kept-for-a-time.md). No index is added.

CREATE TABLE retention_rules (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind text NOT NULL,
    days integer CHECK (days > 0),
    PRIMARY KEY (project_id, kind)
);

CREATE TABLE retention_walks (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind text NOT NULL,
    marker jsonb,
    began_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, kind)
);

CREATE TABLE feed_floors (
    project_id text PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    xid xid8 NOT NULL,
    event_no bigint NOT NULL
);

CREATE TABLE session_floors (
    project_id text NOT NULL,
    session_id text NOT NULL,
    seq bigint NOT NULL,
    unacknowledged bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, session_id),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
);

ALTER TABLE inbound_deliveries ADD COLUMN body_pruned boolean NOT NULL DEFAULT false;
