-- Make tasks claimable whose not-before time or back-off has passed; they get a new tag and a new
-- age. Either those of some agents, ahead of a claim; or of all projects, and then each agent is
-- rung once.
WITH due AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.session_id, t.agent_name, t.priority, t.run_after
    FROM tasks t
    WHERE t.status = 'pending' AND NOT t.ready AND t.blockers = 0 AND t.run_after <= now()
        AND (
            %(project_id)s::text IS NULL
            OR (t.project_id = %(project_id)s AND t.agent_name = ANY(%(agent_names)s::text[]))
        )
    ORDER BY t.run_after
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
),
becoming_ready AS (
    SELECT
        d.project_id, d.task_id, d.session_id, d.agent_name, d.priority,
        row_number() OVER (ORDER BY d.run_after, d.task_id) AS place
    FROM due d
),
-- include fair_tags,
readied AS (
    UPDATE tasks t
    SET ready = true, fair_tag = g.fair_tag, ready_seq = nextval('ready_seq'), run_after = NULL
    FROM tagged g
    WHERE t.project_id = g.project_id
        AND t.task_id = g.task_id
        AND t.status = 'pending'
        AND NOT t.ready
    RETURNING t.project_id, t.task_id, t.agent_name
),
woken AS (
    SELECT DISTINCT
        NULL::bigint AS outbox_id, r.project_id, 'wake' AS kind, r.agent_name AS destination
    FROM readied r
    WHERE %(project_id)s::text IS NULL
)
SELECT
    (SELECT count(*) FROM readied) AS readied,
    coalesce((SELECT jsonb_agg(to_jsonb(w)) FROM woken w), '[]') AS outbox
