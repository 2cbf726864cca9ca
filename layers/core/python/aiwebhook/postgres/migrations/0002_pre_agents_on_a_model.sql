-- What agents on a model need: a repository and a budget for a task, follow-ups that no completion
-- passes over, checkpoints, aliases of agents, and what workers tell about themselves.

ALTER TABLE agents ADD COLUMN aliases text[] NOT NULL DEFAULT '{}';

ALTER TABLE workers ADD COLUMN details jsonb NOT NULL DEFAULT '{}';

ALTER TABLE tasks ADD COLUMN last_message_no bigint;

ALTER TABLE task_payloads
    ADD COLUMN repository   jsonb,
    ADD COLUMN max_cost_usd numeric;

CREATE TABLE task_checkpoints (
    project_id     text NOT NULL,
    task_id        text NOT NULL,
    lease_epoch    integer NOT NULL,
    data           jsonb NOT NULL,
    content_sha256 bytea,
    size           bigint NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, task_id),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks ON DELETE CASCADE
);

UPDATE tasks t
SET last_message_no = m.last_message_no
FROM (
    SELECT project_id, task_id, max(message_no) AS last_message_no
    FROM task_messages
    GROUP BY project_id, task_id
) m
WHERE t.project_id = m.project_id AND t.task_id = m.task_id;
