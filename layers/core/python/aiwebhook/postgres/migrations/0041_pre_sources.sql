-- Who may send webhooks, each at an address of its own: POST /webhook/<source_id>.

CREATE TABLE sources (
    source_id       text PRIMARY KEY,
    project_id      text NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind            text NOT NULL,
    description     text,
    status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    rules           jsonb NOT NULL DEFAULT '{}',
    secret_box      bytea,
    previous_box    bytea,
    previous_until  timestamptz,
    cidrs           cidr[] NOT NULL DEFAULT '{}',
    max_bytes       integer NOT NULL,
    rate_per_minute integer NOT NULL,
    burst           integer NOT NULL,
    tokens          double precision NOT NULL,
    refilled_at     timestamptz NOT NULL DEFAULT now(),
    retention_days  integer CHECK (retention_days > 0),
    created_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
CREATE INDEX sources_project ON sources (project_id, created_at, source_id);
