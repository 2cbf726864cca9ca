-- Receivers that keep silent wait apart from those who answer (ADR 0008): whether a receiver answered
-- in time when it was last contacted, and the same record for hosts of tasks' own callback URLs.

ALTER TABLE endpoints ADD COLUMN responsive boolean;

CREATE TABLE callback_hosts (
    project_id         text NOT NULL REFERENCES projects ON DELETE CASCADE,
    host               text NOT NULL,
    responsive         boolean,
    failures           integer NOT NULL DEFAULT 0,
    breaker_open_until timestamptz,
    changed_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, host)
);
