-- Tasks, newest first, without input and output. An agent may be named by an alias.
SELECT
    t.task_id, t.session_id, t.agent_name, agent.manifest ->> 'title' AS agent_title, p.task_type,
    p.description, t.status, t.priority, t.attempts, p.created_at, r.finished_at, r.say, r.error
FROM task_payloads AS p
JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
JOIN agents AS agent ON agent.project_id = t.project_id AND agent.agent_name = t.agent_name
LEFT JOIN task_results AS r ON r.project_id = t.project_id AND r.task_id = t.task_id
WHERE p.project_id = %(project_id)s
    AND (%(session_id)s::text IS NULL OR p.session_id = %(session_id)s)
    AND (%(status)s::text IS NULL OR t.status = %(status)s)
    AND (
        %(agent_name)s::text IS NULL
        OR t.agent_name = (
            SELECT a.agent_name
            FROM agents AS a
            WHERE a.project_id = %(project_id)s
                AND (a.agent_name = %(agent_name)s OR %(agent_name)s = ANY(a.aliases))
            ORDER BY a.agent_name <> %(agent_name)s
            LIMIT 1
        )
    )
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (p.created_at, p.task_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY p.created_at DESC, p.task_id DESC
LIMIT %(limit)s
