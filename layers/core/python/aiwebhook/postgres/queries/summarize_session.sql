-- What `get_session_summary` returns (docs/wire.md). `usage` adds up every figure that runs have
-- reported.
SELECT
    s.session_id,
    s.title,
    s.participants,
    s.context,
    s.time_zone,
    s.status,
    s.created_at AS created,
    s.last_activity_at AS last_activity,
    round(
        extract(EPOCH FROM coalesce(s.completed_at, s.last_activity_at) - s.created_at) / 60, 1
    )::float8
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
    ) AS stats,
    (
        SELECT jsonb_object_agg(figure.name, figure.total)
        FROM (
            SELECT u.key AS name, sum(u.value::numeric) AS total
            FROM task_payloads AS p
            JOIN task_attempts AS a ON a.project_id = p.project_id AND a.task_id = p.task_id
            CROSS JOIN LATERAL jsonb_each(a.usage) AS u
            WHERE p.project_id = s.project_id
                AND p.session_id = s.session_id
                AND jsonb_typeof(u.value) = 'number'
            GROUP BY u.key
        ) AS figure
    ) AS usage
FROM sessions AS s
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS total,
            count(*) FILTER (WHERE t.status NOT IN ('completed', 'failed', 'cancelled')) AS active
        FROM task_payloads AS p
        JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
        WHERE p.project_id = s.project_id AND p.session_id = s.session_id
    ) AS t
WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s
