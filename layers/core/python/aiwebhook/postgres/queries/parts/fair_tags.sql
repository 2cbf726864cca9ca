-- Start-time fair queueing between the sessions of a lane
-- (docs/adr/0001-fair-queueing-at-enqueue.md).
-- Needs  becoming_ready(project_id, task_id, session_id, agent_name, priority, place)
-- Gives  tagged(project_id, task_id, fair_tag)
timed AS MATERIALIZED (
    SELECT b.*, lane_time(b.project_id, b.agent_name, b.priority) AS virtual_time
    FROM becoming_ready b
),
tagged AS (
    SELECT
        r.project_id,
        r.task_id,
        greatest(r.virtual_time, coalesce(f.last_tag, 0)) + row_number() OVER (
            PARTITION BY r.project_id, r.agent_name, r.priority, r.session_id ORDER BY r.place
        ) AS fair_tag
    FROM timed r
    LEFT JOIN LATERAL (
        SELECT q.fair_tag AS last_tag
        FROM tasks q
        WHERE q.project_id = r.project_id
            AND q.agent_name = r.agent_name
            AND q.priority = r.priority
            AND q.session_id = r.session_id
            AND q.ready
        ORDER BY q.fair_tag DESC
        LIMIT 1
    ) f ON true
)
