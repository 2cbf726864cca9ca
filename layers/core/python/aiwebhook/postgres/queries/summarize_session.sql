-- What `get_session_summary` tells (WIRE §1).
SELECT
    s.session_id,
    s.title,
    s.participants,
    s.context,
    s.status,
    s.created_at AS created,
    s.last_activity_at AS last_activity,
    round(extract(epoch FROM coalesce(s.completed_at, s.last_activity_at) - s.created_at) / 60, 1)::float8
        AS duration_minutes,
    jsonb_build_object(
        'conversation_chunks', (
            SELECT count(*)
            FROM conversation_chunks AS c
            WHERE c.project_id = s.project_id AND c.session_id = s.session_id
        ),
        'memories', (
            SELECT count(*)
            FROM memories AS m
            WHERE m.project_id = s.project_id AND m.session_id = s.session_id AND m.current
        ),
        'tasks', t.total,
        'artifacts', (
            SELECT count(*)
            FROM artifacts AS a
            WHERE a.project_id = s.project_id AND a.session_id = s.session_id
        ),
        'active_tasks', t.active
    ) AS stats
FROM sessions AS s
CROSS JOIN LATERAL (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE t.status NOT IN ('completed', 'failed', 'cancelled')) AS active
    FROM task_payloads AS p
    JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
    WHERE p.project_id = s.project_id AND p.session_id = s.session_id
) AS t
WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s
