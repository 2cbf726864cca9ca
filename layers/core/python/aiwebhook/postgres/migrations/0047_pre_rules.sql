-- Which events that came in become tasks, and what became of each of them.

CREATE TABLE rules (
    project_id      text NOT NULL REFERENCES projects ON DELETE CASCADE,
    rule_id         text NOT NULL,
    description     text,
    status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    source          text NOT NULL,
    event           text,
    definition      jsonb NOT NULL,
    per_hour        integer NOT NULL CHECK (per_hour > 0),
    per_subject     integer NOT NULL CHECK (per_subject > 0),
    created_at      timestamptz NOT NULL DEFAULT now(),
    changed_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, rule_id)
);

CREATE TABLE rule_evaluations (
    project_id      text NOT NULL REFERENCES projects ON DELETE CASCADE,
    delivery_id     text NOT NULL REFERENCES inbound_deliveries ON DELETE CASCADE,
    round           bigint NOT NULL DEFAULT 0,
    correlation_id  text NOT NULL,
    tries           integer NOT NULL DEFAULT 0,
    due_at          timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (delivery_id, round)
);
CREATE INDEX rule_evaluations_due ON rule_evaluations (due_at);

CREATE TABLE rule_runs (
    project_id      text NOT NULL REFERENCES projects ON DELETE CASCADE,
    rule_id         text NOT NULL,
    delivery_id     text NOT NULL REFERENCES inbound_deliveries ON DELETE CASCADE,
    round           bigint NOT NULL DEFAULT 0,
    subject         text NOT NULL,
    status          text NOT NULL CHECK (status IN ('begun', 'started', 'limited', 'refused')),
    reason          text,
    task_id         text NOT NULL,
    began_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (delivery_id, round, rule_id)
);
CREATE INDEX rule_runs_newest ON rule_runs (project_id, rule_id, began_at);
