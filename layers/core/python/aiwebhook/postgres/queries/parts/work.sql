-- What a run is given to work on. There is a checkpoint if an earlier attempt left one and the task
-- continues: whatever ends a task drops it.
-- Needs  run(project_id, task_id, session_id, agent_name, lease_epoch, timeout_s, attempt,
--        attempt_id)
work AS (
    SELECT
        r.project_id,
        r.task_id,
        r.session_id,
        r.lease_epoch,
        r.timeout_s,
        r.attempt,
        r.attempt_id,
        p.task_type,
        p.description,
        p.input,
        p.repository,
        p.max_cost_usd::float8 AS max_cost_usd,
        p.correlation_id,
        g.manifest AS agent,
        c.data AS checkpoint,
        c.content_sha256 AS checkpoint_sha256
    FROM run r
    JOIN task_payloads p ON p.project_id = r.project_id AND p.task_id = r.task_id
    JOIN agents g ON g.project_id = r.project_id AND g.agent_name = r.agent_name
    LEFT JOIN task_checkpoints c ON c.project_id = r.project_id AND c.task_id = r.task_id
)
